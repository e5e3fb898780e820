package replay_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/internal/quincena"
	"valebot/internal/replay"
	"valebot/internal/source"
	"valebot/internal/understand"
	"valebot/locales"
	"valebot/migrations"
	"valebot/testdata"
)

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
	return &transcript.Lab{Set: set, Catalog: catalog, Vocabulary: vocabulary, Understand: u, Zone: quincena.Central()}
}

func newStage(t testing.TB, lab *transcript.Lab) *replay.Stage {
	t.Helper()
	s, err := replay.NewStage(t.Context(), pgtest.Open(t, migrations.FS, postgres.Migrate), lab)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A stage stands beside a given database or on a cluster of its own, and what
// fails in memory fails there.
func TestOpen(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]string{"beside": pgtest.Open(t, nil, nil), "own": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := replay.Open(t.Context(), server, newLab(t))
			if err != nil {
				t.Fatal(err)
			}
			if f := run(t, s.Lab(), "user: xyzzy\nbot: @comun.no_te_entendi\n"); f == nil || !strings.Contains(f.String(), "the bot said something else") {
				t.Error(f)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := replay.Open(t.Context(), "mysql://x/y", newLab(t)); err == nil {
		t.Error("a server of another kind is taken")
	}
}

// run runs one case of the idle flow.
func run(t *testing.T, lab *transcript.Lab, lines string) *transcript.Failure {
	t.Helper()
	cases, problems := transcript.Parse("x.chat", []byte("== caso\nflow: inicio\ngiven:\n  cliente: {nombre: Ana, es_distribuidora: false}\n"+lines))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return lab.Run(cases[0]).Failure
}

const armed = `flow: fuera
version: 1
title: Prueba dos textos
about: vale
starts: [{event: vale.authorized}]
start: hola
tests: {tono: {stop: BAJA, above: 5}}
steps:
  hola: {say: {test: tono, a: a.uno, b: a.dos}, end: dicho}
`

// Nobody in particular is in arm a of every test, and a named person in hers.
func TestArms(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.Catalog, _ = locale.Load(fstest.MapFS{"es-MX/m.yaml": {Data: []byte("a:\n  uno: {sms: \"Hola.\", wa: \"Hola.\", plantilla: u_v1}\n  dos: {sms: \"Buenas.\", wa: \"Buenas.\", plantilla: d_v1}\n")}})
	set, problems := flow.Load(fstest.MapFS{"fuera.flow.yaml": {Data: []byte(armed)},
		"_interrupts.yaml": {Data: []byte("interrupts:\n  BAJA: {words: [baja], do: contact.opt_out, say: a.uno, then: end, locked: true}\n")}}, lab.Vocabulary, lab.Catalog)
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	lab.Set = set
	person := "a"
	for flow.ArmOf(person, "tono") != "b" {
		person += "a"
	}
	stage := newStage(t, lab).Lab()
	for range 4 {
		cases, _ := transcript.Parse("x.chat", []byte("== a\nflow: fuera\nbot: Hola.\nend: dicho\n== b\nperson: "+person+"\nchannel: whatsapp\nevent: vale.authorized\nbot: Buenas.\nend: dicho\n"))
		for _, c := range cases {
			if f := stage.Run(c).Failure; f != nil {
				t.Error(f)
			}
		}
	}
}

// Each case meets a person who has no past, and only the core is played: what
// the engine keeps of a chat given to a person holds for the lines after it.
func TestCasesAreApart(t *testing.T) {
	t.Parallel()
	lab := newStage(t, newLab(t)).Lab()
	handed := "user: agente\nbot: …\nhuman: general\n"
	if f := run(t, lab, handed+"user: hola\nsilence:\nclock: +3h\nsilence:\n"); f != nil {
		t.Error(f)
	}
	if f := run(t, lab, "user: gracias\nbot: …\n"); f != nil {
		t.Error(f)
	}
	if f := run(t, lab, handed+"desk: resolved\nuser: gracias\nbot: …\n"); f != nil {
		t.Error(f)
	}
}

// Every conversation of the product goes the same way through the inbox, the
// database and the outbox as it does in memory.
func TestConversations(t *testing.T) {
	t.Parallel()
	cases, problems, err := transcript.ReadFolder(testdata.Conversations, "")
	if err != nil || len(problems) > 0 || len(cases) == 0 {
		t.Fatal(problems, err)
	}
	lab := newStage(t, newLab(t)).Lab()
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
