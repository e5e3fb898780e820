package lending_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

const level = money.Amount(48750) // the instalment of $3,000 in 8

func TestAPaymentCountsOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-15"))
	mark := len(w.emits)
	r := w.must(w.pay(l, "DEP-1", level, w.today()))
	if r.Outcome != "ok" || r.Value["saldo"] != money.Amount(341250) || r.Value["folio"] != l.Folio {
		t.Errorf("got %+v", r)
	}
	if diff := cmp.Diff([]string{"payment.received"}, w.names(mark)); diff != "" {
		t.Errorf("events:\n%s", diff)
	}
	if e := w.emits[mark]; e.Data["monto"] != level || e.About != aboutLoan(l) || e.PersonID != w.ana.ID {
		t.Errorf("emitted %+v", e)
	}
	before := w.snapshot()
	if r := w.must(w.pay(l, "DEP-1", level, w.today())); r.Outcome != "repeated" {
		t.Errorf("again: %+v", r)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("the same deposit changed something:\n%s", diff)
	}
	if _, err := w.pay(l, "DEP-1", level+1, w.today()); fault.KindOf(err) != fault.Conflict || fault.CodeOf(err) != "payment_key_reused" {
		t.Errorf("other amount under the same key: %v", err)
	}
}

func TestAPaymentReleasesItsCapital(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-15"))
	w.must(w.pay(l, "1", level, w.today()))
	if got := w.loan(l); got.Released != money.Pesos(375) || got.Position.Left != 7 || got.Position.NextN != 2 {
		t.Errorf("released %s, position %+v", got.Released, got.Position)
	}
	if d := w.line(); d.Used != money.Pesos(2625) {
		t.Errorf("used %s", d.Used)
	}
	if p := w.person(anaPhone); p.PaidCount != 1 || p.Segment != "puntual" {
		t.Errorf("history: %d paid, %s", p.PaidCount, p.Segment)
	}
	p := only[lending.Payment](w, lending.KindPayment)
	var sum money.Amount
	for _, a := range p.Allocations {
		sum += a.Amount
	}
	if sum+p.Excess != p.Amount || p.State != loan.PaymentPosted {
		t.Errorf("allocated %s of %s", sum, p.Amount)
	}
}

func TestPayingEverythingSettlesAndGivesTheRestBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.must(w.pay(l, "1", money.Pesos(4000), w.today()))
	got := w.loan(l)
	if got.State != loan.LoanSettled || got.Position.Owed != 0 || got.Released != money.Pesos(3000) {
		t.Errorf("loan %s owes %s, released %s", got.State, got.Position.Owed, got.Released)
	}
	if d := w.line(); d.Used != 0 || d.Available() != d.Limit {
		t.Errorf("line %+v", d)
	}
	credit := ledger.Balances(w.entries)[ledger.Account{Code: ledger.SaldoAFavor, Owner: w.ana.ID.String()}]
	if credit != -money.Pesos(100) {
		t.Errorf("saldo a favor %s", credit)
	}
	w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": "1", "reason": "rebotó"}))
	if got := w.loan(l); got.State != loan.LoanActive || got.Position.Owed != money.Pesos(3900) {
		t.Errorf("after reversal: %s owes %s", got.State, got.Position.Owed)
	}
}

func TestPaymentRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	for _, tt := range []struct {
		code   string
		change func(with map[string]any)
	}{
		{"payment_not_positive", func(with map[string]any) { with["amount"] = money.Amount(0) }},
		{"payment_not_positive", func(with map[string]any) { with["amount"] = money.Amount(-1) }},
		{"payment_too_large", func(with map[string]any) { with["amount"] = money.Max + 1 }},
		{"payment_in_future", func(with map[string]any) { with["value_date"] = w.today().AddDays(1) }},
		{"payment_without_date", func(with map[string]any) { with["value_date"] = quincena.Date{} }},
		{"payment_without_key", func(with map[string]any) { with["reference"] = "" }},
		{"payment_without_key", func(with map[string]any) { with["source"] = "" }},
		{"payment_source_reserved", func(with map[string]any) { with["source"] = "quita" }},
		{"payment_source_reserved", func(with map[string]any) { with["source"] = "saldo" }},
		{"payment_source_reserved", func(with map[string]any) { with["source"] = "a|b" }},
	} {
		with := map[string]any{
			"source": "panel", "reference": "1", "account": l.Reference, "amount": money.Pesos(1), "value_date": w.today(),
		}
		tt.change(with)
		before := w.snapshot()
		_, err := w.run("payment.post", with)
		if fault.CodeOf(err) != tt.code {
			t.Errorf("%v: got %v, want %s", with, err, tt.code)
		}
		if diff := cmp.Diff(before, w.snapshot()); diff != "" {
			t.Errorf("%s changed something:\n%s", tt.code, diff)
		}
	}
}

func TestAPaymentFindsItsLoanByAnyName(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	for i, account := range []string{l.Reference, l.Folio, l.ID.String()} {
		r := w.must(w.run("payment.post", map[string]any{
			"source": "stp", "reference": fmt.Sprint(i), "account": account, "amount": money.Pesos(10), "value_date": w.today(),
		}))
		if r.Outcome != "ok" {
			t.Errorf("%s: %+v", account, r)
		}
	}
	if got := ledger.Balances(w.entries)[ledger.Account{Code: ledger.BankSTP}]; got != money.Pesos(30) {
		t.Errorf("bank %s", got)
	}
}

// A payment that comes late with an old value date is worth what it would have
// been worth then: the late fee that it prevents goes away.
func TestABackDatedPaymentUndoesTheLateFee(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-03-25"))
	w.must(w.pay(l, "1", money.Pesos(100), w.today()))
	if got := w.loan(l).Position.Owed; got != money.Pesos(3860) {
		t.Fatalf("with the late fee: %s", got)
	}
	w.must(w.pay(l, "2", level, date("2026-03-15")))
	if got := w.loan(l).Position.Owed; got != money.Pesos(3800)-level {
		t.Errorf("owed %s", got)
	}
	checkBooks(t, w)
}

func TestReversalIsIdentity(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.goTo(date("2026-04-10"))
	w.must(w.pay(l, "1", level, w.today()))
	before, rows := ledger.Balances(w.entries), w.loan(l)
	w.must(w.pay(l, "2", money.Pesos(700), date("2026-03-20")))
	reverse := map[string]any{"source": "panel", "reference": "2", "reason": "duplicado en ventanilla"}
	for _, want := range []string{"ok", "repeated"} {
		if r := w.must(w.run("payment.reverse", reverse)); r.Outcome != want {
			t.Errorf("reverse: %s, want %s", r.Outcome, want)
		}
	}
	if diff := cmp.Diff(before, ledger.Balances(w.entries)); diff != "" {
		t.Errorf("balances (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(rows, w.loan(l)); diff != "" {
		t.Errorf("loan (-before +after):\n%s", diff)
	}
	if _, err := w.pay(l, "2", money.Pesos(700), date("2026-03-20")); fault.CodeOf(err) != "payment_reversed" {
		t.Errorf("a reversal cannot be reversed by telling the deposit again: %v", err)
	}
	if _, err := w.run("payment.reverse", map[string]any{"source": "panel", "reference": "9", "reason": ""}); fault.CodeOf(err) != "no_such_payment" {
		t.Errorf("unknown payment: %v", err)
	}
}

// What was paid back and lent again cannot be taken back from the line: the
// line never goes below zero, and the next payments release that much less.
func TestAReversalNeverOverdrawsTheLine(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	w.must(w.pay(l, "1", money.Pesos(3900), w.today()))
	change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Limit = money.Pesos(15000) })
	for _, pesos := range []int64{15000, 5000} {
		if r := w.must(w.offerWith(pesos, 8, pin)); r.Outcome != "ok" {
			t.Fatalf("lend %d: %s", pesos, r.Outcome)
		}
	}
	w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": "1", "reason": "rebotó"}))
	if d := w.line(); d.Available() != 0 || d.Used != 0 {
		t.Errorf("line %+v", d)
	}
	if got := w.loan(l); got.Released != money.Pesos(3000) || got.Position.Owed != money.Pesos(3900) {
		t.Errorf("released %s, owed %s", got.Released, got.Position.Owed)
	}
	w.must(w.pay(l, "2", money.Pesos(3900), w.today()))
	if d := w.line(); d.Used != 0 {
		t.Errorf("released twice: %+v", d)
	}
	checkBooks(t, w)
}

func TestFindPayment(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	find := func(since quincena.Date) string {
		return w.must(w.run("payment.find", map[string]any{"credito": l.ID.String(), "desde": since}, w.byAna(aboutLoan(l)))).Outcome
	}
	if got := find(date("2026-03-01")); got != "not_found" {
		t.Errorf("before: %s", got)
	}
	w.must(w.pay(l, "1", money.Pesos(50), w.today()))
	if got := find(date("2026-03-01")); got != "found" {
		t.Errorf("after: %s", got)
	}
	if got := find(date("2026-03-03")); got != "not_found" {
		t.Errorf("since tomorrow: %s", got)
	}
	p := only[lending.Payment](w, lending.KindPayment)
	change(w, lending.KindPayment, p.ID, func(p *lending.Payment) { p.State = loan.PaymentReceived })
	if got := find(date("2026-03-01")); got != "pending" {
		t.Errorf("received only: %s", got)
	}
	if r := w.must(w.run("payment.find", map[string]any{"credito": "x", "desde": w.today()}, w.byAna(aboutLoan(l)))); r.Outcome != "error" {
		t.Errorf("bad id: %s", r.Outcome)
	}
}
