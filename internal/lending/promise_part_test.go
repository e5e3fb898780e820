package lending_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func (w *town) part(l lending.Loan, on quincena.Date, amount money.Amount) lending.Result {
	w.t.Helper()
	return w.must(w.run("promise.part", map[string]any{
		"credito": l.ID.String(), "fecha": on, "monto": amount,
	}, w.byAna(aboutLoan(l))))
}

// The payment of $487.50 falls due on Sunday 15 March, may be asked for on
// Monday 16 and costs $60 once after a day of grace.
func TestAPartIsAPromiseThatMovesNoMoney(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-14"))
	balances := ledger.Balances(w.entries)
	r := w.part(l, date("2026-03-18"), money.Pesos(200))
	want := map[string]any{
		"id": only[lending.Promise](w, lending.KindPromise).ID.String(), "fecha": date("2026-03-18"), "monto": money.Pesos(200),
		"resto": level - money.Pesos(200), "cargo": money.Pesos(60), "hasta": r.Value["hasta"], "diario": money.Amount(0),
	}
	if diff := cmp.Diff(want, r.Value); r.Outcome != "ok" || diff != "" {
		t.Errorf("outcome %s\n%s", r.Outcome, diff)
	}
	if hasta := r.Value["hasta"].(quincena.Date); hasta.Before(date("2026-03-16")) || hasta.After(date("2026-03-18")) {
		t.Errorf("no charge until %s", hasta)
	}
	if p := only[lending.Promise](w, lending.KindPromise); p.State != loan.PromiseOpen || p.Amount != money.Pesos(200) {
		t.Errorf("promised %+v", p)
	}
	if diff := cmp.Diff(balances, ledger.Balances(w.entries)); diff != "" {
		t.Errorf("a promise moved money:\n%s", diff)
	}
}

// The day that is told as the last one without a charge is the last one.
func TestTheChargeComesOnTheDayAfterTheOneTold(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-14"))
	hasta := w.part(l, date("2026-03-18"), money.Pesos(200)).Value["hasta"].(quincena.Date)
	w.goTo(hasta)
	owed := w.mustFacts(aboutLoan(l), w.ana.ID)["pago"]["monto"]
	if owed != level {
		t.Errorf("on %s she owes %v", hasta, owed)
	}
	w.goTo(hasta.AddDays(1))
	if owed := w.mustFacts(aboutLoan(l), w.ana.ID)["pago"]["monto"]; owed != level+money.Pesos(60) {
		t.Errorf("a day later she owes %v", owed)
	}
	// Once charged it is not held over her again.
	if r := w.part(l, hasta.AddDays(2), money.Pesos(200)); r.Outcome != "ok" || r.Value["cargo"] != money.Amount(0) {
		t.Errorf("after the charge: %+v", r)
	}
}

func TestAPartThatIsAllIsNoPart(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-14"))
	for _, amount := range []money.Amount{level, level + 1, money.Pesos(3900)} {
		if r := w.part(l, date("2026-03-16"), amount); r.Outcome != "whole" || r.Value["resto"] != money.Amount(0) {
			t.Errorf("%s: %+v", amount, r)
		}
	}
	if n := len(all[lending.Promise](w)); n != 0 {
		t.Errorf("%d promises were noted", n)
	}
	for name, r := range map[string]lending.Result{
		"too far":   w.part(l, date("2026-04-20"), money.Pesos(200)),
		"past":      w.part(l, date("2026-03-13"), money.Pesos(200)),
		"of nobody": w.must(w.run("promise.part", map[string]any{"credito": l.ID.String(), "fecha": w.today(), "monto": money.Pesos(200)}, w.byMaria)),
	} {
		if r.Outcome != "not_allowed" && r.Outcome != "error" {
			t.Errorf("%s: %s", name, r.Outcome)
		}
	}
}

// A part and what remains are always the payment, to the centavo, and a part
// that comes keeps the promise.
func TestAPartAndTheRestAreThePayment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(t)
		l := w.active()
		w.goTo(date("2026-03-14"))
		amount := money.Amount(rapid.Int64Range(1, int64(level)-1).Draw(rt, "part"))
		r := w.part(l, date("2026-03-16"), amount)
		if r.Outcome != "ok" || r.Value["monto"].(money.Amount)+r.Value["resto"].(money.Amount) != level {
			rt.Fatalf("%s: %+v", amount, r)
		}
		w.must(w.pay(l, "1", amount, w.today()))
		if p := only[lending.Promise](w, lending.KindPromise); p.State != loan.PromiseKept {
			rt.Errorf("%s came and the promise is %s", amount, p.State)
		}
		if owed := w.mustFacts(aboutLoan(l), w.ana.ID)["pago"]["monto"]; owed != r.Value["resto"] {
			rt.Errorf("%v is owed and %v was told", owed, r.Value["resto"])
		}
	})
}
