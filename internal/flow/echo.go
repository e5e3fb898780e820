package flow

import (
	"slices"
	"strings"

	"valebot/internal/source"
)

// echoes are the codes that one mistake may also set off in the same step, by
// the code that names the mistake itself. One mistake gives one message.
func echoes(code string) []string {
	switch code {
	case "unknown-key", "shape":
		return []string{"missing-key", "dead-end", "unhandled", "missing-input", "no-after", "no-else", "no-unclear"}
	case "unknown-outcome":
		return []string{"unhandled"}
	case "unknown-value":
		return []string{"unknown-outcome", "unhandled", "slot-type", "no-unclear"}
	case "unknown-input":
		return []string{"missing-input"}
	case "else-last":
		return []string{"no-else"}
	}
	return nil
}

// quiet takes out what is only the echo of another mistake in the same step.
func (l *loader) quiet() {
	places := map[string][]int{} // file → the lines on which steps begin
	for _, s := range l.specs {
		for _, step := range s.steps {
			places[s.file.Name] = append(places[s.file.Name], step.name.node.Line)
		}
		slices.Sort(places[s.file.Name])
	}
	type step struct {
		file string
		at   int
	}
	of := func(p Problem) step {
		at, found := slices.BinarySearch(places[p.File], p.Line)
		if !found {
			at-- // before the first step is -1, which is a place of its own
		}
		return step{p.File, at}
	}
	muted := map[step][]string{}
	for _, p := range l.problems {
		muted[of(p)] = append(muted[of(p)], echoes(p.Code)...)
	}
	l.problems = slices.DeleteFunc(l.problems, func(p Problem) bool { return slices.Contains(muted[of(p)], p.Code) })
}

// untranslated takes out that a translation is stale where its text is to be
// mended anyway.
func untranslated(ps []Problem) []Problem {
	wrong := map[string]bool{}
	for _, p := range ps {
		if key, _, ok := strings.Cut(p.Text, ": "); ok && p.Code != "stale" {
			for ; key != ""; key = key[:max(0, strings.LastIndex(key, "."))] {
				wrong[key] = true
			}
		}
	}
	return slices.DeleteFunc(ps, func(p Problem) bool {
		key, _, _ := strings.Cut(p.Text, ": ")
		return p.Code == "stale" && p.Severity == source.Warning && wrong[key]
	})
}
