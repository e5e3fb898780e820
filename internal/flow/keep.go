package flow

import (
	"maps"
	"slices"
)

// Keep returns a set that also has older versions of flows, for people who are
// in the middle of them. What is newest, what events start and what people may
// ask for stays the same.
func (s *Set) Keep(older ...*Machine) *Set {
	out := &Set{machines: maps.Clone(s.machines), idle: s.idle, triggered: map[string][]*Machine{}, archived: s.archived}
	all := family(maps.Clone(s.machines))
	for _, m := range older {
		if _, have := out.Machine(m.name, m.version); !have {
			out.machines[m.name] = insert(out.machines[m.name], m)
		}
		all.join(m)
	}
	adopted := map[*Machine]*Machine{}
	for name, versions := range out.machines {
		out.machines[name] = slices.Clone(versions)
		for i, m := range versions {
			out.machines[name][i] = m.in(all)
			out.machines[name][i].begins = s.idle.begins // what was offered then may be no more
			adopted[m] = out.machines[name][i]
		}
	}
	if out.idle = adopted[s.idle]; out.idle == nil {
		out.idle = s.idle.in(all) // the folder has no idle flow: it is our own
	}
	for event, ms := range s.triggered {
		for _, m := range ms {
			out.triggered[event] = append(out.triggered[event], adopted[m])
		}
	}
	return out
}

// family is every version of every flow that a dialogue may be inside of.
type family map[string][]*Machine

// find returns one version of a flow, or else its newest: a sub-flow is asked
// for by the version in which somebody stands in it.
func (f family) find(name string, version int) (*Machine, bool) {
	all := f[name]
	for _, m := range all {
		if m.version == version {
			return m, true
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	return all[len(all)-1], true
}

// join adds a machine and the flows that its dialogues may be inside of.
func (f family) join(m *Machine) {
	f[m.name] = insert(f[m.name], m)
	for name, versions := range m.family {
		for _, old := range versions {
			f[name] = insert(f[name], old)
		}
	}
}

// insert adds a version in its place, unless it is there.
func insert(versions []*Machine, m *Machine) []*Machine {
	i, have := slices.BinarySearchFunc(versions, m.version, func(v *Machine, want int) int { return v.version - want })
	if have {
		return versions
	}
	return slices.Insert(slices.Clone(versions), i, m)
}

// in returns the machine as a member of a family; m stays as it was.
func (m *Machine) in(f family) *Machine {
	out := *m
	out.family = f
	return &out
}
