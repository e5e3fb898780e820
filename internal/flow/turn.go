package flow

import (
	"slices"
	"strconv"
	"time"

	"valebot/internal/quincena"
)

// maxRun bounds the steps of one turn. Flows that could go round without
// waiting are refused when they are loaded, so only facts that change the way
// of a decision at every visit could come here.
const maxRun = 64

// general is the queue for what no flow foresaw.
const general = "general"

// Turn decides what a dialogue does about one event. It is pure: the same
// arguments give the same decision, and s is left as it was. It never panics and
// always ends: a flow that cannot go on hands the chat to a person and says why.
func Turn(m *Machine, s State, ev Event, facts Facts, env Env) (d Decision) {
	t := turn{root: m, m: m, s: s, facts: facts, env: env}
	defer func() {
		// A value of a type that nobody foresaw must not stop the other
		// conversations of the same transaction.
		if r := recover(); r != nil {
			t = turn{root: m, m: m, s: s, facts: facts, env: env, path: []string{s.Step()}}
			t.giveUp("la plática no pudo seguir por una falla del sistema")
			d = t.decision()
		}
	}()
	t.path = append(make([]string, 0, 8), s.Step())
	if !t.stand() {
		t.giveUp("la plática estaba en un paso que ya no existe")
		return t.decision()
	}
	t.take(ev)
	return t.decision()
}

// turn is the work of one Turn.
type turn struct {
	root    *Machine // the dialogue's own flow
	m       *Machine // the flow of the step: root or a sub-flow
	s       State
	at      int // index of s.step
	facts   Facts
	env     Env
	effects []Effect
	path    []string
	ways    []string
	heard   string
	keep    bool
	status  Status // set where the step does not say it
	core    map[string]any
	owned   bool           // s.slots belongs to this turn
	data    map[string]any // for messages; nil when it must be made again
	values  map[string]any // for expressions; nil when it must be made again
}

func (t *turn) step() *step { return &t.m.steps[t.at] }

func (t *turn) decision() Decision {
	status := t.status
	if status == "" {
		status = t.standing()
	}
	if status == Parked {
		t.s.core = t.coreData()
	} else if status != HandedTo {
		t.s.core = nil
	}
	return Decision{State: t.s, Effects: t.effects, Status: status, Path: t.path, Ways: t.ways, Heard: t.heard, Keep: t.keep}
}

// standing is the status that the state implies.
func (t *turn) standing() Status {
	switch k := t.step().kind; {
	case k == ends:
		return Ended
	case t.s.held != "":
		return HandedTo
	case t.s.token != "" || t.s.pending.Token != "":
		return Acting
	case t.s.parked:
		return Parked
	case k == asks && t.s.asked:
		return Asking
	default:
		return Waiting
	}
}

// take sends the event to what handles its kind.
func (t *turn) take(ev Event) {
	switch {
	case t.step().kind == ends && ev.Kind != Started:
		t.keep = true // it is over; the idle dialogue hears what comes
	case t.s.held != "" && ev.Kind != Outcome && ev.Kind != Released:
		t.whileHeld(ev)
	case ev.Kind == Started:
		if ev.Result != nil {
			t.learn(ev.Result)
		}
		t.run()
	case ev.Kind == Outcome:
		t.outcome(ev)
	case ev.Kind == Released:
		t.released(ev.Name)
	case ev.Kind == Replied:
		t.reply(ev)
	case ev.Kind == Elapsed:
		t.elapsed(ev.Timer)
	case ev.Kind == Happened:
		t.happened(ev)
	case ev.Kind == Floored:
		t.floored()
	default:
		t.keep = true
	}
}

// enter moves to a step by an outcome and runs from there.
func (t *turn) enter(i int, by string) {
	t.moveTo(i, by)
	t.run()
}

func (t *turn) moveTo(i int, by string) {
	t.ways = append(t.ways, by)
	t.at = i
	t.s.step, t.s.asked, t.s.parked, t.s.unclear, t.s.token = t.m.steps[i].name, false, false, 0, ""
	t.path = append(t.path, t.s.Step())
	t.keep = false
}

// run does what the step says, and goes on until something must be waited for.
func (t *turn) run() {
	for range maxRun {
		next, by := t.once()
		if next < 0 {
			return
		}
		t.moveTo(next, by)
	}
	t.giveUp("el flujo «" + t.m.name + "» da vueltas sin esperar respuesta")
}

// once runs the current step. It returns the next step and the outcome that
// leads there, or -1 to stop.
func (t *turn) once() (int, string) {
	st := t.step()
	if st.kind == asks {
		return t.askOrSkip(st)
	}
	t.sayAll(st.say)
	switch st.kind {
	case calls:
		return t.call(st)
	case passes:
		return st.nextAll, "next"
	case decides:
		return t.decide(st)
	case acts:
		t.act(st)
	case waits:
		t.wait(st)
	case handsOff:
		t.s.held = "step"
		t.effects = append(t.effects, Handoff{Queue: st.queue, Reason: st.reason, Priority: st.priority})
	case ends:
		if len(t.s.callers) > 0 {
			return t.comeBack(st)
		}
		t.effects = append(t.effects, End{Outcome: st.end})
	}
	return -1, ""
}

// askOrSkip asks the step's question, unless the person has already
// volunteered the answer and it is acceptable.
func (t *turn) askOrSkip(st *step) (int, string) {
	i := slices.Index(t.s.told, st.save)
	if st.save == "" || i < 0 {
		t.ask(st, false)
		return -1, ""
	}
	t.s.told = slices.Delete(slices.Clone(t.s.told), i, i+1)
	if say := t.rejected(st); say != "" {
		if t.s.held == "" {
			t.askWith(st, line{key: say}, false)
		}
		return -1, ""
	}
	outcome := "ok"
	if v, _ := t.s.slots[st.save].(string); v != "" && len(st.options) > 0 {
		outcome = v
	}
	if to, ok := st.to(outcome); ok {
		return to, outcome
	}
	t.ask(st, false)
	return -1, ""
}

// rejected returns the message that says why the saved answer is not accepted.
func (t *turn) rejected(st *step) string {
	for i := range st.reject {
		if t.holds(st.reject[i].cond) {
			return st.reject[i].say
		}
	}
	return ""
}

// ask asks the step's question, or parks it until the dialogue has the floor.
func (t *turn) ask(st *step, again bool) {
	l := st.ask
	if again && st.again != "" {
		l = line{key: st.again}
	}
	t.askWith(st, l, again)
}

func (t *turn) askWith(st *step, l line, again bool) {
	if !t.env.Floor {
		t.s.parked = true
		return
	}
	if !again && !t.s.asked {
		t.sayAll(st.say)
	}
	key, arm := t.arm(l)
	t.say(Say{Message: key, Arm: arm, Ask: true, Again: again, Options: st.tappable, Secret: st.secret})
	if !t.s.asked {
		t.timers(st)
	}
	t.s.asked, t.s.parked = true, false
}

// timers sets the step's reminders, counted from now.
func (t *turn) timers(st *step) {
	for i := range st.after {
		t.effects = append(t.effects, SetTimer{Name: st.after[i].timer, At: t.env.Now.Add(st.after[i].wait)})
	}
}

func (t *turn) wait(st *step) {
	t.timers(st)
	if st.until == nil {
		return
	}
	v, _ := st.until.run(t.vars()) // nil on an error, which is then reported below
	var at time.Time
	switch v := v.(type) {
	case time.Time:
		at = v
	case quincena.Date:
		at = v.At(0, 0, t.zone())
	}
	if at.IsZero() {
		t.giveUp("no se pudo saber hasta cuándo esperar en «" + st.name + "»")
		return
	}
	t.effects = append(t.effects, SetTimer{Name: st.name + "/until", At: at})
}

func (t *turn) decide(st *step) (int, string) {
	for i := range st.decide {
		b := &st.decide[i]
		if b.cond != nil && !t.holds(b.cond) {
			continue
		}
		if t.s.held != "" {
			return -1, ""
		}
		return b.to, b.by
	}
	t.giveUp("ninguna condición se cumplió en «" + st.name + "»")
	return -1, ""
}

func (t *turn) act(st *step) {
	with := make(map[string]any, len(st.with))
	for i := range st.with {
		v, err := st.with[i].value.run(t.vars())
		if err != nil || v == nil {
			t.giveUp("faltó un dato para «" + st.action + "» en «" + st.name + "»")
			return
		}
		with[st.with[i].name] = v
	}
	t.s.acts++
	t.s.token = st.name + "#" + strconv.Itoa(t.s.acts)
	t.effects = append(t.effects, Act{Action: st.action, With: with, Token: t.s.token})
}

// giveUp hands the chat to a person because the flow cannot go on.
func (t *turn) giveUp(reason string) {
	if t.s.held != "" {
		return
	}
	if t.m.handoff != "" {
		t.say(Say{Message: t.m.handoff})
	}
	t.s.held, t.s.token = "fault", ""
	t.effects = append(t.effects, Handoff{Queue: general, Reason: reason, Priority: "high"})
	t.status = HandedTo
}

// holds evaluates a condition; where that fails the chat goes to a person, and
// the condition counts as met so that nothing after it is tried.
func (t *turn) holds(p *program) bool {
	is, err := p.holds(t.vars())
	if err != nil {
		t.giveUp("faltó un dato para decidir en «" + t.s.step + "»")
		return true
	}
	return is
}

func (t *turn) zone() *time.Location {
	if t.env.Zone == nil {
		return time.UTC
	}
	return t.env.Zone
}
