package flow

import (
	"crypto/sha256"
	"slices"
)

// maxInside bounds how deep flows may stand inside each other. Rounds of calls
// are refused when flows are loaded, so only a very long chain comes here.
const maxInside = 8

// stand finds the step at which the dialogue stands, in its own flow or in the
// version of the sub-flow that it is inside of.
func (t *turn) stand() bool {
	if t.s.flow != "" {
		sub, ok := t.root.family.find(t.s.flow, t.s.version)
		if !ok {
			return false
		}
		t.m = sub
		if to, moved := sub.migrate[t.s.step]; moved && sub.version != t.s.version {
			t.s.step, t.s.asked, t.s.parked, t.s.unclear = to, false, true, 0
		}
		t.s.version = sub.version
	}
	i, ok := t.m.index[t.s.step]
	t.at = i
	return ok
}

// call goes into another flow. What the step gives it counts as volunteered:
// questions for it are skipped.
func (t *turn) call(st *step) (int, string) {
	if len(t.s.callers) >= maxInside {
		t.giveUp("los flujos están uno dentro de otro más de lo permitido")
		return -1, ""
	}
	given := make(map[string]any, len(st.with))
	for i := range st.with {
		v, err := st.with[i].value.run(t.vars())
		if err != nil || v == nil {
			t.giveUp("faltó un dato para «" + st.callee.name + "» en «" + st.name + "»")
			return -1, ""
		}
		given[st.with[i].name] = v
	}
	t.s.callers = append(slices.Clone(t.s.callers), frame{t.s.flow, t.s.version, st.name, t.s.slots, t.s.told})
	t.become(st.callee, st.callee.Start(given))
	return st.callee.start, "call"
}

// become makes m the flow of the steps from here on.
func (t *turn) become(m *Machine, at State) {
	t.m = m
	t.s.flow, t.s.version = m.name, m.version
	t.s.slots, t.s.told = at.slots, at.told
	t.owned, t.data, t.values = false, nil, nil
}

// comeBack leaves a sub-flow that ended, with what it returns, and takes the
// way that the flow which called it has for that end.
func (t *turn) comeBack(end *step) (int, string) {
	result, got := t.s.slots[t.m.returns]
	from := t.s.callers[len(t.s.callers)-1]
	t.s.callers = slices.Clone(t.s.callers[:len(t.s.callers)-1])
	m := t.root
	if from.flow != "" {
		m, _ = t.root.family.find(from.flow, from.version)
	}
	i, ok := -1, false
	if m != nil {
		i, ok = m.index[from.step]
	}
	if !ok {
		t.giveUp("la plática estaba en un paso que ya no existe")
		return -1, ""
	}
	t.become(m, State{slots: from.slots, told: from.told})
	t.s.flow, t.s.version = from.flow, from.version
	t.moveTo(i, "return")
	st := t.step()
	if st.save != "" && got {
		t.set(st.save, result)
	}
	to, ok := st.to(end.end)
	if !ok {
		t.giveUp("«" + st.name + "» no dice qué sigue después de «" + end.end + "»")
		return -1, ""
	}
	return to, st.way(end.end)
}

func (t *turn) sayAll(lines []line) {
	for _, l := range lines {
		key, arm := t.arm(l)
		t.say(Say{Message: key, Arm: arm})
	}
}

// arm chooses the wording for this person: the same one whenever the same test
// comes up, and independent of the arms of other tests.
func (t *turn) arm(l line) (key, name string) {
	if l.test == "" {
		return l.key, ""
	}
	if t.env.Stopped.arm(t.env.Person, l.test) == "b" {
		return l.b, l.test + ":b"
	}
	return l.key, l.test + ":a"
}

// ArmOf returns the arm of a test, "a" or "b", in which a person is. Nobody ("")
// is in a. Half of all people are in each, whatever other tests they are in.
func ArmOf(person, test string) string {
	if person == "" {
		return "a"
	}
	sum := sha256.Sum256([]byte(test + "\x00" + person))
	if sum[0]&1 == 1 {
		return "b"
	}
	return "a"
}
