package flow

import (
	"fmt"
	"slices"

	"valebot/internal/understand"
)

// question compiles an ask.
func (k *linker) question(s *stepSpec, out *step) {
	k.message(s.ask, nil)
	k.message(s.again, nil)
	if out.kind == asks && len(s.expect) == 0 {
		k.report(k.spec, s.ask, "missing-key", "step %q asks and does not say what answer it expects (expect)", s.name.name)
	}
	for _, w := range s.expect {
		if !slices.Contains(kinds(), w.name) {
			p := k.report(k.spec, w, "unknown-value", "%q is not a kind of answer", w.name)
			p.Suggestion = answerWord(w.name)
		}
		out.expect = append(out.expect, w.name)
	}
	for _, o := range s.options {
		out.options = append(out.options, understand.Option{ID: o.id.name, Words: o.words})
	}
	out.tappable = tappable(out)
	k.saved(s, out)
	for _, c := range s.reject {
		b := branch{say: c.say.name}
		k.message(c.say, nil)
		if c.cond.set() {
			b.cond = k.condition(c.cond)
		}
		if b.cond == nil && !c.cond.set() || b.say == "" {
			k.report(k.spec, ref{node: c.node}, "missing-key", "a line of reject needs if and say")
		}
		out.reject = append(out.reject, b)
	}
	k.ladder(s, out)
	k.patient(s, out)
	k.choices(s, out)
}

// tappable lists the outcomes that a button may carry, in the order shown.
func tappable(s *step) []string {
	var ids []string
	for _, kind := range s.expect {
		switch kind {
		case "yes_no":
			ids = append(ids, "affirm", "deny")
		case "terms", "change":
			ids = append(ids, kind)
		case "option":
			for _, o := range s.options {
				ids = append(ids, o.ID)
			}
		}
	}
	return ids
}

// slotType is the type of what an answer of a kind saves; "" saves nothing.
func slotType(kind string) Type {
	switch kind {
	case "amount", "phone", "clabe", "pin", "text", "option":
		return Type(kind)
	case "int", "term":
		return Int
	case "income":
		return Amount
	case "date", "birthdate":
		return Date
	case "name":
		return Text
	}
	return ""
}

// saved checks the slot of a question.
func (k *linker) saved(s *stepSpec, out *step) {
	if !s.save.set() {
		return
	}
	declared, ok := k.slot(s.save)
	out.save, out.secret = s.save.name, declared.secret
	if !ok || declared.kind == "" {
		return
	}
	out.saveOption = declared.kind == Option || declared.kind == Text
	for _, kind := range out.expect {
		t := slotType(kind)
		if t == Option && len(out.expect) > 1 {
			continue // the option leads elsewhere, and the slot is for the other answers
		}
		if t == "" || t == declared.kind || typeOf(t) == typeOf(Text) && declared.kind == Text {
			continue
		}
		k.report(k.spec, s.save, "slot-type", "slot %q holds %s and the answer is %s", declared.name, declared.kind, t)
	}
}

func (k *linker) slot(w ref) (slot, bool) {
	declared, ok := k.m.slots[w.name]
	if !ok {
		p := k.report(k.spec, w, "no-such-slot", "there is no slot %q", w.name)
		p.Suggestion = didYouMean(w.name, keysOf(k.m.slots))
	}
	return declared, ok
}

// ladder compiles what happens the first, second, third time that a reply is
// not understood. It must not go on for ever.
func (k *linker) ladder(s *stepSpec, out *step) {
	for _, c := range s.unclear {
		r := rung{say: c.say.name, to: -1}
		k.said(c.say)
		if c.to.set() {
			r.to, _ = k.target(c.to)
		}
		out.unclear = append(out.unclear, r)
	}
	if n := len(s.unclear); n > 0 && !s.unclear[n-1].to.set() {
		p := k.report(k.spec, ref{node: s.unclear[n-1].node}, "unclear-end", "the last line of unclear in step %q must go somewhere, or people stay there for ever", s.name.name)
		p.Suggestion = "add a last line {go: STEP}"
	}
}

// patient sees that a question which takes more than any text says what happens
// when it is not understood.
func (k *linker) patient(s *stepSpec, out *step) {
	if out.kind != asks || len(s.unclear) > 0 || !slices.ContainsFunc(out.expect, func(kind string) bool { return kind != "text" && kind != "photo" && kind != "name" }) {
		return
	}
	p := k.warn(k.spec, s.name, "no-unclear", "step %q does not say what happens when the answer is not understood: it is asked twice more in the same words", s.name.name)
	p.Suggestion = "add unclear: [{say: MESSAGE}, {go: STEP}]"
}

// choices checks a question's buttons against its answers, and takes their
// labels as answers too.
func (k *linker) choices(s *stepSpec, out *step) {
	out.labels = map[string]string{}
	if k.catalog == nil {
		return
	}
	for _, key := range append(out.ask.keys(), out.again) {
		m, ok := k.catalog.Message(key)
		if !ok {
			continue
		}
		for i, c := range m.Choices {
			if !slices.Contains(out.tappable, c.ID) {
				if id := m.Key + " " + c.ID; k.reported[id] {
					continue
				} else {
					k.reported[id] = true
				}
				p := m.ChoiceProblem(i, "wa-options", fmt.Sprintf("%q is not an answer of step %q of flow %q", c.ID, s.name.name, k.m.name))
				p.Suggestion = didYouMean(c.ID, out.tappable)
				k.problems = append(k.problems, p)
			}
			out.labels[fold(c.Label)] = c.ID
		}
		for _, c := range k.catalog.Labels(key) {
			if _, taken := out.labels[fold(c.Label)]; !taken {
				out.labels[fold(c.Label)] = c.ID
			}
		}
		k.order(m.Key, out)
	}
}

// order sees that the number 1 of a text is the first button.
func (k *linker) order(key string, out *step) {
	m, _ := k.catalog.Message(key)
	last := -1
	for _, c := range m.Choices {
		i := slices.IndexFunc(out.options, func(o understand.Option) bool { return o.ID == c.ID })
		if i >= 0 && i < last {
			k.problems = append(k.problems, m.Problem("wa-options", "the answers stand in another order than in step \""+out.name+"\", so the numbers would be wrong"))
			return
		}
		last = max(last, i)
	}
}
