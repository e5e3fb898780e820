package transcript_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/locale"
	"valebot/locales"
)

// drafted puts a new flow beside the interrupts and messages of the product.
func drafted(t *testing.T, d flow.Draft, name string) (folder, texts fstest.MapFS) {
	t.Helper()
	common, err := fs.ReadFile(flows.FS, "_interrupts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	texts = copyOf(t, locales.FS, "es-MX/mensajes.yaml")
	texts["es-MX/"+name+".yaml"] = &fstest.MapFile{Data: []byte(d.Messages)}
	return fstest.MapFS{"_interrupts.yaml": {Data: common}, name + ".flow.yaml": {Data: []byte(d.Flow)}}, texts
}

// A new flow has no problems, is in the usual order, and its conversations pass
// and go every way that it has.
func TestNewFlowsAreWhole(t *testing.T) {
	t.Parallel()
	for _, template := range flow.Templates() {
		t.Run(template.Key, func(t *testing.T) {
			t.Parallel()
			d, err := flow.New(template.Key, "mi_flujo", "Un título con \"comillas\"")
			if err != nil || template.Text == "" {
				t.Fatal(err)
			}
			folder, texts := drafted(t, d, "mi_flujo")
			lab := newLab(t)
			catalog, _ := locale.Load(texts)
			set, problems := flow.Load(folder, lab.Vocabulary, catalog)
			for _, p := range problems {
				if p.Code != "never-started" {
					t.Error(p)
				}
			}
			if formatted, _ := flow.Format("x", []byte(d.Flow)); string(formatted) != d.Flow {
				t.Errorf("it is not in the usual order:\n%s", formatted)
			}
			lab.Catalog, lab.Set = catalog, set
			allGone(t, lab, d.Chat)
		})
	}
}

func allGone(t *testing.T, lab *transcript.Lab, chat string) {
	t.Helper()
	cases, problems := transcript.Parse("mi_flujo.chat", []byte(chat))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	visited := map[transcript.Visit]int{}
	for _, c := range cases {
		result := lab.Run(c)
		if result.Failure != nil {
			t.Error(result.Failure)
		}
		for v, n := range result.Visited {
			visited[v] += n
		}
	}
	for _, v := range transcript.Cover(lab.Set, visited).Missing {
		t.Errorf("no conversation goes %+v", v)
	}
}

func TestNewRefusesBadNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "A", "Mi flujo", "../x", "1abc", "a/b", "ñandú", strings.Repeat("a", 41)} {
		if _, err := flow.New("pregunta", name, ""); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
	if _, err := flow.New("nada", "mi_flujo", ""); err == nil || !strings.Contains(err.Error(), "pregunta, aviso, opciones, subflujo") {
		t.Error(err)
	}
	if d, err := flow.New("aviso", "mi_flujo", ""); err != nil || !strings.Contains(d.Flow, "Escribe aquí para qué sirve") {
		t.Errorf("%v\n%s", err, d.Flow)
	}
}
