package flow

import (
	"slices"
	"strconv"
)

// Edge is one way from a step to another: the transition table in the words of
// finite-state machines. One row stands for each (source, event) pair.
type Edge struct {
	Source      string
	Event       string // what makes it go: "affirm", "after 4h", "unclear 2", "else"
	Destination string
	Outcome     string // Event without its place in a ladder: "after", "unclear"
}

// Edges returns the transition table in the order of the file.
func (m *Machine) Edges() []Edge {
	var out []Edge
	for i := range m.steps {
		out = append(out, m.edges(i)...)
	}
	return out
}

func (m *Machine) edges(i int) []Edge {
	st := &m.steps[i]
	var out []Edge
	add := func(event, outcome string, to int) {
		if to >= 0 {
			out = append(out, Edge{st.name, event, m.steps[to].name, outcome})
		}
	}
	for _, b := range st.decide {
		event := "else"
		if b.cond != nil {
			event = b.cond.text
		}
		add(event, b.by, b.to)
	}
	for _, outcome := range st.ordered() {
		to, _ := st.to(outcome)
		add(outcome, outcome, to)
	}
	for _, event := range keysOf(st.meanwhile) {
		add(event, event, st.meanwhile[event])
	}
	for n, r := range st.unclear {
		add("unclear "+strconv.Itoa(n+1), "unclear", r.to)
	}
	for _, r := range st.after {
		add("after "+r.timer[len(st.name)+1:], "after", r.to)
	}
	return out
}

// ordered lists the outcomes of next: in the order of the question's answers
// where there is one, by name otherwise.
func (s *step) ordered() []string {
	names := keysOf(s.next)
	if s.nextAll >= 0 {
		names = []string{"next"}
	}
	if s.kind == asks || s.kind == listens {
		if s.nextAll >= 0 {
			return answers(s)
		}
		known := answers(s)
		slices.SortFunc(names, func(a, b string) int { return slices.Index(known, a) - slices.Index(known, b) })
	}
	return names
}
