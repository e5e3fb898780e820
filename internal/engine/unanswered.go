package engine

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/understand"
)

// switched notes what a person said about promotions with the channel's own
// switch. It counts for that channel alone: consent is specific (LFPDPPP, art. 8).
func (t *talk) switched(msg message.Inbound) {
	if msg.OptOut != "STOP_MARKETING" && msg.OptOut != "START_MARKETING" {
		return
	}
	t.book.Consents = append(t.book.Consents, lending.Consent{
		Contact: t.c.Key, Channel: string(msg.From.Channel), Purpose: lending.MarketingPurpose, Granted: msg.OptOut == "START_MARKETING",
		Evidence: t.event.ID.String(), Actor: "provider:" + msg.Provider,
	})
}

// aside notes what came from the channel but was not said to us: it opens no
// window and answers no question.
func (t *talk) aside(msg message.Inbound) {
	t.handled.Heard = string(msg.Kind)
	t.switched(msg)
}

// stranger says why a message is for the desk alone: nobody is answered whom we
// do not know, so that two machines cannot write to each other for ever.
func (t *talk) stranger(msg message.Inbound) string {
	switch {
	case len(t.Accounts) > 0 && !slices.Contains(t.Accounts, msg.Account):
		return "llegó por una cuenta que no es la nuestra"
	case t.c.PersonID == uuid.Nil && t.alone() && !invited(msg):
		return "escribe un número que no conocemos"
	}
	return ""
}

// strangers is the desk's queue for who writes from a number that we do not know.
const strangers = "desconocidos"

// invited reports a message with the word of an invitation. It is answered
// whoever writes it, and until what it began has ended.
func invited(msg message.Inbound) bool {
	_, ok := understand.Invitation(msg.Body)
	return ok
}

// welcome takes a stranger's chat out of the queue where nobody has looked at it
// yet: she has found the word that somebody passed on to her.
func (t *talk) welcome(msg message.Inbound) {
	if t.c.Owner == Queue && t.c.Queue == strangers && t.c.PersonID == uuid.Nil && invited(msg) {
		t.unqueue()
	}
}

// unqueue makes the chat the bot's. What was queued to be said before is not said.
func (t *talk) unqueue() {
	t.c.Owner, t.c.Agent, t.c.Queue, t.c.Reason, t.c.QueuedAt = Bot, "", "", "", time.Time{}
	t.c.Epoch++
}
