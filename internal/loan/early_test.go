package loan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/loan"
	"valebot/internal/money"
)

func replaced(t tester, text, old, new string) string {
	t.Helper()
	changed := strings.Replace(text, old, new, 1)
	if changed == text {
		t.Fatalf("the text has no %q", old)
	}
	return changed
}

func early(t tester, how loan.Early) loan.Quote {
	t.Helper()
	p := vale(t)
	p.Early = how
	return quote(t, p, 3000_00, 4, "2026-03-02") // 862.50 on 15-mar, 31-mar, 15-abr, 30-abr
}

// owed lists what each instalment still owes, and the credit.
func owed(p loan.Position) string {
	var b strings.Builder
	for _, r := range p.Rows {
		fmt.Fprintf(&b, "%s ", r.Owed.Total())
	}
	return b.String() + "+" + p.Credit.String()
}

// The four strategies on one payment of 1,000 before anything is due, on one
// that comes when the first is due, and on one that is more than the loan.
func TestEarlyPayment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		how    loan.Early
		on     string
		amount money.Amount
		want   string
	}{
		{loan.EarlyNext, "2026-03-10", 1000_00, "$0 $725 $862.50 $862.50 +$0"},
		{loan.EarlyLast, "2026-03-10", 1000_00, "$862.50 $862.50 $725 $0 +$0"},
		{loan.EarlyProRata, "2026-03-10", 1000_00, "$612.50 $612.50 $612.50 $612.50 +$0"},
		{loan.EarlyWhole, "2026-03-10", 1000_00, "$0 $862.50 $862.50 $862.50 +$137.50"},
		{loan.EarlyNext, "2026-03-16", 1000_00, "$0 $725 $862.50 $862.50 +$0"},
		{loan.EarlyLast, "2026-03-16", 1000_00, "$0 $862.50 $862.50 $725 +$0"},
		{loan.EarlyProRata, "2026-03-16", 1000_01, "$0 $816.67 $816.66 $816.66 +$0"},
		{loan.EarlyWhole, "2026-03-16", 2000_00, "$0 $0 $862.50 $862.50 +$275"},
		{loan.EarlyWhole, "2026-03-10", 100_00, "$862.50 $862.50 $862.50 $862.50 +$100"},
		{loan.EarlyNext, "2026-03-10", 3500_00, "$0 $0 $0 $0 +$50"},
		{loan.EarlyLast, "2026-03-10", 3500_00, "$0 $0 $0 $0 +$50"},
		{loan.EarlyProRata, "2026-03-10", 3500_00, "$0 $0 $0 $0 +$50"},
		{loan.EarlyWhole, "2026-03-10", 3500_00, "$0 $0 $0 $0 +$50"},
	} {
		q := early(t, c.how)
		p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", c.on, c.amount)}, day(t, c.on))
		if got := owed(p); got != c.want {
			t.Errorf("%s of %s on %s leaves %s, want %s", c.how, c.amount, c.on, got, c.want)
		}
	}
}

// Money that waits for a whole instalment pays what falls due on its day, so
// that nobody with money in hand is fined, and its receipt says so.
func TestMoneyThatWaitsPaysOnTheDueDate(t *testing.T) {
	t.Parallel()
	q := early(t, loan.EarlyWhole)
	payments := []loan.Payment{pay(t, "a", "2026-03-10", 1000_00), pay(t, "b", "2026-03-20", 725_00)}
	for on, want := range map[string]string{
		"2026-03-10": "$0 $862.50 $862.50 $862.50 +$137.50",
		"2026-03-20": "$0 $862.50 $862.50 $862.50 +$862.50", // two rests do not pay in advance together
		"2026-03-31": "$0 $0 $862.50 $862.50 +$0",
		"2026-04-10": "$0 $0 $862.50 $862.50 +$0",
	} {
		p := loan.Replay(q.Terms, q.Rows, payments, day(t, on))
		if got := owed(p); got != want {
			t.Errorf("on %s: %s, want %s", on, got, want)
		}
	}
	p := loan.Replay(q.Terms, q.Rows, payments, day(t, "2026-04-10"))
	if p.LateFees != 0 || p.Rows[1].PaidOn != day(t, "2026-03-31") || p.Rows[1].DaysLate != 0 {
		t.Errorf("late fees %s, paid on %s", p.LateFees, p.Rows[1].PaidOn)
	}
	first := p.Receipts[0]
	if last := first.Allocations[len(first.Allocations)-1]; first.Excess != 0 || last.N != 2 || last.When != loan.DueNow {
		t.Errorf("the first receipt is %+v", first)
	}
	// A part that is left waits further, and is fined like any part payment.
	p = loan.Replay(q.Terms, q.Rows, payments[:1], day(t, "2026-04-02"))
	if got := owed(p); got != "$0 $785 $862.50 $862.50 +$0" || p.LateFees != 60_00 {
		t.Errorf("a part that waited: %s, fees %s", got, p.LateFees)
	}
}

// Where the business day comes before the due date, the instalment can be paid
// on time only until then: that is when money that waits is taken.
func TestMoneyThatWaitsMeetsTheEarlierDate(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Early, p.Shift, p.Late.GraceDays = loan.EarlyWhole, "previous", 0
	q := quote(t, p, 3000_00, 4, "2026-03-02")
	if q.Rows[0].Enforceable.String() != "2026-03-13" {
		t.Fatalf("enforceable on %s", q.Rows[0].Enforceable)
	}
	at := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-10", 500_00)}, day(t, "2026-03-13"))
	if owed(at) != "$362.50 $862.50 $862.50 $862.50 +$0" || at.DueNow != 362_50 || at.Overdue != 0 {
		t.Errorf("%s, due %s, overdue %s", owed(at), at.DueNow, at.Overdue)
	}
	if late := loan.Replay(q.Terms, q.Rows, nil, day(t, "2026-03-14")); late.Overdue > late.DueNow || late.LateFees != 60_00 {
		t.Errorf("overdue %s of %s due", late.Overdue, late.DueNow)
	}
}

// A vertical plan in advance: first the capital of all, then the rest.
func TestEarlyPaymentOfAVerticalPlan(t *testing.T) {
	t.Parallel()
	for how, want := range map[loan.Early][]money.Amount{
		loan.EarlyNext:    {750_00, 250_00, 0, 0},
		loan.EarlyLast:    {0, 0, 250_00, 750_00},
		loan.EarlyProRata: {250_00, 250_00, 250_00, 250_00},
	} {
		q := early(t, how)
		q.Terms.Plan = append(slices.Clone(q.Terms.Plan[:2]),
			loan.Stage{When: loan.InAdvance, Pay: []loan.Part{loan.PartCapital}},
			loan.Stage{When: loan.InAdvance, Pay: []loan.Part{loan.PartInterest}})
		p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-10", 1000_00)}, day(t, "2026-03-10"))
		var got []money.Amount
		for _, r := range p.Rows {
			got = append(got, r.Paid[loan.Capital])
			if r.Paid[loan.Interest] != 0 {
				t.Errorf("%s pays interest before capital", how)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
	}
}

// Whatever the strategy, money is only ever allocated or kept as credit, what
// is due comes first, and the whole of a loan can be paid at any time.
func TestEarlyStrategiesAgreeOnTheWhole(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuote(t, anyProduct(t, base))
		on := q.Terms.Issued.AddDays(rapid.IntRange(0, 200).Draw(t, "on"))
		amount := money.Amount(rapid.Int64Range(1, 2*int64(q.Terms.Total)).Draw(t, "amount"))
		before := loan.Replay(q.Terms, q.Rows, nil, on)
		for _, how := range []loan.Early{loan.EarlyNext, loan.EarlyLast, loan.EarlyProRata, loan.EarlyWhole} {
			q.Terms.Early = how
			p := loan.Replay(q.Terms, q.Rows, []loan.Payment{{ID: "a", On: on, Amount: amount}}, on)
			settles := before.Outstanding
			if amount >= before.Payoff {
				settles = before.Payoff
			}
			if p.Outstanding-p.Credit != settles-amount || p.Remitted != before.Outstanding-settles {
				t.Fatalf("%s: %s and %s of credit of %s less %s, %s remitted", how, p.Outstanding, p.Credit, before.Outstanding, amount, p.Remitted)
			}
			if want := max(0, before.DueNow-amount); p.DueNow != want {
				t.Fatalf("%s: %s due, want %s", how, p.DueNow, want)
			}
			if p.Settled != (amount >= before.Payoff) || p.Settled && p.Credit != amount-before.Payoff {
				t.Fatalf("%s: settled %v by %s of %s", how, p.Settled, amount, before.Payoff)
			}
			if how != loan.EarlyWhole && p.Credit > 0 && p.Outstanding > 0 {
				t.Fatalf("%s: %s in favour while %s is owed", how, p.Credit, p.Outstanding)
			}
		}
	})
}
