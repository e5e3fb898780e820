package flow

import (
	"maps"

	"valebot/internal/quincena"
)

// vars are the values that expressions read.
func (t *turn) vars() map[string]any {
	if t.values != nil {
		return t.values
	}
	t.values = make(map[string]any, len(t.m.facts)+3)
	for _, name := range t.m.facts {
		t.values[name] = map[string]any(t.facts[name])
	}
	t.values["slots"] = t.s.slots
	t.values["days"] = func(n int) days { return days(n) }
	t.values["today"] = func() quincena.Date { return quincena.On(t.env.Now, t.zone()) }
	return t.values
}

func (t *turn) coreData() map[string]any {
	if t.core != nil {
		return t.core
	}
	return t.s.core
}

// messageData are the values that messages read. A turn that says several
// things shares it between them until a slot changes.
func (t *turn) messageData() map[string]any {
	if t.data != nil {
		return t.data
	}
	t.data = make(map[string]any, len(t.m.facts)+2)
	for _, name := range t.m.facts {
		if f := t.facts[name]; f != nil {
			t.data[name] = f
		}
	}
	if t.s.slots != nil {
		t.data["slots"] = t.s.slots
	}
	if core := t.coreData(); core != nil {
		t.data["core"] = core
	}
	return t.data
}

func (t *turn) say(s Say) {
	s.Data, s.Flow, s.Version = t.messageData(), t.m.name, t.m.version
	t.effects = append(t.effects, s)
}

// set stores a slot without touching the state that the turn began with.
func (t *turn) set(name string, v any) {
	if !t.owned {
		t.s.slots = maps.Clone(t.s.slots)
		if t.s.slots == nil {
			t.s.slots = make(map[string]any, 2)
		}
		t.owned = true
	} else if t.data != nil {
		t.s.slots = maps.Clone(t.s.slots) // effects hold the old map
	}
	t.s.slots[name] = v
	t.data, t.values = nil, nil
}

func (t *turn) learn(core map[string]any) {
	t.core, t.data = core, nil
	if t.core == nil {
		t.core = map[string]any{}
	}
}
