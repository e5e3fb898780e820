package flow

import (
	"slices"
	"time"
)

// targets are the steps to which a step may lead.
func (s *step) targets() []int {
	var out []int
	add := func(i int) {
		if i >= 0 && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	add(s.nextAll)
	for _, name := range keysOf(s.next) {
		add(s.next[name])
	}
	for _, name := range keysOf(s.meanwhile) {
		add(s.meanwhile[name])
	}
	for _, b := range s.decide {
		add(b.to)
	}
	for _, r := range s.unclear {
		add(r.to)
	}
	for _, r := range s.after {
		add(r.to)
	}
	return out
}

// checkGraph looks for steps that nobody comes to and for rounds without rest.
func (k *linker) checkGraph() {
	reached := k.reachable()
	for i, s := range k.spec.steps {
		if !reached[i] {
			k.warn(k.spec, s.name, "unreachable", "nothing leads to step %q", s.name.name)
		}
	}
	told := map[int]bool{} // steps of rounds that are reported: each is one mistake
	for i, s := range k.spec.steps {
		if !told[i] && !k.m.steps[i].rests() && k.returns(i) {
			k.round(i, told)
			k.report(k.spec, s.name, "spin", "step %q can go round without ever waiting for an answer", s.name.name)
		}
	}
}

func (k *linker) reachable() []bool {
	reached := make([]bool, len(k.m.steps))
	todo := []int{k.m.start}
	for _, to := range k.m.migrate {
		todo = append(todo, k.m.index[to])
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[i] {
			continue
		}
		reached[i] = true
		todo = append(todo, k.m.steps[i].targets()...)
	}
	return reached
}

// rests reports whether a dialogue stops in the step until
// something happens outside of it. Actions do not count: most answer at once.
func (s *step) rests() bool {
	switch s.kind {
	case asks, listens, waits, handsOff, ends:
		return true
	case calls:
		return s.callee != nil && !s.callee.quick
	}
	return false
}

// round adds the steps of the rounds through step i.
func (k *linker) round(i int, told map[int]bool) {
	for j := range k.m.steps {
		if !k.m.steps[j].rests() && k.leads(i, j) && k.leads(j, i) {
			told[j] = true
		}
	}
}

// returns reports whether step i can come back to itself without resting.
func (k *linker) returns(i int) bool { return k.leads(i, i) }

// leads reports whether step i can come to step to without resting between.
func (k *linker) leads(i, to int) bool {
	seen := make([]bool, len(k.m.steps))
	todo := k.m.steps[i].targets()
	for len(todo) > 0 {
		j := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if j == to {
			return true
		}
		if seen[j] || k.m.steps[j].rests() {
			continue
		}
		seen[j] = true
		todo = append(todo, k.m.steps[j].targets()...)
	}
	return false
}

// window is how long after a person's last message WhatsApp lets a business
// write freely (Cloud API, customer service window).
const window = 24 * time.Hour

// closed stands for "long ago or never".
const closed = 1 << 20 * time.Hour

// checkWindow finds messages that may be said when WhatsApp's window is closed
// and that have no provider template. It follows the longest time since the
// person's last message into every step.
func (k *linker) checkWindow() {
	if k.catalog == nil || k.m.idle {
		return
	}
	since := make([]time.Duration, len(k.m.steps))
	for i := range since {
		since[i] = -1
	}
	first := k.entered[k.m.name]
	if k.m.unasked {
		first = closed
	}
	k.spread(since, k.m.start, first)
	told := map[string]bool{}
	for i := range k.m.steps {
		if sub := k.m.steps[i].callee; sub != nil && since[i] >= 0 {
			k.entered[sub.name] = max(k.entered[sub.name], since[i])
		}
	}
	for i := range k.m.steps {
		if since[i] >= 0 {
			k.sayable(k.spec.steps[i], since[i], told)
		}
	}
}

// spread notes that step i can be entered with so much time gone, and follows.
func (k *linker) spread(since []time.Duration, i int, gone time.Duration) {
	gone = max(0, min(gone, closed))
	if gone >= window {
		gone = closed // it makes no difference how long, so that rounds end
	}
	if since[i] >= gone {
		return
	}
	since[i] = gone
	st := &k.m.steps[i]
	for _, r := range st.after {
		if r.to >= 0 {
			k.spread(since, r.to, gone+r.wait)
		}
	}
	for _, r := range st.unclear {
		if r.to >= 0 {
			k.spread(since, r.to, 0)
		}
	}
	for _, to := range st.meanwhile {
		k.spread(since, to, closed)
	}
	for _, to := range append(st.nexts(), decided(st)...) {
		k.spread(since, to, gone+st.rest())
	}
}

func decided(s *step) []int {
	var out []int
	for _, b := range s.decide {
		out = append(out, b.to)
	}
	return out
}

func (s *step) nexts() []int {
	var out []int
	for _, name := range keysOf(s.next) {
		out = append(out, s.next[name])
	}
	if s.nextAll >= 0 {
		out = append(out, s.nextAll)
	}
	return out
}

// rest is how much longer the person may have been silent when the step is
// left; negative where she has just written.
func (s *step) rest() time.Duration {
	switch s.kind {
	case asks, listens, handsOff: // somebody at the desk writes within the window too
		return -closed
	case calls:
		if s.callee == nil || !s.callee.quick && s.callee.silence == 0 {
			return -closed
		}
		return s.callee.silence
	case waits:
		longest := time.Duration(0)
		if s.until != nil {
			return closed
		}
		for _, r := range s.after {
			if r.to >= 0 {
				longest = max(longest, r.wait)
			}
		}
		if longest == 0 {
			return closed
		}
		return longest
	}
	return 0
}

// sayable reports the step's messages that need a template and have none.
func (k *linker) sayable(s *stepSpec, gone time.Duration, told map[string]bool) {
	if gone >= window {
		for _, w := range append(slices.Clone(s.say), s.ask) {
			k.needsTemplate(w, told)
			if w.test != nil {
				k.needsTemplate(w.test.b, told)
			}
		}
	}
	for _, a := range s.after {
		if gone+a.wait >= window {
			k.needsTemplate(a.say, told)
		}
	}
}

func (k *linker) needsTemplate(w ref, told map[string]bool) {
	m, ok := k.catalog.Message(w.name)
	if !ok || m.Template != "" || told[w.name] {
		return
	}
	told[w.name] = true
	p := k.report(k.spec, w, "wa-window", "message %q may be sent more than 24 hours after the person's last one and has no WhatsApp template", w.name)
	p.Suggestion = "add plantilla to the message"
}
