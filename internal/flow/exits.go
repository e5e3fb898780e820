package flow

import (
	"slices"
	"strings"
)

// exits compiles next and sees that every outcome leads somewhere.
func (k *linker) exits(s *stepSpec, out *step) {
	outcomes := k.outcomes(s, out)
	if s.nextAll.set() {
		out.nextAll, _ = k.target(s.nextAll)
		return
	}
	if len(s.next) > 0 && out.kind == passes {
		k.report(k.spec, s.name, "unknown-outcome", "step %q only says something: next is one step, not a choice", s.name.name)
		return
	}
	out.next = make(map[string]int, len(s.next))
	for _, pair := range s.next {
		if outcomes != nil && !slices.Contains(outcomes, pair.key.name) {
			p := k.report(k.spec, pair.key, "unknown-outcome", "%q cannot come out of step %q", pair.key.name, s.name.name)
			if p.Suggestion = didYouMean(pair.key.name, outcomes); p.Suggestion == "" && len(outcomes) > 0 {
				p.Suggestion = "what can is: " + strings.Join(outcomes, ", ")
			}
		}
		if to, ok := k.target(pair.value); ok {
			out.next[pair.key.name] = to
		}
	}
	k.handled(s, out, outcomes)
}

func (k *linker) handled(s *stepSpec, out *step, outcomes []string) {
	given := map[string]bool{}
	for _, pair := range s.next {
		given[pair.key.name] = true
	}
	var missing []string
	for _, o := range outcomes {
		if !given[o] {
			missing = append(missing, o)
		}
	}
	if len(missing) == 0 || out.kind == decides || out.kind == ends {
		return
	}
	k.broken = true // what that outcome leads to may seem unreachable
	k.report(k.spec, s.name, "unhandled", "step %q does not say what comes next on: %s", s.name.name, strings.Join(missing, ", "))
}

// outcomes are all that may come out of a step; nil if that is not known
// because something that it names does not exist.
func (k *linker) outcomes(s *stepSpec, out *step) []string {
	switch out.kind {
	case asks, listens:
		return answers(out)
	case acts:
		return k.vocabulary.Actions[s.do.name].Outcomes
	case calls:
		return out.callee.endings()
	case waits:
		if !k.known(out.wait) {
			return nil
		}
		if out.until != nil {
			return append(slices.Clone(out.wait), "time")
		}
		return out.wait
	case handsOff:
		return []string{"resolved", "returned"}
	}
	return []string{}
}

func (k *linker) known(events []string) bool {
	return !slices.ContainsFunc(events, func(e string) bool {
		_, ok := k.vocabulary.Events[e]
		return !ok
	})
}

// answers are the outcomes of a question.
func answers(s *step) []string {
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	for _, kind := range s.expect {
		switch kind {
		case "yes_no":
			add("affirm", "deny")
		case "terms", "change", "photo", "greeting", "thanks", "new_vale":
			add(kind)
		case "income":
			add("week", "quincena", "month", "no_period")
		case "option":
			for _, o := range s.options {
				add(o.ID)
			}
		default:
			add("ok")
		}
	}
	return out
}

// Outcomes returns what may come out of a step, sorted; nil for a step that the
// machine does not have.
func (m *Machine) Outcomes(name string) []string {
	i, ok := m.index[name]
	if !ok {
		return nil
	}
	var out []string
	for _, e := range m.edges(i) {
		if !slices.Contains(out, e.Outcome) {
			out = append(out, e.Outcome)
		}
	}
	slices.Sort(out)
	return out
}
