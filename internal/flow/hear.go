package flow

import (
	"strings"

	"valebot/internal/message"
	"valebot/internal/understand"
)

// hearing is a reply prepared for everything that may recognise it.
type hearing struct {
	understand.Reading
	read   bool   // Reading is set: there was text to read
	folded string // small letters, no accents, no punctuation
	raw    string
	tap    string
	what   message.Kind
}

// answer is a reply understood by the open question.
type answer struct {
	kind    string // what it was understood as; holds nothing of the answer itself but options' ids
	outcome string
	value   any // nil where there is nothing to save
}

// hear understands a reply as one of the answers that the step expects. What is
// specific goes first: "no, quiero cambiar" is a change and not a no.
func (s *step) hear(h *hearing) (answer, bool) {
	if h.tap != "" {
		return s.tapped(h.tap)
	}
	if outcome, ok := s.labels[h.folded]; ok && h.folded != "" {
		return s.tapped(outcome)
	}
	for _, kind := range kinds() {
		if !s.expects(kind) {
			continue
		}
		if got, ok := s.hearKind(kind, h); ok {
			return got, true
		}
	}
	return answer{}, false
}

// kinds are the kinds of answer in the order in which they are tried.
func kinds() []string {
	return []string{"option", "terms", "change", "photo", "yes_no", "amount", "term", "int", "date", "birthdate", "phone", "clabe", "pin",
		"name", "new_vale", "greeting", "thanks", "text"}
}

func (s *step) expects(kind string) bool {
	for _, k := range s.expect {
		if k == kind {
			return true
		}
	}
	return false
}

// tapped takes a button or a list row.
func (s *step) tapped(id string) (answer, bool) {
	for _, o := range s.tappable {
		if o != id {
			continue
		}
		got := answer{kind: "tap:" + id, outcome: id}
		if s.expects("option") {
			for i := range s.options {
				if s.options[i].ID == id {
					got.value = id
				}
			}
		}
		return got, true
	}
	return answer{}, false
}

// maxText is the longest free text that is kept, in bytes.
const maxText = 800

func (s *step) hearKind(kind string, h *hearing) (answer, bool) {
	switch kind {
	case "photo":
		return answer{kind: kind, outcome: "photo"}, h.what == message.Photo || h.what == message.Document
	case "text":
		text := strings.TrimSpace(h.raw)
		return answer{kind, "ok", text[:min(len(text), maxText)]}, text != "" && len(text) <= maxText
	}
	if !h.read {
		return answer{}, false
	}
	switch kind {
	case "option":
		id, ok := h.Option(s.options)
		return answer{"option:" + id, id, id}, ok
	case "yes_no":
		return h.yesNo()
	case "terms":
		return answer{kind: kind, outcome: kind}, h.Terms()
	case "change":
		return answer{kind: kind, outcome: kind}, h.Change()
	case "greeting":
		return answer{kind: kind, outcome: kind}, h.Has("greet")
	case "thanks":
		return answer{kind: kind, outcome: kind}, h.Has("thanks")
	case "new_vale":
		_, ok := h.NewVale()
		return answer{kind: kind, outcome: kind}, ok
	}
	v, ok := h.value(kind)
	return answer{kind, "ok", v}, ok
}

// yesNo accepts only a plain yes, because a yes moves money; a no needs no such
// care.
func (h *hearing) yesNo() (answer, bool) {
	switch y := h.YesNo(); {
	case y.Answer == understand.Yes && y.Plain:
		return answer{kind: "yes", outcome: "affirm"}, true
	case y.Answer == understand.No:
		return answer{kind: "no", outcome: "deny"}, true
	}
	return answer{}, false
}

// value reads a value of a kind, with the Go type that its slot has.
func (h *hearing) value(kind string) (any, bool) {
	switch kind {
	case "amount":
		v, ok := h.Amount()
		return v, ok && v > 0
	case "term":
		return h.quincenas()
	case "int":
		if v, ok := h.quincenas(); ok {
			return v, ok
		}
		v, ok := h.Int()
		return int(v), ok && v >= -1<<31 && v < 1<<31
	case "date":
		if v, ok := h.Date(); ok {
			return v, ok
		}
		return h.BirthDate()
	case "birthdate":
		return h.BirthDate()
	case "phone":
		v, ok := h.Phone()
		return string(v), ok
	case "clabe":
		v, valid, ok := h.CLABE()
		return string(v), ok && valid
	case "pin":
		return h.PIN()
	case "name":
		return h.Name()
	}
	return nil, false
}

// quincenas reads a number of quincenas; a month holds two.
func (h *hearing) quincenas() (any, bool) {
	t, ok := h.Term()
	switch {
	case !ok:
		return 0, false
	case t.Unit == understand.UnitMonth:
		return t.Count * 2, true
	}
	return t.Count, t.Unit == understand.UnitNone || t.Unit == understand.UnitQuincena
}

// asksFor reads a request to start a flow, with what was volunteered. sure asks
// for a request that is whole, so that talk inside a question starts nothing.
func (h *hearing) asksFor(b *begin, sure bool) (map[string]any, bool) {
	if b.intent != understand.IntentNewVale {
		return nil, !sure && h.Has(b.intent)
	}
	v, ok := h.NewVale()
	if !ok || sure && (v.Phone == "" || v.Amount == 0) {
		return nil, false
	}
	told := map[string]any{}
	if name := b.slots[Phone]; name != "" && v.Phone != "" {
		told[name] = string(v.Phone)
	}
	if name := b.slots[Amount]; name != "" && v.Amount > 0 {
		told[name] = v.Amount
	}
	if name := b.slots[Int]; name != "" && v.Quincenas > 0 {
		told[name] = v.Quincenas
	}
	return told, true
}
