package transcript

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"valebot/internal/flow"
	"valebot/internal/message"
)

// Failure is a line that did not hold.
type Failure struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Text      string `json:"text"`
	Want, Got string `json:",omitempty"`
	Case      string `json:"case"`
}

// String returns the failure as people read it, want below got.
func (f Failure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s\n", f.File, f.Line, f.Text)
	if f.Want != "" {
		fmt.Fprintf(&b, "    want: %s\n", f.Want)
	}
	if f.Got != "" {
		fmt.Fprintf(&b, "    got:  %s\n", f.Got)
	}
	fmt.Fprintf(&b, "  caso: %s\n", f.Case)
	return b.String()
}

// Result is what running a case showed.
type Result struct {
	Failure *Failure // the first line that did not hold; nil if all did
	Visited map[Visit]int
}

// Run runs one case to its first failure.
func (l *Lab) Run(c Case) Result {
	r := run{lab: l, c: c}
	return Result{Failure: r.all(), Visited: r.seen.Visited}
}

type run struct {
	lab    *Lab
	c      Case
	driver Driver
	seen   Seen // as of the last line that drove
	read   int  // messages that lines have looked at
	called int  // calls that were made before the last line that drove
}

// unread are the messages that no line has looked at.
func (r *run) unread() []Said { return r.seen.Said[r.read:] }

// look sees what the last line that drove led to.
func (r *run) look() (err error) {
	r.seen, err = r.driver.Seen()
	return err
}

func (r *run) fail(line int, text, want, got string) *Failure {
	return &Failure{File: r.c.File, Line: line, Text: text, Want: want, Got: got, Case: r.c.Title}
}

func (r *run) all() *Failure {
	if err := r.prepare(); err != nil {
		return r.fail(r.c.Line, err.Error(), "", "")
	}
	for _, l := range r.c.lines {
		if f := r.line(l); f != nil {
			return f
		}
	}
	last := r.c.Line
	if n := len(r.c.lines); n > 0 {
		last = r.c.lines[n-1].number
	}
	return r.unexpected(last)
}

// prepare gives the core its facts and answers, and begins the flow.
func (r *run) prepare() error {
	facts, told, err := r.given()
	if err != nil {
		return err
	}
	start := Start{Channel: r.c.Channel, Person: r.c.Person, Language: r.c.Language, Facts: facts, At: r.lab.now()}
	if r.driver, err = r.lab.open(start); err != nil {
		return err
	}
	if err := r.answers(); err != nil {
		return err
	}
	if r.c.Flow != r.lab.Set.Idle().Name() && !r.startsByEvent() {
		if err := r.driver.Begin(r.c.Flow, told); err != nil {
			return err
		}
	}
	return r.look()
}

// answers tells the driver what the case says of actions before its first line.
func (r *run) answers() error {
	all := Answers{}
	for _, l := range r.c.stubs {
		action, answer, err := parseAnswer(l.text, r.lab.Vocabulary, r.lab.Zone)
		if err != nil {
			return fmt.Errorf("line %d: %w", l.number, err)
		}
		all[action] = append(all[action], answer)
	}
	for action, answers := range all {
		r.driver.Answer(action, answers)
	}
	return nil
}

// startsByEvent reports a case whose first line is the event that starts its flow.
func (r *run) startsByEvent() bool {
	if len(r.c.lines) == 0 || r.c.lines[0].verb != "event" {
		return false
	}
	name, _, _ := strings.Cut(r.c.lines[0].text, " ")
	return slices.ContainsFunc(r.lab.Set.Triggered(name), func(m *flow.Machine) bool { return m.Name() == r.c.Flow })
}

// given reads what the core knows and what the person said before the start.
func (r *run) given() (flow.Facts, map[string]any, error) {
	facts := flow.Facts{}
	m, ok := r.lab.Set.Latest(r.c.Flow)
	if !ok && r.c.Flow != r.lab.Set.Idle().Name() {
		return nil, nil, fmt.Errorf("there is no flow %q without errors", r.c.Flow)
	}
	if r.c.given == nil {
		return facts, nil, nil
	}
	if r.c.given.Kind != yaml.MappingNode {
		return nil, nil, fmt.Errorf("given: expected facts by name")
	}
	var told map[string]any
	for i := 0; i+1 < len(r.c.given.Content); i += 2 {
		name, n := r.c.given.Content[i].Value, r.c.given.Content[i+1]
		fields, known := r.lab.Vocabulary.Facts[name]
		if name == "dijo" && m != nil {
			fields, known = m.SlotTypes(), true
		}
		if !known {
			return nil, nil, fmt.Errorf("given: there is no fact %q", name)
		}
		vs, err := values(n, fields, r.lab.Zone)
		if err != nil {
			return nil, nil, fmt.Errorf("given %s: %w", name, err)
		}
		if name == "dijo" {
			told = vs
			continue
		}
		facts[name] = vs
	}
	return facts, told, nil
}

func (r *run) line(l line) *Failure {
	switch l.verb {
	case "user", "tap", "event", "clock", "desk":
		if f := r.unexpected(l.number); f != nil {
			return f
		}
		r.called = len(r.seen.Calls)
		if err := r.drive(l); err != nil {
			return r.fail(l.number, err.Error(), "", "")
		}
		if err := r.look(); err != nil {
			return r.fail(l.number, err.Error(), "", "")
		}
		return nil
	case "core":
		return r.core(l)
	case "bot":
		return r.bot(l)
	case "silence":
		return r.unexpected(l.number)
	default:
		return r.state(l)
	}
}

// drive makes something happen.
func (r *run) drive(l line) error {
	switch l.verb {
	case "user":
		text, what := kindOf(l.text)
		return r.driver.Write(text, what)
	case "tap":
		return r.driver.Tap(l.text)
	case "desk":
		return r.driver.Release(l.text)
	case "clock":
		by, err := parseClock(l.text)
		if err != nil {
			return err
		}
		return r.driver.Advance(by)
	default:
		name, tail, _ := strings.Cut(l.text, " ")
		spec, ok := r.lab.Vocabulary.Events[name]
		if !ok {
			return fmt.Errorf("the core has no event %q", name)
		}
		data, err := inline(tail, spec.Data, r.lab.Zone)
		if err != nil {
			return err
		}
		return r.driver.Happen(name, data)
	}
}

// kindOf reads "[foto]" and the like, which stand for what has no text.
func kindOf(text string) (string, message.Kind) {
	switch text {
	case "[foto]":
		return "", message.Photo
	case "[voz]":
		return "", message.Voice
	case "[documento]":
		return "", message.Document
	case "[ubicación]":
		return "", message.Location
	case "[sticker]":
		return "", message.Unsupported
	}
	return text, message.Text
}

// maxClock bounds how far one line pushes the clock.
const maxClock = 400 * 24 * time.Hour

func parseClock(text string) (time.Duration, error) {
	by, ok := flow.ParseWait(strings.TrimPrefix(text, "+"))
	if !ok || by > maxClock {
		return 0, fmt.Errorf("%q is not a length of time; write +30m, +4h or +3d", clip(text))
	}
	return by, nil
}

// unexpected fails on a message that no line expected.
func (r *run) unexpected(number int) *Failure {
	if len(r.unread()) == 0 {
		return nil
	}
	s := r.unread()[0]
	return r.fail(number, "the bot said something that no line expects", "", s.show())
}

func (s Said) show() string {
	if s.Err != nil {
		return fmt.Sprintf("@%s (%v)", s.Key, s.Err)
	}
	return s.Text
}

func (r *run) bot(l line) *Failure {
	if len(r.unread()) == 0 {
		return r.fail(l.number, "the bot said nothing more", l.text, "")
	}
	s := r.unread()[0]
	r.read++
	key, byKey := strings.CutPrefix(l.text, "@")
	switch {
	case s.Err != nil:
		return r.fail(l.number, "a message could not be written", l.text, s.show())
	case byKey && key != s.Key:
		return r.fail(l.number, "the bot said something else", l.text, "@"+s.Key+" — "+s.show())
	case !byKey && !matches(l.text, s.Text):
		return r.fail(l.number, "the bot said something else", l.text, s.show())
	}
	return nil
}

// matches compares a text with what was said; … or ... stand for anything.
func matches(want, got string) bool {
	parts := strings.Split(strings.ReplaceAll(want, "...", "…"), "…")
	got = strings.Join(strings.Fields(got), " ")
	if len(parts) == 1 {
		return strings.Join(strings.Fields(want), " ") == got
	}
	if !strings.HasPrefix(got, parts[0]) || !strings.HasSuffix(got, parts[len(parts)-1]) {
		return false
	}
	for _, part := range parts {
		i := strings.Index(got, part)
		if i < 0 {
			return false
		}
		got = got[i+len(part):]
	}
	return true
}

// core asserts a call since the last line that drove, or prepares an answer.
func (r *run) core(l line) *Failure {
	if strings.Contains(l.text, "->") {
		if err := r.restub(l); err != nil {
			return r.fail(l.number, err.Error(), "", "")
		}
		return nil
	}
	if slices.Contains(r.seen.Calls[r.called:], l.text) {
		return nil
	}
	return r.fail(l.number, "the core was not asked to do this", l.text, strings.Join(r.seen.Calls[r.called:], ", "))
}

// restub replaces what an action answers from here on.
func (r *run) restub(l line) error {
	action, answer, err := parseAnswer(l.text, r.lab.Vocabulary, r.lab.Zone)
	if err != nil {
		return err
	}
	r.driver.Answer(action, []Answer{answer})
	return nil
}

// state asserts where the conversation stands.
func (r *run) state(l line) *Failure {
	got := ""
	switch l.verb {
	case "step":
		got = r.seen.Step
	case "end":
		got = r.seen.Ended
	case "human":
		got = r.seen.Human
	}
	if got == l.text {
		return nil
	}
	return r.fail(l.number, "the conversation stands elsewhere ("+l.verb+")", l.text, got)
}
