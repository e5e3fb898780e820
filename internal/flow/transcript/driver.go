package transcript

import (
	"time"

	"valebot/internal/flow"
	"valebot/internal/message"
)

// Driver is one person's side of a conversation while a case runs: what drives
// it, and what it led to. Phone is the one in memory; another stands on the
// whole engine. Every call returns once all that it led to has happened.
type Driver interface {
	// Begin starts a flow with what the person volunteered.
	Begin(name string, told map[string]any) error
	// Write sends a text, or a photo, a voice note and the like without one.
	Write(text string, what message.Kind) error
	// Tap sends a tap on one of the answers of the open question.
	Tap(id string) error
	// Happen tells of an event from the core.
	Happen(name string, data map[string]any) error
	// Release gives the chat back from the desk: "resolved" or "returned".
	Release(how string) error
	// Advance moves the clock, and what is due on the way happens in order.
	Advance(by time.Duration) error
	// Answer says what an action answers from here on: one after the other, the
	// last one for ever. An action of which nothing was said answers its first
	// outcome.
	Answer(action string, answers []Answer)
	// Seen returns everything since the beginning.
	Seen() (Seen, error)
}

// Start is what a case begins with.
type Start struct {
	Channel  message.Channel
	Person   string     // whose arms of tests it shows; "" is in every arm a
	Language string     // of what she is told; "" is Spanish
	Facts    flow.Facts // what the core knows, whatever a dialogue is about
	At       time.Time
}

// Spoken returns the language in which a person is told what follows an action,
// for the two actions that change it.
func Spoken(action string) (language string, changes bool) {
	switch action {
	case "language.english":
		return "en", true
	case "language.spanish":
		return "", true
	}
	return "", false
}

// Later is the outcome of an action that answers some other time: the dialogue
// waits.
const Later = "later"

// Answer is what an action of the core answers in a case.
type Answer struct {
	Outcome string
	Result  map[string]any
}

// Said is a message from the bot.
type Said struct {
	Key     string
	Text    string
	Err     error // it could not be written
	Choices []message.Choice
	At      time.Time
}

// Seen is what a conversation has led to since it began.
type Seen struct {
	Said    []Said
	Calls   []string // actions, in order
	Step    string   // where the dialogue with the floor stands
	Human   string   // queue of the last hand-off
	Ended   string   // outcome of the last dialogue that ended
	Visited map[Visit]int
}

// Answers are what actions answer, by name.
type Answers map[string][]Answer

// Take returns the next answer of an action.
func (a Answers) Take(action string, spec flow.ActionSpec) Answer {
	queue := a[action]
	switch len(queue) {
	case 0:
		return Answer{Outcome: spec.Outcomes[0]}
	case 1:
		return queue[0]
	}
	a[action] = queue[1:]
	return queue[0]
}
