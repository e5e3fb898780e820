package engine

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
)

// Owner says who speaks in a conversation.
type Owner string

// The owners. A bot message queued under another epoch is dropped by the sender.
const (
	Bot   Owner = "bot"
	Queue Owner = "queue" // waits for a person at the desk; the bot is silent
	Agent Owner = "agent" // a person at the desk has it; the bot is silent
)

// Conversation is what we know of one contact: where it is reached, who speaks,
// the open dialogues and what happened since the last turn.
type Conversation struct {
	ID           uuid.UUID
	Key          string // message.Address.Key
	PersonID     uuid.UUID
	Channel      message.Channel
	Address      string
	Owner        Owner
	Agent        string
	Queue        string
	Reason       string
	Priority     int // 0 low, 1 normal, 2 high
	Epoch        int
	Version      int64
	Floor        uuid.UUID // dialogue whose question is open; uuid.Nil if none
	QueuedAt     time.Time
	LastIn       time.Time
	LastWhatsApp time.Time
	LastOut      time.Time

	Dialogues []Dialogue // open ones, oldest first
	Events    []Event    // pending, in order of arrival
	Err       error      // a dialogue could not be read; the turn then fails, for this contact alone
}

// Dialogue is one flow in progress. Its version is pinned for life.
type Dialogue struct {
	ID       uuid.UUID
	Flow     string
	Version  int
	About    lending.About
	Status   flow.Status
	State    flow.State
	Turn     int       // grows when the state moves; a timer with another turn is stale
	Question uuid.UUID // outbox row of the open question; uuid.Nil if none
	Asked    Asked     // what became of that row
	Trail    Trail
	Priority int
	Started  time.Time
	Moved    time.Time
	Ended    time.Time
	Outcome  string

	changed bool
}

// Asked is what became of a question after it was written.
type Asked struct {
	SendingAt  time.Time // just before the provider was called; zero if it never was
	Queued     bool      // it is still waiting to be sent
	ProviderID string
	Hash       string // hex SHA-256 of the text
}

// Trail keeps what was offered and what was answered, as evidence.
type Trail struct {
	Secret    bool      `json:"secret,omitzero"`     // the open question asks for a secret
	Offer     uuid.UUID `json:"offer,omitzero"`      // outbox row of the first question
	OfferHash string    `json:"offer_hash,omitzero"` // hex SHA-256 of its text
	Yes       string    `json:"yes,omitzero"`        // provider's id of the last plain yes
	YesText   string    `json:"yes_text,omitzero"`
	YesAt     time.Time `json:"yes_at,omitzero"`
	YesTo     string    `json:"yes_to,omitzero"` // outbox row of the question that it answered
	YesHash   string    `json:"yes_hash,omitzero"`
}

// EventKind is the sort of thing that can come through the one door.
type EventKind string

// The kinds, as stored.
const (
	MessageEvent EventKind = "message"
	CoreEvent    EventKind = "core"
	OutcomeEvent EventKind = "outcome"
	TimerEvent   EventKind = "timer"
	DeskEvent    EventKind = "desk"
	BeginEvent   EventKind = "begin"
)

// Event is one thing that happened to a conversation. Exactly one of the
// pointers is set, as Kind says. Core, outcome and begin share Core; that of a
// begin names the flow in place of an event, and its data are what the person
// is known to have volunteered.
type Event struct {
	ID         uuid.UUID
	SourceID   string
	Kind       EventKind
	ReceivedAt time.Time
	RetryAt    time.Time
	Attempts   int
	Err        error // it could not be read; none of the pointers is then set

	Message *message.Inbound
	Core    *lending.Emit
	Timer   *Timer
	Desk    *Desk
}

// Timer is a promise to look again at a dialogue.
type Timer struct {
	Dialogue uuid.UUID `json:"dialogue"`
	Name     string    `json:"name"`
	Turn     int       `json:"turn"`
	Due      time.Time `json:"due"`
}

// Desk is something that an agent did that moves the dialogue.
type Desk struct {
	Agent   string `json:"agent"`
	Outcome string `json:"outcome"` // resolved or returned
}

// Content is what a letter says.
type Content struct {
	Text      string            `json:"text"`
	Choices   []message.Choice  `json:"choices,omitempty"`
	Template  string            `json:"template,omitempty"`
	Variables map[string]string `json:"variables,omitempty"`
	SMS       string            `json:"sms,omitempty"` // the same by SMS, should WhatsApp not deliver it; "" if it must not
}

// Letter is one message for the outbox.
type Letter struct {
	ID           uuid.UUID
	Conversation uuid.UUID
	Dialogue     uuid.UUID
	Author       string // bot, or agent:name
	Epoch        int
	Lane         message.Lane
	Key          string // message key
	To           message.Address
	Content      Content
	Hash         [32]byte // SHA-256 of Content.Text
	Secret       bool
	Segments     int
	Zone         string
	Hours        string // hours in Zone in which it may go out, "09:00-20:00"; "" = any
	PerDay       int    // at most so many reminders a day to this contact; 0 = no cap
	PerWeek      int
	Anyone       bool // it may be read by whoever holds the number; else it does not go to a contact in doubt
	Suggested    bool // not to be sent: a person owns the chat and may send it
	NotBefore    time.Time
	Expires      time.Time
	Created      time.Time
}

// Step is one line of the step log.
type Step struct {
	ID       uuid.UUID
	Dialogue uuid.UUID
	Event    uuid.UUID
	Flow     string
	Version  int
	Kind     string
	From, To string
	Path     []string
	Ways     []string // the outcome by which each step of Path but the last was left
	Heard    string
	Effects  []string
	At       time.Time
}

// Handled is what became of an event.
type Handled struct {
	ID      uuid.UUID
	Heard   string
	Secret  bool
	Dead    bool
	Retry   time.Time // set: not handled, try again then
	Fault   string
	Attempt int
}

// Change is everything that one conversation's events led to.
type Change struct {
	Conversation Conversation
	Handled      []Handled
	Dialogues    []Dialogue
	Letters      []Letter
	Timers       []Timer     // to be set
	Dropped      []uuid.UUID // dialogues whose timers are forgotten first
	Steps        []Step
	Queued       string // the desk's queue that the chat was put in; "" if none
}
