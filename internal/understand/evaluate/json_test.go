package evaluate_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/understand/evaluate"
)

func TestResultForPrograms(t *testing.T) {
	t.Parallel()
	r := evaluate.Result{
		Kind: "yes_no", Lines: 4, Right: 3, FalseYes: []string{"ya mero"},
		Labels: []evaluate.LabelResult{{Label: "yes", Gold: 1, Said: 2, Right: 1}},
		Misses: []evaluate.Miss{{Text: "ya mero", Gold: "other", Said: "yes"}},
	}
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"yes_no","lines":4,"right":3,"bad":0,"accuracy":0.75,"macro_f1":0.6666666666666666,"false_yes":["ya mero"],` +
		`"labels":[{"label":"yes","gold":1,"said":2,"right":1,"precision":0.5,"recall":1,"f1":0.6666666666666666}],` +
		`"confusion":[{"gold":"other","said":"yes","count":1}],"misses":[{"text":"ya mero","gold":"other","said":"yes"}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyResultForPrograms(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(evaluate.Result{Kind: "date"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"kind":"date","lines":0,"right":0,"bad":0,"accuracy":1,"macro_f1":1,"false_yes":[],"labels":[],"confusion":[],"misses":[]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
