package loan_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"valebot/internal/loan"
	"valebot/internal/money"
)

func pay(t tester, id, on string, amount money.Amount) loan.Payment {
	t.Helper()
	return loan.Payment{ID: id, On: day(t, on), Amount: amount}
}

// seen is what a person would see of a position.
type seen struct {
	States               string
	DueNow, Overdue      money.Amount
	Outstanding, LateFee money.Amount
	Next                 string
	DaysLate             int
	Credit               money.Amount
}

func look(p loan.Position) seen {
	s := seen{
		DueNow: p.DueNow, Overdue: p.Overdue, Outstanding: p.Outstanding, LateFee: p.LateFees,
		Next: p.NextDue.Short(), DaysLate: p.DaysLate, Credit: p.Credit,
	}
	for _, r := range p.Rows {
		s.States += string(r.State[:2]) + " "
	}
	return s
}

func TestReplayThroughTheLifeOfALoan(t *testing.T) {
	t.Parallel()
	q := ana(t)
	const rest = "FU FU FU FU FU FU "
	for _, c := range []struct {
		name, asOf string
		payments   []loan.Payment
		want       seen
	}{
		{
			"the day of issue", "2026-03-02", nil,
			seen{States: "FU FU " + rest, Outstanding: 3900_00, Next: "15-mar"},
		},
		{
			"the contractual day", "2026-03-15", nil,
			seen{States: "DU FU " + rest, DueNow: 487_50, Outstanding: 3900_00, Next: "15-mar"},
		},
		{
			"the enforceable day is not late", "2026-03-17", nil,
			seen{States: "DU FU " + rest, DueNow: 487_50, Outstanding: 3900_00, Next: "15-mar"},
		},
		{
			"the day of grace is late and free", "2026-03-18", nil,
			seen{States: "LA FU " + rest, DueNow: 487_50, Overdue: 487_50, Outstanding: 3900_00, Next: "15-mar", DaysLate: 1},
		},
		{
			"after the grace the fee comes once", "2026-03-19", nil,
			seen{States: "LA FU " + rest, DueNow: 547_50, Overdue: 547_50, Outstanding: 3960_00, LateFee: 60_00, Next: "15-mar", DaysLate: 2},
		},
		{
			"a second missed quincena", "2026-04-02", nil,
			seen{States: "LA LA " + rest, DueNow: 1095_00, Overdue: 1095_00, Outstanding: 4020_00, LateFee: 120_00, Next: "15-mar", DaysLate: 16},
		},
		{
			"paid on the day of grace", "2026-03-31", []loan.Payment{pay(t, "a", "2026-03-18", 487_50)},
			seen{States: "PA DU " + rest, DueNow: 487_50, Outstanding: 3412_50, Next: "31-mar"},
		},
		{
			"paid after the grace, the fee stays owed", "2026-03-20", []loan.Payment{pay(t, "a", "2026-03-19", 487_50)},
			seen{States: "LA FU " + rest, DueNow: 60_00, Overdue: 60_00, Outstanding: 3472_50, LateFee: 60_00, Next: "15-mar", DaysLate: 3},
		},
		{
			"a part", "2026-03-16", []loan.Payment{pay(t, "a", "2026-03-15", 200_00)},
			seen{States: "PA FU " + rest, DueNow: 287_50, Outstanding: 3700_00, Next: "15-mar"},
		},
		{
			"in advance", "2026-03-10", []loan.Payment{pay(t, "a", "2026-03-10", 500_00)},
			seen{States: "PA PA " + rest, Outstanding: 3400_00, Next: "31-mar"},
		},
		{
			"all and more", "2026-03-10", []loan.Payment{pay(t, "a", "2026-03-10", 4000_00)},
			seen{States: "PA PA PA PA PA PA PA PA ", Credit: 100_00},
		},
		{
			"a payment of tomorrow does not count", "2026-03-09", []loan.Payment{pay(t, "a", "2026-03-10", 4000_00)},
			seen{States: "FU FU " + rest, Outstanding: 3900_00, Next: "15-mar"},
		},
	} {
		got := look(loan.Replay(q.Terms, q.Rows, c.payments, day(t, c.asOf)))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPartAndPaidStatesDiffer(t *testing.T) {
	t.Parallel()
	q := ana(t)
	p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-10", 500_00)}, day(t, "2026-03-10"))
	if p.Rows[0].State != loan.InstalmentPaid || p.Rows[1].State != loan.InstalmentPartial || p.Left != 7 || p.NextN != 2 || p.NextAmount != 475_00 {
		t.Errorf("%v, %v, left %d, next %d of %s", p.Rows[0].State, p.Rows[1].State, p.Left, p.NextN, p.NextAmount)
	}
}

// The order of the frozen plan: of the oldest late instalment the fee, the
// interest and the capital, each with its IVA inside, then the next one.
func TestAllocationFollowsThePlan(t *testing.T) {
	t.Parallel()
	q := ana(t)
	on := "2026-04-02" // two late instalments with a fee each
	full := []loan.Allocation{
		{N: 1, When: loan.PastDue, Component: loan.Mora, Amount: 51_72},
		{N: 1, When: loan.PastDue, Component: loan.MoraIVA, Amount: 8_28},
		{N: 1, When: loan.PastDue, Component: loan.Interest, Amount: 96_98},
		{N: 1, When: loan.PastDue, Component: loan.InterestIVA, Amount: 15_52},
		{N: 1, When: loan.PastDue, Component: loan.Capital, Amount: 375_00},
		{N: 2, When: loan.PastDue, Component: loan.Mora, Amount: 51_72},
		{N: 2, When: loan.PastDue, Component: loan.MoraIVA, Amount: 8_28},
	}
	for _, c := range []struct {
		name   string
		amount money.Amount
		want   []loan.Allocation
	}{
		{"part of the fee", 30_00, []loan.Allocation{
			{N: 1, When: loan.PastDue, Component: loan.Mora, Amount: 25_86},
			{N: 1, When: loan.PastDue, Component: loan.MoraIVA, Amount: 4_14},
		}},
		{"fee and part of the interest", 100_00, []loan.Allocation{
			full[0], full[1],
			{N: 1, When: loan.PastDue, Component: loan.Interest, Amount: 34_48},
			{N: 1, When: loan.PastDue, Component: loan.InterestIVA, Amount: 5_52},
		}},
		{"one instalment and the other's fee", 607_50, full},
	} {
		p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", on, c.amount)}, day(t, on))
		if diff := cmp.Diff([]loan.Receipt{{Payment: "a", Allocations: c.want}}, p.Receipts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// A plan of several stages pays one part of all instalments before the next.
func TestAllocationOfAVerticalPlan(t *testing.T) {
	t.Parallel()
	q := ana(t)
	q.Terms.Plan = loan.Plan{
		{When: loan.PastDue, Pay: []loan.Part{loan.PartInterest}},
		{When: loan.PastDue, Pay: []loan.Part{loan.PartCapital}},
	}
	p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-04-01", 300_00)}, day(t, "2026-04-01"))
	want := []loan.Allocation{
		{N: 1, When: loan.PastDue, Component: loan.Interest, Amount: 96_98},
		{N: 1, When: loan.PastDue, Component: loan.InterestIVA, Amount: 15_52},
		{N: 1, When: loan.PastDue, Component: loan.Capital, Amount: 187_50},
	}
	// On 1 April the second instalment is one day late as well.
	want = slices.Insert(want, 2,
		loan.Allocation{N: 2, When: loan.PastDue, Component: loan.Interest, Amount: 96_98},
		loan.Allocation{N: 2, When: loan.PastDue, Component: loan.InterestIVA, Amount: 15_52})
	want[4].Amount = 75_00
	if diff := cmp.Diff(want, p.Receipts[0].Allocations); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSettledOwesExactlyNothing(t *testing.T) {
	t.Parallel()
	q := ana(t)
	var payments []loan.Payment
	for i, r := range q.Rows {
		payments = append(payments, loan.Payment{ID: string(rune('a' + i)), On: r.Due, Amount: r.Total()})
	}
	p := loan.Replay(q.Terms, q.Rows, payments, day(t, "2026-12-31"))
	if !p.Settled || p.Outstanding != 0 || p.Credit != 0 || p.LateFees != 0 || p.Receivable() != 0 || p.SettledOn != q.Rows[7].Due {
		t.Errorf("%+v", look(p))
	}
	p = loan.Replay(q.Terms, q.Rows, payments[:7], day(t, "2026-06-15"))
	if p.Settled || !p.SettledOn.IsZero() {
		t.Error("settled with one instalment left")
	}
}

// Invariant 12: what was paid is what was allocated and the excess, no
// component is paid beyond what it owes, and a part payment carries its IVA
// inside.
func TestAllocationInvariants(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		p := anyProduct(t, base)
		q := anyQuote(t, p)
		payments := anyPayments(t, q)
		asOf := q.Terms.Issued.AddDays(rapid.IntRange(0, 1200).Draw(t, "asOf"))
		pos := loan.Replay(q.Terms, q.Rows, payments, asOf)
		amounts := map[string]money.Amount{}
		for _, pay := range payments {
			if !pay.On.After(asOf) {
				amounts[pay.ID] = pay.Amount
			}
		}
		var received, credit money.Amount
		for _, r := range pos.Receipts {
			sum := r.Excess
			for _, a := range r.Allocations {
				if a.Amount <= 0 {
					t.Fatalf("allocation %+v", a)
				}
				sum += a.Amount
			}
			if sum != amounts[r.Payment] {
				t.Fatalf("payment of %s is allocated as %s", amounts[r.Payment], sum)
			}
			delete(amounts, r.Payment)
			received, credit = received+sum, credit+r.Excess
		}
		if len(amounts) != 0 || credit != pos.Credit {
			t.Fatalf("payments left out: %v; credit %s of %s", amounts, pos.Credit, credit)
		}
		for _, r := range pos.Rows {
			if slices.Min(r.Owed[:]) < 0 || slices.Min(r.Paid[:]) < 0 {
				t.Fatalf("row %+v", r)
			}
		}
		if q.Terms.Total+pos.LateFees != pos.Outstanding+pos.Remitted+received-credit {
			t.Fatalf("%s and %s of fees, but %s owed, %s remitted and %s paid", q.Terms.Total, pos.LateFees, pos.Outstanding, pos.Remitted, received-credit)
		}
		if pos.Remitted != 0 && !pos.Settled || pos.Payoff > pos.Outstanding || pos.Payoff < pos.DueNow {
			t.Fatalf("%s remitted, settled %v, %s settles %s", pos.Remitted, pos.Settled, pos.Payoff, pos.Outstanding)
		}
		if pos.Credit > 0 && pos.Outstanding > pos.LateFees && p.Early != loan.EarlyWhole {
			t.Fatalf("%s in favour while %s is owed", pos.Credit, pos.Outstanding)
		}
	})
}

// Invariant 13: the order of arrival does not matter, and undoing a payment
// and doing it again is the identity.
func TestReplayIsIndependentOfArrival(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuote(t, anyProduct(t, base))
		payments := anyPayments(t, q)
		asOf := q.Terms.Issued.AddDays(rapid.IntRange(0, 600).Draw(t, "asOf"))
		want := loan.Replay(q.Terms, q.Rows, payments, asOf)
		shuffled := rapid.Permutation(payments).Draw(t, "arrival")
		got := loan.Replay(q.Terms, q.Rows, shuffled, asOf)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(loan.Position{})); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if got.Receivable() != want.Receivable() {
			t.Fatalf("receivable %s, want %s", got.Receivable(), want.Receivable())
		}
	})
}

// Walking day by day sees what one look at the last day sees, and a late fee
// comes once per missed instalment, never within the grace.
func TestLateFeesNeverCompound(t *testing.T) {
	t.Parallel()
	q := ana(t)
	rapid.Check(t, func(t *rapid.T) {
		payments := anyPayments(t, q)
		var last money.Amount
		for d := q.Terms.Issued; d.Before(q.Rows[7].Due.AddDays(40)); d = d.AddDays(3) {
			p := loan.Replay(q.Terms, q.Rows, payments, d)
			missable := 0
			for _, r := range q.Rows {
				if r.Enforceable.DaysUntil(d) > q.Terms.Late.GraceDays {
					missable++
				}
			}
			if p.LateFees%60_00 != 0 || p.LateFees > 60_00*money.Amount(missable) || p.LateFees < last {
				t.Fatalf("on %s the late fees are %s, before %s, with %d instalments past their grace", d, p.LateFees, last, missable)
			}
			last = p.LateFees
		}
	})
}

func TestReplayLeavesItsArgumentsAlone(t *testing.T) {
	t.Parallel()
	q := ana(t)
	payments := []loan.Payment{pay(t, "b", "2026-04-15", 100_00), pay(t, "a", "2026-03-15", 487_50), {ID: "c", On: day(t, "2026-03-20"), Amount: -5}}
	rows, given := slices.Clone(q.Rows), slices.Clone(payments)
	p := loan.Replay(q.Terms, q.Rows, payments, day(t, "2026-05-01"))
	if diff := cmp.Diff(given, payments); diff != "" {
		t.Errorf("the payments changed:\n%s", diff)
	}
	if diff := cmp.Diff(rows, q.Rows); diff != "" {
		t.Errorf("the rows changed:\n%s", diff)
	}
	if len(p.Receipts) != 2 {
		t.Errorf("a payment below zero counts: %v", p.Receipts)
	}
}

func TestComponentText(t *testing.T) {
	t.Parallel()
	for c := loan.Capital; c <= loan.Insurance; c++ {
		text, err := c.MarshalText()
		var back loan.Component
		if err != nil || back.UnmarshalText(text) != nil || back != c {
			t.Errorf("%v becomes %s and then %v", c, text, back)
		}
	}
	var c loan.Component
	if err := c.UnmarshalText([]byte("PIZZA")); err == nil {
		t.Error("an unknown component is read")
	}
	if loan.Component(-1).String() != "UNKNOWN" || (loan.Insurance+1).String() != "UNKNOWN" || loan.Component(99).String() != "UNKNOWN" {
		t.Error("a component out of range has a name")
	}
}

func TestSegmentOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		history []int
		want    loan.Segment
	}{
		{nil, loan.Punctual},
		{[]int{0, 0, 0}, loan.Punctual},
		{[]int{0, 3, 0}, loan.Slight},
		{[]int{1, 2}, loan.Slight},
		{[]int{1, 2, 1}, loan.Chronic},
		{[]int{0, 16}, loan.Chronic},
		{[]int{0, 15}, loan.Slight},
		{[]int{40, 9, 9, 0, 0, 0, 0, 0, 0}, loan.Punctual}, // long ago
	} {
		if got := loan.SegmentOf(c.history); got != c.want {
			t.Errorf("SegmentOf(%v) = %s, want %s", c.history, got, c.want)
		}
	}
}

func TestHistoryOfAPosition(t *testing.T) {
	t.Parallel()
	q := ana(t)
	p := loan.Replay(q.Terms, q.Rows, []loan.Payment{
		pay(t, "a", "2026-03-10", 487_50), // early
		pay(t, "b", "2026-04-01", 487_50), // a day late
	}, day(t, "2026-04-20"))
	if diff := cmp.Diff([]int{0, 1, 5}, p.History()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
