// Package casework holds what a person at the desk sees and does: who waits and
// for whom, the thread of a chat, why the chat is there, and the acts by which
// it changes hands. It decides from values and does no I/O.
//
// A chat belongs to the bot, to a queue or to one agent. Its epoch grows
// whenever it changes hands, so an act that names an older epoch was decided on
// a page that no longer holds. Callers may not assume that a case is still as
// it was read; acts are refused with fault.Conflict when it is not.
package casework

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/mexid"
)

// Owner says who speaks in a chat, as stored.
type Owner string

// The owners.
const (
	Bot   Owner = "bot"
	Queue Owner = "queue" // waits for a person
	Agent Owner = "agent" // a person has it
)

// Case is a chat as the desk lists it.
type Case struct {
	ID           uuid.UUID
	Key          string    // of the contact, message.Address.Key
	Person       uuid.UUID // uuid.Nil for somebody whom we do not know
	Name         string    // "" likewise
	Distributor  string    // name of who authorised the person's vale; "" if none
	Channel      message.Channel
	Address      string
	Owner        Owner
	Agent        string // login
	AgentName    string
	Queue        string
	Reason       string // Spanish
	Priority     int    // 0 low, 1 normal, 2 high
	Epoch        int
	QueuedAt     time.Time
	Unanswered   time.Time // the oldest message of the person that no agent answered; zero if none
	LastWhatsApp time.Time
	Answered     time.Time // the last message that an agent wrote; zero if none
	Returning    bool      // an agent gave it back and the bot has not taken it yet
	OptedOut     bool      // the person asked us to stop writing
	Last         Entry     // the last message either way; zero if none
}

// Phone returns the contact's phone in E.164; ok is false for an opaque address.
func (c Case) Phone() (phone string, ok bool) { return strings.CutPrefix(c.Key, "tel:") }

// Masked returns the contact's address with all but its end hidden, for people
// who need to tell two chats apart and not to call.
func (c Case) Masked() string {
	if phone, ok := c.Phone(); ok {
		return mexid.Phone(phone).Mask()
	}
	return message.Address{Channel: c.Channel, Value: c.Address}.String()
}

// Wait says since when somebody waits, and who.
type Wait struct {
	Since time.Time
	Ours  bool // the person waits for us; else we wait for the person
}

// Waiting tells who waits for whom. In the queue the person waits since the chat
// was put there. With an agent she waits since her oldest message that nobody
// answered, or since the queue if no answer was ever written; messages of the
// bot do not count as an answer.
func (c Case) Waiting() Wait {
	switch {
	case c.Owner == Queue, c.Answered.Before(c.QueuedAt):
		return Wait{Since: c.QueuedAt, Ours: true}
	case !c.Unanswered.IsZero():
		return Wait{Since: c.Unanswered, Ours: true}
	}
	return Wait{Since: c.Answered}
}

// window is how long WhatsApp lets us write freely after the person did, less
// five minutes because the provider's clock counts.
const window = 24*time.Hour - 5*time.Minute

// WindowLeft is how long WhatsApp still lets us write freely; 0 if it does not.
func (c Case) WindowLeft(now time.Time) time.Duration {
	if c.LastWhatsApp.IsZero() {
		return 0
	}
	return max(0, window-now.Sub(c.LastWhatsApp))
}

// Route says where a reply written now goes: where the person wrote last, and by
// SMS if that is WhatsApp and its window is closed. Fault: Conflict with code
// window_closed where there is no phone to fall back on.
func (c Case) Route(now time.Time) (message.Address, error) {
	phone, known := c.Phone()
	closed := c.Channel == message.WhatsApp && c.WindowLeft(now) == 0
	switch {
	case known && (closed || c.Address == ""):
		return message.Address{Channel: message.SMS, Value: phone}, nil
	case closed:
		return message.Address{}, fault.New(fault.Conflict, "window_closed",
			"WhatsApp solo deja escribir 24 horas después de su último mensaje, y no tenemos su teléfono para mandar un SMS.")
	}
	return message.Address{Channel: c.Channel, Value: c.Address}, nil
}

// Tally is how many chats wait in a queue, and since when the oldest.
type Tally struct {
	Queue  string
	Count  int
	Oldest time.Time
}
