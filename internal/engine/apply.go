package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/flow"
	"valebot/internal/gsm7"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/quincena"
)

// apply does what a decision says, in its order. It returns the next event if
// an action answered at once.
func (t *talk) apply(id uuid.UUID, m *flow.Machine, ev flow.Event, dec flow.Decision) (*flow.Event, error) {
	for _, effect := range dec.Effects {
		switch x := effect.(type) {
		case flow.Say:
			if err := t.say(id, m, ev, x); err != nil {
				return nil, err
			}
		case flow.SetTimer:
			d := t.dialogue(id)
			t.setTimer(Timer{Dialogue: id, Name: x.Name, Turn: d.Turn, Due: x.At})
		case flow.Begin:
			t.begins = append(t.begins, x)
		case flow.Handoff:
			t.enqueue(x.Queue, x.Reason, priority(x.Priority))
		case flow.End:
			t.end(t.dialogue(id), x.Outcome)
		case flow.Act:
			return t.act(id, ev, x)
		default:
			return nil, fmt.Errorf("effect %T has no case", effect)
		}
	}
	return nil, nil
}

// act runs an action on the book. A deferred one answers later, by an event.
func (t *talk) act(id uuid.UUID, ev flow.Event, x flow.Act) (*flow.Event, error) {
	d := t.dialogue(id)
	call := lending.Call{
		Actor: "flow:" + d.Flow, Cause: t.event.ID.String(), Contact: t.c.Key, Person: t.c.PersonID, About: d.About,
		Token: x.Token, Reply: t.evidence(d, ev), Now: t.now, Zone: t.zone, NewID: t.NewID,
		Hash: t.HashPIN, Verify: t.VerifyPIN, With: x.With,
	}
	result, err := t.Actions.Run(t.book, x.Action, call)
	if err != nil {
		return nil, fmt.Errorf("act %s: %w", x.Action, err)
	}
	if t.c.PersonID == uuid.Nil {
		if err := t.identify(); err != nil { // the action may have made her one of ours
			return nil, err
		}
	}
	if result.Deferred {
		return nil, nil
	}
	return &flow.Event{Kind: flow.Outcome, Name: result.Outcome, Token: x.Token, Result: result.Value}, nil
}

// evidence is what an action may keep as proof: the offer, and the last plain yes.
func (t *talk) evidence(d *Dialogue, ev flow.Event) lending.Reply {
	return lending.Reply{
		ProviderID: d.Trail.Yes, Text: d.Trail.YesText, QuestionID: d.Trail.YesTo, QuestionHash: d.Trail.YesHash,
		OfferID: d.Trail.Offer.String(), OfferHash: d.Trail.OfferHash, Flow: fmt.Sprintf("%s@%d", d.Flow, d.Version),
	}
}

// say renders a message and puts it in the outbox.
func (t *talk) say(id uuid.UUID, m *flow.Machine, ev flow.Event, x flow.Say) error {
	d := t.dialogue(id)
	if x.Ask && ev.Crossed && d.Asked.Queued {
		return nil // the question itself is still on its way: it is the asking again
	}
	to := t.address()
	language, err := t.Actions.Language(t.book, t.c.PersonID)
	if err != nil {
		return err
	}
	body, err := t.texts(x).RenderIn(language, x.Message, to.Channel, x.Data, t.zone)
	if err != nil {
		return fmt.Errorf("say %s: %w", x.Message, err)
	}
	letterID := t.NewID()
	letter := Letter{
		ID: letterID, Conversation: t.c.ID, Dialogue: id, Author: "bot", Epoch: t.c.Epoch, Lane: t.lane, Key: x.Message,
		To: to, Content: Content{Text: body.Body, Choices: tied(letterID, body.Choices), Template: body.Template, Variables: body.Variables},
		Secret: body.Secret, Segments: 1, Zone: t.zone.String(), NotBefore: t.now, Created: t.now,
	}
	if body.Secret {
		letter.Lane = message.LaneCode
	}
	if m.Limits().Promotion && letter.Lane >= message.LaneNotice {
		letter.Lane = message.LaneCampaign // an answer to who wrote is none
	}
	if !t.closed() {
		letter.Content.Template, letter.Content.Variables = "", nil // templates are for a closed window only
	}
	if to.Channel == message.SMS {
		letter.Segments = gsm7.Count(letter.Content.Text).Segments
	} else {
		letter.Content.SMS = t.backup(x, letter.Lane)
	}
	if letter.Lane >= message.LaneReminder {
		limits := m.Limits()
		letter.PerDay, letter.PerWeek = limits.PerDay, limits.PerWeek
		if limits.Hours != (quincena.Window{}) {
			letter.Hours = limits.Hours.String()
		}
	}
	letter.Anyone = t.leaving && !x.Ask || t.proves(d.Flow)
	letter.Suggested = t.c.Owner == Agent && !body.Secret && !t.leaving
	letter.Expires = t.now.Add(useful(letter.Lane))
	t.post(d, letter, x)
	return nil
}

// backup is what goes by SMS should WhatsApp not deliver the message: the SMS of
// the same key. Reminders and campaigns have none, and neither has somebody
// without a phone. A message that cannot be written as an SMS has no backup, and
// is no reason not to send it by WhatsApp.
func (t *talk) backup(x flow.Say, lane message.Lane) string {
	if !strings.HasPrefix(t.c.Key, "tel:") || lane > message.LaneNotice {
		return ""
	}
	plain, err := t.texts(x).Render(x.Message, message.SMS, x.Data, t.zone)
	if err != nil {
		return ""
	}
	return plain.Body
}

// tied makes a button carry the id of its question, so that a tap on an old one
// is known for what it is.
func tied(question uuid.UUID, choices []message.Choice) []message.Choice {
	out := make([]message.Choice, len(choices))
	for i, c := range choices {
		out[i] = message.Choice{ID: question.String() + ":" + c.ID, Label: c.Label}
	}
	return out
}

// post queues the letter and, if it is a question, remembers it as the open one.
func (t *talk) post(d *Dialogue, letter Letter, x flow.Say) {
	var printed string
	letter.Hash, printed = hexHash(letter.Content.Text)
	t.change.Letters = append(t.change.Letters, letter)
	t.c.LastOut = t.now
	if !x.Ask {
		return
	}
	d.Question, d.Asked = letter.ID, Asked{Queued: true, Hash: printed}
	d.Trail.Secret = x.Secret
	if d.Trail.Offer == uuid.Nil {
		d.Trail.Offer, d.Trail.OfferHash = letter.ID, printed
	}
}

// useful is how long a message of a lane is worth sending. A reply survives an
// outage of hours: late is better than never for somebody who waits.
func useful(lane message.Lane) time.Duration {
	switch lane {
	case message.LaneCode:
		return 2 * time.Hour
	case message.LaneReply:
		return 6 * time.Hour
	case message.LaneReminder:
		return 14 * time.Hour // a reminder held back by the night goes out in the morning
	case message.LaneCampaign:
		return 48 * time.Hour
	}
	return 24 * time.Hour
}

// window is how long WhatsApp lets us write freely after the person did, less
// five minutes because the provider's clock counts.
const window = 24*time.Hour - 5*time.Minute

// channel is how the person is written to now: where she wrote last, unless
// that is WhatsApp and its window is closed and she has a phone for SMS.
func (t *talk) channel() message.Channel { return t.address().Channel }

func (t *talk) address() message.Address {
	phone, known := strings.CutPrefix(t.c.Key, "tel:")
	if known && (t.closed() || t.c.Address == "") {
		return message.Address{Channel: message.SMS, Value: phone}
	}
	return message.Address{Channel: t.c.Channel, Value: t.c.Address}
}

// closed reports whether WhatsApp's window is closed for a person who uses it.
func (t *talk) closed() bool {
	return t.c.Channel == message.WhatsApp && t.now.Sub(t.c.LastWhatsApp) > window
}

func priority(name string) int {
	switch name {
	case "low":
		return 0
	case "high":
		return 2
	}
	return 1
}

// effectNames lists effects for the step log without their contents.
func effectNames(effects []flow.Effect) []string {
	names := make([]string, 0, len(effects))
	for _, effect := range effects {
		switch x := effect.(type) {
		case flow.Say:
			names = append(names, "say "+x.Message)
			if x.Arm != "" {
				names = append(names, "arm "+x.Arm)
			}
		case flow.Act:
			names = append(names, "act "+x.Action)
		case flow.Begin:
			names = append(names, "begin "+x.Flow)
		case flow.SetTimer:
			names = append(names, "timer "+x.Name)
		case flow.Handoff:
			names = append(names, "handoff "+x.Queue)
		case flow.End:
			names = append(names, "end "+x.Outcome)
		}
	}
	return names
}
