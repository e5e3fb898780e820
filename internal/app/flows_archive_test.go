package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/postgres"
)

// stateOf says how the version of a flow stands that is first in its history.
func (p *press) stateOf(name string) string {
	p.Helper()
	lines, err := p.publisher(p.app).Versions(p.Context(), name)
	if err != nil || len(lines) == 0 {
		p.Fatal(lines, err)
	}
	return fmt.Sprint(lines[0].State, " ", lines[0].People)
}

func (p *press) archive(name string, how Publication) Result {
	p.Helper()
	how.Author = "rosa"
	return p.must(p.publisher(p.app).Archive(p.Context(), name, how))
}

// Whoever is in an archived flow finishes, nobody begins it, publishing does not
// bring it back, and unarchiving does.
func TestArchive(t *testing.T) {
	t.Parallel()
	first := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias"))
	p := newPress(t, first)
	p.happen("vale.declined", 0, 3)
	p.drain(p.app)
	p.archive("oferta", Publication{Note: "se acabó"})
	if got := p.stateOf("oferta"); got != "ending 3" {
		t.Errorf("with people in it: %s", got)
	}
	p.refresh()
	p.happen("vale.declined", 3, 6)
	p.begin("oferta", 6)
	p.happen("vale.cancelled", 0, 3)
	p.drain(p.app)
	if n, faults := ask[int](p, `select count(*) from dialogue where flow = 'oferta'`), ask[int](p, `select count(*) from inbox where state <> 'handled' or fault <> ''`); n != 3 || faults > 0 {
		t.Errorf("%d dialogues, want 3; %d events failed", n, faults)
	}
	if n := ask[int](p, `select count(*) from dialogue where flow = 'oferta' and outcome = 'listo'`); n != 3 {
		t.Errorf("%d of 3 finished", n)
	}
	if got := p.stateOf("oferta"); got != "archived 0" {
		t.Errorf("when all have finished: %s", got)
	}
	if !p.archive("oferta", Publication{}).Unchanged || !p.publish(first, Publication{}).Unchanged {
		t.Error("archiving twice, or publishing the folder again, changed something")
	}
	second := office(t, offer(2, "otra", ""), texts("Oferta: SI o NO", "Gracias"))
	p.publish(second, Publication{})
	if got := p.stateOf("oferta"); got != "archived 0" {
		t.Errorf("after publishing a new version: %s", got)
	}
	p.must(p.publisher(p.app).Rollback(t.Context(), "oferta", Publication{Author: "rosa"}))
	p.refresh()
	p.happen("vale.declined", 7, 8)
	p.drain(p.app)
	if n := ask[int](p, `select count(*) from dialogue where flow = 'oferta'`); n != 3 {
		t.Error("going back to an older version brought an archived flow back")
	}
	p.must(p.publisher(p.app).Unarchive(t.Context(), "oferta", Publication{Author: "rosa"}))
	p.refresh()
	p.happen("vale.declined", 8, 9)
	p.drain(p.app)
	if n := ask[int](p, `select count(*) from dialogue where flow = 'oferta'`); n != 4 {
		t.Errorf("%d dialogues after unarchiving, want 4", n)
	}
	if n := ask[int](p, `select count(*) from audit where actor = 'rosa' and subject_id = 'oferta' and action in ('flow.archive', 'flow.unarchive') and outcome = 'ok'`); n != 2 {
		t.Errorf("%d lines in the audit, want 2", n)
	}
}

// begin asks for a flow by its name, as the desk does.
func (p *press) begin(name string, i int) {
	p.Helper()
	a := message.Address{Channel: message.SMS, Value: fmt.Sprintf("+52667%07d", i)}
	emit := lending.Emit{Key: "begin", Name: name, About: lending.About{Kind: "vale", ID: fmt.Sprint(i)}}
	_, err := p.app.store.Arrive(p.Context(), []postgres.Arrival{{Key: a.Key(), Channel: a.Channel, Address: a.Value, Source: "desk", SourceID: "begin",
		Kind: engine.BeginEvent, Payload: emit, ReceivedAt: p.now}})
	if err != nil {
		p.Fatal(err)
	}
}

func TestArchiveRefuses(t *testing.T) {
	t.Parallel()
	b := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias"))
	b["flows/aparte.flow.yaml"] = "flow: aparte\nversion: 1\ntitle: Aparte\nabout: vale\nstart: fin\nsteps:\n  fin: {end: listo}\n"
	b["flows/llama.flow.yaml"] = "flow: llama\nversion: 1\ntitle: Llama\nabout: vale\nstarts: [{event: vale.declined}]\nstart: va\nsteps:\n  va: {call: aparte, next: {listo: fin}}\n  fin: {end: listo}\n"
	p := newPress(t, b)
	for name, want := range map[string]string{"aparte": "llama.flow.yaml:8:14: error: flow \"aparte\" is archived", "inicio": "cannot be archived"} {
		var broken *Broken
		_, err := p.publisher(p.app).Archive(t.Context(), name, Publication{Author: "rosa"})
		if !errors.As(err, &broken) || !strings.Contains(broken.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.publisher(p.app).Archive(t.Context(), "ofreta", Publication{Author: "rosa"}); fault.CodeOf(err) != "no_such_flow" {
		t.Errorf("a flow that is not there: %v", err)
	}
	if !p.must(p.publisher(p.app).Unarchive(t.Context(), "oferta", Publication{Author: "rosa"})).Unchanged {
		t.Error("what is not archived was unarchived")
	}
	if n := ask[int](p, `select count(*) from audit where action like 'flow.%archive'`); n > 0 {
		t.Errorf("%d lines in the audit of what was refused", n)
	}
	p.archive("llama", Publication{})
	p.archive("aparte", Publication{}) // nobody in force calls it by now
}

// Under the rule of four eyes an archiving waits like a publication, and what is
// gone from the folder is archived no more.
func TestArchiveWaitsAndIsForgotten(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	if _, err := p.publisher(p.app).RequireFourEyes(t.Context(), true, "luis"); err != nil {
		t.Fatal(err)
	}
	if r := p.archive("oferta", Publication{}); r.Change.Seq != 0 || p.stateOf("oferta") != "current 0" {
		t.Error("archived without approval")
	}
	p.must(p.publisher(p.app).Approve(t.Context(), "luis"))
	if got := p.stateOf("oferta"); got != "archived 0" {
		t.Errorf("approved: %s", got)
	}
	if _, err := p.publisher(p.app).RequireFourEyes(t.Context(), false, "luis"); err != nil {
		t.Fatal(err)
	}
	without := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias"))
	delete(without, "flows/oferta.flow.yaml")
	p.publish(without, Publication{})
	p.publish(office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")), Publication{})
	if got := p.stateOf("oferta"); got != "current 0" {
		t.Errorf("after it was gone and came back: %s", got)
	}
}
