package lending_test

import (
	"fmt"

	"pgregory.net/rapid"

	"valebot/internal/lending"
	"valebot/internal/money"
)

// The commands of a random story that correct what deposits and schedules did.
// Each is tried wherever it makes no sense too, and twice.

func by(actor string) func(*lending.Call) { return func(c *lending.Call) { c.Actor = actor } }

// stray is a deposit of somebody whom nobody knows.
func (s *story) stray(rt *rapid.T) {
	s.payments++
	s.twice(rt, "payment.receive", map[string]any{
		"source": "stp", "reference": fmt.Sprint("stray-", s.payments), "operation_date": s.today(),
		"account": rapid.SampledFrom([]string{"", "99", "V-99999"}).Draw(rt, "account"), "clabe": "", "phone": "",
		"amount": money.Amount(rapid.Int64Range(1, 200000).Draw(rt, "centavos")), "value_date": s.today(),
	}, func(*lending.Call) {})
}

// correct asks for a correction of any kind.
func (s *story) correct(rt *rapid.T) {
	l := s.someLoan(rt)
	with := map[string]any{"motivo": "así se acordó", "evidencia": "acta 12", "pedido": s.newID().String()}
	amount := money.Amount(rapid.Int64Range(-1, 150000).Draw(rt, "centavos"))
	name := rapid.SampledFrom([]string{
		"loan.forgive", "loan.goodwill", "loan.waive_late", "loan.write_off", "credit.refund",
		"payment.match", "payment.match", "payment.return", "payment.unapply",
	}).Draw(rt, "what")
	switch name {
	case "credit.refund":
		with["persona"], with["monto"] = l.PersonID.String(), amount
	case "loan.write_off":
		with["credito"] = l.ID.String()
	case "payment.match", "payment.return", "payment.unapply":
		payments := all[lending.Payment](s.town)
		if len(payments) == 0 {
			rt.Skip("nothing paid yet")
		}
		with["pago"] = rapid.SampledFrom(payments).Draw(rt, "payment").ID.String()
		if name == "payment.match" {
			with["cuenta"], with["fecha"] = l.Folio, s.today()
		}
	default:
		with["credito"], with["monto"] = l.ID.String(), amount
	}
	s.twice(rt, name, with, by("agent:luis"))
}

func (s *story) someCorrection(rt *rapid.T) lending.Correction {
	corrections := all[lending.Correction](s.town)
	if len(corrections) == 0 {
		rt.Skip("nothing corrected yet")
	}
	return rapid.SampledFrom(corrections).Draw(rt, "correction")
}

// decide approves or rejects. Nobody approves what she asked for herself.
func (s *story) decide(rt *rapid.T) {
	c := s.someCorrection(rt)
	actor := rapid.SampledFrom([]string{"agent:eva", "cli:eva", "agent:luis", "cli:luis", "flow:x"}).Draw(rt, "who")
	if rapid.IntRange(0, 4).Draw(rt, "reject") == 0 {
		s.twice(rt, "correction.reject", map[string]any{"ajuste": c.Folio, "motivo": "no procede"}, by(actor))
		return
	}
	s.twice(rt, "correction.approve", map[string]any{"ajuste": c.Folio}, by(actor))
	now := at[lending.Correction](s.town, lending.KindCorrection, c.ID)
	if c.State == lending.CorrectionProposed && now.State == lending.CorrectionDone && actor != "agent:eva" && actor != "cli:eva" {
		rt.Fatalf("%s approved what %s asked for", actor, c.ProposedBy)
	}
}

func (s *story) undo(rt *rapid.T) {
	c := s.someCorrection(rt)
	s.twice(rt, "correction.undo", map[string]any{"ajuste": c.ID.String(), "motivo": "error de captura"}, by("agent:luis"))
}

func (s *story) sentBack(rt *rapid.T) {
	payments := all[lending.Payment](s.town)
	if len(payments) == 0 {
		rt.Skip("nothing paid yet")
	}
	p := rapid.SampledFrom(payments).Draw(rt, "payment")
	s.twice(rt, "payment.returned", map[string]any{"pago": p.ID.String(), "rastreo": "DEV1"}, by("agent:luis"))
}

func (s *story) useCredit(rt *rapid.T) {
	l := s.someLoan(rt)
	s.twice(rt, "credit.apply", map[string]any{
		"persona": l.PersonID.String(), "credito": l.ID.String(), "pedido": s.newID().String(),
		"monto": money.Amount(rapid.Int64Range(0, 50000).Draw(rt, "centavos")),
	}, by("agent:luis"))
}

// overpay leaves something in the payer's favour.
func (s *story) overpay(rt *rapid.T) {
	l := s.someLoan(rt)
	s.payments++
	s.twice(rt, "payment.post", map[string]any{
		"source": "oxxo", "reference": fmt.Sprint(s.payments), "account": l.Folio, "value_date": s.today(),
		"amount": l.Position.Owed + money.Amount(rapid.Int64Range(1, 90000).Draw(rt, "over")),
	}, func(*lending.Call) {})
}

// refund pays it back, with two people.
func (s *story) refund(rt *rapid.T) {
	l := s.someLoan(rt)
	r, err := s.run("credit.refund", map[string]any{
		"persona": l.PersonID.String(), "monto": money.Amount(rapid.Int64Range(1, 90000).Draw(rt, "centavos")),
		"motivo": "lo pidió", "evidencia": "ticket 7", "pedido": "",
	}, by("agent:luis"))
	if err != nil {
		rt.Skip("no credit for it")
	}
	s.twice(rt, "correction.approve", map[string]any{"ajuste": r.Value["folio"]}, by("agent:eva"))
}

// checkCorrections: what is over the limit was decided by a second person.
func checkCorrections(rt *rapid.T, w *town) {
	for _, c := range all[lending.Correction](w) {
		alone := c.State != lending.CorrectionProposed && c.State != lending.CorrectionRejected && c.DecidedBy == c.ProposedBy
		if alone && c.Amount > money.Pesos(500) {
			rt.Fatalf("%s of %s was decided by %s alone", c.Kind, c.Amount, c.DecidedBy)
		}
		if c.Reason == "" || c.Evidence == "" || c.ProposedBy == "" || (c.State == lending.CorrectionDone) && c.Decided.IsZero() {
			rt.Fatalf("incomplete correction %+v", c)
		}
	}
}
