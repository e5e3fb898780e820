package loan_test

import (
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/loan"
	"valebot/internal/money"
)

// onlyLate is the plan of a grant that forgives late fees and nothing else.
func onlyLate() loan.Plan {
	late := []loan.Part{loan.PartPenalty}
	return loan.Plan{{When: loan.PastDue, Pay: late}, {When: loan.DueNow, Pay: late}, {When: loan.InAdvance, Pay: late}}
}

func TestAGrantForgivesOnlyWhatItsPlanNames(t *testing.T) {
	t.Parallel()
	q := ana(t)
	grant := loan.Payment{ID: "g", On: day(t, "2026-03-20"), Amount: 100_00, Plan: onlyLate(), Grant: true}
	p := loan.Replay(q.Terms, q.Rows, []loan.Payment{grant}, day(t, "2026-03-20"))
	want := seen{States: "LA FU FU FU FU FU FU FU ", DueNow: 487_50, Overdue: 487_50, Outstanding: 3900_00, LateFee: 60_00, Next: "15-mar", DaysLate: 3}
	if got := look(p); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var given money.Amount
	for _, a := range p.Receipts[0].Allocations {
		given += a.Amount
	}
	if given != 60_00 || p.Receipts[0].Excess != 0 || p.Credit != 0 {
		t.Errorf("given %s, excess %s, credit %s", given, p.Receipts[0].Excess, p.Credit)
	}
}

// What is forgiven is never owed back: whatever money comes before or after a
// grant, the saldo a favor is only ever money that was received.
func TestAGrantNeverBecomesCredit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		q := ana(t)
		start := day(t, "2026-03-02")
		var payments []loan.Payment
		var received money.Amount
		for i := range rapid.IntRange(1, 5).Draw(rt, "payments") {
			p := loan.Payment{
				ID: string(rune('a' + i)), On: start.AddDays(rapid.IntRange(0, 150).Draw(rt, "day")),
				Amount: money.Amount(rapid.Int64Range(1, 300000).Draw(rt, "centavos")), Grant: rapid.Bool().Draw(rt, "grant"),
			}
			if p.Grant && rapid.Bool().Draw(rt, "late fees only") {
				p.Plan = onlyLate()
			}
			if !p.Grant {
				received += p.Amount
			}
			payments = append(payments, p)
		}
		at := loan.Replay(q.Terms, q.Rows, payments, start.AddDays(150))
		given := money.Amount(0)
		for _, r := range at.Receipts {
			for _, a := range r.Allocations {
				given += a.Amount
			}
		}
		if at.Credit > received || at.Outstanding < 0 {
			rt.Fatalf("received %s, credit %s, still owed %s", received, at.Credit, at.Outstanding)
		}
		if owed := q.Terms.Total + at.LateFees; owed != given+at.Outstanding {
			rt.Fatalf("owed %s, paid or forgiven %s, left %s", owed, given, at.Outstanding)
		}
	})
}
