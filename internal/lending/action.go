package lending

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/flow"
)

// Call is one invocation of an action: who asks, when, why and with what.
type Call struct {
	Actor   string                         // "flow:aceptacion_vale", "agent:luis", "rail:atm", "cli"
	Cause   string                         // the event that asked; links ledger entries and audits to it
	Contact string                         // contact key of the conversation, "" outside of one
	Person  uuid.UUID                      // whose conversation; uuid.Nil outside of one or if unknown
	About   About                          // what the dialogue is about
	Token   string                         // what a deferred outcome must carry back to the dialogue
	Reply   Reply                          // the last thing that the person said, for evidence
	Now     time.Time                      // read once for the whole turn
	Zone    *time.Location                 // the person's
	NewID   func() uuid.UUID               // UUIDv7
	Hash    func(pin string) string        // argon2id of a new PIN
	Verify  func(encoded, pin string) bool // constant time
	With    map[string]any                 // inputs, typed as the action declares
}

// Reply is the reply that led to an action, and the question that it answers.
type Reply struct {
	ProviderID   string
	Text         string
	QuestionID   string // outbox id of the question
	QuestionHash string // hex SHA-256 of the question as sent
	OfferID      string // outbox id of the first question of the dialogue
	OfferHash    string
	Flow         string // conversation and version: aceptacion_vale@3
}

// Result is what an action says. A deferred action has no outcome yet: it comes
// later as an event that carries the call's token.
type Result struct {
	Outcome  string
	Value    map[string]any
	Deferred bool
}

// Action is one named use case.
type Action struct {
	Name string
	flow.ActionSpec
	Run func(b *Book, c Call) (Result, error)
}
