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

// FuzzParse feeds the parser, and runs what it makes of the text.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob(chats + "/*.chat")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 1500)])
	}
	lab := newLab(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		cases, problems := transcript.Parse("f.chat", data)
		for _, p := range problems {
			if p.Line < 1 {
				t.Errorf("a problem without a line: %v", p)
			}
		}
		for _, c := range cases[:min(len(cases), 5)] {
			lab.Run(c)
		}
	})
}

func TestFailuresAreShown(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	given := "flow: aceptacion_vale\ngiven:\n  vale: {persona_nombre: Ana, distribuidora: Maria, monto: 3000, quincenas: 8, pago: 487.5, total: 3900}\n"
	offer := "bot: @aceptacion.oferta\n"
	for name, c := range map[string]struct{ text, want string }{
		"another text":      {given + "bot: Maria te ha autorizado $3,500…\n", "x.chat:5: the bot said something else\n    want: Maria te ha autorizado $3,500…\n    got:  Maria te ha autorizado $3,000: 8"},
		"another message":   {given + "bot: @aceptacion.terminos\n", "@aceptacion.oferta — Maria"},
		"nothing expected":  {given + "user: sí\n", "the bot said something that no line expects"},
		"left at the end":   {given + offer + "user: mande\n", "got:  Disculpa, no logro entenderte."},
		"too much expected": {given + offer + offer, "the bot said nothing more"},
		"silence":           {given + "silence:\n", "no line expects"},
		"no call":           {given + offer + "core: vale.accept\n", "the core was not asked to do this\n    want: vale.accept"},
		"another step":      {given + offer + "step: forma_pago\n", "want: forma_pago\n    got:  oferta"},
		"not ended":         {given + offer + "end: entregado\n", "(end)"},
		"nobody has it":     {given + offer + "human: altas\n", "(human)"},
		"no such flow":      {"flow: nada\nuser: x\n", `there is no flow "nada"`},
		"no such fact":      {"flow: aceptacion_vale\ngiven:\n  vales: {}\n", `there is no fact "vales"`},
		"no such field":     {"flow: aceptacion_vale\ngiven:\n  vale: {mnto: 1}\n", `there is no "mnto" here`},
		"wrong value":       {"flow: aceptacion_vale\ngiven:\n  vale: {monto: mucho}\n", "monto: "},
		"missing fact":      {"flow: aceptacion_vale\ngiven:\n  vale: {monto: 1}\n" + offer, "a message could not be written"},
		"no such action":    {"core: nada -> ok\n" + given + offer, `the core has no action "nada"`},
		"no such outcome":   {"core: vale.accept -> nada\n" + given + offer, "cannot answer"},
		"no such event":     {given + offer + "event: nada\n", `the core has no event "nada"`},
		"wrong clock":       {given + offer + "clock: mañana\n", "not a length of time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases, problems := transcript.Parse("x.chat", []byte("== caso\n"+c.text))
			if len(problems) > 0 || len(cases) != 1 {
				t.Fatal(problems)
			}
			f := lab.Run(cases[0]).Failure
			if f == nil || !strings.Contains(f.String(), c.want) || !strings.HasSuffix(f.String(), "  caso: caso\n") {
				t.Errorf("got %v, want %q", f, c.want)
			}
		})
	}
}

func TestParseProblems(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"user: hola\n", "== a\nhola\n", "== a\nflow: x\nbot:\n", "== a\nflow: x\nchannel: fax\n", "== a\nuser: x\n", "== a\nflow: x\ngiven:\n  a: [\n", "== a\nflow: x\nusr: hola\n"} {
		if _, problems := transcript.Parse("x.chat", []byte(text)); len(problems) == 0 {
			t.Errorf("%q has no problem", text)
		}
	}
}

// BenchmarkConversations runs every conversation of the product.
func BenchmarkConversations(b *testing.B) {
	lab, all := newLab(b), conversations(b)
	b.ReportMetric(float64(len(all)), "cases")
	for b.Loop() {
		for _, c := range all {
			lab.Run(c)
		}
	}
}
