package transcript_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/locale"
	"valebot/internal/source"
	"valebot/locales"
)

// blocks returns the fenced examples of the guide, in order.
func blocks(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../../../flows/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, part := range strings.Split(string(data), "```") {
		if i%2 == 1 {
			_, body, _ := strings.Cut(part, "\n")
			out = append(out, body)
		}
	}
	return out
}

// copyOf returns the files of fsys with one of them edited.
func copyOf(t *testing.T, fsys fs.FS, name string, edits ...string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := string(out[name].Data)
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("%s has no %q to edit", name, edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	out[name].Data = []byte(text)
	return out
}

// Who follows the guide word by word gets a flow without problems and a test
// that passes.
func TestTheGuideWorks(t *testing.T) {
	t.Parallel()
	examples := blocks(t)
	texts := copyOf(t, locales.FS, "es-MX/mensajes.yaml", "aceptacion:\n", "aceptacion:\n"+examples[0])
	files := copyOf(t, flows.FS, "aceptacion_vale.flow.yaml", "steps:\n", "steps:\n"+examples[1], "ok: forma_pago", "ok: recordar", "version: 6", "version: 7")
	lab := newLab(t)
	catalog, problems := locale.Load(texts)
	set, more := flow.Load(files, lab.Vocabulary, catalog)
	for _, p := range append(problems, more...) {
		if p.Severity == source.Error || p.Code != "missing-variant" {
			t.Error(p)
		}
	}
	lab.Set, lab.Catalog = set, catalog
	cases, bad := transcript.Parse("README.md", []byte(examples[2]))
	if len(cases) != 1 || len(bad) > 0 {
		t.Fatalf("%d cases, %v", len(cases), bad)
	}
	if f := lab.Run(cases[0]).Failure; f != nil {
		t.Error(f)
	}
}
