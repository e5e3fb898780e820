package flow

import (
	"fmt"
	"slices"

	"valebot/internal/understand"
)

// Heard is what a question makes of a phrase.
type Heard struct {
	Understood bool   `json:"understood"`
	Kind       string `json:"kind,omitempty"`    // what it was understood as: "yes", "amount", "option:retiro"
	Outcome    string `json:"outcome,omitempty"` // the way out of the step that it takes: "affirm", "ok"
	Value      string `json:"value,omitempty"`   // what would be saved, as people read it
	Interrupt  string `json:"interrupt,omitempty"`
}

// Examples are phrases that each kind of answer takes, as people write them;
// nil for "option", whose words are the step's own, and "photo", which has none.
func Examples(kind string) []string {
	return map[string][]string{
		"yes_no": {"sí", "simón", "va", "no", "no gracias"}, "terms": {"info", "cuánto pago"}, "change": {"cambiar", "quiero otro monto"},
		"income": {"1500 por semana", "12 mil al mes"}, "amount": {"3000", "3 mil", "$1,500"}, "int": {"8", "ocho"}, "term": {"8 quincenas", "4 meses"},
		"date": {"viernes", "mañana", "15/03"}, "birthdate": {"05/03/1990", "5 de marzo de 1990"}, "phone": {"6671234567", "667 123 4567"},
		"clabe": {"032180000118359719", "032 180 00011835971 9"}, "pin": {"4821"}, "name": {"Ana Ruiz Soto"}, "text": {"lo que sea"},
		"greeting": {"hola", "buenas tardes"}, "thanks": {"gracias", "muchas gracias"}, "new_vale": {"VALE 6671234567 3000 8"},
	}[kind]
}

// HearKind says what a question that expects one kind of answer makes of a
// phrase. It fails where there is no such kind. Of env, Now, Zone and Understand
// count.
func HearKind(kind, text string, env Env) (Heard, error) {
	if !slices.Contains(kinds(), kind) {
		return Heard{}, fmt.Errorf("there is no answer %q; %s", kind, didYouMean(kind, kinds()))
	}
	st := &step{kind: asks, expect: []string{kind}}
	t := turn{m: &Machine{steps: []step{*st}}, env: env}
	return t.try(st, text), nil
}

// Hear says what the question of a step makes of a phrase, words that may be
// written at any moment included. It fails where the step is none or asks
// nothing.
func (m *Machine) Hear(name, text string, env Env) (Heard, error) {
	i, ok := m.index[name]
	if !ok {
		return Heard{}, fmt.Errorf("there is no step %q; %s", name, didYouMean(name, m.Steps()))
	}
	st := &m.steps[i]
	if st.kind != asks && st.kind != listens {
		return Heard{}, fmt.Errorf("step %q asks nothing", name)
	}
	t := turn{m: m, at: i, env: env}
	return t.try(st, text), nil
}

// try reads a phrase in the order of a real turn, and does nothing about it.
func (t *turn) try(st *step, text string) Heard {
	ev := Event{Kind: Replied, Reply: text}
	h := t.listen(ev)
	if t.optOut(&h, ev) {
		return Heard{Understood: true, Interrupt: t.stopper().name}
	}
	if x := t.urgent(&h); x != nil {
		return Heard{Understood: true, Interrupt: x.name}
	}
	if got, ok := st.hear(&h); ok {
		out := Heard{Understood: true, Kind: got.kind, Outcome: got.outcome}
		if got.value != nil {
			out.Value = fmt.Sprint(got.value)
		}
		return out
	}
	if x := t.loose(&h); x != nil {
		return Heard{Understood: true, Interrupt: x.name}
	}
	return Heard{}
}

// Answers lists what the question of a step expects: kinds of answer, and the
// options with their words. ok is false where the step is none or asks nothing.
func (m *Machine) Answers(name string) (kinds []string, options []understand.Option, ok bool) {
	i, found := m.index[name]
	if !found || len(m.steps[i].expect) == 0 {
		return nil, nil, false
	}
	return slices.Clone(m.steps[i].expect), slices.Clone(m.steps[i].options), true
}
