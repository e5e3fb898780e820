package flow_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/source"
)

const outerText = `flow: entrega
version: 1
title: Llama a otro flujo
about: vale
starts: [{event: vale.authorized}]
start: pide
slots:
  cuenta: {type: clabe, secret: true}
  forma: {type: text}
steps:
  pide:
    say: a.antes
    call: clabe
    with: {motivo: vale.folio}
    save: cuenta
    next: {lista: gracias, nada: agente}
  gracias: {say: a.gracias, end: listo}
  agente:
    handoff: altas
    next: {resolved: fin, returned: pide}
  fin: {end: por_agente}
`

const innerText = `flow: clabe
version: 1
title: Pide una CLABE
about: vale
start: pregunta
returns: cuenta
slots:
  motivo: {type: text}
  cuenta: {type: clabe, secret: true}
steps:
  pregunta:
    ask: a.clabe
    again: a.clabe_corta
    expect: clabe
    save: cuenta
    next: segura
    unclear:
      - {say: a.ayuda}
      - {go: nada}
    after: {4h: {say: a.recordatorio}, 20h: {go: nada}}
  segura:
    call: seguro
    next: {si: lista, no: pregunta}
  lista: {say: a.lista, end: lista}
  nada: {end: nada}
`

const innermostText = `flow: seguro
version: 1
title: Pregunta si es correcto
start: pregunta
steps:
  pregunta:
    ask: a.seguro
    expect: yes_no
    next: {affirm: fin, deny: otra}
    after: {20h: {go: otra}}
  fin: {end: si}
  otra: {end: no}
`

func nested(t testing.TB) *play {
	t.Helper()
	set, problems := folder(t, map[string]string{"entrega.flow.yaml": outerText, "clabe.flow.yaml": innerText, "seguro.flow.yaml": innermostText, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	m, _ := set.Latest("entrega")
	zone := time.FixedZone("CST", -6*60*60)
	p := &play{set: set, m: m, state: m.Start(nil), facts: facts(), env: flow.Env{
		Now: time.Date(2026, time.March, 2, 10, 0, 0, 0, zone), Zone: zone, Channel: message.SMS, Floor: true, Understand: understander(t),
	}}
	p.turn(t, flow.Event{Kind: flow.Started})
	return p
}

const goodCLABE = "032180000118359719"

func wantPath(t *testing.T, d flow.Decision, path, ways []string) {
	t.Helper()
	if diff := cmp.Diff(path, d.Path); diff != "" {
		t.Errorf("path: %s", diff)
	}
	if diff := cmp.Diff(ways, d.Ways); diff != "" {
		t.Errorf("ways: %s", diff)
	}
}

// A sub-flow asks, calls a further one, and comes back with what it returns.
func TestCallComesBackWithTheResult(t *testing.T) {
	t.Parallel()
	p := nested(t)
	wantPath(t, p.last, []string{"pide", "clabe/pregunta"}, []string{"call"})
	wantStatus(t, p.last, flow.Asking)
	if diff := cmp.Diff([]string{"a.antes", "a.clabe"}, says(p.last)); diff != "" {
		t.Error(diff)
	}
	d := p.reply(t, goodCLABE)
	wantPath(t, d, []string{"clabe/pregunta", "clabe/segura", "seguro/pregunta"}, []string{"ok", "call"})
	if sub, version := p.state.Within(); sub != "seguro" || version != 1 {
		t.Errorf("the dialogue stands in %s v%d", sub, version)
	}
	if _, ok := p.state.Slot("cuenta"); ok {
		t.Error("the innermost flow sees the slots of the flow that called it")
	}
	d = p.reply(t, "sí")
	wantPath(t, d, []string{"seguro/pregunta", "seguro/fin", "clabe/segura", "clabe/lista", "pide", "gracias"},
		[]string{"affirm", "return", "si", "return", "lista"})
	wantStatus(t, d, flow.Ended)
	if v, _ := d.State.Slot("cuenta"); v != goodCLABE {
		t.Errorf("the flow got %v back", v)
	}
	if diff := cmp.Diff([]string{"a.lista", "a.gracias"}, says(d)); diff != "" {
		t.Error(diff)
	}
}

func TestCallAgainAsksAgain(t *testing.T) {
	t.Parallel()
	p := nested(t)
	p.reply(t, goodCLABE)
	d := p.reply(t, "no")
	wantPath(t, d, []string{"seguro/pregunta", "seguro/otra", "clabe/segura", "clabe/pregunta"}, []string{"deny", "return", "no"})
	wantStatus(t, d, flow.Asking)
}

// Interrupts, silence and hand-offs work inside a sub-flow as outside of it.
func TestInsideASubflow(t *testing.T) {
	t.Parallel()
	p := nested(t)
	p.reply(t, "saldo")
	d := p.answer(t, "ok", nil)
	if diff := cmp.Diff([]string{"a.saldo", "a.clabe_corta"}, says(d)); diff != "" {
		t.Error(diff)
	}
	d = p.turn(t, flow.Event{Kind: flow.Elapsed, Timer: "pregunta/4h"})
	if diff := cmp.Diff([]string{"a.recordatorio"}, says(d)); diff != "" || !d.Keep {
		t.Errorf("keep %v: %s", d.Keep, diff)
	}
	d = p.turn(t, flow.Event{Kind: flow.Elapsed, Timer: "pregunta/20h"})
	wantPath(t, d, []string{"clabe/pregunta", "clabe/nada", "pide", "agente"}, []string{"after", "return", "nada"})
	wantStatus(t, d, flow.HandedTo)
	d = p.turn(t, flow.Event{Kind: flow.Released, Name: "returned"})
	wantPath(t, d, []string{"agente", "pide", "clabe/pregunta"}, []string{"returned", "call"})
	d = p.reply(t, "baja")
	d = p.answer(t, "ok", nil)
	wantStatus(t, d, flow.Ended)
}

// A step of the dialogue's own flow is where migration leads: sub-flows are left.
func TestMigrationLeavesSubflows(t *testing.T) {
	t.Parallel()
	p := nested(t)
	p.reply(t, goodCLABE)
	p.state = p.state.At("gracias")
	if sub, _ := p.state.Within(); sub != "" || p.state.Step() != "gracias" {
		t.Errorf("stands in %q at %s", sub, p.state.Step())
	}
	d := p.turn(t, flow.Event{Kind: flow.Floored})
	if d.Path[0] != "gracias" {
		t.Error(d.Path)
	}
}

// Somebody inside an older version of a sub-flow finishes it there.
func TestSubflowVersionIsKept(t *testing.T) {
	t.Parallel()
	p := nested(t)
	newer, problems := folder(t, map[string]string{"entrega.flow.yaml": outerText,
		"clabe.flow.yaml":  replaced(innerText, "version: 1", "version: 2", "pregunta:", "nueva:", "start: pregunta", "start: nueva", "no: pregunta", "no: nueva"),
		"seguro.flow.yaml": innermostText, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	old, _ := p.set.Latest("clabe")
	kept, _ := newer.Keep(old).Machine("entrega", 1)
	d := flow.Turn(kept, p.state, flow.Event{Kind: flow.Replied, Reply: goodCLABE, What: message.Text}, p.facts, p.env)
	wantStatus(t, d, flow.Asking)
	lost, _ := newer.Latest("entrega")
	d = flow.Turn(lost, p.state, flow.Event{Kind: flow.Replied, Reply: goodCLABE, What: message.Text}, p.facts, p.env)
	wantStatus(t, d, flow.HandedTo)
	if _, ok := effect[flow.Handoff](d); !ok {
		t.Error("nobody is told of a person in a step that is gone")
	}
}

// A newer sub-flow says where people in its removed steps go.
func TestSubflowMigrates(t *testing.T) {
	t.Parallel()
	p := nested(t)
	newer, problems := folder(t, map[string]string{"entrega.flow.yaml": outerText,
		"clabe.flow.yaml":  replaced(innerText, "version: 1", "version: 2", "pregunta:", "nueva:", "start: pregunta", "start: nueva\nmigrate: {pregunta: nueva}", "no: pregunta", "no: nueva"),
		"seguro.flow.yaml": innermostText, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	m, _ := newer.Latest("entrega")
	d := flow.Turn(m, p.state, flow.Event{Kind: flow.Floored}, p.facts, p.env)
	wantStatus(t, d, flow.Asking)
	if d.State.Step() != "clabe/nueva" {
		t.Error(d.State.Step())
	}
}

func TestMissingInputOfACall(t *testing.T) {
	t.Parallel()
	p := nested(t)
	delete(p.facts["vale"], "folio")
	d := flow.Turn(p.m, p.m.Start(nil), flow.Event{Kind: flow.Started}, p.facts, p.env)
	wantStatus(t, d, flow.HandedTo)
}

func TestChainOfCallsIsBounded(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 12 {
		text := fmt.Sprintf("flow: f%d\nversion: 1\ntitle: x\nstart: a\nsteps:\n  a: {call: f%d, next: fin}\n  fin: {end: listo}\n", i, i+1)
		if i == 11 {
			text = "flow: f11\nversion: 1\ntitle: x\nstart: fin\nsteps:\n  fin: {end: listo}\n"
		}
		files[fmt.Sprintf("f%d.flow.yaml", i)] = text
	}
	set, problems := folder(t, files)
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	m, _ := set.Latest("f0")
	d := flow.Turn(m, m.Start(nil), flow.Event{Kind: flow.Started}, facts(), flow.Env{Now: time.Unix(1_772_000_000, 0)})
	wantStatus(t, d, flow.HandedTo)
	short, _ := set.Latest("f6")
	d = flow.Turn(short, short.Start(nil), flow.Event{Kind: flow.Started}, facts(), flow.Env{Now: time.Unix(1_772_000_000, 0)})
	wantStatus(t, d, flow.Ended)
}

// A state that stands in a flow that does not exist goes to a person.
func TestStateOfAnUnknownSubflow(t *testing.T) {
	t.Parallel()
	p := nested(t)
	for _, text := range []string{
		`{"flow":"nada","version":1,"step":"x"}`,
		`{"flow":"clabe","version":1,"step":"lista","callers":[{"flow":"nada","step":"x"}]}`,
		`{"flow":"clabe","version":1,"step":"pregunta","asked":true,"callers":[{"step":"nada"}]}`,
	} {
		var s flow.State
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		for _, ev := range []flow.Event{{Kind: flow.Started}, {Kind: flow.Replied, Reply: "sí"}, {Kind: flow.Elapsed, Timer: "pregunta/20h"}, {Kind: flow.Released, Name: "returned"}} {
			d := flow.Turn(p.m, s, ev, p.facts, p.env)
			agrees(t, d)
		}
	}
}

const testedText = `flow: prueba
version: 1
title: Prueba dos textos
about: vale
starts: [{event: vale.authorized}]
start: hola
tests:
  tono: {stop: [BAJA, AGENTE], above: 5, after: 50}
  cierre: {stop: BAJA, above: 2}
steps:
  hola:
    say: {test: tono, a: a.hola, b: a.hola_b}
    next: pregunta
  pregunta:
    ask: {test: cierre, a: a.q, b: a.q_b}
    expect: yes_no
    next: {affirm: fin, deny: fin}
    after: {4h: {go: fin}}
  fin: {end: fin}
`

func TestArms(t *testing.T) {
	t.Parallel()
	set, problems := folder(t, map[string]string{"prueba.flow.yaml": testedText, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	m, _ := set.Latest("prueba")
	count := map[string]int{}
	for i := range 400 {
		env := flow.Env{Now: time.Unix(1_772_000_000, 0), Person: fmt.Sprintf("tel:+52667%07d", i), Floor: true}
		d := flow.Turn(m, m.Start(nil), flow.Event{Kind: flow.Started}, facts(), env)
		again := flow.Turn(m, m.Start(nil), flow.Event{Kind: flow.Started}, facts(), env)
		if diff := cmp.Diff(says(d), says(again)); diff != "" {
			t.Fatalf("the same person hears something else: %s", diff)
		}
		for _, e := range d.Effects {
			if s, ok := e.(flow.Say); ok {
				count[s.Arm+" "+s.Message]++
			}
		}
	}
	for _, arm := range []string{"tono:a a.hola", "tono:b a.hola_b", "cierre:a a.q", "cierre:b a.q_b"} {
		if count[arm] < 150 || count[arm] > 250 {
			t.Errorf("%s: %d of 400", arm, count[arm])
		}
	}
	info, _ := m.Info("pregunta")
	if diff := cmp.Diff([]string{"a.q", "a.q_b"}, info.Messages); diff != "" {
		t.Error(diff)
	}
}

// Who is in arm b of one test is in either arm of another as often.
func TestArmsAreIndependent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one, two := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "one"), rapid.StringMatching(`[a-z]{1,8}2`).Draw(t, "two")
		same := 0
		for i := range 400 {
			person := fmt.Sprint(i)
			if flow.ArmOf(person, one) == flow.ArmOf(person, two) {
				same++
			}
		}
		if same < 120 || same > 280 {
			t.Errorf("%s and %s agree for %d of 400", one, two, same)
		}
		if flow.ArmOf("", one) != "a" {
			t.Error("nobody is in arm b")
		}
	})
}

func TestRoundsOfFlowsAreRefusedAtAnySize(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for i := range 60 {
		text := fmt.Sprintf("flow: f%d\nversion: 1\ntitle: x\nstart: a\nsteps:\n  a: {call: f%d, next: b}\n  b: {call: f%d, next: fin}\n  fin: {end: listo}\n", i, (i+1)%60, (i+7)%60)
		fsys[fmt.Sprintf("f%d.flow.yaml", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	_, problems := flow.Load(fsys, lending.Vocabulary(), nil)
	if source.Errors(problems) == 0 {
		t.Error("flows that call each other in a round were taken")
	}
}

// A dialogue names every flow that it will come back into, and each message the
// flow that says it.
func TestInsideNamesTheWayBack(t *testing.T) {
	t.Parallel()
	p := nested(t)
	inside := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, p.state.Inside()); diff != "" {
			t.Error(diff)
		}
	}
	speakers := func(d flow.Decision) (out []string) {
		for _, e := range d.Effects {
			if s, ok := e.(flow.Say); ok {
				out = append(out, fmt.Sprintf("%s %s@%d", s.Message, s.Flow, s.Version))
			}
		}
		return out
	}
	inside("clabe@1")
	if diff := cmp.Diff([]string{"a.antes entrega@1", "a.clabe clabe@1"}, speakers(p.last)); diff != "" {
		t.Error(diff)
	}
	p.reply(t, goodCLABE)
	inside("clabe@1", "seguro@1")
	d := p.reply(t, "sí")
	inside()
	if diff := cmp.Diff([]string{"a.lista clabe@1", "a.gracias entrega@1"}, speakers(d)); diff != "" {
		t.Error(diff)
	}
}

// A stopped arm is heard by nobody, and where both are stopped a is heard.
func TestStoppedArms(t *testing.T) {
	t.Parallel()
	set, problems := folder(t, map[string]string{"prueba.flow.yaml": testedText, "_interrupts.yaml": interruptsText})
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	m, _ := set.Latest("prueba")
	want := []flow.Guard{{Test: "tono", Stop: []string{"BAJA", "AGENTE"}, Above: 5, After: 50}, {Test: "cierre", Stop: []string{"BAJA"}, Above: 2, After: 30}}
	if diff := cmp.Diff(want, m.Guards()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"cierre", "tono"}, set.Tests()); diff != "" {
		t.Error(diff)
	}
	rapid.Check(t, func(t *rapid.T) {
		stopped := flow.Stopped{"tono:a": rapid.Bool().Draw(t, "a"), "tono:b": rapid.Bool().Draw(t, "b")}
		person := rapid.StringMatching(`tel:\+52[0-9]{10}`).Draw(t, "person")
		d := flow.Turn(m, m.Start(nil), flow.Event{Kind: flow.Started}, facts(), flow.Env{Person: person, Stopped: stopped, Floor: true, Zone: time.UTC})
		got := d.Effects[0].(flow.Say).Arm
		switch own := "tono:" + flow.ArmOf(person, "tono"); {
		case stopped[got] && !(stopped["tono:a"] && stopped["tono:b"]):
			t.Errorf("%s hears %s, which is stopped: %v", person, got, stopped)
		case stopped["tono:a"] && stopped["tono:b"] && got != "tono:a", !stopped[own] && got != own:
			t.Errorf("%s of %s hears %s: %v", person, own, got, stopped)
		}
	})
}
