package flow

// Guard says when an arm of a test of wordings is stopped: too many of those who
// heard it wanted to leave or complained.
type Guard struct {
	Test  string
	Stop  []string // interrupts that count against an arm: BAJA, QUEJA
	Above int      // percent of the people who heard it, 1 to 99
	After int      // people who must have heard it first
}

// leastPeople is of how many people a share says anything.
const leastPeople = 30

// Guards returns the guards of the tests in this flow, in the order of the file.
func (m *Machine) Guards() []Guard { return append([]Guard{}, m.guards...) }

// guarded links the guards and sees that each test has one: a wording that makes
// people leave must not go on because nobody looks.
func (k *linker) guarded() {
	tests := k.tests()
	for _, g := range k.spec.guards {
		if _, known := tests[g.test.name]; !known {
			p := k.report(k.spec, g.test, "no-such-test", "no message of this flow is under a test %q", g.test.name)
			p.Suggestion = didYouMean(g.test.name, keysOf(tests))
			return // the test that was meant has no guard, which is the same mistake
		}
		delete(tests, g.test.name)
		if g.above > 99 {
			k.report(k.spec, g.test, "unknown-value", "an arm cannot be stopped above %d percent; write 1 to 99", g.above)
		}
		guard := Guard{Test: g.test.name, Above: g.above, After: g.after}
		for _, w := range g.stop {
			if k.m.interrupt(w.name) == nil {
				p := k.report(k.spec, w, "no-such-interrupt", "there is no interrupt %q", w.name)
				p.Suggestion = didYouMean(w.name, k.interruptNames())
			}
			guard.Stop = append(guard.Stop, w.name)
		}
		k.m.guards = append(k.m.guards, guard)
	}
	for _, name := range keysOf(tests) {
		p := k.report(k.spec, tests[name], "no-guard", "nothing says when the test %q is stopped", name)
		p.Suggestion = "write tests: {" + name + ": {stop: [BAJA, QUEJA], above: 5}}"
	}
}

// tests are the tests of this flow by name, each where it is first named.
func (k *linker) tests() map[string]ref {
	out := map[string]ref{}
	for _, s := range k.spec.steps {
		for _, w := range append(append([]ref{}, s.say...), s.ask) {
			if w.test == nil {
				continue
			}
			if _, seen := out[w.test.name.name]; !seen {
				out[w.test.name.name] = w.test.name
			}
		}
	}
	return out
}

func (k *linker) interruptNames() []string {
	var names []string
	for _, x := range k.m.interrupts {
		names = append(names, x.name)
	}
	return names
}

// Stopped are the arms that guards have stopped, as "tono_aviso:b".
type Stopped map[string]bool

// arm returns the arm that a person hears: the other one where hers was stopped,
// and a where both were.
func (s Stopped) arm(person, test string) string {
	mine, other := ArmOf(person, test), "a"
	if mine == "a" {
		other = "b"
	}
	switch {
	case !s[test+":"+mine]:
		return mine
	case !s[test+":"+other]:
		return other
	}
	return "a"
}
