package loan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// These are the mistakes that other loan cores were reported for, one test
// each, on the vale of the story.

// A payment that is told late but valued early takes back the fee that was
// charged in the meantime.
func TestBackDatedPaymentTakesTheFeeBack(t *testing.T) {
	t.Parallel()
	q := ana(t)
	today := day(t, "2026-03-25")
	late := loan.Replay(q.Terms, q.Rows, nil, today)
	if late.LateFees != 60_00 {
		t.Fatalf("late fees %s", late.LateFees)
	}
	p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-17", 487_50)}, today)
	if p.LateFees != 0 || p.Overdue != 0 || p.Outstanding != 3412_50 {
		t.Errorf("fees %s, overdue %s, outstanding %s", p.LateFees, p.Overdue, p.Outstanding)
	}
}

// A back-dated payment moves the later ones on: they pay what is then oldest.
func TestBackDatedPaymentReallocatesLaterOnes(t *testing.T) {
	t.Parallel()
	q := ana(t)
	later := pay(t, "a", "2026-03-31", 487_50)
	alone := loan.Replay(q.Terms, q.Rows, []loan.Payment{later}, day(t, "2026-03-31"))
	if n := alone.Receipts[0].Allocations[0].N; n != 1 {
		t.Fatalf("alone it pays instalment %d", n)
	}
	both := loan.Replay(q.Terms, q.Rows, []loan.Payment{later, pay(t, "b", "2026-03-15", 487_50)}, day(t, "2026-03-31"))
	if got := both.Receipts[1]; got.Payment != "a" || got.Allocations[0].N != 2 {
		t.Errorf("after the earlier one it pays %+v", got)
	}
}

// Reversing the payment that settled a loan reopens exactly what it paid, and
// the fees of the days in between come with it.
func TestReversalAfterSettlement(t *testing.T) {
	t.Parallel()
	q := ana(t)
	all := pay(t, "a", "2026-03-10", 3900_00)
	if p := loan.Replay(q.Terms, q.Rows, []loan.Payment{all}, day(t, "2026-05-20")); !p.Settled || p.SettledOn != all.On {
		t.Fatalf("not settled: %+v", look(p))
	}
	p := loan.Replay(q.Terms, q.Rows, nil, day(t, "2026-05-20"))
	if p.Settled || p.LateFees != 5*60_00 || p.Outstanding != 3900_00+300_00 || p.DaysLate != 64 {
		t.Errorf("%+v", look(p))
	}
}

// A quote issued on a due date begins with the next one, and one issued just
// before a due date skips it.
func TestIssuedOnOrNearADueDate(t *testing.T) {
	t.Parallel()
	for issued, first := range map[string]string{
		"2026-03-14": "2026-03-31",
		"2026-03-15": "2026-03-31",
		"2026-03-16": "2026-03-31",
		"2026-03-31": "2026-04-15",
		"2026-02-28": "2026-03-15",
	} {
		if q := quote(t, vale(t), 3000_00, 8, issued); q.Terms.First.String() != first {
			t.Errorf("issued %s begins %s, want %s", issued, q.Terms.First, first)
		}
	}
}

// Paying everything before the first date settles, and no fee comes later.
func TestPaidOffBeforeTheFirstDate(t *testing.T) {
	t.Parallel()
	q := ana(t)
	p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-02", 3900_00)}, day(t, "2027-01-01"))
	if !p.Settled || p.LateFees != 0 || p.Credit != 0 || p.DaysLate != 0 || p.NextN != 0 || !p.NextDue.IsZero() {
		t.Errorf("%+v", look(p))
	}
}

// A centavo missing is late like a whole instalment, but is all that is owed.
func TestOneCentavoMissing(t *testing.T) {
	t.Parallel()
	q := ana(t)
	p := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-15", 487_49)}, day(t, "2026-03-18"))
	if p.Overdue != 1 || p.NextAmount != 1 || p.DaysLate != 1 || p.Left != 8 {
		t.Errorf("%+v", look(p))
	}
}

// Many small payments pay each component exactly once, whatever the rounding
// of their IVA.
func TestManySmallPaymentsAddUp(t *testing.T) {
	t.Parallel()
	q := ana(t)
	var payments []loan.Payment
	left := q.Terms.Total
	for i := 0; left > 0; i++ {
		amount := min(7_77, left)
		payments = append(payments, loan.Payment{ID: string(rune(0x4e00 + i)), On: day(t, "2026-03-10"), Amount: amount})
		left -= amount
	}
	p := loan.Replay(q.Terms, q.Rows, payments, day(t, "2026-03-10"))
	if !p.Settled || p.Credit != 0 {
		t.Fatalf("%+v", look(p))
	}
	for i, r := range p.Rows {
		want := loan.Parts{loan.Capital: q.Rows[i].Capital, loan.Interest: q.Rows[i].Interest, loan.InterestIVA: q.Rows[i].IVA}
		if diff := cmp.Diff(want, r.Paid); diff != "" {
			t.Errorf("instalment %d (-want +got):\n%s", r.N, diff)
		}
	}
}

// A holiday that a decree adds later does not move a quote that exists, but
// new ones see it.
func TestDecreedHolidayMovesOnlyNewQuotes(t *testing.T) {
	t.Parallel()
	old := ana(t)
	cal := quincena.NewCalendar(quincena.Holiday{Date: day(t, "2026-04-15"), Name: "Decreto"})
	q, err := loan.NewQuote(vale(t), 3000_00, 8, day(t, "2026-03-02"), cal)
	if err != nil {
		t.Fatal(err)
	}
	if q.Rows[2].Due != old.Rows[2].Due || q.Rows[2].Enforceable.String() != "2026-04-16" {
		t.Errorf("row %+v", q.Rows[2])
	}
	if q.Terms.Hash() == old.Terms.Hash() {
		t.Error("two calendars have the same terms")
	}
}

// A year of quincenas on the enforceable dates that banks and wages know: no
// date twice, none on a closed day.
func TestGoldenYearOfQuincenas(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Terms = []int{24}
	q := quote(t, p, 12000_00, 24, "2026-01-02")
	want := []string{
		"15-ene", "03-feb", "16-feb", "02-mar", "17-mar", "31-mar", "15-abr", "30-abr",
		"15-may", "01-jun", "15-jun", "30-jun", "15-jul", "31-jul", "17-ago", "31-ago",
		"15-sep", "30-sep", "15-oct", "03-nov", "17-nov", "30-nov", "15-dic", "31-dic",
	}
	// 31 January is a saturday and the monday after it a holiday, so tuesday.
	// 31 October is a saturday and 2 November closes the banks; 15 November is
	// a sunday before a holiday.
	var got []string
	for _, r := range q.Rows {
		got = append(got, r.Enforceable.Short())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every offer of the shipped product, in pesos that a person can check: the
// total is principal·(1 + 3.75 %·n), and the payments differ by centavos only
// in the last row.
func TestEveryOfferOfTheShippedProduct(t *testing.T) {
	t.Parallel()
	p := vale(t)
	issued := day(t, "2026-03-02")
	for principal := p.Min; principal <= p.Max; principal += p.Step {
		for _, n := range p.Terms {
			q, err := loan.NewQuote(p, principal, n, issued, quincena.Calendar{})
			if err != nil {
				t.Fatalf("%s x %d: %v", principal, n, err)
			}
			if want := principal + principal*375*money.Amount(n)/10_000; q.Terms.Total != want {
				t.Errorf("%s x %d: total %s, want %s", principal, n, q.Terms.Total, want)
			}
			if d := q.Rows[n-1].Total() - q.Terms.Payment; d < -6 || d > 6 {
				t.Errorf("%s x %d: the last payment differs by %s", principal, n, d)
			}
		}
	}
}
