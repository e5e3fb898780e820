package transcript_test

import (
	"os"
	"path/filepath"
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

func TestConversations(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	paths, err := filepath.Glob(chats + "/*.chat")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cases, problems := transcript.Parse(filepath.Base(path), data)
		for _, p := range problems {
			t.Error(p)
		}
		for _, c := range cases {
			t.Run(c.Title, func(t *testing.T) {
				t.Parallel()
				if f := lab.Run(c).Failure; f != nil {
					t.Error(f)
				}
			})
		}
	}
}
