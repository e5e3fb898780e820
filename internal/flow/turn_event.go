package flow

import "slices"

// outcome goes on with what an action answered. An answer to anything but the
// action under way is ignored: it is late or was told twice.
func (t *turn) outcome(ev Event) {
	switch {
	case ev.Token == "":
		t.keep = true
	case ev.Token == t.s.pending.Token:
		t.interrupted(ev)
	case ev.Token != t.s.token:
		t.keep = true
	case t.s.held != "":
		t.later(ev)
	default:
		t.acted(ev)
	}
}

func (t *turn) acted(ev Event) {
	st := t.step()
	to, ok := st.to(ev.Name)
	t.s.token = ""
	if !ok {
		t.giveUp("«" + st.action + "» respondió «" + ev.Name + "» y el flujo no lo esperaba")
		return
	}
	t.learn(ev.Result)
	if st.save != "" && len(ev.Result) > 0 {
		t.set(st.save, t.m.slots[st.save].value(ev.Result))
	}
	t.enter(to, st.way(ev.Name))
}

// value is what a slot keeps of a result: all of it, or its only field.
func (s slot) value(result map[string]any) any {
	if !s.record && len(result) == 1 {
		for _, v := range result {
			return v
		}
	}
	return result
}

// elapsed does what the step says for silence, or for the date that it waits for.
func (t *turn) elapsed(timer string) {
	st := t.step()
	open := st.kind == asks && t.s.asked || st.kind == waits
	if !open {
		t.keep = true
		return
	}
	if timer == st.name+"/until" {
		if to, ok := st.to("time"); ok {
			t.enter(to, st.way("time"))
			return
		}
	}
	i := slices.IndexFunc(st.after, func(r reminder) bool { return r.timer == timer })
	if i < 0 {
		t.keep = true
		return
	}
	t.remind(&st.after[i])
}

func (t *turn) remind(r *reminder) {
	t.keep = true
	if r.say != "" {
		t.say(Say{Message: r.say, Again: true})
	}
	if r.to >= 0 {
		t.enter(r.to, "after")
	}
}

// happened takes an event from the core, if the step waits for it or says what
// to do when it comes before an answer.
func (t *turn) happened(ev Event) {
	st := t.step()
	to, ok := st.awaits(ev.Name)
	if !ok || t.s.token != "" {
		t.keep = true
		return
	}
	t.learn(ev.Result)
	if _, early := st.meanwhile[ev.Name]; early {
		t.enter(to, ev.Name)
		return
	}
	t.enter(to, st.way(ev.Name))
}

// awaits returns where an event from the core leads from this step.
func (s *step) awaits(event string) (int, bool) {
	if to, ok := s.meanwhile[event]; ok {
		return to, true
	}
	if s.kind != waits || !slices.Contains(s.wait, event) {
		return -1, false
	}
	return s.to(event)
}

// floored asks the question that waited for the floor, or that another
// dialogue pushed aside.
func (t *turn) floored() {
	t.keep = true
	st := t.step()
	if st.kind != asks || t.s.token != "" || !t.env.Floor {
		return
	}
	t.keep = t.s.asked
	t.ask(st, t.s.asked)
}

// whileHeld keeps what happens while a person has the chat, as far as the flow
// will have to know of it.
func (t *turn) whileHeld(ev Event) {
	t.keep = true
	switch {
	case ev.Kind == Replied:
		if h := t.listen(ev); t.optOut(&h, ev) {
			t.interruptBy(t.stopper(), ev)
		}
	case ev.Kind == Happened:
		if _, ok := t.step().awaits(ev.Name); ok {
			t.later(ev)
		}
	}
}

// maxLate bounds what is kept while a person has the chat.
const maxLate = 16

func (t *turn) later(ev Event) {
	t.keep = true
	if len(t.s.late) < maxLate {
		t.s.late = append(slices.Clone(t.s.late), late{ev.Kind, ev.Name, ev.Token, ev.Result})
	}
}

// released goes on after a person at the desk gave the chat back.
func (t *turn) released(name string) {
	by, missed := t.s.held, t.s.late
	t.s.held, t.s.late = "", nil
	switch st := t.step(); {
	case by == "":
		t.keep = true
	case by == "step":
		if to, ok := st.to(name); ok {
			t.enter(to, st.way(name))
			return
		}
		t.giveUp("el flujo no dice qué sigue después de «" + name + "»")
	case len(missed) > 0:
		t.replay(missed)
	case name == "resolved" && st.kind == asks:
		t.effects = append(t.effects, End{Outcome: "por_agente"})
		t.status = Ended
	default:
		t.resume()
	}
}

// replay lives through what happened meanwhile, in order.
func (t *turn) replay(missed []late) {
	for _, l := range missed {
		t.take(Event{Kind: l.kind, Name: l.name, Token: l.token, Result: l.result})
	}
	t.keep = false
}

// resume goes back to where the dialogue stood. Its timers are set anew: the
// engine forgot them when a person took the chat.
func (t *turn) resume() {
	st := t.step()
	switch {
	case t.s.token != "":
	case st.kind == asks:
		asked := t.s.asked
		t.s.asked = false
		t.ask(st, asked)
	case st.kind == waits:
		t.wait(st)
	case st.kind == acts, st.kind == decides, st.kind == passes, st.kind == calls:
		t.run() // it had stopped on a fault: try again
	}
}
