package source_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/source"
)

func TestSARIF(t *testing.T) {
	t.Parallel()
	got := string(source.SARIF([]source.Problem{
		{File: "flows/a.flow.yaml", Line: 3, Col: 5, End: 9, Severity: source.Error, Code: "no-such-step", Text: `there is no step "fni"`, Suggestion: `did you mean "fin"?`, Source: "    next: fni"},
		{File: "flows/a.flow.yaml", Line: 4, Col: 1, End: 2, Severity: source.Warning, Code: "no-after", Text: "waits"},
		{File: "flows/b.flow.yaml", Line: 1, Col: 1, Severity: source.Error, Code: "no-such-step", Text: "again"},
	}))
	for _, want := range []string{
		`"version": "2.1.0"`, `"name": "valebot flow lint"`, `"ruleId": "no-such-step"`, `"level": "error"`, `"level": "warning"`,
		`"text": "there is no step \"fni\"; did you mean \"fin\"?"`, `"uri": "flows/a.flow.yaml"`, `"startLine": 3`, `"startColumn": 5`, `"endColumn": 9`,
		`"text": "    next: fni"`, `"columnKind": "unicodeCodePoints"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	if n := strings.Count(got, `"id": "no-such-step"`); n != 1 {
		t.Errorf("the rule is listed %d times", n)
	}
}

// sarif is what a reader of the standard needs at least.
type sarif struct {
	Runs []struct {
		Results []struct {
			RuleID    string `json:"ruleId"`
			Locations []struct {
				Physical struct {
					Region struct{ StartLine, StartColumn, EndColumn int } `json:"region"`
				} `json:"physicalLocation"`
			} `json:"locations"`
		} `json:"results"`
	} `json:"runs"`
}

func TestSARIFOfNothing(t *testing.T) {
	t.Parallel()
	var log sarif
	if err := json.Unmarshal(source.SARIF(nil), &log); err != nil || len(log.Runs) != 1 || log.Runs[0].Results == nil {
		t.Errorf("%+v, %v", log, err)
	}
}

// Whatever a problem says, the log can be read and its regions are not empty.
func TestSARIFIsAlwaysReadable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := source.Problem{
			File: rapid.String().Draw(t, "file"), Line: rapid.IntRange(0, 9).Draw(t, "line"), Col: rapid.IntRange(0, 300).Draw(t, "col"),
			End: rapid.IntRange(0, 300).Draw(t, "end"), Code: rapid.String().Draw(t, "code"), Text: rapid.String().Draw(t, "text"), Source: rapid.String().Draw(t, "source"),
		}
		var log sarif
		if err := json.Unmarshal(source.SARIF([]source.Problem{p, p}), &log); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(2, len(log.Runs[0].Results)); diff != "" {
			t.Error(diff)
		}
		r := log.Runs[0].Results[0].Locations[0].Physical.Region
		if r.StartLine < 1 || r.StartColumn < 1 || r.EndColumn <= r.StartColumn {
			t.Errorf("%+v", r)
		}
	})
}
