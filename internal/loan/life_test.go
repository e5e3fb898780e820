package loan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// life drives one vale with random commands on a clock that only goes forward,
// and keeps beside it the plain list of what counts.
type life struct {
	quote    loan.Quote
	counted  []loan.Payment
	reversed []loan.Payment
	today    quincena.Date
	shown    loan.Position
	book     []ledger.Entry
	made     int
}

func newLife(t *rapid.T, p loan.Product) *life {
	q := anyQuote(t, p)
	l := &life{quote: q, today: q.Terms.Issued}
	l.book = entry(t, nil, loan.Disburse("L-1", q.Terms.Principal, of(ledger.DisbursementOut)))
	return l
}

func (l *life) step(t *rapid.T) {
	switch rapid.SampledFrom([]string{"pay", "pay", "back-date", "reverse", "redo", "wait"}).Draw(t, "command") {
	case "pay":
		l.pay(t, l.today)
	case "back-date":
		past := rapid.IntRange(0, l.quote.Terms.Issued.DaysUntil(l.today)).Draw(t, "days ago")
		l.pay(t, l.today.AddDays(-past))
	case "reverse":
		l.counted, l.reversed = move(t, l.counted, l.reversed)
	case "redo":
		l.reversed, l.counted = move(t, l.reversed, l.counted)
	default:
		l.today = l.today.AddDays(rapid.IntRange(1, 25).Draw(t, "wait"))
	}
	now := loan.Replay(l.quote.Terms, l.quote.Rows, l.counted, l.today)
	l.book = entry(t, l.book, loan.Post("L-1", "P-1", bank(), l.shown, now))
	l.shown = now
}

func (l *life) pay(t *rapid.T, on quincena.Date) {
	amount := money.Amount(rapid.Int64Range(1, 3*int64(l.quote.Terms.Payment)).Draw(t, "amount"))
	l.counted = append(l.counted, loan.Payment{ID: fmt.Sprintf("p%03d", l.made), On: on, Amount: amount})
	l.made++
}

// move takes one payment out of a list and appends it to another.
func move(t *rapid.T, from, to []loan.Payment) ([]loan.Payment, []loan.Payment) {
	if len(from) == 0 {
		return from, to
	}
	i := rapid.IntRange(0, len(from)-1).Draw(t, "which")
	to = append(to, from[i])
	return slices.Delete(slices.Clone(from), i, i+1), to
}

// check holds the position against the model and the ledger, and the ledger
// against a book that was written in one stroke.
func (l *life) check(t *rapid.T) {
	walk(l.quote, slices.Clone(l.counted), l.today).compare(t, l.shown)
	l.checkBooks(t)
}

func (l *life) checkBooks(t *rapid.T) {
	checkBook(t, l.book, l.shown)
	direct := entry(t, nil, loan.Disburse("L-1", l.quote.Terms.Principal, of(ledger.DisbursementOut)))
	direct = entry(t, direct, loan.Post("L-1", "P-1", bank(), loan.Position{}, l.shown))
	if diff := cmp.Diff(ledger.Balances(direct), ledger.Balances(l.book)); diff != "" {
		t.Fatalf("step by step and at once differ (-once +steps):\n%s", diff)
	}
}

func TestRandomLives(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		p := base
		p.Terms = []int{rapid.SampledFrom(base.Terms).Draw(t, "n")}
		l := newLife(t, p)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			l.step(t)
			l.check(t)
		}
	})
}

// The same commands on products of every shape, with the reference
// implementation as the model: it lives through all days again after each step.
func TestRandomLivesOfAnyProduct(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "product"), 3))
		p := base
		p.Early = pick(r, loan.EarlyNext, loan.EarlyLast, loan.EarlyProRata, loan.EarlyWhole)
		p.Plan, p.Late = refPlan(r, p.Early), refLate(r)
		p, q, ok := refQuote(t, p, r, 8)
		if !ok {
			return
		}
		l := &life{quote: q, today: q.Terms.Issued}
		l.book = entry(t, nil, loan.Disburse("L-1", q.Terms.Principal, of(ledger.DisbursementOut)))
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			l.step(t)
			model := newRefLoan(p, q)
			for d := q.Terms.Issued; !d.After(l.today); d = d.AddDays(1) {
				model.live(d, l.inIDOrder())
			}
			refSameLife(t, model, l.shown)
			l.checkBooks(t)
		}
	})
}

// inIDOrder lists what counts as a replay takes the payments of one day.
func (l *life) inIDOrder() []loan.Payment {
	list := slices.Clone(l.counted)
	slices.SortFunc(list, func(a, b loan.Payment) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Undoing a payment and doing it again is the identity, in the position and in
// the books.
func TestUndoAndRedoIsTheIdentity(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuote(t, anyProduct(t, base))
		payments := anyPayments(t, q)
		if len(payments) == 0 {
			return
		}
		asOf := q.Terms.Issued.AddDays(rapid.IntRange(0, 400).Draw(t, "asOf"))
		i := rapid.IntRange(0, len(payments)-1).Draw(t, "victim")
		with := loan.Replay(q.Terms, q.Rows, payments, asOf)
		without := loan.Replay(q.Terms, q.Rows, slices.Delete(slices.Clone(payments), i, i+1), asOf)
		again := loan.Replay(q.Terms, q.Rows, payments, asOf)
		if diff := cmp.Diff(with, again, cmpopts.IgnoreUnexported(loan.Position{})); diff != "" {
			t.Fatalf("(-before +after):\n%s", diff)
		}
		lines := loan.Post("L-1", "P-1", bank(), with, without)
		lines = append(lines, loan.Post("L-1", "P-1", bank(), without, again)...)
		if left := ledger.Net(lines...); len(left) != 0 {
			t.Fatalf("the books keep %v", left)
		}
	})
}

// More money never makes anything worse: paying a little more leaves no more
// owed, no more overdue and no more late fees.
func TestPayingMoreNeverHurts(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuote(t, anyProduct(t, base))
		payments := anyPayments(t, q)
		asOf := q.Terms.Issued.AddDays(rapid.IntRange(0, 400).Draw(t, "asOf"))
		extra := loan.Payment{
			ID: "z", On: q.Terms.Issued.AddDays(rapid.IntRange(0, 400).Draw(t, "on")),
			Amount: money.Amount(rapid.Int64Range(1, int64(q.Terms.Total)).Draw(t, "extra")),
		}
		less := loan.Replay(q.Terms, q.Rows, payments, asOf)
		more := loan.Replay(q.Terms, q.Rows, append(slices.Clone(payments), extra), asOf)
		if more.Outstanding > less.Outstanding || more.Overdue > less.Overdue || more.LateFees > less.LateFees || more.DaysLate > less.DaysLate {
			t.Fatalf("with %s more: %+v instead of %+v", extra.Amount, look(more), look(less))
		}
	})
}

func TestLateFeeByProduct(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		fee       money.Amount
		grace     int
		included  bool
		on        string
		mora, iva money.Amount
	}{
		{"with IVA inside", 60_00, 1, true, "2026-03-19", 51_72, 8_28},
		{"with IVA on top", 60_00, 1, false, "2026-03-19", 60_00, 9_60},
		{"last day of grace", 60_00, 1, true, "2026-03-18", 0, 0},
		{"no grace, on the enforceable day", 60_00, 0, true, "2026-03-17", 0, 0},
		{"no grace, the day after", 60_00, 0, true, "2026-03-18", 51_72, 8_28},
		{"three days of grace, the third", 60_00, 3, true, "2026-03-20", 0, 0},
		{"three days of grace, the fourth", 60_00, 3, true, "2026-03-21", 51_72, 8_28},
		{"no fee at all", 0, 0, true, "2026-03-30", 0, 0},
	} {
		p := vale(t)
		p.Late, p.IVAIncluded = loan.Late{Fee: c.fee, GraceDays: c.grace}, c.included
		q := quote(t, p, 3000_00, 8, "2026-03-02")
		row := loan.Replay(q.Terms, q.Rows, nil, day(t, c.on)).Rows[0]
		if row.Owed[loan.Mora] != c.mora || row.Owed[loan.MoraIVA] != c.iva {
			t.Errorf("%s: %s and %s of IVA, want %s and %s", c.name, row.Owed[loan.Mora], row.Owed[loan.MoraIVA], c.mora, c.iva)
		}
	}
}

func TestFirstDateByFrequency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		every         quincena.Frequency
		minDays       int
		issued, first string
		second        string
	}{
		{quincena.Weekly, 0, "2026-03-02", "2026-03-09", "2026-03-16"},
		{quincena.Weekly, 10, "2026-03-02", "2026-03-12", "2026-03-19"},
		{quincena.Catorcenal, 10, "2026-03-02", "2026-03-16", "2026-03-30"},
		{quincena.Monthly, 10, "2026-01-31", "2026-02-28", "2026-03-31"},
		{quincena.Monthly, 30, "2026-02-10", "2026-03-12", "2026-04-12"},
		{quincena.Quincenal, 0, "2026-03-02", "2026-03-15", "2026-03-31"},
	} {
		p := vale(t)
		p.Frequency, p.MinFirstDays = c.every, c.minDays
		q := quote(t, p, 3000_00, 4, c.issued)
		if q.Rows[0].Due.String() != c.first || q.Rows[1].Due.String() != c.second {
			t.Errorf("%s from %s: %s and %s, want %s and %s", c.every, c.issued, q.Rows[0].Due, q.Rows[1].Due, c.first, c.second)
		}
	}
}

func TestAllocationOfAnInstalmentWithEverything(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Opening, p.Insurance = rate(t, "10%"), 80_00
	q := quote(t, p, 4000_00, 4, "2026-03-02")
	got := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-19", 1400_00)}, day(t, "2026-03-19")).Receipts[0]
	want := loan.Receipt{Payment: "a", Allocations: []loan.Allocation{
		{N: 1, When: loan.PastDue, Component: loan.Mora, Amount: 51_72},
		{N: 1, When: loan.PastDue, Component: loan.MoraIVA, Amount: 8_28},
		{N: 1, When: loan.PastDue, Component: loan.Fee, Amount: 86_21},
		{N: 1, When: loan.PastDue, Component: loan.FeeIVA, Amount: 13_79},
		{N: 1, When: loan.PastDue, Component: loan.Insurance, Amount: 20_00},
		{N: 1, When: loan.PastDue, Component: loan.Interest, Amount: 129_31},
		{N: 1, When: loan.PastDue, Component: loan.InterestIVA, Amount: 20_69},
		{N: 1, When: loan.PastDue, Component: loan.Capital, Amount: 1000_00},
		{N: 2, When: loan.InAdvance, Component: loan.Fee, Amount: 60_34},
		{N: 2, When: loan.InAdvance, Component: loan.FeeIVA, Amount: 9_66},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
