package loan_test

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// model is a second, plainer account of the rules of the shipped vale: it walks
// every single day, keeps one pot per instalment and knows no components. What
// it says about totals must be what Replay says.
type model struct {
	terms loan.Terms
	pots  []pot
	spare money.Amount
	fees  money.Amount
}

type pot struct {
	row    loan.Instalment
	left   money.Amount
	fined  bool
	paidOn quincena.Date
}

func walk(q loan.Quote, payments []loan.Payment, asOf quincena.Date) *model {
	m := &model{terms: q.Terms}
	for _, r := range q.Rows {
		m.pots = append(m.pots, pot{row: r, left: r.Total()})
	}
	slices.SortFunc(payments, func(a, b loan.Payment) int { return cmp.Compare(a.ID, b.ID) })
	for d := q.Terms.Issued; !d.After(asOf); d = d.AddDays(1) {
		m.morning(d)
		for _, p := range payments {
			if p.On == d {
				m.spend(d, p.Amount)
			}
		}
	}
	return m
}

// morning fines what the grace has left behind.
func (m *model) morning(today quincena.Date) {
	for i := range m.pots {
		p := &m.pots[i]
		free := p.row.Enforceable.AddDays(m.terms.Late.GraceDays)
		if p.left > 0 && !p.fined && today.After(free) {
			p.fined = true
			p.left += m.terms.Late.Fee
			m.fees += m.terms.Late.Fee
		}
	}
}

// spend fills the pots from the oldest on, as the plan of the vale does when
// one looks at totals only.
func (m *model) spend(today quincena.Date, amount money.Amount) {
	for i := range m.pots {
		p := &m.pots[i]
		part := min(amount, p.left)
		p.left -= part
		amount -= part
		if p.left == 0 && p.paidOn.IsZero() {
			p.paidOn = today
		}
	}
	m.spare += amount
}

func TestReplayAgreesWithAPlainModel(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		p := base
		p.Terms = []int{rapid.SampledFrom(base.Terms).Draw(t, "n")}
		p.Late.GraceDays = rapid.IntRange(0, 5).Draw(t, "grace")
		q := anyQuote(t, p)
		payments := anyPayments(t, q)
		asOf := q.Terms.Issued.AddDays(rapid.IntRange(0, 260).Draw(t, "asOf"))
		want := walk(q, slices.Clone(payments), asOf)
		got := loan.Replay(q.Terms, q.Rows, payments, asOf)
		want.compare(t, got)
	})
}

func (m *model) compare(t *rapid.T, got loan.Position) {
	var outstanding, overdue, dueNow money.Amount
	days, left := 0, 0
	for i, p := range m.pots {
		row := got.Rows[i]
		if row.Owed.Total() != p.left || row.PaidOn != p.paidOn {
			t.Fatalf("instalment %d owes %s, paid on %q; want %s, %q", p.row.N, row.Owed.Total(), row.PaidOn, p.left, p.paidOn)
		}
		if p.left == 0 {
			continue
		}
		left++
		outstanding += p.left
		if !got.AsOf.Before(p.row.Due) {
			dueNow += p.left
		}
		if got.AsOf.After(p.row.Enforceable) {
			overdue += p.left
			days = max(days, p.row.Enforceable.DaysUntil(got.AsOf))
		}
	}
	if got.Outstanding != outstanding || got.Overdue != overdue || got.DueNow != dueNow || got.DaysLate != days || got.Left != left {
		t.Fatalf("owes %s, due %s, overdue %s, %d days, %d left; want %s, %s, %s, %d, %d",
			got.Outstanding, got.DueNow, got.Overdue, got.DaysLate, got.Left, outstanding, dueNow, overdue, days, left)
	}
	if got.Credit != m.spare || got.LateFees != m.fees || got.Settled != (left == 0) {
		t.Fatalf("credit %s, fees %s; want %s, %s", got.Credit, got.LateFees, m.spare, m.fees)
	}
}
