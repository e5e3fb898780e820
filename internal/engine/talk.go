package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/quincena"
	"valebot/internal/understand"
)

// talk works through the events of one conversation, in memory. It can be
// thrown away and run again: everything it does is in change and in book.
type talk struct {
	*Rules
	book   *lending.Book
	c      Conversation
	now    time.Time
	zone   *time.Location
	change Change

	event   Event        // the one being handled
	handled *Handled     // its line in change
	lane    message.Lane // of what is said because of it
	begins  []flow.Begin // dialogues that the person asked for, started after the turn
	leaving bool         // the person wants no more messages, or wants them again: that is confirmed whoever owns the chat
}

// maxActs bounds the actions that one event may lead to in one dialogue.
const maxActs = 24

// converse handles all pending events of a conversation, in order.
func (r *Rules) converse(book *lending.Book, c Conversation, now time.Time) (Change, error) {
	c.Dialogues = slices.Clone(c.Dialogues)
	t := &talk{Rules: r, book: book, c: c, now: now, zone: zoneOf(c.Key)}
	if c.Err != nil {
		return Change{}, c.Err
	}
	if err := t.identify(); err != nil {
		return Change{}, err
	}
	t.renew()
	for _, ev := range c.Events {
		if err := t.handle(ev); err != nil {
			return Change{}, fmt.Errorf("handle %s event: %w", ev.Kind, err)
		}
	}
	t.finish()
	return t.change, nil
}

// zoneOf is the time zone in which a contact lives, by the area code.
func zoneOf(key string) *time.Location {
	return quincena.Zone(strings.TrimPrefix(key, "tel:+52"))
}

// identify finds the person behind the contact, who may have become part of
// another meanwhile, or herself again.
func (t *talk) identify() error {
	p, known, err := t.book.PersonAt(t.c.Key)
	if known {
		t.c.PersonID = p.ID
	}
	return err
}

func (t *talk) handle(ev Event) error {
	t.event, t.leaving = ev, false
	t.change.Handled = append(t.change.Handled, Handled{ID: ev.ID})
	t.handled = &t.change.Handled[len(t.change.Handled)-1]
	if ev.Err != nil {
		return ev.Err
	}
	switch ev.Kind {
	case MessageEvent:
		t.lane = message.LaneReply
		return t.hear(*ev.Message)
	case CoreEvent, OutcomeEvent:
		t.lane = message.LaneNotice
		return t.happen(*ev.Core)
	case BeginEvent:
		return t.opening(*ev.Core)
	case TimerEvent:
		t.lane = message.LaneReminder
		return t.elapse(*ev.Timer)
	case DeskEvent:
		t.lane = message.LaneReply
		return t.release(*ev.Desk)
	}
	return fault.Newf(fault.Internal, "event_kind", "evento desconocido: %s", ev.Kind)
}

// hear gives a person's message to the dialogue that it answers.
func (t *talk) hear(msg message.Inbound) error {
	if err := t.suspect(msg); err != nil {
		return err
	}
	if msg.Kind == message.Aside || msg.Kind == message.Moved {
		t.aside(msg)
		return nil
	}
	t.c.LastIn, t.c.Channel, t.c.Address = t.event.ReceivedAt, msg.From.Channel, msg.From.Value
	if msg.From.Channel == message.WhatsApp {
		t.c.LastWhatsApp = t.event.ReceivedAt
	}
	leaving := msg.OptOut == "STOP" || t.Understand.Read(msg.Body, understand.Context{Now: t.now, Zone: t.zone}).OptOut()
	t.leaving = leaving || t.returning(msg)
	t.welcome(msg)
	if t.c.Owner != Bot && !t.leaving {
		t.handled.Heard = "desk"
		return nil
	}
	if reason := t.stranger(msg); reason != "" && !leaving {
		t.enqueue(strangers, reason, 1)
		t.handled.Heard = "unknown"
		return nil
	}
	if t.inDoubt() && !t.leaving {
		return t.prove(msg)
	}
	d := t.listener(t.leaving)
	return t.turn(d, t.replied(d, msg))
}

// returning reports the word by which somebody lets us write again while a person
// has the chat. We told her to write it, and without it the person's own answers
// do not reach her either.
func (t *talk) returning(msg message.Inbound) bool {
	return t.c.Owner != Bot && t.c.PersonID != uuid.Nil && t.Flows.Idle().Ordered(msg.Body) == "contact.opt_in"
}

// listener is the dialogue that a reply is for: the one that asked, else one
// that is at work, else the idle one. While a person owns the chat only the
// idle one listens, and only for somebody who wants to leave.
func (t *talk) listener(leaving bool) *Dialogue {
	if t.c.Owner != Bot && leaving {
		return t.idle()
	}
	if d := t.dialogue(t.c.Floor); d != nil && d.Status == flow.Asking {
		return d
	}
	for i := range t.c.Dialogues {
		if d := &t.c.Dialogues[i]; d.Status == flow.Acting {
			return d
		}
	}
	return t.idle()
}

// alone reports whether the person has no dialogue but the idle one.
func (t *talk) alone() bool {
	idle := t.Flows.Idle().Name()
	return !slices.ContainsFunc(t.c.Dialogues, func(d Dialogue) bool { return d.Flow != idle && d.Status != flow.Ended })
}

// replied turns a message into the event that a flow sees.
func (t *talk) replied(d *Dialogue, msg message.Inbound) flow.Event {
	ev := flow.Event{Kind: flow.Replied, Reply: msg.Body, What: msg.Kind, OptOut: msg.OptOut == "STOP", Alone: t.alone()}
	question := d.Question.String()
	if of, option, ok := strings.Cut(msg.Tap, ":"); ok {
		ev.Tap = option
		ev.Crossed = d.Status == flow.Asking && of != question
	} else if msg.Tap != "" {
		ev.Tap = msg.Tap
	}
	if msg.RepliesTo != "" && ev.Tap != "" && d.Asked.ProviderID != "" && msg.RepliesTo != d.Asked.ProviderID {
		ev.Crossed = true
	}
	if d.Status == flow.Asking && d.Question != uuid.Nil && !t.seen(d) {
		ev.Crossed = true
	}
	return ev
}

// seen reports whether the open question was handed to the provider before the
// event came. The moment just before the hand-over counts, since a reply can
// overtake the provider's answer but not the provider's request.
func (t *talk) seen(d *Dialogue) bool {
	return !d.Asked.SendingAt.IsZero() && !t.event.ReceivedAt.Before(d.Asked.SendingAt)
}

// happen tells the dialogues that something happened in the lending core, and
// starts those that it triggers.
func (t *talk) happen(emit lending.Emit) error {
	if emit.Token != "" {
		return t.outcome(emit)
	}
	if emit.Name == lending.EventIdentityRefused {
		return t.refused(emit)
	}
	taken := false
	for i := range t.c.Dialogues {
		d := &t.c.Dialogues[i]
		if d.Status == flow.Ended || !t.concerns(emit, d) {
			continue
		}
		before := d.Turn
		if err := t.turn(d, flow.Event{Kind: flow.Happened, Name: emit.Name, Result: emit.Data}); err != nil {
			return err
		}
		taken = taken || t.c.Dialogues[i].Turn != before
	}
	if !taken {
		if err := t.trigger(emit); err != nil {
			return err
		}
	}
	return t.passFloor() // what waited for a proof may ask now
}

// concerns reports whether an event is the business of a dialogue: it is about
// the same thing, or the dialogue is about nothing but the person, whose event
// it is.
func (t *talk) concerns(emit lending.Emit, d *Dialogue) bool {
	return d.About == emit.About || d.About == lending.About{} && d.Flow != t.Flows.Idle().Name()
}

func (t *talk) outcome(emit lending.Emit) error {
	ev := flow.Event{Kind: flow.Outcome, Name: emit.Outcome, Token: emit.Token, Result: emit.Data}
	for i := range t.c.Dialogues {
		d := &t.c.Dialogues[i]
		if d.Status == flow.Acting && d.About == emit.About {
			if err := t.turn(d, ev); err != nil {
				return err
			}
		}
	}
	return nil
}

// elapse wakes a dialogue, if it still stands where the timer was set. While a
// person owns the chat the timer waits.
func (t *talk) elapse(due Timer) error {
	d := t.dialogue(due.Dialogue)
	if d == nil || d.Status == flow.Ended || d.Turn != due.Turn {
		t.handled.Heard = "stale"
		return nil
	}
	if t.c.Owner != Bot {
		t.handled.Heard = "desk"
		due.Due = t.now.Add(10 * time.Minute)
		t.setTimer(due)
		return nil
	}
	return t.turn(d, flow.Event{Kind: flow.Elapsed, Timer: due.Name})
}

// setTimer sets a timer, in place of one of the same name.
func (t *talk) setTimer(timer Timer) {
	t.change.Timers = slices.DeleteFunc(t.change.Timers, func(x Timer) bool {
		return x.Dialogue == timer.Dialogue && x.Name == timer.Name
	})
	t.change.Timers = append(t.change.Timers, timer)
}

// release gives the chat back to the bot.
func (t *talk) release(desk Desk) error {
	t.unqueue()
	t.c.Floor = uuid.Nil
	var handed []uuid.UUID
	for i := range t.c.Dialogues {
		switch d := &t.c.Dialogues[i]; d.Status {
		case flow.Asking:
			t.park(d)
		case flow.HandedTo:
			handed = append(handed, d.ID)
		}
	}
	for _, id := range handed {
		if err := t.turn(t.dialogue(id), flow.Event{Kind: flow.Released, Name: desk.Outcome}); err != nil {
			return err
		}
	}
	return t.passFloor()
}

// turn runs one dialogue until it waits, acting on what it decides.
func (t *talk) turn(d *Dialogue, ev flow.Event) error {
	id := d.ID
	m, ok := t.Flows.Machine(d.Flow, d.Version)
	if !ok {
		return fault.Newf(fault.Internal, noSuchFlow, "falta el flujo %s v%d", d.Flow, d.Version)
	}
	for range maxActs {
		next, err := t.once(id, m, ev)
		if err != nil || next == nil {
			return t.settleFloor(id, err)
		}
		ev = *next
	}
	return fault.Newf(fault.Internal, "too_many_acts", "el flujo %s no para de actuar", d.Flow)
}

// once takes one decision and applies it. It returns the next event if an
// action answered at once.
func (t *talk) once(id uuid.UUID, m *flow.Machine, ev flow.Event) (*flow.Event, error) {
	d := t.dialogue(id)
	facts, err := t.Actions.Facts(t.book, d.About, t.c.Key, t.c.PersonID, t.now, t.zone)
	if err != nil {
		return nil, err
	}
	held := t.inDoubt()
	floor := t.c.Owner == Bot && (t.c.Floor == uuid.Nil || t.c.Floor == id) && (!held || t.proves(d.Flow))
	env := flow.Env{Now: t.now, Zone: t.zone, Channel: t.channel(), Floor: floor, Held: held, Person: t.c.Key, Stopped: t.Stopped, Understand: t.Understand}
	dec := flow.Turn(m, d.State, ev, facts, env)
	t.log(d, ev, dec)
	t.note(d, ev, dec)
	t.move(d, dec)
	return t.apply(id, m, ev, dec)
}

// move puts the dialogue where the decision left it.
func (t *talk) move(d *Dialogue, dec flow.Decision) {
	d.State, d.Status, d.changed = dec.State, dec.Status, true
	if !dec.Keep {
		d.Turn++
		d.Moved = t.now
		t.change.Dropped = append(t.change.Dropped, d.ID)
		t.change.Timers = slices.DeleteFunc(t.change.Timers, func(x Timer) bool { return x.Dialogue == d.ID })
	}
}

// note keeps what the reply was understood as, and a plain yes as evidence.
func (t *talk) note(d *Dialogue, ev flow.Event, dec flow.Decision) {
	if ev.Kind != flow.Replied {
		return
	}
	t.handled.Heard = dec.Heard
	t.handled.Secret = t.handled.Secret || (d.Status == flow.Asking && d.Trail.Secret)
	if dec.Heard == "yes" {
		d.Trail.Yes, d.Trail.YesText, d.Trail.YesAt = t.event.SourceID, ev.Reply, t.event.ReceivedAt
		d.Trail.YesTo, d.Trail.YesHash = d.Question.String(), d.Asked.Hash
	}
}

// enqueue puts the chat in a desk queue. A chat that a person already has stays
// with that person.
func (t *talk) enqueue(queue, reason string, priority int) {
	t.change.Queued = queue
	if t.c.Owner == Agent {
		return
	}
	t.c.Owner, t.c.Queue, t.c.Reason, t.c.Priority = Queue, queue, reason, priority
	if t.c.QueuedAt.IsZero() {
		t.c.QueuedAt = t.now
	}
}

func (t *talk) open(name string, about lending.About) bool {
	return slices.ContainsFunc(t.c.Dialogues, func(d Dialogue) bool {
		return d.Flow == name && d.About == about && d.Status != flow.Ended
	})
}

func (t *talk) dialogue(id uuid.UUID) *Dialogue {
	for i := range t.c.Dialogues {
		if t.c.Dialogues[i].ID == id {
			return &t.c.Dialogues[i]
		}
	}
	return nil
}

// log writes one line of the step log: where it stood, what happened, where it
// went. Effects are named, never quoted.
func (t *talk) log(d *Dialogue, ev flow.Event, dec flow.Decision) {
	kind := string(ev.Kind)
	if ev.Name != "" {
		kind += ":" + ev.Name
	}
	if ev.Timer != "" {
		kind += ":" + ev.Timer
	}
	t.change.Steps = append(t.change.Steps, Step{
		ID: t.NewID(), Dialogue: d.ID, Event: t.event.ID, Flow: d.Flow, Version: d.Version, Kind: kind,
		From: d.State.Step(), To: dec.State.Step(), Path: dec.Path, Ways: dec.Ways, Heard: dec.Heard, Effects: effectNames(dec.Effects), At: t.now,
	})
}

// finish hands over what is to be written.
func (t *talk) finish() {
	t.c.Events = nil
	t.change.Conversation = t.c
	for _, d := range t.c.Dialogues {
		if d.changed {
			t.change.Dialogues = append(t.change.Dialogues, d)
		}
	}
}

func hexHash(text string) (sum [32]byte, printed string) {
	sum = sha256.Sum256([]byte(text))
	return sum, hex.EncodeToString(sum[:])
}
