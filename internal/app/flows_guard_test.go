package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"valebot/internal/flow"
	"valebot/internal/postgres"
)

// tone is a flow whose first words are under test and which anybody may leave.
const tone = `flow: oferta
version: 1
title: Una pregunta
about: vale
starts: [{event: vale.declined}]
start: pregunta
tests: {tono: {stop: BAJA, above: 20, after: 30}}
steps:
  pregunta:
    ask: {test: tono, a: p.oferta, b: p.oferta_b}
    expect: yes_no
    next: {affirm: fin, deny: fin}
    after: {1d: {go: fin}}
    unclear: [{go: fin}]
  fin: {end: listo}
`

// An arm whose people leave is stopped once, on every node, and is heard by
// nobody afterwards; the other one goes on.
func TestGuardStopsABadArm(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, tone, texts("Oferta: SI o NO", "Gracias")+"  oferta_b: {sms: \"Ya: SI o NO\", wa: \"Ya\", plantilla: oferta_b_v1}\n"))
	const people = 90
	for i := range people {
		p.person(i)
	}
	p.happen("vale.declined", 0, people)
	p.drain(p.app)
	p.deliver()
	p.now = p.now.Add(time.Hour)
	left := map[string]int{}
	for i := range people {
		arm := flow.ArmOf(fmtKey(i), "tono")
		if left[arm]++; arm == "b" && left[arm]%2 == 0 || arm == "a" && left[arm] == 1 {
			p.write(i, "baja")
		}
	}
	lines, err := p.publisher(p.app).Guard(t.Context(), p.app.engine.Rules().Flows)
	if err != nil || len(lines) != 1 || lines[0].Arm != "b" || lines[0].Bad != left["b"]/2 || lines[0].Heard != left["b"] {
		t.Fatalf("stopped %+v, %v; people by arm %v", lines, err, left)
	}
	if again, err := p.publisher(p.app).Guard(t.Context(), p.app.engine.Rules().Flows); err != nil || len(again) != 0 {
		t.Errorf("stopped again: %+v, %v", again, err)
	}
	if n := ask[int](p, `select count(*) from audit where actor = 'guard' and subject_id = 'tono:b'`); n != 1 {
		t.Errorf("%d lines in the audit", n)
	}
	stats, err := p.publisher(p.app).Stats(t.Context(), postgres.StatsQuery{Flow: "oferta", From: p.now.Add(-2 * time.Hour), To: p.now.Add(time.Hour)}, "")
	if err != nil || len(stats.Arms) != 2 || stats.Arms[0].Stopped != nil || stats.Arms[1].Stopped == nil {
		t.Errorf("stats: %+v, %v", stats.Arms, err)
	}
	p.refresh()
	p.happen("vale.declined", people, 2*people)
	p.drain(p.app)
	if n := ask[int](p, `select count(*) from outbox where message_key = 'p.oferta_b'`); n != left["b"] {
		t.Errorf("%d heard the stopped arm, %d of them before", n, left["b"])
	}
}

// A node hears that an arm was stopped.
func TestNodesFollowAStop(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, tone, texts("Oferta: SI o NO", "Gracias")+"  oferta_b: {sms: \"Ya: SI o NO\", wa: \"Ya\", plantilla: oferta_b_v1}\n"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = p.app.followFlows(ctx) }()
	until(t, func() bool { return p.app.flowsAt.Load() != nil })
	fresh, err := p.app.store.StopArm(t.Context(), postgres.ArmStop{Test: "tono", ArmFigure: postgres.ArmFigure{Arm: "a", Heard: 40, Bad: 20}, Above: 20, At: p.now})
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	until(t, func() bool { return p.app.engine.Rules().Stopped["tono:a"] })
	cancel()
	<-ended
}

// Few people, or a share that may be luck, stop nothing.
func TestTooBad(t *testing.T) {
	t.Parallel()
	guards := []flow.Guard{{Test: "tono", Above: 10, After: 30}}
	for _, c := range []struct {
		test       string
		bad, heard int
		want       bool
	}{{"tono", 29, 29, false}, {"tono", 30, 30, true}, {"tono", 4, 30, false}, {"tono", 8, 30, true}, {"tono", 100, 1000, false}, {"tono", 125, 1000, true}, {"otra", 30, 30, false}} {
		line := ArmLine{Test: c.test, Heard: c.heard, Bad: c.bad}
		line.Low, line.High = wilson(c.bad, c.heard)
		if got := tooBad(line, guards); got != c.want {
			t.Errorf("%d of %d in %s: %v", c.bad, c.heard, c.test, got)
		}
	}
}

// fmtKey is the key of contact i.
func fmtKey(i int) string { return fmt.Sprintf("tel:+52667%07d", i) }
