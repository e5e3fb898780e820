package flow_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"valebot/internal/flow"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	text, ok := flow.Explain("unclear-end")
	if !ok || !strings.Contains(text, "Bien: unclear") || strings.Contains(text, "##") {
		t.Errorf("Explain(unclear-end) = %q, %v", text, ok)
	}
	if _, ok := flow.Explain("no-such-code"); ok {
		t.Error("a code that does not exist has an explanation")
	}
	if _, ok := flow.Explain("unclear"); ok {
		t.Error("half a code has an explanation")
	}
}

// codeInSource finds the codes that the packages report: the string after the
// place in a report.
var codeInSource = regexp.MustCompile(`(?:report|warn|At|Problem|ChoiceProblem|Span|Inside)\([^"\n]*"([a-z]+(?:-[a-z]+)*)",|Code: +"([a-z-]+)"|code, width, most := "[a-z]+", "([a-z-]+)"|= "row", "([a-z-]+)"`)

func reportedCodes(t *testing.T) []string {
	t.Helper()
	var codes []string
	for _, pattern := range []string{"*.go", "../locale/*.go", "../source/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range codeInSource.FindAllStringSubmatch(string(data), -1) {
				code := m[1] + m[2] + m[3] + m[4]
				if !slices.Contains(codes, code) {
					codes = append(codes, code)
				}
			}
		}
	}
	return codes
}

// Every code that is reported has an explanation and a broken flow that shows it.
func TestEveryCodeIsExplainedAndShown(t *testing.T) {
	t.Parallel()
	reported := reportedCodes(t)
	if len(reported) < 45 {
		t.Fatalf("found only %d codes in the source: %v", len(reported), reported)
	}
	for _, code := range reported {
		if _, ok := flow.Explain(code); !ok {
			t.Errorf("%s has no explanation", code)
		}
	}
	for _, code := range flow.Codes() {
		if !slices.Contains(reported, code) {
			t.Errorf("%s is explained and never reported", code)
		}
		shown, err := filepath.Glob(brokenFlows + "/" + code + "*.txt")
		if err != nil || len(shown) == 0 && code != "too-large" {
			t.Errorf("%s has no broken flow that shows it", code)
		}
	}
}
