package flow

import "maps"

// Keep returns a set that also has older versions of flows, for people who are
// in the middle of them. What is newest, and what events start, stays the same.
func (s *Set) Keep(older ...*Machine) *Set {
	out := &Set{machines: maps.Clone(s.machines), idle: s.idle, triggered: s.triggered}
	for _, m := range older {
		if _, have := out.Machine(m.name, m.version); !have {
			out.machines[m.name] = append([]*Machine{m}, out.machines[m.name]...)
		}
	}
	return out
}
