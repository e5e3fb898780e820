package casework

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/message"
)

// EntryKind is the sort of a line of a thread.
type EntryKind string

// The kinds of line.
const (
	In   EntryKind = "in"   // from the person
	Out  EntryKind = "out"  // to the person
	Note EntryKind = "note" // of an agent for colleagues; never sent
	Fact EntryKind = "fact" // something that happened: a payment, a claim
)

// Entry is one line of a thread. Text is empty where Secret is true: a secret
// never leaves the storage.
type Entry struct {
	ID     uuid.UUID
	At     time.Time
	Kind   EntryKind
	Author string // Out: "bot", or who of the desk wrote it; Note: who wrote it; else ""
	Text   string
	Secret bool

	What    message.Kind // In: text, photo …
	Heard   string       // In: what it was understood as; "" if it was not
	Pending bool         // In: nobody has read it yet

	Channel  message.Channel // Out
	Dialogue uuid.UUID       // Out: uuid.Nil if an agent wrote it
	Step     string          // Out: where the flow stood, "aceptacion_vale · oferta"
	State    string          // Out: as stored: queued, sending … suggested
	Reason   string          // Out: why it was not sent, Spanish
	Rank     message.Rank    // Out: how far the provider got
}

// Unsent reports a message that did not and will not reach the person.
func (e Entry) Unsent() bool {
	switch e.State {
	case "cancelled", "expired", "suppressed", "suggested", "failed":
		return e.Kind == Out
	}
	return false
}

// Sort puts a thread in the order in which things happened. What happened in one
// instant stays in the order of the keys, which grow with time.
func Sort(thread []Entry) {
	slices.SortStableFunc(thread, func(a, b Entry) int {
		return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.ID[:], b.ID[:]))
	})
}

// Step is one decision of a flow.
type Step struct {
	Dialogue uuid.UUID
	At       time.Time
	Flow     string
	Event    string // replied, elapsed:24h …
	From, To string
	Path     []string // steps visited, the first being From
	Heard    string
	Effects  []string // names only
}

// Locate tells for each message of the bot at which step of a flow it was said.
// Both lists are in the order of time.
func Locate(thread []Entry, steps []Step) {
	for i := range thread {
		e := &thread[i]
		if e.Kind != Out || e.Dialogue == uuid.Nil {
			continue
		}
		for _, s := range steps {
			if s.Dialogue == e.Dialogue && !s.At.After(e.At) {
				e.Step = s.Flow + " · " + s.To
			}
		}
	}
}
