package flow

import (
	_ "embed" // for the explanations
	"strings"
)

// explanations is a text for people, one section for each code. It is embedded
// rather than written in Go so that whoever knows the operators can edit it.
//
//go:embed explain.md
var explanations string

// Explain returns what a problem's code means and how to mend it, in Spanish.
func Explain(code string) (string, bool) {
	_, rest, ok := strings.Cut("\n"+explanations, "\n## "+code+"\n")
	if !ok {
		return "", false
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return strings.TrimSpace(text), true
}

// Codes returns the codes of all problems that have an explanation, in the
// order of the guide.
func Codes() []string {
	var out []string
	for line := range strings.Lines(explanations) {
		if code, ok := strings.CutPrefix(line, "## "); ok {
			out = append(out, strings.TrimSpace(code))
		}
	}
	return out
}
