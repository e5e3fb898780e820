package flow_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/flow"
	"valebot/internal/quincena"
)

func wordsEnv(t *testing.T) flow.Env {
	t.Helper()
	return flow.Env{Now: time.Date(2026, time.March, 2, 10, 0, 0, 0, quincena.Central()), Zone: quincena.Central(), Understand: understander(t)}
}

// What the guide gives as an example is understood, or it is no example.
func TestExamplesAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, d := range flow.AnswerKinds() {
		examples := flow.Examples(d.Key)
		if len(examples) == 0 && d.Key != "option" && d.Key != "photo" {
			t.Errorf("%s has no examples", d.Key)
		}
		for _, text := range examples {
			got, err := flow.HearKind(d.Key, text, wordsEnv(t))
			if err != nil || !got.Understood {
				t.Errorf("%s does not understand %q: %+v, %v", d.Key, text, got, err)
			}
		}
	}
}

func TestHearKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, text string
		want       flow.Heard
	}{
		{"yes_no", "simon jalo", flow.Heard{Understood: true, Kind: "yes", Outcome: "affirm"}},
		{"yes_no", "no gracias", flow.Heard{Understood: true, Kind: "no", Outcome: "deny"}},
		{"yes_no", "quién sabe", flow.Heard{}},
		{"income", "gano 3 mil a la semana", flow.Heard{Understood: true, Kind: "income", Outcome: "week", Value: "$3,000"}},
		{"income", "entre 2 y 3 mil", flow.Heard{}},
		{"amount", "3 mil", flow.Heard{Understood: true, Kind: "amount", Outcome: "ok", Value: "$3,000"}},
		{"clabe", "032180000118359718", flow.Heard{}},
	} {
		got, err := flow.HearKind(c.kind, c.text, wordsEnv(t))
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s %q: %v %s", c.kind, c.text, err, diff)
		}
	}
	if _, err := flow.HearKind("yesno", "sí", wordsEnv(t)); err == nil || err.Error() != `there is no answer "yesno"; did you mean "yes_no"?` {
		t.Error(err)
	}
}

func TestHearStep(t *testing.T) {
	t.Parallel()
	set, _ := shipped(t)
	m, _ := set.Latest("aceptacion_vale")
	for _, c := range []struct {
		step, text string
		want       flow.Heard
	}{
		{"oferta", "sí", flow.Heard{Understood: true, Kind: "yes", Outcome: "affirm"}},
		{"oferta", "saldo", flow.Heard{Understood: true, Interrupt: "SALDO"}},
		{"oferta", "baja", flow.Heard{Understood: true, Interrupt: "BAJA"}},
		{"oferta", "zzz", flow.Heard{}},
		{"forma_pago", "en cajero", flow.Heard{Understood: true, Kind: "option:retiro", Outcome: "retiro", Value: "retiro"}},
	} {
		got, err := m.Hear(c.step, c.text, wordsEnv(t))
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s %q: %v %s", c.step, c.text, err, diff)
		}
	}
	for _, name := range []string{"ofertas", "aceptar"} {
		if _, err := m.Hear(name, "sí", wordsEnv(t)); err == nil {
			t.Errorf("step %s heard something", name)
		}
	}
	if kinds, options, ok := m.Answers("forma_pago"); !ok || kinds[0] != "option" || len(options) != 2 {
		t.Errorf("%v %v %v", kinds, options, ok)
	}
	if _, _, ok := m.Answers("aceptar"); ok {
		t.Error("an action expects an answer")
	}
}
