package flow

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"valebot/internal/locale"
)

// linkAll links every flow, those that others call before those that call
// them, and then looks at silences: those run from callers to sub-flows.
func (l *loader) linkAll() {
	l.linked, l.entered = map[*flowSpec]*Machine{}, map[string]time.Duration{}
	for _, s := range l.specs {
		l.linkAfterSubs(s)
	}
	for _, k := range slices.Backward(l.linkers) {
		k.checkWindow()
		k.checkManners()
	}
	l.started()
}

func (l *loader) linkAfterSubs(s *flowSpec) {
	if _, done := l.linked[s]; done {
		return
	}
	l.calling = append(l.calling, s)
	for _, st := range s.steps {
		sub, ok := l.newest[st.call.name]
		if !ok || l.round(s, st, sub) {
			continue
		}
		l.linkAfterSubs(sub)
	}
	l.calling = l.calling[:len(l.calling)-1]
	l.linked[s] = l.link(s)
}

// round refuses a call that would lead back to a flow that waits for it.
func (l *loader) round(s *flowSpec, st *stepSpec, sub *flowSpec) bool {
	i := slices.Index(l.calling, sub)
	if i < 0 {
		return false
	}
	names := []string{}
	for _, c := range l.calling[i:] {
		names = append(names, c.name.name)
	}
	s.broken = true
	l.report(s, st.call, "flow-cycle", "flows would call each other without end: %s", strings.Join(append(names, sub.name.name), " → "))
	return true
}

// started warns of flows that nothing starts and no flow calls.
func (l *loader) started() {
	called := map[string]bool{}
	for _, s := range l.specs {
		for _, st := range s.steps {
			called[st.call.name] = true
		}
	}
	for _, name := range keysOf(l.newest) {
		s := l.newest[name]
		if len(s.starts) > 0 || called[name] || s.broken {
			continue
		}
		p := l.warn(s, s.name, "never-started", "nothing starts flow %q: it has no starts and no flow calls it", name)
		p.Suggestion = "add starts, or call it from another flow"
	}
}

// callee is the newest version of the flow that a step calls; nil if there is
// none that could be read, which is reported where the step is compiled.
func (k *linker) callee(s *stepSpec) *Machine {
	if !s.call.set() {
		return nil
	}
	return k.linked[k.newest[s.call.name]]
}

// call compiles a call.
func (k *linker) call(s *stepSpec, out *step) {
	spec, ok := k.newest[s.call.name]
	if !ok {
		p := k.report(k.spec, s.call, "no-such-flow", "there is no flow %q", s.call.name)
		p.Suggestion = didYouMean(s.call.name, keysOf(k.newest))
		return
	}
	if out.callee = k.callee(s); out.callee == nil {
		k.broken, k.spec.broken = true, true // it has errors of its own, which are reported there
		return
	}
	switch sub := out.callee; {
	case sub.idle || k.m.idle:
		k.report(k.spec, s.call, "wrong-about", "the flow of who has no dialogue open cannot call or be called")
	case sub.about != "" && sub.about != k.m.about:
		k.report(k.spec, s.call, "wrong-about", "flow %q is about %q and this one about %q", sub.name, sub.about, k.m.about)
	}
	for _, pair := range s.with {
		out.with = append(out.with, k.given(spec, out.callee, pair))
	}
	k.gets(s, out)
}

// given compiles a value that a call gives to a slot of the other flow.
func (k *linker) given(spec *flowSpec, sub *Machine, pair pairSpec) input {
	p, err := k.scope.compile(pair.value.name)
	k.expression(pair.value, err)
	want, known := sub.slots[pair.key.name]
	switch {
	case !known || want.record:
		problem := k.report(k.spec, pair.key, "unknown-input", "flow %q has no slot %q that can be given", spec.name.name, pair.key.name)
		problem.Suggestion = didYouMean(pair.key.name, keysOf(sub.SlotTypes()))
	case err == nil && p.kind != typeOf(want.kind):
		k.report(k.spec, pair.value, "expression", "%s must be %s, not %s", pair.key.name, plainTypes(typeOf(want.kind).String()), plainTypes(fmt.Sprint(p.kind)))
	}
	return input{pair.key.name, p}
}

// gets checks the slot that takes what the other flow returns.
func (k *linker) gets(s *stepSpec, out *step) {
	if !s.save.set() {
		return
	}
	out.save = s.save.name
	into, known := k.slot(s.save)
	from, gives := out.callee.slots[out.callee.returns]
	switch {
	case !known:
	case !gives:
		p := k.report(k.spec, s.save, "slot-type", "flow %q returns nothing to save", out.callee.name)
		p.Suggestion = "add returns: SLOT to that flow"
	case into.record != from.record || !into.record && into.kind != from.kind:
		k.report(k.spec, s.save, "slot-type", "slot %q holds %s and flow %q returns %s", into.name, into.kind, out.callee.name, from.kind)
	case from.secret && !into.secret:
		p := k.report(k.spec, s.save, "not-secret", "slot %q takes a secret from flow %q and is not secret", into.name, out.callee.name)
		p.Suggestion = "add secret: true"
	}
}

// returned checks the slot that the flow gives back to its callers.
func (k *linker) returned() {
	if w := k.spec.returns; w.set() {
		k.slot(w)
		k.m.returns = w.name
	}
}

// endings are the outcomes with which a flow can end, in the order of the file;
// nil for a flow that could not be read.
func (m *Machine) endings() []string {
	if m == nil {
		return nil
	}
	out := []string{}
	for i := range m.steps {
		if end := m.steps[i].end; m.steps[i].kind == ends && !slices.Contains(out, end) {
			out = append(out, end)
		}
	}
	return out
}

// passesThrough reports whether some way through the flow waits for nobody, and
// notes how long its ways may have left the person silent.
func (k *linker) passesThrough() bool {
	since := make([]time.Duration, len(k.m.steps))
	for i := range since {
		since[i] = -1
	}
	if !k.m.idle {
		k.spread(since, k.m.start, 0)
	}
	for i := range k.m.steps {
		if k.m.steps[i].kind == ends {
			k.m.silence = max(k.m.silence, since[i])
		}
	}
	seen := make([]bool, len(k.m.steps))
	todo := []int{k.m.start}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if k.m.steps[i].kind == ends {
			return true
		}
		if seen[i] || k.m.steps[i].rests() {
			continue
		}
		seen[i] = true
		todo = append(todo, k.m.steps[i].targets()...)
	}
	return false
}

// line is what is said, with its second wording where there is one.
func (r ref) line() line {
	if r.test == nil {
		return line{key: r.name}
	}
	return line{key: r.name, test: r.test.name.name, b: r.test.b.name}
}

// alike sees that the two wordings under test differ in their words alone: the
// same variables and the same answers, so that nothing else is measured.
func (k *linker) alike(w ref) {
	a, hasA := k.catalog.Message(w.name)
	b, hasB := k.catalog.Message(w.test.b.name)
	if !hasA || !hasB {
		return
	}
	switch {
	case a == b:
		k.report(k.spec, w.test.b, "arms-differ", "both arms of test %q are %q", w.test.name.name, w.name)
	case !slices.Equal(uses(a), uses(b)):
		k.report(k.spec, w.test.b, "arms-differ", "the arms of test %q have other variables: %s and %s",
			w.test.name.name, listed(uses(a)), listed(uses(b)))
	case !slices.Equal(choiceIDs(a), choiceIDs(b)):
		k.report(k.spec, w.test.b, "arms-differ", "the arms of test %q offer other answers to tap", w.test.name.name)
	}
}

// uses are the variables of a message in all its texts.
func uses(m *locale.Message) []string {
	var out []string
	for _, v := range m.Variants() {
		for _, u := range v.Uses {
			out = append(out, strings.Join(u.Path, "."))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func choiceIDs(m *locale.Message) []string {
	out := make([]string, len(m.Choices))
	for i, c := range m.Choices {
		out[i] = c.ID
	}
	return out
}
