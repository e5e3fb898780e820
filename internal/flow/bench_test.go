package flow_test

import (
	"testing"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/message"
	"valebot/locales"
)

// BenchmarkTurn measures a pure turn as the engine takes most of them.
func BenchmarkTurn(b *testing.B) {
	p := newPlay(b, "aceptacion_vale", nil)
	p.turn(b, flow.Event{Kind: flow.Started})
	offered := p.state
	for _, bench := range []struct{ name, reply string }{{"yes", "sí"}, {"no", "no gracias"}, {"unclear", "quien eres"}, {"balance", "saldo"}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			ev := flow.Event{Kind: flow.Replied, Reply: bench.reply, What: message.Text}
			for b.Loop() {
				flow.Turn(p.m, offered, ev, p.facts, p.env)
			}
		})
	}
}

// BenchmarkDecide measures a turn with conditions: the start of a reminder.
func BenchmarkDecide(b *testing.B) {
	p := newPlay(b, "recordatorio_pago", nil)
	b.ReportAllocs()
	for b.Loop() {
		flow.Turn(p.m, p.state, flow.Event{Kind: flow.Started}, p.facts, p.env)
	}
}

// BenchmarkLint measures checking every shipped flow and message.
func BenchmarkLint(b *testing.B) {
	vocabulary := lending.Vocabulary()
	for b.Loop() {
		catalog, _ := locale.Load(locales.FS)
		flow.Load(flows.FS, vocabulary, catalog)
	}
}
