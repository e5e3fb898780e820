package flow

import (
	"fmt"
	"strings"
	"time"

	"valebot/internal/message"
	"valebot/internal/quincena"
	"valebot/internal/understand"
)

// Machine is one version of a flow, checked and compiled. It is immutable and
// safe for concurrent use.
type Machine struct {
	name     string
	version  int
	title    string
	about    string
	hash     string
	idle     bool
	priority int
	limits   Limits
	audience string
	events   []string // core events that start it
	unasked  bool     // one of them comes without the person having written
	success  []string
	migrate  map[string]string
	guards   []Guard
	slots    map[string]slot
	facts    []string // names of the facts that it may read
	steps    []step
	index    map[string]int
	start    int
	returns  string // slot whose value a flow that calls this one gets; "" if none

	interrupts []interrupt
	busy       string                  // said to who writes while an action is under way
	aside      string                  // said to who writes while nothing was asked
	handoff    string                  // said when the bot hands over on its own account
	wordless   map[message.Kind]string // said about what has no words and nobody asked for; "" if nothing is
	begins     []begin                 // what people may start by asking, in any dialogue
	family     family                  // the flows that dialogues of this one may be inside of
	quick      bool                    // called, it may come back without having waited for anybody
	silence    time.Duration           // called while the person is there, how long she may have been silent when it comes back
}

// Limits say when and how often a flow may write first.
type Limits struct {
	Hours   quincena.Window // local hours in which it may write; the zero window is any hour
	PerDay  int             // messages that it may begin with a person a day; 0 is no limit
	PerWeek int
	// Promotion says that what it writes first are offers: they go only to who
	// agreed to those (purpose: promocion).
	Promotion bool
	Answers   int // answers that the shortest way to success may take; 0 is 8. The linter alone reads it
}

// ParseQuiet reads quiet hours that cross midnight, "20:00-09:00", and returns
// the hours that are left to write in, 09:00 to 20:00.
func ParseQuiet(text string) (quincena.Window, error) {
	from, to, ok := strings.Cut(text, "-")
	if !ok {
		return quincena.Window{}, fmt.Errorf("parse quiet hours %q: expected two times", text)
	}
	w, err := quincena.ParseWindow(strings.TrimSpace(to) + "-" + strings.TrimSpace(from))
	if err != nil {
		return quincena.Window{}, fmt.Errorf("parse quiet hours: %w", err)
	}
	return w, nil
}

// Name returns the flow's name.
func (m *Machine) Name() string { return m.name }

// Version returns the flow's version, from 1.
func (m *Machine) Version() int { return m.version }

// Title returns what the flow is for, in Spanish.
func (m *Machine) Title() string { return m.title }

// About returns what a dialogue of this flow is about: "vale", "distribuidora",
// "pago" or "" for nothing but the person.
func (m *Machine) About() string { return m.about }

// Priority orders dialogues that wait for the floor: the greater first. A flow
// that the person starts goes before one that an event starts.
func (m *Machine) Priority() int { return m.priority }

// Limits returns when and how often the flow may write first.
func (m *Machine) Limits() Limits { return m.limits }

// Audience returns who may start the flow by asking: "distributor",
// "beneficiary" or "" for anybody.
func (m *Machine) Audience() string { return m.audience }

// Hash returns the hex SHA-256 of the flow's text as published.
func (m *Machine) Hash() string { return m.hash }

// Migrate says where a dialogue that stands at a removed step of an older
// version goes on in this one.
func (m *Machine) Migrate(step string) (string, bool) {
	to, ok := m.migrate[step]
	return to, ok
}

// Success returns the outcomes that count as success.
func (m *Machine) Success() []string { return append([]string{}, m.success...) }

// slot is a declared slot.
type slot struct {
	name   string
	kind   Type
	record bool // it holds what an action yielded, by field
	fields Fields
	secret bool
}

// stepKind is what a step does after it has said what it says.
type stepKind uint8

const (
	passes   stepKind = iota // says and goes on
	asks                     // asks and waits for an answer
	listens                  // waits for anything that is written; the idle machine only
	acts                     // calls an action
	decides                  // chooses by conditions
	waits                    // waits for the core or a date
	handsOff                 // gives the chat to a person
	ends
	calls // goes through another flow and comes back
)

// step is a compiled step; targets are indexes of steps.
type step struct {
	name                    string
	note                    string
	kind                    stepKind
	say                     []line
	ask                     line
	again                   string // "" repeats ask
	expect                  []string
	options                 []understand.Option
	labels                  map[string]string // folded label of a button → outcome
	tappable                []string          // outcomes that a button may carry, in order
	save                    string
	secret                  bool
	saveOption              bool // the slot takes the id of an option
	reject                  []branch
	unclear                 []rung
	after                   []reminder
	action                  string
	callee                  *Machine // the flow that a call goes through
	with                    []input
	decide                  []branch
	wait                    []string
	meanwhile               map[string]int // events that may come before an answer
	until                   *program
	next                    map[string]int
	nextAll                 int // -1: none
	queue, reason, priority string
	end                     string
}

// to returns where an outcome leads.
func (s *step) to(outcome string) (int, bool) {
	if i, ok := s.next[outcome]; ok {
		return i, true
	}
	return s.nextAll, s.nextAll >= 0
}

// way is the name under which an outcome leaves the step in the transition table.
func (s *step) way(outcome string) string {
	if s.nextAll >= 0 && s.kind != asks && s.kind != listens {
		return "next"
	}
	return outcome
}

// line is a message to say, with its second wording where two are under test.
type line struct {
	key  string
	test string // "" if there is one wording
	b    string
}

// keys are the message in all its wordings.
func (l line) keys() []string {
	switch {
	case l.key == "":
		return nil
	case l.test == "":
		return []string{l.key}
	}
	return []string{l.key, l.b}
}

type branch struct {
	cond *program // nil: else
	say  string
	to   int
	by   string // the name of this way, in a decide: "if 1", "else"
}

type rung struct {
	say string
	to  int // -1: stay
}

type reminder struct {
	timer string // "oferta/4h"
	wait  time.Duration
	say   string
	to    int // -1: stay
}

type input struct {
	name  string
	value *program
}

// interrupt is something that a person may write at any moment.
type interrupt struct {
	name    string
	phrases []string // folded
	intent  string   // of the lexicon; "" if none
	action  string
	say     []branch
	then    string
	queue   string
	reason  string
	locked  bool
}

// begin is a flow that people start by asking for it.
type begin struct {
	intent   string
	audience string
	flow     string
	slots    map[Type]string // where volunteered values go, by type
}

func (m *Machine) interrupt(name string) *interrupt {
	for i := range m.interrupts {
		if m.interrupts[i].name == name {
			return &m.interrupts[i]
		}
	}
	return nil
}

// Start returns the state of a new dialogue. told holds slots that the person
// volunteered; their questions are skipped. Values of unknown slots or of
// another type than declared are left out.
func (m *Machine) Start(told map[string]any) State {
	s := State{step: m.steps[m.start].name}
	for _, name := range keysOf(told) {
		declared, ok := m.slots[name]
		if !ok || declared.record || !fits(declared.kind, told[name]) {
			continue
		}
		if s.slots == nil {
			s.slots = map[string]any{}
		}
		s.slots[name] = told[name]
		s.told = append(s.told, name)
	}
	return s
}

// Steps returns the names of the steps, in the order of the file.
func (m *Machine) Steps() []string {
	names := make([]string, len(m.steps))
	for i := range m.steps {
		names[i] = m.steps[i].name
	}
	return names
}

// SlotTypes returns the types of the slots that hold one value.
func (m *Machine) SlotTypes() Fields {
	out := Fields{}
	for name, s := range m.slots {
		if !s.record {
			out[name] = s.kind
		}
	}
	return out
}
