package casework

import (
	"time"

	"github.com/google/uuid"
)

// Lesson is what somebody at the desk says that a text means: a proposed entry
// of the lexicon.
type Lesson struct {
	ID      uuid.UUID
	At      time.Time
	Author  string // login
	Name    string // of the author
	Case    uuid.UUID
	Text    string
	Class   string   // of the lexicon: an answer or an intent
	Counter []string // texts that look alike and do not mean it
	State   LessonState
	By      string // name of who decided; "" before
	Decided time.Time
}

// LessonState is where a lesson stands.
type LessonState string

// The states, as stored.
const (
	Proposed LessonState = "proposed"
	Accepted LessonState = "accepted"
	Refused  LessonState = "rejected"
)

// MaxCounter is how many counter-examples a lesson may have.
const MaxCounter = 12

// Clash is a text that a lesson would make the bot read wrongly.
type Clash struct {
	Text string
	Want string // what it must be read as
	Got  string // what it would be read as
}

// Meaning is a class of the lexicon that can be taught.
type Meaning struct {
	Class  string
	Answer bool // it answers a question; else it is something that a person wants
}
