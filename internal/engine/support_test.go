package engine_test

import (
	"testing"
	"time"

	"valebot/internal/engine"
	"valebot/internal/lending"
	"valebot/internal/message"
)

// owing is a lab where Ana has the money of her vale and owes it.
func owing(t *testing.T) (l *lab, loan lending.About) {
	t.Helper()
	l, _ = authorised(t)
	l.say(ana, "sí")
	l.say(ana, "05/03/1990")
	l.say(ana, "2")
	id := l.calls[0].Disbursement.String()
	l.act("rail.code_issued", map[string]any{
		"disbursement": id, "digits": "918273645546", "network": "BBVA", "expires": l.clock().Add(72 * time.Hour),
	})
	l.drain()
	l.act("rail.code_redeemed", map[string]any{"disbursement": id})
	l.drain()
	l.deliver(ana)
	return l, lending.About{Kind: lending.AboutPayment, ID: one[string](l, `select id::text from loan`)}
}

// Who says that she cannot pay is heard whatever was open: what was open about
// the same payment ends, so that nothing is asked twice.
func TestCannotPayTakesThePlaceOfTheReminder(t *testing.T) {
	t.Parallel()
	l, loan := owing(t)
	l.add(time.Duration(one[int](l, `select next_due - $1::date from loan`, l.clock())) * 24 * time.Hour)
	from := message.Address{Channel: message.SMS, Value: ana}
	l.arrive(from.Key(), from, "core", "due-1", engine.CoreEvent,
		lending.Emit{Key: "due-1", Name: lending.EventInstallmentDue, About: loan}, l.clock())
	l.drain()
	l.deliver(ana)
	check(t, l.status(ana, "recordatorio_pago"), "asking")
	l.told(l.say(ana, "se me complico, no me dio el sueldo para pagar"), "plan nuevo")
	check(t, l.status(ana, "recordatorio_pago"), "ended reemplazado")
	l.told(l.say(ana, "3"), "dividir este pago")
	l.told(l.say(ana, "1"), "Total antes")
	l.told(l.say(ana, "si"), "nuevo plan")
	check(t, l.status(ana, "apoyo_pago"), "ended reestructurado")
	check(t, one[int](l, `select count(*) from request where kind = 'plan' and closed_at is not null`), 1)
	check(t, one[int](l, `select count(*) from audit where action = 'plan.agree' and outcome = 'ok' and detail like '%pregunta%'`), 1)
}

// Who owes nothing is told so.
func TestCannotPayWithNothingToPay(t *testing.T) {
	t.Parallel()
	l := shippedLab(t)
	l.say(beto, "no voy a poder pagar")
	check(t, l.status(beto, "apoyo_pago"), "ended sin_saldo")
}
