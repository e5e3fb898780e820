package flow

import "slices"

// Adopt moves the state of a dialogue that waits for an answer into this
// version of its flow: to the step of the same name, or to the one that migrate:
// names. Only questions can be moved to, since they are asked anew; slots that
// this version does not declare, or declares otherwise, are dropped. ok is false
// if the dialogue has no place here and must finish in its own version.
func (m *Machine) Adopt(s State) (moved State, ok bool) {
	to := s.Step() // of a sub-flow: a name that no step of this flow has
	if named, renamed := m.migrate[to]; renamed {
		to = named
	}
	i, known := m.index[to]
	if !known || m.steps[i].kind != asks || s.token != "" || s.held != "" || s.pending != (pending{}) {
		return s, false
	}
	moved = s.At(to)
	moved.slots = map[string]any{}
	for name, v := range s.slots {
		if declared, here := m.slots[name]; here && declared.takes(v) {
			moved.slots[name] = v
		}
	}
	moved.told = slices.DeleteFunc(slices.Clone(s.told), func(name string) bool {
		_, kept := moved.slots[name]
		return !kept
	})
	return moved, true
}

// takes reports whether a slot can hold a value.
func (s slot) takes(v any) bool {
	if s.record {
		return kindOf(v) == recordType
	}
	return fits(s.kind, v)
}
