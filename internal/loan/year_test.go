package loan_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// aYear is a loan of 24 quincenas that lives through 2028, at 2 % a period and
// with moratory of twice the rate; its payments are on time, late, early,
// missing, too small and too large.
func aYear(t tester) (loan.Quote, []loan.Payment) {
	t.Helper()
	p := vale(t)
	p.Terms, p.Method, p.Rate, p.IVAIncluded = []int{24}, loan.Level, rate(t, "2%"), false
	p.Late = loan.Late{Times: rate(t, "2"), Failure: 50_00, GraceDays: 2}
	q := quote(t, p, 12000_00, 24, "2027-12-31")
	return q, []loan.Payment{
		pay(t, "a", "2028-01-17", q.Terms.Payment),   // enforceable day of a saturday
		pay(t, "b", "2028-02-03", q.Terms.Payment),   // three days late, one beyond the grace
		pay(t, "c", "2028-02-29", 2*q.Terms.Payment), // leap day, one due and one missed
		pay(t, "d", "2028-04-10", 3*q.Terms.Payment), // before Holy Week
		pay(t, "e", "2028-06-02", 200_00),
		pay(t, "f", "2028-07-31", 2*q.Terms.Payment),
		pay(t, "g", "2028-10-16", 5*q.Terms.Payment),
		pay(t, "h", "2028-12-29", 9000_00),
	}
}

// The close of every day of the year: what changed, and the books, which move
// only when something changed and hold what one look at the year's end shows.
func TestEveryDayOfAYear(t *testing.T) {
	t.Parallel()
	q, payments := aYear(t)
	var lines []string
	var shown loan.Position
	book := entry(t, nil, loan.Disburse("L-1", q.Terms.Principal, of(ledger.DisbursementOut)))
	for d := q.Terms.Issued; d.Year < 2029; d = d.AddDays(1) {
		now := loan.Replay(q.Terms, q.Rows, payments, d)
		if again := loan.Post("L-1", "P-1", bank(), now, loan.Replay(q.Terms, q.Rows, payments, d)); len(again) != 0 {
			t.Fatalf("closing %s twice books %v", d, again)
		}
		book = entry(t, book, loan.Post("L-1", "P-1", bank(), shown, now))
		checkBook(t, book, now)
		if d == q.Terms.Issued || now.LateFees != shown.LateFees && now.DaysLate%15 == 3 || now.Outstanding < shown.Outstanding || now.NextN != shown.NextN {
			lines = append(lines, fmt.Sprintf("%s owes %s, due %s, overdue %s for %d days, late fees %s, credit %s, next %d",
				d, now.Outstanding, now.DueNow, now.Overdue, now.DaysLate, now.LateFees, now.Credit, now.NextN))
		}
		shown = now
	}
	got := strings.Join(lines, "\n") + "\n"
	want, err := os.ReadFile("testdata/year.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, got)
	}
	direct := entry(t, nil, loan.Disburse("L-1", q.Terms.Principal, of(ledger.DisbursementOut)))
	direct = entry(t, direct, loan.Post("L-1", "P-1", bank(), loan.Position{}, shown))
	if diff := cmp.Diff(ledger.Balances(direct), ledger.Balances(book)); diff != "" {
		t.Errorf("366 closes and one differ (-one +366):\n%s", diff)
	}
}

// Missed days are caught up: whatever days are closed, in whatever steps, the
// year's end and its books are the same.
func TestCatchingUpMissedDays(t *testing.T) {
	t.Parallel()
	q, payments := aYear(t)
	end := day(t, "2028-12-31")
	closeEvery := func(step int) map[ledger.Account]money.Amount {
		var shown loan.Position
		book := entry(t, nil, loan.Disburse("L-1", q.Terms.Principal, of(ledger.DisbursementOut)))
		for d := q.Terms.Issued; d.Before(end); d = d.AddDays(step) {
			now := loan.Replay(q.Terms, q.Rows, payments, d)
			book = entry(t, book, loan.Post("L-1", "P-1", bank(), shown, now))
			shown = now
		}
		return ledger.Balances(entry(t, book, loan.Post("L-1", "P-1", bank(), shown, loan.Replay(q.Terms, q.Rows, payments, end))))
	}
	want := closeEvery(1)
	for _, step := range []int{2, 7, 15, 31, 90, 400} {
		if diff := cmp.Diff(want, closeEvery(step)); diff != "" {
			t.Errorf("closing every %d days differs:\n%s", step, diff)
		}
	}
}
