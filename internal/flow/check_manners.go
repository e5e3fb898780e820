package flow

import (
	"fmt"
	"slices"

	"valebot/internal/locale"
)

// checkManners looks at what a flow asks of people: who it says that it is, and
// how many answers it wants. Sub-flows are checked with the flows that call them.
func (k *linker) checkManners() {
	k.checkFirstContact()
	k.checkBudget()
	k.checkSuccess()
	k.checkUnread()
}

// checkFirstContact finds a message with which a flow begins on its own and
// that does not say of whom or of what it speaks. Half of all fraud begins like
// that, so people do well not to answer.
func (k *linker) checkFirstContact() {
	if k.catalog == nil || !k.m.unasked {
		return
	}
	for _, f := range k.m.firsts(k.m.start, map[*step]bool{}) {
		m, ok := k.catalog.Message(f.key)
		if !ok || !slices.ContainsFunc(m.Variants(), anonymous) {
			continue
		}
		p := k.warn(k.spec, k.messageRef(f), "first-contact", "message %q begins a chat and does not say who writes or about what", f.key)
		p.Suggestion = "name the person, the distributor, the folio or the reference"
	}
}

// first is a message that a flow may begin with.
type first struct {
	step string // "" where another flow says it
	key  string
}

// firsts are the messages of which one is the first that a person gets from a
// flow, when it goes on from step i.
func (m *Machine) firsts(i int, seen map[*step]bool) []first {
	st := &m.steps[i]
	if seen[st] {
		return nil
	}
	seen[st] = true
	said := append(slices.Clone(st.say), st.ask)
	for _, l := range said {
		var out []first
		for _, key := range l.keys() {
			out = append(out, first{st.name, key})
		}
		if len(out) > 0 {
			return out
		}
	}
	if st.kind == calls && st.callee != nil {
		var out []first
		for _, f := range st.callee.firsts(st.callee.start, seen) {
			out = append(out, first{"", f.key})
		}
		return out
	}
	var out []first
	for _, to := range st.targets() {
		out = append(out, m.firsts(to, seen)...)
	}
	return out
}

// messageRef is where the flow says a message; the flow's name where another
// flow says it.
func (k *linker) messageRef(f first) ref {
	for _, s := range k.spec.steps {
		if s.name.name != f.step {
			continue
		}
		for _, w := range append(slices.Clone(s.say), s.ask) {
			if w.name == f.key {
				return w
			}
			if w.test != nil && w.test.b.name == f.key {
				return w.test.b
			}
		}
	}
	return k.spec.name
}

// anonymous reports a text that names neither a person nor a loan.
func anonymous(v *locale.Variant) bool {
	return !slices.ContainsFunc(v.Uses, func(u locale.Use) bool {
		return slices.Contains([]string{"nombre", "persona_nombre", "distribuidora", "folio", "referencia"}, u.Path[len(u.Path)-1])
	})
}

// usualBudget is how many answers the shortest way to success may take.
const usualBudget = 8

// checkBudget counts the answers of the shortest way to success.
func (k *linker) checkBudget() {
	most := k.m.limits.Answers
	if most == 0 {
		most = usualBudget
	}
	answers, ok := k.m.answersTo(k.m.success)
	if !ok || answers <= most {
		return
	}
	p := k.warn(k.spec, k.spec.name, "budget", "the shortest way to success takes %d answers and should take %d at most", answers, most)
	p.Suggestion = "ask less, or say how many are right: limits: {answers: " + fmt.Sprint(answers) + "}"
}

// answersTo returns the fewest answers that a person gives on a way from the
// start to one of the outcomes; every end counts where there are none. ok is
// false if there is no such way.
func (m *Machine) answersTo(outcomes []string) (fewest int, ok bool) {
	cost := map[int]int{m.start: 0}
	for changed := true; changed; {
		changed = false
		for i := range m.steps {
			so, known := cost[i]
			if !known {
				continue
			}
			so += m.steps[i].answers()
			for _, to := range m.steps[i].targets() {
				if old, seen := cost[to]; !seen || so < old {
					cost[to], changed = so, true
				}
			}
		}
	}
	for i := range m.steps {
		st := &m.steps[i]
		at, reached := cost[i]
		if st.kind == ends && reached && (len(outcomes) == 0 || slices.Contains(outcomes, st.end)) && (!ok || at < fewest) {
			fewest, ok = at, true
		}
	}
	return fewest, ok
}

// answers is how many answers leaving the step takes at least. Silence leads
// nowhere that counts as success, so a question takes one.
func (s *step) answers() int {
	switch {
	case s.kind == asks:
		return 1
	case s.kind == calls && s.callee != nil:
		n, _ := s.callee.answersTo(nil)
		return n
	}
	return 0
}

// checkSuccess sees that what counts as success can come to pass.
func (k *linker) checkSuccess() {
	endings := k.m.endings()
	for _, w := range k.spec.success {
		if !slices.Contains(endings, w.name) {
			p := k.report(k.spec, w, "no-such-end", "no step ends with %q", w.name)
			p.Suggestion = didYouMean(w.name, endings)
		}
	}
}

// checkUnread finds slots that nothing fills, and lines that nobody gets to.
func (k *linker) checkUnread() {
	filled := map[string]bool{k.m.returns: true}
	for _, s := range k.spec.steps {
		filled[s.save.name] = true
		k.afterGo(s)
	}
	volunteered := slices.ContainsFunc(k.spec.starts, func(st startSpec) bool { return st.intent.set() })
	for _, s := range k.spec.slots {
		if filled[s.name.name] || volunteered || len(k.spec.starts) == 0 {
			continue // a flow that is called or asked for may be given it
		}
		p := k.warn(k.spec, s.name, "unused-slot", "nothing fills slot %q", s.name.name)
		p.Suggestion = "save an answer in it, or take it out"
	}
}

// afterGo finds what stands behind a line that leads away.
func (k *linker) afterGo(s *stepSpec) {
	for i, c := range s.unclear {
		if c.to.set() && i < len(s.unclear)-1 {
			k.warn(k.spec, ref{node: s.unclear[i+1].node}, "after-go", "nobody gets to this line: the one before leaves step %q", s.name.name)
			break
		}
	}
	for _, a := range s.after {
		for _, b := range s.after {
			if b.to.set() && b.wait < a.wait && a.wait > 0 && b.wait > 0 {
				k.warn(k.spec, a.key, "after-go", "%s never comes: after %s the chat has left step %q", a.key.name, b.key.name, s.name.name)
				break
			}
		}
	}
}
