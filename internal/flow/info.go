package flow

import "slices"

// StepInfo is what people may want to know of a step.
type StepInfo struct {
	Name     string
	Kind     string // Spanish: dice, pregunta, escucha, acción, decide, espera, persona, fin, subflujo
	Note     string
	Does     string   // the action, the queue, the flow or the outcome, by kind
	Messages []string // keys of what it says and asks
	Expects  []string // kinds of answer
}

// Info describes a step. ok is false if there is no such step.
func (m *Machine) Info(name string) (info StepInfo, ok bool) {
	i, ok := m.index[name]
	if !ok {
		return StepInfo{}, false
	}
	st := &m.steps[i]
	info = StepInfo{Name: name, Kind: st.kind.spanish(), Note: st.note, Does: st.action + st.queue + st.end}
	if st.callee != nil {
		info.Does = st.callee.name
	}
	for _, l := range append(slices.Clone(st.say), st.ask) {
		info.Messages = append(info.Messages, l.keys()...)
	}
	info.Expects = append(info.Expects, st.expect...)
	return info, true
}

// Tests returns the names of the tests of wordings in any flow, sorted.
func (s *Set) Tests() []string {
	names := map[string]bool{}
	for _, versions := range s.machines {
		for _, m := range versions {
			for i := range m.steps {
				for _, l := range append(slices.Clone(m.steps[i].say), m.steps[i].ask) {
					names[l.test] = true
				}
			}
		}
	}
	delete(names, "")
	return keysOf(names)
}

// First returns the name of the step at which dialogues begin.
func (m *Machine) First() string { return m.steps[m.start].name }

func (k stepKind) spanish() string {
	return [...]string{"dice", "pregunta", "escucha", "acción", "decide", "espera", "persona", "fin", "subflujo"}[k]
}
