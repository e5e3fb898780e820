package transcript_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/understand"
	"valebot/locales"
)

const chats = "../../../testdata/conversations"

func newLab(t testing.TB) *transcript.Lab {
	t.Helper()
	lexicon, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		t.Fatal(err)
	}
	u, err := understand.New(lexicon)
	if err != nil {
		t.Fatal(err)
	}
	catalog, _ := locale.Load(locales.FS)
	vocabulary := lending.Vocabulary()
	set, _ := flow.Load(flows.FS, vocabulary, catalog)
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	return &transcript.Lab{Set: set, Catalog: catalog, Vocabulary: vocabulary, Understand: u, Zone: zone}
}

// conversations parses every conversation of the product.
func conversations(t testing.TB) []transcript.Case {
	t.Helper()
	paths, err := filepath.Glob(chats + "/*.chat")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	var all []transcript.Case
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cases, problems := transcript.Parse(filepath.Base(path), data)
		for _, p := range problems {
			t.Error(p)
		}
		all = append(all, cases...)
	}
	return all
}

func TestConversations(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	for _, c := range conversations(t) {
		t.Run(c.File+"/"+c.Title, func(t *testing.T) {
			t.Parallel()
			if f := lab.Run(c).Failure; f != nil {
				t.Error(f)
			}
		})
	}
}

// Every step and every way out of it is gone by some conversation: what nobody
// has tried is what breaks in front of a person.
func TestConversationsCoverTheFlows(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	visited := map[transcript.Visit]int{}
	for _, c := range conversations(t) {
		for v, n := range lab.Run(c).Visited {
			visited[v] += n
		}
	}
	cover := transcript.Cover(lab.Set, visited)
	if len(cover.Missing) == 0 {
		return
	}
	var b strings.Builder
	if err := cover.Print(&b); err != nil {
		t.Fatal(err)
	}
	t.Error(b.String())
}
