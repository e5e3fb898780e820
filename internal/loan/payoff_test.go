package loan_test

import (
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/loan"
	"valebot/internal/money"
)

// bridge is 1,000 pesos for a month at 96 % a year, interest by days of 365:
// 31 days earn 81.53 and 13.04 of IVA.
func bridge(t tester, method loan.Method) loan.Quote {
	t.Helper()
	p := vale(t)
	p.Method, p.RatePer, p.DayCount, p.Rate = method, loan.PerYear, loan.Actual365, rate(t, "96%")
	p.Frequency, p.MinFirstDays, p.IVAIncluded, p.Terms = "monthly", 30, false, []int{1, 2}
	n := 1
	if method != loan.Single {
		n = 2
	}
	return quote(t, p, 1000_00, n, "2026-03-02")
}

// Who pays all before its time owes the interest of the days that passed, and
// IVA on that; a centavo less settles nothing and pays by the calendar.
func TestPayoff(t *testing.T) {
	t.Parallel()
	q := bridge(t, loan.Single)
	if q.Terms.Total != 1094_57 {
		t.Fatalf("total %s", q.Terms.Total)
	}
	for on, want := range map[string]money.Amount{
		"2026-03-02": 1000_00, // the day it was lent
		"2026-03-12": 1030_51, // 10 of 31 days: 26.30 and 4.21
		"2026-04-01": 1091_52, // 30 of 31: 78.90 and 12.62
		"2026-04-02": 1094_57,
	} {
		today := day(t, on)
		if got := loan.Replay(q.Terms, q.Rows, nil, today); got.Payoff != want || got.Outstanding != 1094_57 {
			t.Errorf("%s: %s settles %s, want %s", on, got.Payoff, got.Outstanding, want)
		}
		paid := loan.Replay(q.Terms, q.Rows, []loan.Payment{{ID: "a", On: today, Amount: want}}, today.AddDays(60))
		if !paid.Settled || paid.Credit != 0 || paid.Remitted != 1094_57-want || paid.SettledOn != today {
			t.Errorf("%s: settled %v on %s, %s remitted, %s in favour", on, paid.Settled, paid.SettledOn, paid.Remitted, paid.Credit)
		}
		short := loan.Replay(q.Terms, q.Rows, []loan.Payment{{ID: "a", On: today, Amount: want - 1}}, today)
		if short.Settled || short.Remitted != 0 || short.Outstanding != 1094_57-want+1 {
			t.Errorf("%s: a centavo less leaves %s", on, short.Outstanding)
		}
	}
}

// A level loan of two months: in the first one, the second's interest is not
// owed at all; flat interest was agreed as one amount and stays.
func TestPayoffByMethod(t *testing.T) {
	t.Parallel()
	today := day(t, "2026-03-12")
	level := bridge(t, loan.Level)
	at := loan.Replay(level.Terms, level.Rows, nil, today)
	if want := money.Amount(1030_51); at.Payoff != want {
		t.Errorf("level: %s, want %s", at.Payoff, want)
	}
	flat := quote(t, vale(t), 3000_00, 4, "2026-03-02")
	if at := loan.Replay(flat.Terms, flat.Rows, nil, today); at.Payoff != at.Outstanding {
		t.Errorf("flat: %s settles %s", at.Payoff, at.Outstanding)
	}
}

// What late instalments cost is owed whole beside what the others hold.
func TestPayoffWhenLate(t *testing.T) {
	t.Parallel()
	q := bridge(t, loan.Level)
	today := day(t, "2026-04-12") // the first was due on the 2nd
	at := loan.Replay(q.Terms, q.Rows, nil, today)
	first, second := at.Rows[0].Owed, q.Rows[1]
	earned := (second.Interest*20*10/30 + 10) / 20 // 10 of the 30 days from 2-abr to 2-may
	want := first.Total() + second.Capital + earned + (2*earned*16+100)/200
	if at.Payoff != want || first[loan.Mora] == 0 {
		t.Errorf("%s, want %s", at.Payoff, want)
	}
}

// A payment with a plan of its own, as what forgives late fees alone, settles
// nothing, and undoing a settlement brings back the whole debt.
func TestWhatSettlesNothing(t *testing.T) {
	t.Parallel()
	q := bridge(t, loan.Single)
	today := day(t, "2026-03-12")
	own := loan.Payment{ID: "a", On: today, Amount: 1030_51, Plan: q.Terms.Plan}
	if at := loan.Replay(q.Terms, q.Rows, []loan.Payment{own}, today); at.Settled || at.Outstanding != 1094_57-1030_51 {
		t.Errorf("a payment with its own plan leaves %s", at.Outstanding)
	}
	grant := loan.Payment{ID: "a", On: today, Amount: 1094_57, Grant: true}
	if at := loan.Replay(q.Terms, q.Rows, []loan.Payment{grant}, today); !at.Settled || at.Credit != 0 {
		t.Errorf("forgiving all leaves %s and %s", at.Outstanding, at.Credit)
	}
}

// The later, the more: a day more never makes settling cheaper, it never costs
// more than the calendar, nor less than the capital.
func TestPayoffRises(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuote(t, anyProduct(t, base))
		on := q.Terms.Issued.AddDays(rapid.IntRange(0, 400).Draw(t, "on"))
		today := loan.Replay(q.Terms, q.Rows, nil, on)
		next := loan.Replay(q.Terms, q.Rows, nil, on.AddDays(1))
		if next.Payoff < today.Payoff || today.Payoff > today.Outstanding || today.Payoff < q.Terms.Principal {
			t.Fatalf("%s today, %s tomorrow, %s owed, %s lent", today.Payoff, next.Payoff, today.Outstanding, q.Terms.Principal)
		}
	})
}
