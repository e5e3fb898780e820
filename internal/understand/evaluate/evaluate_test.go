package evaluate_test

import (
	"encoding/json"
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
}

// What cannot be read is told in its place, and the rest is read: whoever pairs
// outputs with inputs must not lose count.
func TestBadLines(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ line, why string }{
		"no JSON":          {`{oops`, "invalid character 'o' looking for beginning of object key string"},
		"a list":           {`["sí"]`, "json: cannot unmarshal array into Go value of type evaluate.Line"},
		"no text":          {`{"reference":"2026-03-09"}`, `no "text"`},
		"null text":        {`{"text":null}`, `no "text"`},
		"text a number":    {`{"text":3000}`, "json: cannot unmarshal number into Go struct field Line.text of type string"},
		"no moment":        {`{"text":"mañana","reference":"ayer"}`, `reference "ayer" is no moment`},
		"two objects":      {`{"text":"1"}{"text":"2"}`, "invalid character '{' after top-level value"},
		"options a string": {`{"text":"1","options":"3"}`, "json: cannot unmarshal string into Go struct field Line.options of type int"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := "\ufeff{\"text\":\"1\"}\r\n  \n" + test.line + "\n{\"text\":\"2\"}"
			var out strings.Builder
			err := evaluate.Run(spanish(t), "int", settings(), strings.NewReader(in), &out)
			if !errors.Is(err, evaluate.ErrLines) || !strings.Contains(err.Error(), "line 3") {
				t.Errorf("got %v, want one that names line 3", err)
			}
			why, _ := json.Marshal(test.why)
			want := `{"text":"1","value":1}` + "\n" + `{"error":` + string(why) + `,"line":3}` + "\n" + `{"text":"2","value":2}` + "\n"
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEvaluateCountsBadLines(t *testing.T) {
	t.Parallel()
	in := "{\"text\":\"sí\",\"label\":\"yes\"}\n{\n{\"label\":\"no\"}\n"
	got, err := evaluate.Evaluate(spanish(t), "yes_no", settings(), strings.NewReader(in))
	if !errors.Is(err, evaluate.ErrLines) || got.Bad != 2 || got.Lines != 1 || got.Right != 1 {
		t.Errorf("%d bad of %d (%v)", got.Bad, got.Lines, err)
	}
	var out strings.Builder
	if err := got.Write(&out); err != nil || !strings.Contains(out.String(), "líneas que no se pudieron leer: 2\n") {
		t.Errorf("the report does not tell (%v):\n%s", err, out.String())
	}
}

func TestMacroF1(t *testing.T) {
	t.Parallel()
	r := evaluate.Result{Labels: []evaluate.LabelResult{
		{Label: "a", Gold: 4, Said: 2, Right: 1}, // 2/6
		{Label: "b", Gold: 1, Said: 1, Right: 1}, // 1
		{Label: "c", Said: 3},                    // never to be found: it costs the others, not the mean
	}}
	if got := r.MacroF1(); got < 0.6666 || got > 0.6667 {
		t.Errorf("macro F1 %v, want 2/3", got)
	}
	if (evaluate.Result{}).MacroF1() != 1 {
		t.Error("nothing to find must count as found")
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
