package flow_test

import (
	"testing"
	"time"

	"valebot/internal/flow"
)

func TestHandoffAndBack(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	wantStatus(t, p.reply(t, "quiero hablar con alguien"), flow.HandedTo)
	if d := p.reply(t, "hola?"); len(d.Effects) > 0 || d.Status != flow.HandedTo {
		t.Errorf("the bot spoke while a person had the chat: %v", d.Effects)
	}
	if d := p.turn(t, flow.Event{Kind: flow.Elapsed, Timer: "oferta/72h"}); len(d.Effects) > 0 || !d.Keep {
		t.Errorf("a timer moved a chat that a person has: %v", d.Effects)
	}
	d := p.turn(t, flow.Event{Kind: flow.Released, Name: "returned"})
	wantStatus(t, d, flow.Asking)
	wantSays(t, d, "aceptacion.oferta_corta")
	if _, ok := effect[flow.SetTimer](d); !ok {
		t.Error("the question has no timers after the chat came back")
	}
	p.reply(t, "asesor")
	d = p.turn(t, flow.Event{Kind: flow.Released, Name: "resolved"})
	wantStatus(t, d, flow.Ended)
}

// What the core answers while a person has the chat is not lost.
func TestOutcomeWhileAPersonHasTheChat(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	p.reply(t, "sí")
	p.reply(t, "05/03/1990")
	p.answer(t, "match", nil)
	p.answer(t, "ok", nil)
	acting := p.reply(t, "2")
	wantStatus(t, acting, flow.Acting)
	wantStatus(t, p.reply(t, "AGENTE"), flow.HandedTo)
	p.last = acting
	result := map[string]any{"clave": "482915637710", "vence": p.env.Now.Add(72 * time.Hour), "red": "BBVA"}
	d := p.answer(t, "ok", result)
	if len(d.Effects) > 0 || d.Status != flow.HandedTo {
		t.Fatalf("the bot spoke while a person had the chat: %v", d.Effects)
	}
	d = p.turn(t, flow.Event{Kind: flow.Released, Name: "returned"})
	wantSays(t, d, "aceptacion.clave_retiro", "aceptacion.calendario")
	wantStatus(t, d, flow.Waiting)
	d = p.turn(t, flow.Event{Kind: flow.Happened, Name: "payout.settled"})
	wantStatus(t, d, flow.Ended)
}

func TestEventsNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	p := started(t, "aceptacion_vale", nil)
	for _, ev := range []flow.Event{
		{Kind: flow.Happened, Name: "payment.received"}, {Kind: flow.Elapsed, Timer: "otro/4h"}, {Kind: flow.Released, Name: "returned"},
		{Kind: flow.Outcome, Name: "ok"}, {Kind: "algo nuevo"},
	} {
		if d := p.turn(t, ev); len(d.Effects) > 0 || !d.Keep || d.Status != flow.Asking {
			t.Errorf("%v: effects %v, keep %v, status %s", ev, d.Effects, d.Keep, d.Status)
		}
	}
}
