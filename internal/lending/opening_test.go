package lending_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

func (w *town) takeOver(own map[string]any) (lending.Result, error) {
	w.t.Helper()
	with := map[string]any{
		"origen": "OLD-1", "distribuidora": mariaPhone, "cliente": anaPhone, "monto": money.Pesos(3000), "quincenas": 8,
		"entrega": date("2026-01-05"), "saldo": money.Pesos(1950), "recargos": money.Amount(0),
	}
	for name, value := range own {
		with[name] = value
	}
	return w.run("vale.import", with)
}

// A loan of another system comes with its balance to the centavo, its schedule,
// its line in use, nothing in the bank and nothing said to anybody.
func TestALoanIsTakenOver(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	mark := len(w.emits)
	r := w.must(w.takeOver(nil))
	l := only[lending.Loan](w, lending.KindLoan)
	if r.Outcome != "created" || l.State != loan.LoanActive || l.Position.Owed != money.Pesos(1950) || l.Position.Left != 4 {
		t.Fatalf("%+v: %+v", r, l.Position)
	}
	if d := w.line(); d.Used != money.Pesos(1500) || l.Released != money.Pesos(1500) {
		t.Errorf("line %+v, released %s", d, l.Released)
	}
	balances := ledger.Balances(w.entries)
	for account := range balances {
		switch account.Code {
		case ledger.BankSTP, ledger.CashProvider, ledger.InterestIncome, ledger.MoraIncome, ledger.IVADue, ledger.WriteOffExpense:
			t.Errorf("%s moved", account.Code)
		}
	}
	if len(w.emits) != mark {
		t.Errorf("said %v", w.names(mark))
	}
	checkBooks(t, w)

	before := w.snapshot()
	if r := w.must(w.takeOver(nil)); r.Outcome != "unchanged" || r.Value["folio"] != l.Folio {
		t.Errorf("again: %+v", r)
	}
	if _, err := w.takeOver(map[string]any{"monto": money.Pesos(2000)}); fault.CodeOf(err) != "import_changed" {
		t.Errorf("with other data: %v", err)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("importing again changed something:\n%s", diff)
	}
	// It lives like any other loan from here on.
	w.must(w.pay(l, "1", money.Pesos(1950), w.today()))
	if got := w.loan(l); got.State != loan.LoanSettled {
		t.Errorf("paid off: %s", got.State)
	}
	checkBooks(t, w)
}

func TestTakeOverRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, tt := range []struct {
		code string
		own  map[string]any
	}{
		{"import_without_origin", map[string]any{"origen": " "}},
		{"import_no_distributor", map[string]any{"distribuidora": "+526679999999"}},
		{"import_no_distributor", map[string]any{"distribuidora": anaPhone}},
		{"import_no_person", map[string]any{"cliente": "+526679999999"}},
		{"import_date", map[string]any{"entrega": date("2026-12-01")}},
		{"import_settled", map[string]any{"saldo": money.Amount(0)}},
		{"import_balance", map[string]any{"saldo": money.Pesos(3901)}},
		{"import_balance", map[string]any{"recargos": money.Pesos(5000)}},
		{"import_fees", map[string]any{"recargos": -money.Pesos(1)}},
		{"amount_step", map[string]any{"monto": money.Pesos(3001)}},
		{"term_not_offered", map[string]any{"quincenas": 7}},
	} {
		before := w.snapshot()
		if _, err := w.takeOver(tt.own); fault.CodeOf(err) != tt.code {
			t.Errorf("%v: %v, want %s", tt.own, err, tt.code)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			t.Errorf("%s changed something:\n%s", tt.code, diff)
		}
	}
	change(w, lending.KindDistributor, w.maria.ID, func(d *lending.Distributor) { d.Limit, d.Used = money.Pesos(1000), 0 })
	if _, err := w.takeOver(nil); fault.CodeOf(err) != "import_line" {
		t.Errorf("line too short: %v", err)
	}
}

// Whatever balance the old system gives, the books show it to the centavo, and
// go on keeping the loan as they keep all others.
func TestAnyBalanceIsTakenOverToTheCentavo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(rt)
		saldo := money.Amount(rapid.Int64Range(1, 390000).Draw(rt, "saldo"))
		days := rapid.IntRange(0, 200).Draw(rt, "days ago")
		fees := money.Amount(rapid.SampledFrom([]int64{0, 0, 1, 3000, 6000, 12000}).Draw(rt, "fees"))
		r, err := w.takeOver(map[string]any{"saldo": saldo, "recargos": fees, "entrega": w.today().AddDays(-days)})
		if err != nil {
			if code := fault.CodeOf(err); code != "import_balance" || fees == 0 {
				rt.Fatalf("saldo %s, fees %s, %d days: %v", saldo, fees, days, err)
			}
			return
		}
		l := only[lending.Loan](w, lending.KindLoan)
		if r.Outcome != "created" || l.Position.Owed != saldo+fees {
			rt.Fatalf("owes %s, want %s", l.Position.Owed, saldo+fees)
		}
		checkBooks(rt, w)
		checkAllocations(rt, w, l)
		w.now = w.now.AddDate(0, 0, rapid.IntRange(0, 60).Draw(rt, "later"))
		w.closeDay(l)
		checkBooks(rt, w)
		w.must(w.pay(l, "1", money.Amount(rapid.Int64Range(1, 450000).Draw(rt, "paid")), w.today()))
		checkBooks(rt, w)
	})
}
