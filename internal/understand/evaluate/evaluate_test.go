package evaluate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"valebot/internal/understand"
	"valebot/internal/understand/evaluate"
	"valebot/locales"
)

func spanish(t *testing.T) *understand.Understander {
	t.Helper()
	lex, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		t.Fatal(err)
	}
	u, err := understand.New(lex)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func settings() evaluate.Settings {
	return evaluate.Settings{Now: time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)}
}

func TestRunLabelsEachKind(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, test := range []struct{ kind, in, want string }{
		{"yes_no", `{"text":"sí, gracias"}`, `{"label":"yes","plain":true,"text":"sí, gracias","why":""}`},
		{"yes_no", `{"text":"si pero"}`, `{"label":"other","plain":false,"text":"si pero","why":"condition"}`},
		{"intent", `{"text":"cuanto debo"}`, `{"all":["balance"],"label":"balance","text":"cuanto debo"}`},
		{"intent", `{"text":"tortillas"}`, `{"all":[],"label":"out_of_scope","text":"tortillas"}`},
		{"amount", `{"text":"3 mil varos"}`, `{"amount":3000,"currency":null,"text":"3 mil varos"}`},
		{"amount", `{"text":"50 dólares"}`, `{"amount":50,"currency":"USD","text":"50 dólares"}`},
		{"amount", `{"text":"nada"}`, `{"amount":null,"currency":null,"text":"nada"}`},
		{"int", `{"text":"dos y media"}`, `{"text":"dos y media","value":2.5}`},
		{"int", `{"text":"hola"}`, `{"text":"hola","value":null}`},
		{"date", `{"text":"el viernes","reference":"2026-07-28T09:00:00"}`, `{"text":"el viernes","value":"2026-07-31"}`},
		{"date", `{"text":"mañana"}`, `{"text":"mañana","value":"2026-03-10"}`},
		{"date", `{"text":"luego"}`, `{"text":"luego","value":null}`},
		{"option", `{"text":"la 2","options":3}`, `{"text":"la 2","value":2}`},
		{"option", `{"text":"la 4","options":3}`, `{"text":"la 4","value":null}`},
		{"option", `{"text":"vigésimo primero"}`, `{"text":"vigésimo primero","value":21}`},
		{"term", `{"text":"6 quincenas"}`, `{"count":6,"text":"6 quincenas","unit":"quincena"}`},
		{"term", `{"text":"hola"}`, `{"count":null,"text":"hola","unit":null}`},
		{"phone", `{"text":"667 123 4567"}`, `{"text":"667 123 4567","value":"+526671234567"}`},
		{"phone", `{"text":"667"}`, `{"text":"667","value":null}`},
		{"clabe", `{"text":"032180000118359719"}`, `{"text":"032180000118359719","valid":true,"value":"032180000118359719"}`},
		{"clabe", `{"text":"0321"}`, `{"text":"0321","valid":false,"value":null}`},
	} {
		t.Run(test.kind+" "+test.in, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := evaluate.Run(u, test.kind, settings(), strings.NewReader(test.in+"\n\n"), &out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want+"\n", out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	err := evaluate.Run(u, "poem", settings(), strings.NewReader(""), &strings.Builder{})
	if !errors.Is(err, evaluate.ErrKind) {
		t.Errorf("got %v, want %v", err, evaluate.ErrKind)
	}
	err = evaluate.Run(u, "int", settings(), strings.NewReader("{\"text\":\"1\"}\n{oops\n"), &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v, want an error that names line 2", err)
	}
}

func TestEveryKindRuns(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, kind := range evaluate.Kinds() {
		if err := evaluate.Run(u, kind, settings(), strings.NewReader(`{"text":"x"}`), &strings.Builder{}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestEvaluateYesNo(t *testing.T) {
	t.Parallel()
	in := `{"text":"sí","label":"yes"}
{"text":"no","label":"no"}
{"text":"simón","label":"no"}
{"text":"si pero","label":"not_yes"}
{"text":"tal vez","label":"yes"}
`
	got, err := evaluate.Evaluate(spanish(t), "yes_no", settings(), strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := evaluate.Result{
		Kind: "yes_no", Lines: 5, Right: 3, FalseYes: []string{"simón"},
		Labels: []evaluate.LabelResult{
			{Label: "no", Gold: 2, Said: 1, Right: 1},
			{Label: "other", Gold: 1, Said: 2, Right: 1},
			{Label: "yes", Gold: 2, Said: 2, Right: 1},
		},
		Misses: []evaluate.Miss{{Text: "simón", Gold: "no", Said: "yes"}, {Text: "tal vez", Gold: "yes", Said: "other"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var out strings.Builder
	if err := got.Write(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "yes_no: 3 de 5 bien (60.0 %)\nsíes falsos: 1\n  simón\n") {
		t.Errorf("the report begins otherwise:\n%s", out.String())
	}
}

func TestEvaluateValues(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, test := range []struct {
		kind, in string
		right    int
	}{
		{"int", `{"text":"un tercio","value":0.333333333333333}` + "\n" + `{"text":"hola","value":null}` + "\n" + `{"text":"3","value":4}`, 2},
		{"amount", `{"text":"3 mil","amount":3000}` + "\n" + `{"text":"hola","amount":null}`, 2},
		{"date", `{"text":"el 15","value":"2025-03-15","alt":["2026-03-15"]}` + "\n" + `{"text":"luego","value":null}`, 2},
		{"term", `{"text":"6 quincenas","count":6,"unit":"quincena"}`, 1},
		{"intent", `{"text":"adiós","label":"thanks","accept":["goodbye"]}` + "\n" + `{"text":"tanque alto","not_label":"opt_out"}`, 2},
	} {
		got, err := evaluate.Evaluate(u, test.kind, settings(), strings.NewReader(test.in))
		if err != nil || got.Right != test.right {
			t.Errorf("%s: %d right (%v), want %d", test.kind, got.Right, err, test.right)
		}
	}
}

func TestLabelResult(t *testing.T) {
	t.Parallel()
	l := evaluate.LabelResult{Gold: 4, Said: 2, Right: 1}
	if l.Precision() != 0.5 || l.Recall() != 0.25 {
		t.Errorf("precision %v, recall %v", l.Precision(), l.Recall())
	}
	var none evaluate.LabelResult
	if none.Precision() != 1 || none.Recall() != 1 || (evaluate.Result{}).Accuracy() != 1 {
		t.Error("nothing to find must count as found")
	}
}
