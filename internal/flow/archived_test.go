package flow_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"valebot/internal/flow"
	"valebot/internal/message"
	"valebot/internal/source"
)

const asked = `flow: pedido
version: 1
title: Alguien pide
start: fin
starts: [{intent: loan_request}, {event: vale.activated}]
about: vale
steps:
  fin: {end: listo}
`

const restful = `flow: inicio
version: 1
title: Nadie preguntó nada
starts: [{idle: true}]
start: libre
steps:
  libre: {expect: [greeting], next: {greeting: saludo}, unclear: [{go: saludo}]}
  saludo: {say: a.hola, next: libre}
`

// begun says what a message of somebody with nothing open begins, "" if nothing.
func begun(t *testing.T, set *flow.Set, m *flow.Machine, text string) string {
	t.Helper()
	p := &play{set: set, m: m, state: m.Start(nil), facts: facts(), env: flow.Env{Channel: "sms", Floor: true, Understand: understander(t)}}
	p.turn(t, flow.Event{Kind: flow.Started})
	d := p.turn(t, flow.Event{Kind: flow.Replied, What: message.Text, Reply: text, Alone: true})
	b, _ := effect[flow.Begin](d)
	return b.Flow
}

// An archived flow is begun by no event and by nobody's words, and is still
// there for who is in the middle of it. Older machines offer it no more either.
func TestNothingBeginsAnArchivedFlow(t *testing.T) {
	t.Parallel()
	files := map[string]string{"pedido.flow.yaml": asked, "inicio.flow.yaml": restful, "_interrupts.yaml": interruptsText}
	before, problems := folder(t, files)
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	if got := begun(t, before, before.Idle(), "quiero un préstamo"); got != "pedido" || len(before.Triggered("vale.activated")) != 1 {
		t.Fatalf("nothing begins it before it is archived: %q", got)
	}
	files[flow.ArchivedFile] = "archived: [pedido]\n"
	files["inicio.flow.yaml"] = "version: 2\n" + restful[:len("flow: inicio\n")] + restful[len("flow: inicio\nversion: 1\n"):]
	after, problems := folder(t, files)
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	kept := after.Keep(before.Idle())
	old, _ := kept.Machine("inicio", 1)
	for name, m := range map[string]*flow.Machine{"new": after.Idle(), "kept": kept.Idle(), "old": old} {
		if got := begun(t, kept, m, "quiero un préstamo"); got != "" {
			t.Errorf("%s: words begin %q", name, got)
		}
	}
	for _, set := range []*flow.Set{after, kept} {
		if n := len(set.Triggered("vale.activated")); n > 0 {
			t.Errorf("an event begins %d flows", n)
		}
		if _, ok := set.Machine("pedido", 1); !ok || !set.Archived("pedido") || set.Archived("inicio") {
			t.Error("whoever is in the middle has nowhere to finish, or another is archived")
		}
	}
}

func TestArchivedIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                          {},
		"archived: [b, a, a]":       {"a", "b"},
		"archived:\n  - uno\n":      {"uno"},
		"archived: uno":             {"uno"},
		"archived: {a: b}":          {},
		"archived: [":               {},
		"archivados: [a]":           {},
		"archived: [[a], \"\", {}]": {},
	} {
		got := flow.ArchivedIn(fstest.MapFS{flow.ArchivedFile: {Data: []byte(text)}})
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := flow.ArchivedIn(fstest.MapFS{}); len(got) > 0 {
		t.Errorf("no file: %q", got)
	}
}
