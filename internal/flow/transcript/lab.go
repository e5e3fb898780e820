package transcript

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"valebot/internal/flow"
	"valebot/internal/locale"
	"valebot/internal/message"
	"valebot/internal/understand"
)

// Lab is all that conversations need besides their text.
type Lab struct {
	Set        *flow.Set
	Catalog    *locale.Catalog
	Vocabulary flow.Vocabulary
	Understand *understand.Understander
	Zone       *time.Location
	Start      time.Time // when every case begins
	// Open, if not nil, opens what cases run on, in place of a Phone.
	Open func(Start) (Driver, error)
}

// Monday is when cases begin unless the Lab says otherwise: 2 March 2026, ten in
// the morning, a Monday in the middle of a quincena.
func Monday(zone *time.Location) time.Time { return time.Date(2026, time.March, 2, 10, 0, 0, 0, zone) }

type timer struct {
	name string
	at   time.Time
}

// dialogue is one dialogue of the person, as the engine would store it.
type dialogue struct {
	machine *flow.Machine
	stored  []byte // the state, as JSON
	status  flow.Status
	timers  []timer
}

// Phone is one person's side of a conversation, with the dialogues open with
// her, the core's answers and a clock. It is the engine without its storage.
type Phone struct {
	lab      *Lab
	channel  message.Channel
	person   string // decides arms of tests
	language string
	now      time.Time
	facts    flow.Facts
	answers  Answers
	open     []*dialogue // the last one holds the floor
	idle     *dialogue

	said    []Said
	calls   []string
	human   string // queue of the last hand-off
	ended   string // outcome of the last dialogue that ended
	path    []string
	moved   bool // a dialogue went on since this was last cleared
	visited map[Visit]int
}

// Visit is one way that was gone: a step of a flow left by an outcome.
type Visit struct{ Flow, Step, Outcome string }

// open opens what a case runs on.
func (l *Lab) open(start Start) (Driver, error) {
	if l.Open != nil {
		return l.Open(start)
	}
	return l.newPhone(start)
}

func (l *Lab) newPhone(start Start) (*Phone, error) {
	p := &Phone{
		lab: l, channel: start.Channel, person: start.Person, language: start.Language, now: start.At, facts: start.Facts, answers: Answers{}, visited: map[Visit]int{},
	}
	p.idle = &dialogue{machine: l.Set.Idle()}
	return p, p.store(p.idle, l.Set.Idle().Start(nil))
}

func (p *Phone) store(d *dialogue, s flow.State) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("store state: %w", err)
	}
	d.stored = data
	return nil
}

// Begin starts a flow with what the person volunteered.
func (p *Phone) Begin(name string, told map[string]any) error {
	return p.begin(name, told, flow.Event{Kind: flow.Started})
}

func (p *Phone) begin(name string, told map[string]any, ev flow.Event) error {
	m, ok := p.lab.Set.Latest(name)
	if !ok {
		return fmt.Errorf("there is no flow %q without errors", name)
	}
	p.open = slices.DeleteFunc(p.open, func(d *dialogue) bool { return d.machine.Name() == name })
	d := &dialogue{machine: m}
	p.open = append(p.open, d)
	if err := p.store(d, m.Start(told)); err != nil {
		return err
	}
	return p.turn(d, ev)
}

// top is the dialogue that a reply goes to.
func (p *Phone) top() *dialogue {
	if len(p.open) == 0 {
		return p.idle
	}
	return p.open[len(p.open)-1]
}

// turn lets one dialogue take an event, and does what it decides.
func (p *Phone) turn(d *dialogue, ev flow.Event) error {
	var s flow.State
	if err := json.Unmarshal(d.stored, &s); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	env := flow.Env{Now: p.now, Zone: p.lab.Zone, Channel: p.channel, Floor: d == p.top(), Understand: p.lab.Understand, Person: p.person}
	decision := flow.Turn(d.machine, s, ev, p.facts, env)
	if err := p.store(d, decision.State); err != nil {
		return err
	}
	p.note(d, decision)
	if !decision.Keep {
		d.timers, p.moved = nil, true
	}
	d.status = decision.Status
	for _, e := range decision.Effects {
		if err := p.apply(d, e); err != nil {
			return err
		}
	}
	return nil
}

func (p *Phone) note(d *dialogue, decision flow.Decision) {
	for i, way := range decision.Ways {
		p.visited[VisitOf(d.machine.Name(), decision.Path[i], way)]++
	}
	for _, step := range decision.Path {
		p.visited[VisitOf(d.machine.Name(), step, "")]++
	}
	went := decision.Path
	if len(p.path) > 0 && len(went) > 0 && p.path[len(p.path)-1] == went[0] {
		went = went[1:]
	}
	p.path = append(p.path, went...)
}

// VisitOf counts a step of a dialogue of a flow, and a step of a sub-flow for
// that one.
func VisitOf(name, step, way string) Visit {
	if sub, inner, ok := strings.Cut(step, "/"); ok {
		return Visit{sub, inner, way}
	}
	return Visit{name, step, way}
}

func (p *Phone) apply(d *dialogue, effect flow.Effect) error {
	switch e := effect.(type) {
	case flow.Say:
		p.say(e)
	case flow.SetTimer:
		d.timers = append(d.timers, timer{e.Name, e.At})
	case flow.Handoff:
		p.human = e.Queue
	case flow.Act:
		return p.act(d, e)
	case flow.Begin:
		return p.Begin(e.Flow, e.Told)
	case flow.End:
		p.ended = e.Outcome
		p.open = slices.DeleteFunc(p.open, func(o *dialogue) bool { return o == d })
		if next := p.top(); next != p.idle {
			return p.turn(next, flow.Event{Kind: flow.Floored})
		}
	}
	return nil
}

func (p *Phone) say(e flow.Say) {
	r, err := p.lab.Catalog.RenderIn(p.language, e.Message, p.channel, e.Data, p.lab.Zone)
	s := Said{Key: e.Message, Text: r.Body, Err: err, At: p.now}
	for _, c := range r.Choices {
		if slices.Contains(e.Options, c.ID) {
			s.Choices = append(s.Choices, c)
		}
	}
	p.said = append(p.said, s)
}

// act answers an action as the case says, or with its first outcome.
func (p *Phone) act(d *dialogue, e flow.Act) error {
	p.calls = append(p.calls, e.Action)
	answer := p.answers.Take(e.Action, p.lab.Vocabulary.Actions[e.Action])
	if language, asked := Spoken(e.Action); asked {
		p.language = language
	}
	if answer.Outcome == Later {
		return nil
	}
	return p.turn(d, flow.Event{Kind: flow.Outcome, Name: answer.Outcome, Token: e.Token, Result: maps.Clone(answer.Result)})
}

// Write sends what the person wrote, or a photo, a voice note and the like
// without text.
func (p *Phone) Write(text string, what message.Kind) error {
	return p.turn(p.top(), flow.Event{Kind: flow.Replied, Reply: text, What: what, Alone: len(p.open) == 0})
}

// Tap sends a tap on one of the answers of the open question.
func (p *Phone) Tap(id string) error {
	return p.turn(p.top(), flow.Event{Kind: flow.Replied, What: message.Tap, Tap: id})
}

// Happen tells the open dialogues whose business it is of an event from the core,
// and starts the flows that it starts if none of them waited for it.
func (p *Phone) Happen(name string, data map[string]any) error {
	taken := false
	about := p.lab.Vocabulary.Events[name].About
	for _, d := range slices.Clone(p.open) {
		if of := d.machine.About(); of != about && of != "" {
			continue
		}
		p.moved = false
		if err := p.turn(d, flow.Event{Kind: flow.Happened, Name: name, Result: data}); err != nil {
			return err
		}
		taken = taken || p.moved
	}
	if taken {
		return nil
	}
	for _, m := range p.lab.Set.Triggered(name) {
		if err := p.begin(m.Name(), nil, flow.Event{Kind: flow.Started, Name: name, Result: data}); err != nil {
			return err
		}
	}
	return nil
}

// Release gives the chat back from the desk: "resolved" or "returned".
func (p *Phone) Release(how string) error {
	return p.turn(p.top(), flow.Event{Kind: flow.Released, Name: how})
}

// Advance moves the clock, and what is due on the way happens in order.
func (p *Phone) Advance(by time.Duration) error {
	end := p.now.Add(by)
	for {
		d, next := p.nextTimer(end)
		if d == nil {
			p.now = end
			return nil
		}
		p.now = next.at
		if err := p.turn(d, flow.Event{Kind: flow.Elapsed, Timer: next.name}); err != nil {
			return err
		}
	}
}

// nextTimer takes the earliest timer that is due by end out of its dialogue.
func (p *Phone) nextTimer(end time.Time) (*dialogue, timer) {
	var of *dialogue
	at := -1
	for _, d := range p.open {
		for i, t := range d.timers {
			if !t.at.After(end) && (of == nil || t.at.Before(of.timers[at].at)) {
				of, at = d, i
			}
		}
	}
	if of == nil {
		return nil, timer{}
	}
	t := of.timers[at]
	of.timers = slices.Delete(slices.Clone(of.timers), at, at+1)
	if t.at.Before(p.now) {
		t.at = p.now
	}
	return of, t
}

// Answer implements Driver.
func (p *Phone) Answer(action string, answers []Answer) { p.answers[action] = answers }

// Seen implements Driver.
func (p *Phone) Seen() (Seen, error) {
	var s flow.State
	if err := json.Unmarshal(p.top().stored, &s); err != nil {
		return Seen{}, fmt.Errorf("read state: %w", err)
	}
	return Seen{Said: p.said, Calls: p.calls, Step: s.Step(), Human: p.human, Ended: p.ended, Visited: p.visited}, nil
}
