package flow

import (
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"

	"valebot/internal/source"
)

// linker turns one spec into a machine and checks everything that it names.
type linker struct {
	*loader
	spec    *flowSpec
	m       *Machine
	scope   *scope
	facts   map[string]Fields
	untyped string // a slot whose type does not exist
	broken  bool   // a reference leads nowhere, so what is reachable is not known
	before  int    // errors reported before this flow
}

func (l *loader) link(s *flowSpec) *Machine {
	k := &linker{loader: l, spec: s, before: source.Errors(l.problems), m: &Machine{
		name: s.name.name, version: s.version, title: s.title, about: s.about.name, hash: hashOf(s.file), limits: s.limits,
		migrate: map[string]string{}, slots: map[string]slot{}, index: map[string]int{},
	}}
	if !k.header() {
		return nil // all else would seem wrong too
	}
	k.declare()
	k.interrupting()
	k.guarded()
	k.steps()
	if start, ok := k.target(s.start); ok {
		k.m.start = start
	}
	k.migrations()
	k.returned()
	if !k.broken && !s.broken {
		k.checkGraph()
	}
	if s.broken || source.Errors(l.problems) > k.before || len(k.m.steps) == 0 {
		return nil
	}
	k.m.quick = k.passesThrough()
	l.linkers = append(l.linkers, k)
	return k.m
}

// header checks what the flow is about and what starts it.
func (k *linker) header() bool {
	s := k.spec
	facts, ok := k.vocabulary.About[s.about.name]
	if !ok {
		p := k.report(s, s.about, "unknown-value", "a flow cannot be about %q", s.about.name)
		p.Suggestion = didYouMean(s.about.name, keysOf(k.vocabulary.About))
		return false
	}
	k.facts = map[string]Fields{}
	for _, name := range facts {
		k.facts[name] = k.vocabulary.Facts[name]
		k.m.facts = append(k.m.facts, name)
	}
	for _, st := range s.starts {
		k.starter(st)
	}
	for _, w := range s.success {
		k.m.success = append(k.m.success, w.name)
	}
	k.m.priority = 10
	if !k.m.unasked {
		k.m.priority = 20
	}
	return true
}

func (k *linker) starter(st startSpec) {
	if st.idle {
		k.m.idle = true
	}
	if st.audience.set() && st.audience.name != "distributor" && st.audience.name != "beneficiary" {
		p := k.report(k.spec, st.audience, "unknown-value", "%q is not an audience", st.audience.name)
		p.Suggestion = "write distributor or beneficiary"
	}
	k.m.audience = st.audience.name
	k.intent(st.intent)
	if !st.event.set() {
		return
	}
	event, ok := k.vocabulary.Events[st.event.name]
	switch {
	case !ok:
		p := k.report(k.spec, st.event, "no-such-event", "the core has no event %q", st.event.name)
		p.Suggestion = didYouMean(st.event.name, keysOf(k.vocabulary.Events))
	case event.About != k.spec.about.name:
		k.report(k.spec, st.event, "wrong-about", "%s is about %q and the flow about %q", st.event.name, event.About, k.spec.about.name)
	}
	k.m.events = append(k.m.events, st.event.name)
	k.m.unasked = k.m.unasked || !event.Answers
}

// intent sees that people can ask for it.
func (k *linker) intent(w ref) {
	if !w.set() || len(k.vocabulary.Intents) == 0 || slices.Contains(k.vocabulary.Intents, w.name) {
		return
	}
	p := k.report(k.spec, w, "no-such-intent", "the lexicon knows no intent %q", w.name)
	p.Suggestion = didYouMean(w.name, k.vocabulary.Intents)
}

// plainSlotTypes are the types that a slot may have besides records.
func plainSlotTypes() []string {
	return []string{"text", "int", "bool", "amount", "date", "phone", "clabe", "pin", "option"}
}

// recordSlotTypes are slots that hold what an action yields.
func recordSlotTypes() []string {
	return []string{"bank", "person", "quote", "payout", "promise", "payment", "vale"}
}

// declare builds the slots and the scope of expressions.
func (k *linker) declare() {
	slots := types.Map{}
	for _, s := range k.spec.slots {
		declared := slot{name: s.name.name, kind: Type(s.kind.name), secret: s.secret}
		switch {
		case slices.Contains(plainSlotTypes(), s.kind.name):
			slots[s.name.name] = exprType(declared.kind)
		case slices.Contains(recordSlotTypes(), s.kind.name):
			declared.record, declared.kind, declared.fields = true, recordType, k.yields(s.name.name)
			slots[s.name.name] = record(declared.fields)
		case s.kind.set():
			slots[s.name.name], declared.kind, k.untyped = types.Any, "", s.name.name
			p := k.report(k.spec, s.kind, "unknown-value", "%q is not a type of a slot", s.kind.name)
			p.Suggestion = didYouMean(s.kind.name, append(plainSlotTypes(), recordSlotTypes()...))
		default:
			slots[s.name.name] = types.Any
			k.report(k.spec, s.name, "missing-key", "slot %q has no type", s.name.name)
		}
		if !s.secret && (s.kind.name == "pin" || s.kind.name == "clabe") {
			p := k.report(k.spec, s.name, "not-secret", "slot %q holds a %s and is not secret", s.name.name, s.kind.name)
			p.Suggestion = "add secret: true"
		}
		k.m.slots[s.name.name] = declared
	}
	k.scope = newScope(k.facts, slots)
}

// yields is what the actions that save into a slot give.
func (k *linker) yields(name string) Fields {
	out := Fields{}
	for _, st := range k.spec.steps {
		if st.save.name != name {
			continue
		}
		if sub := k.callee(st); sub != nil {
			maps.Copy(out, sub.slots[sub.returns].fields)
		}
		for field, t := range k.vocabulary.Actions[st.do.name].Result {
			out[field] = t
		}
	}
	return out
}

// interrupting gives the machine the interrupts, less those that it switches off.
func (k *linker) interrupting() {
	k.m.busy, k.m.aside, k.m.handoff = k.common.busy.name, k.common.aside.name, k.common.handoff.name
	k.m.wordless = k.common.wordless()
	off := map[string]bool{}
	for _, sw := range k.spec.switched {
		i := slices.IndexFunc(k.interrupts, func(x interrupt) bool { return x.name == sw.name.name })
		switch {
		case i < 0:
			p := k.report(k.spec, sw.name, "no-such-interrupt", "there is no interrupt %q", sw.name.name)
			p.Suggestion = didYouMean(sw.name.name, interruptNames(k.interrupts))
		case !sw.on && k.interrupts[i].locked:
			k.report(k.spec, sw.name, "locked-interrupt", "%s cannot be switched off: people must always have it", sw.name.name)
		case !sw.on:
			off[sw.name.name] = true
		}
	}
	for _, x := range k.interrupts {
		if !off[x.name] {
			k.m.interrupts = append(k.m.interrupts, x)
		}
	}
}

func interruptNames(xs []interrupt) []string {
	names := make([]string, len(xs))
	for i, x := range xs {
		names[i] = x.name
	}
	return names
}

// target finds the step that a reference names.
func (k *linker) target(to ref) (int, bool) {
	if i, ok := k.m.index[to.name]; ok {
		return i, true
	}
	if to.set() {
		p := k.report(k.spec, to, "no-such-step", "there is no step %q", to.name)
		p.Suggestion = didYouMean(to.name, keysOf(k.m.index))
	}
	k.broken = true
	return -1, false
}

func (k *linker) migrations() {
	for _, pair := range k.spec.migrate {
		if _, ok := k.target(pair.value); !ok {
			continue
		}
		if _, still := k.m.index[pair.key.name]; still {
			k.report(k.spec, pair.key, "useless-migrate", "step %q still exists, so nobody needs to leave it", pair.key.name)
		}
		k.m.migrate[pair.key.name] = pair.value.name
	}
}

// shared compiles what holds for all flows: the interrupts and their messages.
func (l *loader) shared() {
	l.reported = map[string]bool{}
	spec := &flowSpec{file: l.common.file, name: ref{name: "interrupts"}}
	k := &linker{loader: l, spec: spec, m: &Machine{name: "interrupts"}, facts: map[string]Fields{}}
	for _, name := range l.vocabulary.About[""] {
		k.facts[name] = l.vocabulary.Facts[name]
	}
	k.scope = newScope(k.facts, types.Map{})
	for _, w := range []ref{l.common.busy, l.common.aside, l.common.handoff, l.common.photo, l.common.voice, l.common.location} {
		k.message(w, nil)
	}
	phrases := map[string]string{}
	for _, x := range l.common.interrupts {
		l.interrupts = append(l.interrupts, k.interrupt(x, phrases))
	}
}

func (k *linker) interrupt(x interruptSpec, phrases map[string]string) interrupt {
	out := interrupt{name: x.name.name, action: x.do.name, then: x.then.name, queue: x.queue.name, reason: x.reason,
		locked: x.locked, intent: x.intent.name}
	if out.reason == "" {
		out.reason = "escribió " + out.name
	}
	if out.queue == "" {
		out.queue = general
	}
	k.intent(x.intent)
	for _, w := range x.words {
		phrase := fold(w)
		if phrase == "" {
			phrase = strings.TrimSpace(w)
		}
		if other, ok := phrases[phrase]; ok {
			k.report(k.spec, x.name, "same-words", "%q already means %s", w, other)
		}
		phrases[phrase] = out.name
		out.phrases = append(out.phrases, phrase)
	}
	core := Fields{}
	if x.do.set() {
		if action, ok := k.action(x.do); ok {
			core = action.Result
			if len(action.With) > 0 {
				k.report(k.spec, x.do, "missing-input", "%s needs inputs, which an interrupt does not have", x.do.name)
			}
		}
	}
	if x.say.set() {
		k.message(x.say, core)
		out.say = []branch{{say: x.say.name}}
	}
	for _, c := range x.cases {
		b := branch{say: c.say.name}
		k.message(c.say, core)
		if c.cond.set() {
			b.cond = k.condition(c.cond)
		}
		out.say = append(out.say, b)
	}
	return out
}

// action finds an action of the core.
func (k *linker) action(w ref) (ActionSpec, bool) {
	spec, ok := k.vocabulary.Actions[w.name]
	if !ok {
		p := k.report(k.spec, w, "no-such-action", "the core has no action %q", w.name)
		p.Suggestion = didYouMean(w.name, keysOf(k.vocabulary.Actions))
	}
	return spec, ok
}

func (k *linker) condition(w ref) *program {
	if !w.set() {
		return nil // its absence is reported where it is missed
	}
	p, err := k.scope.condition(w.name)
	k.expression(w, err)
	return p
}

func (k *linker) expression(w ref, err *exprError) {
	if err == nil {
		return
	}
	p := k.spec.file.Inside(w.node, err.offset, err.width, "expression", err.text)
	if k.untyped != "" && strings.Contains(w.name, "slots."+k.untyped) {
		return // what the slot holds is not known, which is told where it is declared
	}
	p.Suggestion = k.scope.hint(w.name, err)
	k.problems = append(k.problems, p)
}
