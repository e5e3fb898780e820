package flow

import (
	"fmt"
	"io"
	"io/fs"
	"slices"

	"valebot/internal/locale"
	"valebot/internal/source"
	"valebot/internal/understand"
)

// Report is what checking a folder of flows and one of messages showed.
type Report struct {
	Problems []Problem `json:"problems"` // by file, line and column
	Flows    int       `json:"flows"`
	Steps    int       `json:"steps"`
	Messages int       `json:"messages"`
}

// Intents are what people may ask for by a lexicon, for Vocabulary.Intents.
func Intents(lexicon understand.Lexicon) []string {
	out := []string{understand.IntentNewVale, understand.IntentTerms, understand.IntentChange, understand.IntentInvited}
	for _, e := range lexicon.Entries {
		if !e.Answer {
			out = append(out, e.Name.Value)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Lint checks flows and messages together, as they are used. A lexicon that
// cannot be read leaves intents unchecked: that it is broken is told elsewhere.
func Lint(flows, locales fs.FS, vocabulary Vocabulary) Report {
	if lexicon, err := understand.LoadLexicon(locales, "es-MX/lexicon"); err == nil {
		vocabulary.Intents = Intents(lexicon)
	}
	catalog, problems := locale.Load(locales)
	l := loader{vocabulary: vocabulary, catalog: catalog, root: source.RootOf(flows, "flows")}
	l.load(flows)
	r := Report{Problems: untranslated(append(problems, l.problems...)), Flows: len(l.specs), Messages: len(catalog.Keys())}
	for _, s := range l.specs {
		r.Steps += len(s.steps)
	}
	source.Sort(r.Problems)
	return r
}

// Errors counts the problems that keep the files from being used.
func (r Report) Errors() int { return source.Errors(r.Problems) }

// Print writes every problem with its line underlined, and a summary.
func (r Report) Print(w io.Writer) error {
	for _, p := range r.Problems {
		if err := p.Print(w); err != nil {
			return err
		}
	}
	errors := r.Errors()
	_, err := fmt.Fprintf(w, "%d flows, %d steps, %d messages: %d errors, %d warnings\n",
		r.Flows, r.Steps, r.Messages, errors, len(r.Problems)-errors)
	return err
}
