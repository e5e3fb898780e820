package flow

import (
	"slices"
	"strconv"
	"strings"

	"valebot/internal/understand"
)

// maxAside is how many words a message may have in which a word like "saldo"
// alone is taken for a request.
const maxAside = 12

// urgent returns the interrupt that a reply is, whatever was asked: the whole
// message is one of its phrases, or holds one of several words.
func (t *turn) urgent(h *hearing) *interrupt {
	if h.tap != "" || h.raw == "" {
		return nil
	}
	for i := range t.m.interrupts {
		x := &t.m.interrupts[i]
		for _, phrase := range x.phrases {
			if h.is(phrase) && !t.step().offers(h.folded) {
				return x
			}
		}
	}
	return t.inside(h, func(phrase string) bool { return strings.Contains(phrase, " ") })
}

// loose returns the interrupt that a reply speaks of in passing. It is asked
// only when the open question did not understand the reply.
func (t *turn) loose(h *hearing) *interrupt {
	if h.tap != "" || h.raw == "" {
		return nil
	}
	if x := t.inside(h, func(string) bool { return true }); x != nil {
		return x
	}
	for i := range t.m.interrupts {
		if x := &t.m.interrupts[i]; x.intent != "" && x.then != "end" && h.read && h.wants(x.intent) {
			return x
		}
	}
	return nil
}

// wants reports an intent of the reply. Who writes "salir" while something else
// is under way may want to leave us: that is offered, not done.
func (h *hearing) wants(intent string) bool {
	return h.Has(intent) || intent == understand.IntentOptOut && h.Stop() == understand.StopCancel
}

// offerLeaving tells who wrote "cancelar" as an answer how to stop all messages,
// since she may have meant that. It goes before the next question, which must be
// the last thing said.
func (t *turn) offerLeaving(h *hearing) {
	if !h.read || h.Stop() != understand.StopCancel {
		return
	}
	at := slices.IndexFunc(t.effects, func(e Effect) bool {
		say, ok := e.(Say)
		_, end := e.(End)
		return end || ok && say.Ask
	})
	x := slices.IndexFunc(t.m.interrupts, func(x interrupt) bool { return x.intent == understand.IntentOptOut })
	if at < 0 || x < 0 {
		return
	}
	after := slices.Clone(t.effects[at:])
	t.effects = t.effects[:at]
	t.sayFirst(t.m.interrupts[x].say)
	t.effects = append(t.effects, after...)
}

// inside looks for phrases within the message. Words that end everything count
// only alone: "ya di de baja mi número viejo" asks for nothing.
func (t *turn) inside(h *hearing, wanted func(phrase string) bool) *interrupt {
	if strings.Count(h.folded, " ") >= maxAside {
		return nil
	}
	for i := range t.m.interrupts {
		x := &t.m.interrupts[i]
		if x.then == "end" {
			continue
		}
		for _, phrase := range x.phrases {
			if wanted(phrase) && contains(h.folded, phrase) {
				return x
			}
		}
	}
	return nil
}

// is reports whether the message is exactly the phrase. Phrases without
// letters, such as "?", are compared as they are.
func (h *hearing) is(phrase string) bool {
	if h.folded == "" {
		return strings.TrimSpace(h.raw) == phrase
	}
	return h.folded == phrase
}

// Ordered returns the action of the words that are all of a reply, such as
// contact.opt_in of "ALTA", and "" where a reply is no such words, or more.
func (m *Machine) Ordered(reply string) (action string) {
	h := hearing{folded: fold(reply), raw: reply}
	for i := range m.interrupts {
		if reply != "" && slices.ContainsFunc(m.interrupts[i].phrases, h.is) {
			return m.interrupts[i].action
		}
	}
	return ""
}

// offers reports whether the step's own options list exactly this phrase; then
// "asesor" answers the question that offers one.
func (s *step) offers(folded string) bool {
	if s.kind != asks || folded == "" {
		return false
	}
	for i := range s.options {
		for _, w := range s.options[i].Words {
			if fold(w) == folded {
				return true
			}
		}
	}
	return false
}

// stopper is the interrupt that stops all messages, or nil.
func (t *turn) stopper() *interrupt {
	for i := range t.m.interrupts {
		if t.m.interrupts[i].then == "end" {
			return &t.m.interrupts[i]
		}
	}
	return nil
}

// optOut reports a message that must stop all messages, or one that the
// provider has already obeyed.
func (t *turn) optOut(h *hearing, ev Event) bool {
	x := t.stopper()
	if x == nil {
		return false
	}
	if ev.OptOut || h.read && (h.OptOut() || ev.Alone && h.Stop() == understand.StopCancel) {
		return true
	}
	for _, phrase := range x.phrases {
		if h.tap == "" && h.raw != "" && h.is(phrase) {
			return true
		}
	}
	return false
}

// interruptBy begins an interrupt: its action first, if it has one.
func (t *turn) interruptBy(x *interrupt, ev Event) {
	t.heard = "interrupt:" + x.name
	t.keep = true
	if x.action == "" {
		t.finish(x, false)
		return
	}
	t.s.acts++
	t.s.pending = pending{Name: x.name, Token: "!" + x.name + "#" + strconv.Itoa(t.s.acts), Mute: ev.OptOut}
	t.effects = append(t.effects, Act{Action: x.action, With: map[string]any{}, Token: t.s.pending.Token})
	t.status = Acting
}

// interrupted goes on with an interrupt whose action has answered.
func (t *turn) interrupted(ev Event) {
	x, mute := t.m.interrupt(t.s.pending.Name), t.s.pending.Mute
	t.s.pending = pending{}
	t.keep = true
	switch {
	case x == nil:
		t.resume()
	case ev.Name == "error" && x.then != "end":
		t.giveUp("escribió " + x.name + " y no se pudo hacer")
	default:
		t.learn(ev.Result)
		t.finish(x, mute)
	}
}

// finish says what the interrupt says and does what comes then.
func (t *turn) finish(x *interrupt, mute bool) {
	if !mute {
		t.sayFirst(x.say)
	}
	switch {
	case t.s.held != "":
		t.status = HandedTo
	case x.then == "handoff":
		t.s.held = x.name
		t.effects = append(t.effects, Handoff{Queue: x.queue, Reason: x.reason, Priority: "normal"})
	case x.then == "end" && !t.m.idle:
		t.effects = append(t.effects, End{Outcome: strings.ToLower(x.name)})
		t.status = Ended
	case x.then == "resume" && t.step().kind == asks && t.s.asked && t.s.token == "":
		t.ask(t.step(), true)
	}
}

// sayFirst says the first message whose condition holds.
func (t *turn) sayFirst(cases []branch) {
	for i := range cases {
		if cases[i].cond == nil || t.holds(cases[i].cond) {
			if t.status != HandedTo {
				t.say(Say{Message: cases[i].say})
			}
			return
		}
	}
}
