package app

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"valebot/internal/postgres"
)

// A change under ten thousand people in the middle breaks none of them: they end
// in their own version and in its words, and the next ones begin in the new.
func TestPublishUnderTenThousand(t *testing.T) {
	t.Parallel()
	const people = 10_000
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	p.happen("vale.declined", 0, people)
	p.drain(p.app)
	p.publish(office(t, offer(2, "otra", ""), texts("Nueva oferta: SI o NO", "Mil gracias")), Publication{Note: "otras palabras"})
	p.happen("vale.cancelled", 0, people/2)
	p.drain(p.app) // this node has not heard of it
	p.refresh()
	p.happen("vale.cancelled", people/2, people)
	p.happen("vale.declined", people, people+10)
	p.drain(p.app)
	p.happen("vale.cancelled", people, people+10)
	p.drain(p.app)

	if n := ask[int](p, `select count(*) from inbox where state <> 'handled' or fault <> ''`); n > 0 {
		t.Errorf("%d events failed", n)
	}
	if n := ask[int](p, `select count(*) from dialogue where version = 1 and outcome = 'listo'`); n != people {
		t.Errorf("%d of %d people ended in their version", n, people)
	}
	if n := ask[int](p, `select count(*) from dialogue where version = 2 and outcome = 'listo'`); n != 10 {
		t.Errorf("%d of 10 people ended in the new version", n)
	}
	if n := ask[int](p, `select count(*) from conversation where owner <> 'bot'`); n > 0 {
		t.Errorf("%d chats went to the desk", n)
	}
	counts := map[int]int{}
	for _, n := range p.said("p.gracias") {
		counts[n]++
	}
	if diff := gocmp(map[int]int{people: 1, 10: 1}, counts); diff != "" {
		t.Errorf("people by the words that they read: %s", diff)
	}
}

// crowd is how many people a test is run under: VALEBOT_TEST_CROWD, or what a busy
// machine can bear.
func crowd(t *testing.T) int {
	t.Helper()
	given := os.Getenv("VALEBOT_TEST_CROWD")
	if given == "" {
		return 1500
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		t.Fatalf("VALEBOT_TEST_CROWD=%q is no number of people", given)
	}
	return n
}

// ladder are two flows inside of a third, whose steps and words carry a mark.
func ladder(t testing.TB, version int, mark string) Bundle {
	b := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")+fmt.Sprintf("m%[1]s:\n  alto: {sms: \"alto %[1]s\", wa: \"a\", plantilla: a_v1}\n  bajo: {sms: \"bajo %[1]s: SI o NO\", wa: \"b\", plantilla: b_v1}\n", mark))
	b["flows/fuera.flow.yaml"] = `flow: fuera
version: 1
title: Va por otros dos
about: vale
starts: [{event: vale.authorized}]
start: entra
steps:
  entra: {call: medio, next: {listo: fin}}
  fin: {say: p.gracias, end: listo}
`
	b["flows/medio.flow.yaml"] = fmt.Sprintf(`flow: medio
version: %d
title: Va por uno
about: vale
start: baja_%[2]s
steps:
  baja_%[2]s: {call: fondo, next: {listo: dice_%[2]s}}
  dice_%[2]s: {say: m%[2]s.alto, next: fin}
  fin: {end: listo}
`, version, mark)
	b["flows/fondo.flow.yaml"] = fmt.Sprintf(`flow: fondo
version: %d
title: Pregunta
about: vale
start: pregunta_%[2]s
steps:
  pregunta_%[2]s: {ask: m%[2]s.bajo, expect: yes_no, next: {affirm: fin, deny: fin}, meanwhile: {vale.cancelled: fin}}
  fin: {end: listo}
`, version, mark)
	return b
}

// Who is inside of flows inside of a flow that did not change comes back through
// the versions that she went in by, and reads their words, though the new files
// have neither their steps nor their messages.
func TestPublishUnderSubflows(t *testing.T) {
	t.Parallel()
	p := newPress(t, ladder(t, 1, "uno"))
	p.happen("vale.authorized", 0, 20)
	p.drain(p.app)
	p.publish(ladder(t, 2, "dos"), Publication{})
	p.refresh()
	p.happen("vale.cancelled", 0, 20)
	p.happen("vale.authorized", 20, 25)
	p.drain(p.app)
	if n := ask[int](p, `select count(*) from inbox where fault <> '' or state <> 'handled'`); n > 0 {
		t.Errorf("%d events failed", n)
	}
	if n := ask[int](p, `select count(*) from conversation where owner <> 'bot'`); n > 0 {
		t.Errorf("%d chats went to the desk", n)
	}
	if n := ask[int](p, `select count(*) from outbox where message_key = 'muno.alto'`); n != 20 {
		t.Errorf("%d of 20 came back through their version", n)
	}
	if n := ask[int](p, `select count(*) from outbox where message_key = 'mdos.bajo'`); n != 5 {
		t.Errorf("%d of 5 went into the new version", n)
	}
	run, err := p.app.shelf.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"medio", "fondo"} {
		if _, kept := run.set.Machine(name, 1); kept {
			t.Errorf("%s v1 is kept though nobody is in it", name)
		}
	}
}

// Publications of every kind under a crowd, while two nodes drain
// their events and have not heard of them yet: nobody's chat fails, goes to the
// desk or stays behind.
func TestPublishUnderTraffic(t *testing.T) {
	t.Parallel()
	people := crowd(t)
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	other := p.node(p.app.store, p.app.vault, nil)
	p.happen("vale.declined", 0, people)
	ctx, stop := context.WithCancel(t.Context())
	var nodes sync.WaitGroup
	for _, node := range []*App{p.app, other} {
		nodes.Go(func() {
			for ctx.Err() == nil {
				if _, err := node.engine.Drain(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	second := office(t, offer(2, "otra", "migrate: {pregunta: otra}\n"), texts("Nueva: SI o NO", "Mil gracias"))
	third := office(t, offer(3, "tercera", ""), texts("Oferta: SI o NO", "Gracias"))
	p.publish(second, Publication{People: postgres.MovePeople})
	p.happen("vale.cancelled", 0, people/3)
	p.publish(third, Publication{})
	p.happen("vale.cancelled", people/3, people/2)
	p.must(p.publisher(p.app).Rollback(t.Context(), "oferta", Publication{Author: "luis", People: postgres.MovePeople}))
	p.happen("vale.cancelled", people/2, people)
	stop()
	nodes.Wait()
	p.drain(p.app)
	p.drain(other)
	if n := ask[int](p, `select count(*) from inbox where state <> 'handled' or fault <> ''`); n > 0 {
		t.Errorf("%d events failed", n)
	}
	if n := ask[int](p, `select count(*) from conversation where owner <> 'bot'`); n > 0 {
		t.Errorf("%d chats went to the desk", n)
	}
	if n := ask[int](p, `select count(*) from dialogue where flow = 'oferta' and outcome = 'listo'`); n != people {
		t.Errorf("%d of %d people came to the end", n, people)
	}
}
