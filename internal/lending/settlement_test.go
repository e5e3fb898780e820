package lending_test

import (
	"testing"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// declining is a town whose vales bear interest on the balance, 60 % a year with
// IVA apart, and moratory interest of twice that.
func declining(t failer) *town {
	w := newTown(t)
	p := product(t)
	yearly, err1 := money.ParseRate("60%")
	twice, err2 := money.ParseRate("2")
	if err1 != nil || err2 != nil {
		t.Fatalf("rates: %v, %v", err1, err2)
	}
	p.Method, p.Rate, p.RatePer, p.DayCount, p.IVAIncluded = loan.Level, yearly, loan.PerYear, loan.Actual360, false
	p.Late = loan.Late{Times: twice, Failure: money.Pesos(150), GraceDays: 3}
	w.catalog = lending.Actions(lending.Settings{Product: p})
	return w
}

// Paying everything before its time costs the capital and the interest of the
// days that passed. SALDO says so, and the books close without income of days
// to come.
func TestSettlingEarlyOwesNoInterestOfDaysToCome(t *testing.T) {
	t.Parallel()
	w := declining(t)
	l := w.active()
	w.goTo(l.Quote.Terms.Issued.AddDays(6))
	f := w.mustFacts(lending.About{}, w.ana.ID)["cliente"]
	first := l.Quote.Rows[0]
	days := money.Amount(l.Quote.Terms.Issued.DaysUntil(first.Due))
	interest := (2*first.Interest*6 + days) / (2 * days)
	want := l.Quote.Terms.Principal + interest + (2*16*interest+100)/200
	if f["para_terminar"] != want || f["ahorro_hoy"] != l.Quote.Terms.Total-want || f["saldo"] != l.Quote.Terms.Total {
		t.Fatalf("%s settles %s, %s less; want %s", f["para_terminar"], f["saldo"], f["ahorro_hoy"], want)
	}
	if r := w.must(w.pay(l, "T-1", want-1, w.today())); r.Value["saldo"] != l.Quote.Terms.Total-want+1 {
		t.Errorf("a centavo less leaves %v", r.Value["saldo"])
	}
	w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": "T-1", "reason": "prueba"}))
	if r := w.must(w.pay(l, "T-2", want, w.today())); r.Value["saldo"] != money.Amount(0) {
		t.Errorf("left %v", r.Value["saldo"])
	}
	if got := w.loan(l); got.State != loan.LoanSettled {
		t.Errorf("the loan is %s", got.State)
	}
	if got := -balance(w, ledger.InterestIncome, ""); got != interest {
		t.Errorf("earned %s, want %s", got, interest)
	}
	if d := w.line(); d.Used != 0 {
		t.Errorf("%s of the line stays used", d.Used)
	}
	checkBooks(t, w)
	w.must(w.run("payment.reverse", map[string]any{"source": "panel", "reference": "T-2", "reason": "rebotó"}))
	if got := w.loan(l); got.State != loan.LoanActive || got.Position.Owed != l.Quote.Terms.Total {
		t.Errorf("taken back: %s owes %s", got.State, got.Position.Owed)
	}
	checkBooks(t, w)
}

// Nobody forgives what was never owed.
func TestForgivingStopsAtWhatSettles(t *testing.T) {
	t.Parallel()
	w := declining(t)
	l := w.active()
	principal := l.Quote.Terms.Principal // settles on the day it was lent
	ask := func(amount money.Amount) (lending.Result, error) {
		return w.run("loan.forgive", asked(map[string]any{"credito": l.ID.String(), "monto": amount}), by("agent:luis"))
	}
	if _, err := ask(principal + 1); fault.CodeOf(err) != "correction_too_large" {
		t.Errorf("more than settles: %v", err)
	}
	w.two("loan.forgive", map[string]any{"credito": l.ID.String(), "monto": principal})
	if got := w.loan(l); got.State != loan.LoanSettled || balance(w, ledger.InterestIncome, "") != 0 {
		t.Errorf("%s, earned %s", got.State, balance(w, ledger.InterestIncome, ""))
	}
	checkBooks(t, w)
}

// What being late costs is told as it is charged: per missed payment, per day,
// or both, IVA included.
func TestFactsTellWhatBeingLateCosts(t *testing.T) {
	t.Parallel()
	w := declining(t)
	l := w.active()
	v := at[lending.Vale](w, lending.KindVale, l.ValeID)
	f := w.mustFacts(aboutVale(v), w.ana.ID)["vale"]
	var most money.Amount
	for _, r := range v.Quote.Rows {
		most = max(most, r.Capital)
	}
	daily := (most*120 + 35_999) / 36_000 // 120 % a year over 360 days, rounded up
	daily += (2*16*daily + 100) / 200
	if f["mora"] != money.Amount(174_00) || f["mora_diaria"] != daily || daily <= 0 {
		t.Errorf("once %s, daily %s; want $174 and %s", f["mora"], f["mora_diaria"], daily)
	}
	w.goTo(v.Quote.Rows[0].Enforceable.AddDays(3 + 1 + 10)) // grace, the day of the fee, ten days
	w.closeDay(l)
	first := v.Quote.Rows[0]
	mora := (2*first.Capital*10*120 + 36_000) / 72_000
	want := v.Quote.Terms.Total + 174_00 + mora + (2*16*mora+100)/200
	if got := w.loan(l).Position.Owed; got != want {
		t.Errorf("owed %s, want %s", got, want)
	}
	if most := 10 * f["mora_diaria"].(money.Amount); mora > most {
		t.Errorf("ten days cost %s, she was told at most %s", mora, most)
	}
	checkBooks(t, w)
}
