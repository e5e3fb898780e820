package understand

import (
	"fmt"
	"strconv"
	"strings"
)

// Found is one reading of a message, for people who ask why.
type Found struct {
	Kind  string // as a flow writes it: "yes_no", "amount", "date", or "intent"
	Value string // what was read, in the notation of the flow's tests; secrets are masked
	Score int    // 1 to 100
	Words string // the words that carried it, where the reading knows them
}

// All lists every reading of the message, for `flow words` and the desk. It
// allocates; the flow asks the single readings instead. Phones, CLABE and PIN are
// only named, never shown.
func (r Reading) All() []Found {
	var out []Found
	add := func(kind, value string, score int, words string, ok bool) {
		if ok {
			out = append(out, Found{kind, value, score, words})
		}
	}
	y := r.YesNo()
	add("yes_no", answerText(y), y.Score, y.Words, y.Answer != Unclear)
	m, ok := r.Money()
	add("amount", strconv.FormatInt(m.Centavos/100, 10)+fmt.Sprintf(".%02d", m.Centavos%100), 90, m.Words, ok)
	n, ok := r.Int()
	add("int", strconv.FormatInt(n, 10), 90, r.text, ok)
	t, ok := r.Term()
	add("term", fmt.Sprintf("%d %s", t.Count, t.Unit), 90, r.text, ok)
	d, ok := r.Date()
	add("date", d.String(), 90, r.text, ok)
	out = append(out, r.identifiers()...)
	id, ok := r.Option(nil)
	add("option", id, 90, r.text, ok)
	for _, i := range r.Intents() {
		add("intent", i.Name, i.Score, i.Words, true)
	}
	return out
}

func answerText(y YesNo) string {
	if y.Answer == Yes && !y.Plain {
		return "yes, not plain: " + y.Why
	}
	return y.Answer.String()
}

func (r *Reading) identifiers() []Found {
	var out []Found
	if p, ok := r.Phone(); ok {
		out = append(out, Found{Kind: "phone", Value: p.Mask(), Score: 90})
	}
	if c, valid, ok := r.CLABE(); ok {
		out = append(out, Found{Kind: "clabe", Value: c.Mask() + map[bool]string{false: " (mal)"}[valid], Score: 90})
	}
	if _, ok := r.PIN(); ok {
		out = append(out, Found{Kind: "pin", Value: "••••", Score: 80})
	}
	return out
}

// Check reads the examples and counter-examples of the lexicon and returns one
// error, with its place, for each that is not read as the lexicon says. A lexicon
// with such errors must not be published.
func (u *Understander) Check(lex Lexicon) []error {
	var out []error
	for _, e := range lex.Entries {
		for _, t := range e.Examples {
			if !u.reads(e, t.Value) {
				out = append(out, fmt.Errorf("%s: the example %q is not read as %s", t.At, t.Value, e.Name.Value))
			}
		}
		for _, t := range e.Counter {
			if u.reads(e, t.Value) {
				out = append(out, fmt.Errorf("%s: the counter-example %q is read as %s", t.At, t.Value, e.Name.Value))
			}
		}
	}
	return out
}

// home is one of the states where the entry counts, "" when it counts everywhere.
func (e Entry) home() string {
	if len(e.States) == 0 {
		return ""
	}
	return strings.ToUpper(e.States[0].Value)
}

// reads reports whether the text holds the intent, or is made of the answer role
// and courtesies alone.
func (u *Understander) reads(e Entry, text string) bool {
	r := u.Read(text, Context{State: e.home()})
	if !e.Answer {
		return r.Has(e.Name.Value)
	}
	t := r.tally()
	want := roleNames[e.Name.Value]
	for other, n := range t.n {
		if n > 0 && role(other) != want && role(other) != roleFiller && role(other) != roleMore {
			return false
		}
	}
	return t.n[want] > 0 && t.extra+t.numbers == 0
}
