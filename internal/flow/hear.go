package flow

import (
	"strings"
	"time"

	"valebot/internal/message"
	"valebot/internal/quincena"
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
	now    time.Time
	zone   *time.Location
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
	return []string{"option", "terms", "change", "photo", "yes_no", "income", "amount", "term", "int", "date", "birthdate", "phone", "clabe", "pin",
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
		return s.chosen("tap:"+id, id), true
	}
	return answer{}, false
}

// chosen is the answer of an option, which is saved where the slot takes it.
func (s *step) chosen(kind, id string) answer {
	got := answer{kind: kind, outcome: id}
	if s.saveOption {
		for i := range s.options {
			if s.options[i].ID == id {
				got.value = id
			}
		}
	}
	return got
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
		id, ok := s.named(h)
		if !ok {
			id, ok = h.Option(s.options)
		}
		return s.chosen("option:"+id, id), ok
	case "yes_no":
		return h.yesNo()
	case "terms":
		return answer{kind: kind, outcome: kind}, h.Terms()
	case "change":
		return answer{kind: kind, outcome: kind}, h.Change()
	case "income":
		return h.income()
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

// income reads what somebody earns; the outcome says how often.
func (h *hearing) income() (answer, bool) {
	v, ok := h.Income()
	outcome := "no_period"
	switch v.Per {
	case understand.UnitWeek:
		outcome = "week"
	case understand.UnitQuincena:
		outcome = "quincena"
	case understand.UnitMonth:
		outcome = "month"
	}
	return answer{"income", outcome, v.Amount}, ok && v.Amount > 0
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
		return h.date()
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

// named returns the only option one of whose words is the whole reply, or one of
// whose phrases of several words stands in it. Such a phrase is taken whole: "no puedo" is an option, and no
// refusal.
func (s *step) named(h *hearing) (id string, ok bool) {
	for i := range s.options {
		for _, w := range s.options[i].Words {
			phrase := fold(w)
			if h.folded != phrase && (!strings.Contains(phrase, " ") || !contains(h.folded, phrase)) {
				continue
			}
			if ok && id != s.options[i].ID {
				return "", false
			}
			id, ok = s.options[i].ID, true
		}
	}
	return id, ok
}

// nearlyAYear is how far ahead a date without a year must lie for it to have
// been meant as the one that has just gone by.
const nearlyAYear = 300

// date reads a day. A day and a month that were a few weeks ago mean that day
// and not the same one next year: who promises to pay "01/03" on 2 March made a
// slip, and hears so.
func (h *hearing) date() (any, bool) {
	d, ok := h.Date()
	if !ok {
		return h.BirthDate()
	}
	today := quincena.On(h.now, h.zone)
	if today.DaysUntil(d) > nearlyAYear && !namesYear(h.raw) {
		d = d.AddMonths(-12)
	}
	return d, true
}

// namesYear reports whether a text with a date says the year: it holds three
// groups of digits or one of four.
func namesYear(text string) bool {
	groups := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	for _, g := range groups {
		if len(g) == 4 {
			return true
		}
	}
	return len(groups) > 2
}

// quincenas reads a number of quincenas; a month holds two, and a payment is one.
func (h *hearing) quincenas() (any, bool) {
	t, ok := h.Term()
	switch {
	case !ok:
		return 0, false
	case t.Unit == understand.UnitMonth:
		return t.Count * 2, true
	case t.Unit == understand.UnitYear:
		return t.Count * 24, true
	}
	return t.Count, t.Unit == understand.UnitNone || t.Unit == understand.UnitQuincena || t.Unit == understand.UnitPayment
}

// asksFor reads a request to start a flow, with what was volunteered. sure asks
// for a request that is whole, so that talk inside a question starts nothing.
func (h *hearing) asksFor(b *begin, sure bool) (map[string]any, bool) {
	if b.intent == understand.IntentInvited {
		word, ok := understand.Invitation(h.raw)
		return map[string]any{b.slots[Text]: word}, ok
	}
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
