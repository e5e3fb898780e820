package engine

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
)

// silence is how long nobody may have written from a number before it may have
// become somebody else's: Mexican operators give a prepaid number that was not
// used for months to the next customer.
const silence = 180 * 24 * time.Hour

// suspect looks at a message, before it is heard, for what says that somebody
// else may be writing: the channel tells of another number, another device or
// another user, or nobody had written for months. A stranger is no suspect:
// nothing is said to one anyway.
func (t *talk) suspect(msg message.Inbound) error {
	if t.c.PersonID == uuid.Nil {
		return nil
	}
	here := map[string]any{"contacto": t.c.Key}
	switch {
	case msg.Kind == message.Moved && msg.MovedTo != nil:
		here["hacia"] = msg.MovedTo.Key()
		return t.warn("identity.moved", msg.Provider, here)
	case msg.Kind == message.Moved:
		here["motivo"] = string(lending.DoubtDevice)
		return t.warn("identity.doubt", msg.Provider, here)
	case !t.c.LastIn.IsZero() && t.event.ReceivedAt.Sub(t.c.LastIn) > silence:
		here["motivo"] = string(lending.DoubtSilent)
		return t.warn("identity.doubt", msg.Provider, here)
	}
	return t.sameUser(msg, here)
}

// refused takes a provider's refusal, for another device behind the address, as
// the same doubt that the channel itself may tell of.
func (t *talk) refused(emit lending.Emit) error {
	if t.c.PersonID == uuid.Nil {
		return nil
	}
	channel, _ := emit.Data["canal"].(string)
	return t.warn("identity.doubt", channel, map[string]any{"contacto": t.c.Key, "motivo": string(lending.DoubtDevice)})
}

// sameUser compares the channel's own id of the person with the one that wrote
// from this number before.
func (t *talk) sameUser(msg message.Inbound, here map[string]any) error {
	if msg.UserID == "" || msg.UserID == msg.From.Value {
		return nil
	}
	if c, err := t.book.Contact(t.c.Key); err == nil && c.UserID == msg.UserID {
		return nil
	}
	here["usuario"] = msg.UserID
	here["alias"] = message.Address{Channel: msg.From.Channel, Value: msg.UserID}.Key()
	return t.warn("identity.user", msg.Provider, here)
}

// warn tells the lending core what speaks against the contact. Where a doubt came
// of it, nothing that was asked here may be answered any more.
func (t *talk) warn(action, provider string, with map[string]any) error {
	before := t.inDoubt()
	_, err := t.Actions.Run(t.book, action, lending.Call{
		Actor: "channel:" + provider, Cause: t.event.ID.String(), Person: t.c.PersonID, Now: t.now, Zone: t.zone, NewID: t.NewID, With: with,
	})
	if err != nil {
		return fmt.Errorf("doubt the contact: %w", err)
	}
	if !before && t.inDoubt() {
		t.holdBack()
	}
	return nil
}

// inDoubt reports whether nobody is sure who holds the contact.
func (t *talk) inDoubt() bool {
	c, err := t.book.Contact(t.c.Key) // loaded before the first turn
	return err == nil && c.InDoubt()
}

// holdBack takes the floor from every question but the one that asks for proof,
// and lets none of them go that was not handed over yet.
func (t *talk) holdBack() {
	parked := false
	for i := range t.c.Dialogues {
		if d := &t.c.Dialogues[i]; d.Status == flow.Asking && !t.proves(d.Flow) {
			t.park(d)
			parked = true
		}
	}
	if parked {
		t.c.Epoch++
	}
}

// proves reports whether a flow asks who writes to prove who she is.
func (t *talk) proves(name string) bool {
	for _, m := range t.Flows.Triggered(lending.EventIdentityAsked) {
		if m.Name() == name {
			return true
		}
	}
	return false
}

// prove gives a message from a contact in doubt to the dialogue that asks for
// proof, and to no other.
func (t *talk) prove(msg message.Inbound) error {
	t.holdBack()
	for i := range t.c.Dialogues {
		if d := &t.c.Dialogues[i]; d.Status != flow.Ended && t.proves(d.Flow) {
			return t.turn(d, t.replied(d, msg))
		}
	}
	t.handled.Heard = "doubt"
	machines := t.Flows.Triggered(lending.EventIdentityAsked)
	if len(machines) == 0 {
		t.enqueue(strangers, "no es seguro quién tiene este número: confirma quién es", 2)
		return nil
	}
	return t.start(machines[0], lending.About{}, nil, flow.Event{Kind: flow.Started, Name: lending.EventIdentityAsked})
}
