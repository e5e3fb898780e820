package flow_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/source"
)

var update = flag.Bool("update", false, "write what the linter says into testdata/broken_flows")

const brokenFlows = "../../testdata/broken_flows"

// archive reads the files of a case: each begins with a line "-- name --".
func archive(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files, name := map[string]string{}, ""
	for line := range strings.Lines(string(data)) {
		if title, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(line, " --\n") {
			name = strings.TrimSuffix(title, " --\n")
			files[name] = ""
			continue
		}
		files[name] += line
	}
	return files
}

// lint checks the flows and messages of an archive and prints what is wrong.
func lint(files map[string]string) (string, []source.Problem) {
	folders := map[string]fstest.MapFS{"flows": {}, "locales": {}}
	for name, text := range files {
		folder, rest, _ := strings.Cut(name, "/")
		if fsys, ok := folders[folder]; ok {
			fsys[rest] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	catalog, problems := locale.Load(folders["locales"])
	vocabulary := lending.Vocabulary()
	vocabulary.Intents = []string{"already_paid", "balance", "new_vale", "help", "opt_out", "human"}
	_, more := flow.Load(folders["flows"], vocabulary, catalog)
	problems = append(problems, more...)
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(printed(p))
	}
	return b.String(), problems
}

// Every way to break a flow stands in a file with exactly what the linter says
// about it: the place, the line, the suggestion.
func TestBrokenFlows(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(brokenFlows + "/*.txt")
	if err != nil || len(paths) < 2 {
		t.Fatalf("no broken flows: %v", err)
	}
	base := archive(t, brokenFlows+"/_base.txt")
	if got, _ := lint(base); got != "" {
		t.Fatalf("the flow that the cases break is broken itself:\n%s", got)
	}
	for _, path := range paths {
		if filepath.Base(path) == "_base.txt" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			brokenCase(t, path, base)
		})
	}
}

func brokenCase(t *testing.T, path string, base map[string]string) {
	t.Helper()
	own := archive(t, path)
	files := maps.Clone(base)
	maps.Copy(files, own)
	for name := range own {
		if gone, ok := strings.CutSuffix(name, " (absent)"); ok {
			delete(files, gone)
		}
	}
	got, problems := lint(files)
	if *update {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(data), "-- want --\n")
		if err := os.WriteFile(path, []byte(head+"-- want --\n"+got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(own["want"], got); diff != "" {
		t.Error(diff)
	}
	code := strings.TrimSuffix(filepath.Base(path), ".txt")
	if !slices.ContainsFunc(problems, func(p source.Problem) bool { return strings.HasPrefix(code, p.Code) }) {
		t.Errorf("the case is called %s and no problem has that code", code)
	}
}
