package engine_test

import (
	"testing"

	"valebot/internal/engine"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/money"
)

// begin stores that somebody wants a flow begun with phone.
func (l *lab) begin(phone, id string, emit lending.Emit) {
	l.Helper()
	from := message.Address{Channel: message.SMS, Value: phone}
	emit.Key = id
	l.arrive(from.Key(), from, "desk", id, engine.BeginEvent, emit, l.clock())
	l.drain()
}

// A flow can be begun for somebody who did nothing, once at a time, and what she
// is known to have said is not asked again.
func TestBegunBySomebodyElse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.begin(ana, "b1", lending.Emit{Name: "pedido"})
	check(t, l.deliver(ana), []string{"Cuanto quieres"})
	l.begin(ana, "b2", lending.Emit{Name: "pedido"})
	check(t, l.deliver(ana), []string(nil))
	l.begin(beto, "b3", lending.Emit{Name: "pedido", Data: map[string]any{"monto": money.Pesos(500), "nada": 1}})
	check(t, l.deliver(beto), []string{"Gracias"})
	check(t, l.status(beto, "pedido"), "ended pedido")
}

// What cannot be begun fails for that contact alone and ends with a person.
func TestBegunWrongly(t *testing.T) {
	t.Parallel()
	for name, emit := range map[string]lending.Emit{
		"no such flow":  {Name: "nada"},
		"another about": {Name: "oferta", About: lending.About{Kind: "pago", ID: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, func(c *engine.Config) { c.Tries = 1 })
			l.begin(ana, "b1", emit)
			check(t, l.owner(ana), "queue fallas")
			check(t, l.say(beto, "hola"), []string{"Hola"})
		})
	}
}

// A dialogue about nothing but the person hears what happens with anything of
// hers; one about something hears of that alone, and the idle one of nothing.
func TestEventsReachWhomTheyConcern(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.say(beto, "hola")
	l.begin(beto, "b1", lending.Emit{Name: "pedido"})
	l.happen(ana, "vale.cancelled", "2")
	l.happen(beto, "vale.cancelled", "2")
	l.drain()
	check(t, l.status(ana, "oferta"), "asking")
	heard := func(flow string) int {
		return one[int](l, `select count(*) from step_log where flow = $1 and event = 'happened:vale.cancelled'`, flow)
	}
	check(t, []int{heard("oferta"), heard("pedido"), heard("inicio")}, []int{0, 1, 0})
	l.happen(ana, "vale.cancelled", "1")
	l.drain()
	check(t, l.status(ana, "oferta"), "ended perdida")
}
