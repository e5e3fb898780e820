package flow_test

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/understand"
	"valebot/locales"
)

const (
	schemaFile = "../../flows/schema/flow-v1.schema.json"
	guideFile  = "../../flows/README.md"
)

func TestPublishedSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := flow.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := flow.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("flow.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("flow.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestShippedFlowsFollowTheSchema(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	names, err := fs.Glob(flows.FS, "*.flow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(flows.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(data), "# yaml-language-server: $schema=schema/flow-v1.schema.json\n") {
			t.Errorf("%s does not name its schema for editors", name)
		}
		var doc any
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The words of the reference are the words that the loader knows, and no more.
func TestReferenceIsWhatTheLoaderReads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		docs   []flow.Doc
		prefix string
	}{{flow.FlowKeys(), ""}, {flow.StepKeys(), "steps:\n  a:\n    "}} {
		for _, d := range c.docs {
			if strings.Contains(problemsOf(c.prefix+d.Key+": x\n"), "[unknown-key]") {
				t.Errorf("the loader does not know the key %s", d.Key)
			}
		}
	}
	for _, d := range flow.AnswerKinds() {
		if got := problemsOf("steps:\n  a: {ask: a.b, expect: " + d.Key + ", next: a}\n"); strings.Contains(got, "kind of answer") {
			t.Errorf("the loader does not know the answer %s", d.Key)
		}
	}
	source, err := os.ReadFile("read_step.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"note", "say", "ask", "again", "expect", "save", "reject", "unclear", "after", "do", "call", "with", "decide", "wait", "until", "meanwhile", "next", "handoff", "reason", "priority", "end"} {
		known := slices.ContainsFunc(flow.StepKeys(), func(d flow.Doc) bool { return d.Key == key })
		if !strings.Contains(string(source), `"`+key+`"`) || !known {
			t.Errorf("%s is read and not in the reference, or the other way round", key)
		}
	}
}

func problemsOf(text string) string {
	_, problems := flow.Load(fstest.MapFS{"x.flow.yaml": &fstest.MapFile{Data: []byte(text)}}, lending.Vocabulary(), nil)
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}

// guideReference is the part of the guide that is made from the code.
func guideReference() string {
	var b strings.Builder
	table := func(title string, docs []flow.Doc) {
		b.WriteString("\n### " + title + "\n\n| palabra | qué hace |\n|---|---|\n")
		for _, d := range docs {
			b.WriteString("| `" + d.Key + "` | " + d.Text + " |\n")
		}
	}
	table("Un flujo", flow.FlowKeys())
	table("Un paso", flow.StepKeys())
	table("Respuestas que se pueden esperar", flow.AnswerKinds())
	vocabulary := lending.Vocabulary()
	b.WriteString("\n### Datos que se pueden usar\n\n| dato | campos |\n|---|---|\n")
	for _, name := range sorted(vocabulary.Facts) {
		b.WriteString("| `" + name + "` | " + typed(vocabulary.Facts[name]) + " |\n")
	}
	table("Tipos de dato (slots)", flow.SlotTypes())
	b.WriteString("\n### Acciones del núcleo que usan los flujos (do)\n\n| acción | pide (with) | resultados (next) | entrega (save) |\n|---|---|---|---|\n")
	for _, name := range usedActions() {
		a := vocabulary.Actions[name]
		b.WriteString("| `" + name + "` | " + typed(a.With) + " | " + strings.Join(a.Outcomes, ", ") + " | " + typed(a.Result) + " |\n")
	}
	b.WriteString("\n### Avisos del núcleo (event, wait, meanwhile)\n\n| aviso | de qué trata (about) | trae (.core) |\n|---|---|---|\n")
	for _, name := range sorted(vocabulary.Events) {
		b.WriteString("| `" + name + "` | " + vocabulary.Events[name].About + " | " + typed(vocabulary.Events[name].Data) + " |\n")
	}
	b.WriteString("\n### Lo que la gente pide (intent)\n\n`" + strings.Join(knownIntents(), "`, `") + "`\n")
	b.WriteString("\n### Filtros de los mensajes\n\n`" + strings.Join(locale.Filters(), "`, `") + "`\n")
	b.WriteString("\n### Avisos del revisor\n\n`" + strings.Join(flow.Codes(), "`, `") + "`\n")
	return b.String()
}

// typed lists fields with their types.
func typed(fields flow.Fields) string {
	var out []string
	for _, name := range sorted(fields) {
		out = append(out, name+" ("+string(fields[name])+")")
	}
	return strings.Join(out, ", ")
}

// usedActions are the actions that the flows of the product call: those that a
// new flow may want too.
func usedActions() []string {
	catalog, _ := locale.Load(locales.FS)
	set, _ := flow.Load(flows.FS, lending.Vocabulary(), catalog)
	used := map[string]bool{}
	for _, name := range set.Names() {
		m, _ := set.Latest(name)
		for _, step := range m.Steps() {
			if info, _ := m.Info(step); info.Kind == "acción" {
				used[info.Does] = true
			}
		}
	}
	return sorted(used)
}

func knownIntents() []string {
	lexicon, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		panic(err) // TestShipped… reads the same files
	}
	return flow.Intents(lexicon)
}

// The types that the guide lists are those that the loader takes.
func TestSlotTypesAreRead(t *testing.T) {
	t.Parallel()
	for _, d := range flow.SlotTypes() {
		if got := problemsOf("flow: x\nversion: 1\ntitle: x\nstart: a\nslots:\n  y: {type: " + d.Key + ", secret: true}\nsteps:\n  a: {end: x}\n"); strings.Contains(got, "not a type") {
			t.Errorf("the loader does not know the type %s: %s", d.Key, got)
		}
	}
}

func sorted[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

const (
	guideBegin = "<!-- referencia: se genera del código -->\n"
	guideEnd   = "<!-- fin de la referencia -->\n"
)

func TestGuideIsCurrent(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(guideFile)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), guideBegin)
	got, tail, closed := strings.Cut(rest, guideEnd)
	if !ok || !closed {
		t.Fatal("the guide has no place for the reference")
	}
	want := guideReference()
	if *update {
		if err := os.WriteFile(guideFile, []byte(head+guideBegin+want+guideEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
