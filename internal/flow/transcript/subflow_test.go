package transcript_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
	"valebot/internal/locale"
	"valebot/internal/source"
)

const callerFlow = `flow: fuera
version: 1
title: Llama a otro
about: vale
starts: [{event: vale.authorized}]
start: pide
steps:
  pide: {call: dentro, next: {si: fin, no: otra}}
  fin: {end: si}
  otra: {end: no}
`

const calledFlow = `flow: dentro
version: 1
title: Pregunta
start: pregunta
steps:
  pregunta:
    ask: a.pregunta
    expect: yes_no
    next: {affirm: si, deny: no}
    after: {4h: {go: no}}
  si: {end: si}
  no: {end: no}
`

const subflowMessages = "a:\n  pregunta: {sms: \"¿Lo quieres? Responde SI o NO\", wa: \"¿Lo quieres?\", plantilla: p_v1}\n"

const subflowChat = `== dice que sí dentro de otro flujo
flow: fuera
bot: @a.pregunta
step: dentro/pregunta
user: sí
end: si
== no contesta
bot: @a.pregunta
clock: +5h
end: no
`

// Steps of a sub-flow count for the sub-flow, and the way back for its caller.
func TestSubflowsAreCovered(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	var problems []source.Problem
	lab.Catalog, problems = locale.Load(fstest.MapFS{"es-MX/m.yaml": {Data: []byte(subflowMessages)}})
	set, more := flow.Load(fstest.MapFS{"fuera.flow.yaml": {Data: []byte(callerFlow)}, "dentro.flow.yaml": {Data: []byte(calledFlow)}}, lab.Vocabulary, lab.Catalog)
	if problems = append(problems, more...); source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	lab.Set = set
	cases, problems := transcript.Parse("x.chat", []byte(subflowChat))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	visited := map[transcript.Visit]int{}
	for _, c := range cases {
		result := lab.Run(c)
		if result.Failure != nil {
			t.Fatal(result.Failure)
		}
		for v, n := range result.Visited {
			visited[v] += n
		}
	}
	want := []transcript.Visit{{Flow: "dentro", Step: "pregunta", Outcome: "deny"}}
	if diff := cmp.Diff(want, transcript.Cover(set, visited).Missing); diff != "" {
		t.Error(diff)
	}
}

const armedFlow = `flow: fuera
version: 1
title: Prueba dos textos
about: vale
starts: [{event: vale.authorized}]
start: hola
tests: {tono: {stop: BAJA, above: 5}}
steps:
  hola: {say: {test: tono, a: a.uno, b: a.dos}, end: dicho}
`

// A conversation of a person in the other arm shows the other wording.
func TestArmsInConversations(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	catalog, _ := locale.Load(fstest.MapFS{"es-MX/m.yaml": {Data: []byte("a:\n  uno: {sms: \"Hola.\", wa: \"Hola.\", plantilla: u_v1}\n  dos: {sms: \"Buenas.\", wa: \"Buenas.\", plantilla: d_v1}\n")}})
	set, problems := flow.Load(fstest.MapFS{"fuera.flow.yaml": {Data: []byte(armedFlow)},
		"_interrupts.yaml": {Data: []byte("interrupts:\n  BAJA: {words: [baja], do: contact.opt_out, say: a.uno, then: end, locked: true}\n")}}, lab.Vocabulary, catalog)
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	lab.Set, lab.Catalog = set, catalog
	person := "a"
	for flow.ArmOf(person, "tono") != "b" {
		person += "a"
	}
	for _, chat := range []string{"== a\nflow: fuera\nbot: Hola.\nend: dicho\n", "== b\nflow: fuera\nperson: " + person + "\nbot: Buenas.\nend: dicho\n"} {
		cases, problems := transcript.Parse("x.chat", []byte(chat))
		if len(problems) > 0 || len(cases) != 1 {
			t.Fatal(problems)
		}
		if f := lab.Run(cases[0]).Failure; f != nil {
			t.Error(f)
		}
	}
}
