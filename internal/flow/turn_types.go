package flow

import (
	"time"

	"valebot/internal/message"
	"valebot/internal/understand"
)

// Facts are what the lending core knows, by fact name and field, with values as
// the vocabulary's types say. They are read only.
type Facts map[string]map[string]any

// Env is everything that a turn may not find out by itself.
type Env struct {
	Now        time.Time      // read once per turn
	Zone       *time.Location // the person's
	Channel    message.Channel
	Floor      bool    // whether this dialogue may ask a question now
	Held       bool    // no other flow may be begun: nobody is sure who writes
	Person     string  // whoever is written to, always by the same text: decides her arm of a test; "" has arm a
	Stopped    Stopped // arms of tests that nobody hears any more
	Understand *understand.Understander
}

// EventKind says what happened.
type EventKind string

// The kinds of event that a dialogue can meet.
const (
	Started  EventKind = "started"  // the dialogue begins
	Replied  EventKind = "replied"  // the person wrote, tapped or sent something
	Elapsed  EventKind = "elapsed"  // a timer of this state is due
	Outcome  EventKind = "outcome"  // an action answered, at once or later
	Happened EventKind = "happened" // the core says that something happened
	Floored  EventKind = "floored"  // the dialogue now holds the floor
	Released EventKind = "released" // a person at the desk gave the chat back
)

// Event is one thing that happened to a dialogue.
type Event struct {
	Kind EventKind

	Reply   string       // Replied: the text
	What    message.Kind // Replied: text, tap, photo …
	Tap     string       // Replied: id of the option tapped; already checked to belong to the open question
	Crossed bool         // Replied: it was sent before the open question was; it answers nothing
	OptOut  bool         // Replied: the provider has already stopped us for this person
	Alone   bool         // Replied: the person has no dialogue but the idle one, so "salir" can only mean us

	Timer string // Elapsed: name of the timer

	Name   string         // Happened: "payout.settled"; Outcome: the outcome; Released: "resolved" or "returned"
	Token  string         // Outcome: the Act's token; another token is ignored
	Result map[string]any // Outcome, Happened: what came with it
}

// Effect is something that the engine must do, in the order given.
type Effect interface{ isEffect() }

// Say sends a message, rendered for the person's channel with Data.
type Say struct {
	Message string         // key in locales/
	Flow    string         // whose step says it, maybe a sub-flow's: a version keeps the texts
	Version int            // that it was checked with
	Data    map[string]any // facts by name, slots, core
	Ask     bool           // it is the question that the dialogue now waits on
	Again   bool           // it repeats or shortens a question already asked
	Options []string       // option ids that may be tapped
	Secret  bool           // the answer will be secret (birth date, CLABE, NIP)
	Arm     string         // where two wordings are under test, which was taken: "tono_aviso:b"
}

// Act calls an action. Its outcome comes back as an Outcome event with Token.
type Act struct {
	Action string
	With   map[string]any
	Token  string
}

// Begin starts another dialogue of the same person: she asked for it.
type Begin struct {
	Flow string
	Told map[string]any // slots that she volunteered
}

// SetTimer asks for an Elapsed event. A timer belongs to the state it was set
// in: when the state moves, the engine forgets the dialogue's other timers.
type SetTimer struct {
	Name string
	At   time.Time
}

// Handoff puts the chat in a queue for a person at the desk.
type Handoff struct {
	Queue    string
	Reason   string // Spanish, for the agent
	Priority string // low, normal, high
}

// End finishes the dialogue with an outcome.
type End struct{ Outcome string }

func (Say) isEffect()      {}
func (Act) isEffect()      {}
func (Begin) isEffect()    {}
func (SetTimer) isEffect() {}
func (Handoff) isEffect()  {}
func (End) isEffect()      {}

// Status says how a turn left the dialogue.
type Status string

// The ways in which a turn can end.
const (
	Asking   Status = "asking"  // a question is open: the dialogue needs the floor
	Waiting  Status = "waiting" // for core events or a date: no floor needed
	Acting   Status = "acting"  // the last effect is an Act
	Parked   Status = "parked"  // it wants to ask and has no floor yet
	HandedTo Status = "handed"  // a person at the desk has it
	Ended    Status = "ended"
)

// Decision is what a turn decided. Nothing has happened yet.
type Decision struct {
	State   State
	Effects []Effect
	Status  Status
	Path    []string // steps visited, in order, the first being where it stood; "clabe/pide" within a sub-flow
	Ways    []string // the outcome by which each step of Path but the last was left: "affirm", "after", "if 2"
	Heard   string   // what a reply was understood as ("yes", "amount", "interrupt:SALDO"); "" if it was not
	Keep    bool     // timers of the state stay as they are: the dialogue did not move (a digression, an unclear reply)
}
