package lending_test

import (
	"fmt"
	"testing"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// What somebody has in her favour may come from any number of loans. All of them
// are loaded at once: one after the other would be more rounds than a turn has.
func TestCreditOfManyLoansIsReadInOneRound(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	first := w.active()
	for i := range 30 {
		l := first
		l.ID, l.Folio, l.Reference, l.State = w.newID(), fmt.Sprintf("V-%05d", 100+i), fmt.Sprint(i), loan.LoanSettled
		l.Position = lending.Position{AsOf: w.today()}
		w.rows[lending.Key{Kind: lending.KindLoan, ID: l.ID.String()}] = l
		p := lending.Payment{
			ID: w.newID(), LoanID: l.ID, PersonID: l.PersonID, Source: "panel", Reference: fmt.Sprint("P", i), Amount: money.Pesos(10),
			ValueDate: w.today(), ReceivedAt: w.now, State: loan.PaymentPosted, Excess: money.Pesos(10),
		}
		w.rows[lending.Key{Kind: lending.KindPayment, ID: p.ID.String()}] = p
	}
	r := w.must(w.run("credit.refund", asked(map[string]any{"persona": w.ana.ID.String(), "monto": money.Pesos(300)}), by("agent:luis")))
	if r.Outcome != "proposed" {
		t.Errorf("refund of all that she has in her favour: %s", r.Outcome)
	}
	if _, err := w.run("credit.refund", asked(map[string]any{"persona": w.ana.ID.String(), "monto": money.Pesos(301)}), by("agent:luis")); err == nil {
		t.Error("a refund of more than she has was taken")
	}
}
