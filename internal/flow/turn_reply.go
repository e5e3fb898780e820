package flow

import (
	"valebot/internal/message"
	"valebot/internal/understand"
)

// reply takes something that the person wrote, tapped or sent. Whatever it is,
// it gets an answer: from an interrupt, the open question, a flow that she asks
// for, or the ladder of what was not understood.
func (t *turn) reply(ev Event) {
	t.keep = true
	h := t.listen(ev)
	switch x := t.urgent(&h); {
	case t.optOut(&h, ev):
		t.interruptBy(t.stopper(), ev)
	case x != nil:
		t.interruptBy(x, ev)
	case t.s.token != "" || t.s.pending.Token != "":
		t.busy(&h, ev)
	case t.step().kind == asks && t.s.asked && !t.s.parked:
		t.answer(&h, ev)
	case t.step().kind == listens:
		t.chat(&h, ev)
	default:
		t.aside(&h, ev)
	}
}

// listen prepares the reply for all that will look at it.
func (t *turn) listen(ev Event) hearing {
	h := hearing{folded: fold(ev.Reply), raw: ev.Reply, tap: ev.Tap, what: ev.What, now: t.env.Now, zone: t.zone()}
	if ev.Tap != "" || ev.Reply == "" || t.env.Understand == nil {
		return h
	}
	state, _ := t.facts["cliente"]["estado"].(string)
	h.Reading = t.env.Understand.Read(ev.Reply, understand.Context{Now: t.env.Now, Zone: t.env.Zone, Options: t.step().options, State: state})
	h.read = true
	return h
}

// busy answers who writes while an action is under way.
func (t *turn) busy(h *hearing, ev Event) {
	if x := t.loose(h); x != nil && t.s.pending.Token == "" {
		t.interruptBy(x, ev)
		return
	}
	if t.m.busy != "" {
		t.say(Say{Message: t.m.busy})
	}
}

// aside answers who writes while nothing was asked: interrupts and flows that
// she may start; nothing else is lost on the desk, which sees every message.
func (t *turn) aside(h *hearing, ev Event) {
	if x := t.loose(h); x != nil {
		t.interruptBy(x, ev)
		return
	}
	if t.beginBy(h, false) {
		return
	}
	key := t.m.aside
	if named := t.m.wordless[ev.What]; named != "" {
		key = named
	}
	if key != "" && ev.Tap == "" {
		t.say(Say{Message: key})
	}
}

// answer takes the reply as an answer to the open question.
func (t *turn) answer(h *hearing, ev Event) {
	st := t.step()
	switch {
	case t.beginBy(h, true):
	case ev.Crossed:
		t.ask(st, true)
	default:
		if got, ok := st.hear(h); ok {
			t.answered(st, got)
			t.offerLeaving(h)
			return
		}
		t.notAnAnswer(st, h, ev)
	}
}

// answered goes where an understood answer leads.
func (t *turn) answered(st *step, got answer) {
	t.heard = got.kind
	before := t.s.slots
	if st.save != "" && got.value != nil {
		t.set(st.save, got.value)
	}
	if say := t.refusal(st, got); say != "" {
		if t.s.held == "" {
			t.say(Say{Message: say, Again: true})
			t.s.slots, t.owned, t.values, t.data = before, false, nil, nil
		}
		return
	}
	if to, ok := st.to(got.outcome); ok {
		t.enter(to, got.outcome)
		return
	}
	t.giveUp("el flujo no dice qué sigue después de «" + got.outcome + "»")
}

// refusal is why an answer is not accepted. An option that leads elsewhere left
// nothing in the slot that reject looks at.
func (t *turn) refusal(st *step, got answer) string {
	if st.save != "" && got.value == nil {
		return ""
	}
	return t.rejected(st)
}

// notAnAnswer tries what else the reply may be, and then the ladder.
func (t *turn) notAnAnswer(st *step, h *hearing, ev Event) {
	if x := t.loose(h); x != nil {
		t.interruptBy(x, ev)
		return
	}
	if t.beginBy(h, false) {
		return
	}
	if len(st.unclear) == 0 {
		t.patience(st, ev)
		return
	}
	r := &st.unclear[min(t.s.unclear, len(st.unclear)-1)]
	t.s.unclear++
	if r.say != "" {
		t.say(Say{Message: t.unheard(ev, r.say), Again: true})
	}
	if r.to >= 0 {
		t.enter(r.to, "unclear")
	}
}

// defaultPatience is how often a question without a ladder of its own is asked
// again before a person takes over.
const defaultPatience = 2

func (t *turn) patience(st *step, ev Event) {
	t.s.unclear++
	if t.s.unclear <= defaultPatience {
		if key := t.unheard(ev, ""); key != "" {
			t.say(Say{Message: key, Again: true})
		}
		t.ask(st, true)
		return
	}
	t.giveUp("no entendimos su respuesta en «" + st.name + "»")
}

// unheard is what is said instead of key about a voice note: that nobody heard
// it is the help that its sender needs.
func (t *turn) unheard(ev Event, key string) string {
	if named := t.m.wordless[message.Voice]; named != "" && ev.What == message.Voice {
		return named
	}
	return key
}

// wordlessChat answers what has no words, when nothing was asked. Who sends
// voice notes twice without writing may not be able to write: a person listens.
func (t *turn) wordlessChat(ev Event) bool {
	key := t.m.wordless[ev.What]
	switch {
	case key == "":
		return false
	case ev.What != message.Voice:
	case t.s.unclear > 0:
		t.s.unclear = 0
		t.giveUp("mandó dos notas de voz y el asistente no puede escucharlas")
		return true
	default:
		t.s.unclear++
	}
	t.say(Say{Message: key})
	return true
}

// chat takes a reply when no dialogue is open.
func (t *turn) chat(h *hearing, ev Event) {
	st := t.step()
	if t.beginBy(h, false) {
		return
	}
	if x := t.loose(h); x != nil {
		t.interruptBy(x, ev)
		return
	}
	if got, ok := st.hear(h); ok {
		t.heard = got.kind
		if to, ok := st.to(got.outcome); ok {
			t.enter(to, got.outcome)
			return
		}
	}
	if !t.wordlessChat(ev) {
		t.missed(st)
	}
}

func (t *turn) missed(st *step) {
	if len(st.unclear) == 0 {
		t.giveUp("escribió sin una plática abierta y no le entendimos")
		return
	}
	r := &st.unclear[min(t.s.unclear, len(st.unclear)-1)]
	t.s.unclear++
	if r.say != "" {
		t.say(Say{Message: r.say})
	}
	if r.to >= 0 {
		t.enter(r.to, "unclear")
	}
}

// beginBy starts another flow that the person asks for. sure is for the time
// when a question is open: then only a request with all its data counts.
func (t *turn) beginBy(h *hearing, sure bool) bool {
	if !h.read || len(t.root.begins) == 0 || t.env.Held {
		return false
	}
	for i := range t.root.begins {
		b := &t.root.begins[i]
		if distributor := t.facts["cliente"]["es_distribuidora"] == true; b.audience != "" && distributor != (b.audience == "distributor") {
			continue
		}
		told, ok := h.asksFor(b, sure)
		if ok {
			t.heard = "intent:" + b.intent
			t.effects = append(t.effects, Begin{Flow: b.flow, Told: told})
			return true
		}
	}
	return false
}
