package loan

import (
	"cmp"
	"slices"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Payment is money that counts toward a loan on its value date. A reversed
// payment is left out of the list.
type Payment struct {
	ID     string // unique; it also orders payments of one day
	On     quincena.Date
	Amount money.Amount // centavos, > 0
	Plan   Plan         // by which it is allocated; nil for the frozen one
	Grant  bool         // forgiven and not received: what finds nothing owed lapses
}

// Allocation is what a payment paid of one component of one instalment.
type Allocation struct {
	N         int          `json:"n"`
	When      Timing       `json:"when"`
	Component Component    `json:"component"`
	Amount    money.Amount `json:"amount"`
}

// Receipt is where one payment went: its amount is the sum of the allocations
// and the excess, which is the payer's saldo a favor. A grant has no excess: it
// may allocate less than its amount.
type Receipt struct {
	Payment     string       `json:"payment"`
	Allocations []Allocation `json:"allocations"`
	Excess      money.Amount `json:"excess,omitempty"`
}

// InstalmentState is derived by replay, never stored.
type InstalmentState string

// The states of an instalment.
const (
	InstalmentFuture  InstalmentState = "FUTURE"  // not due, nothing paid
	InstalmentDue     InstalmentState = "DUE"     // between its two dates, nothing paid
	InstalmentPartial InstalmentState = "PARTIAL" // something paid, not late
	InstalmentLate    InstalmentState = "LATE"    // past its enforceable date
	InstalmentPaid    InstalmentState = "PAID"
)

// Standing is one instalment on the day of a position.
type Standing struct {
	N           int
	Due         quincena.Date
	Enforceable quincena.Date
	State       InstalmentState
	Owed        Parts         // still to be paid, late fee included
	Paid        Parts         // paid so far
	PaidOn      quincena.Date // value date that completed it; zero if unpaid
	DaysLate    int           // from the enforceable date to PaidOn, or to today if unpaid; never negative
}

// Position is what a loan amounts to at the end of a day, after that day's
// payments. It is a function of terms, rows and payments alone.
type Position struct {
	AsOf        quincena.Date
	Rows        []Standing
	Receipts    []Receipt    // in the order of value dates
	Outstanding money.Amount // all that is still owed, future instalments included
	Payoff      money.Amount // what would settle the loan today: Outstanding without interest of days to come
	DueNow      money.Amount // of it, what has fallen due, late fees included
	Overdue     money.Amount // of it, what is past its enforceable date
	NextN       int          // oldest instalment not paid in full, by its date; 0 if none
	NextDue     quincena.Date
	NextAmount  money.Amount
	DaysLate    int          // since the oldest enforceable date that was not met
	Remitted    money.Amount // interest of days to come that an early settlement did not charge, with IVA
	LateFees    money.Amount // what lateness has cost so far, moratory interest among it, with IVA
	Credit      money.Amount // saldo a favor
	Left        int          // instalments not paid in full
	Settled     bool
	SettledOn   quincena.Date // value date that settled it

	recognised Parts // what the books show as earned or lent so far
	paid       Parts
}

// Replay derives the position at the end of asOf from the rows and all
// payments with a value date up to then, in whatever order they arrived: they
// are taken by value date and then by id. Payments of zero or less are
// ignored. A back-dated or reversed payment needs nothing but another Replay.
func Replay(t Terms, rows []Instalment, payments []Payment, asOf quincena.Date) Position {
	b := newBook(t, rows)
	b.receipts = make([]Receipt, 0, len(payments))
	for _, p := range inOrder(payments, asOf) {
		b.reach(p.On)
		b.allocate(p)
	}
	b.reach(asOf)
	return b.position(asOf)
}

func inOrder(payments []Payment, asOf quincena.Date) []Payment {
	counted := make([]Payment, 0, len(payments))
	for _, p := range payments {
		if p.Amount > 0 && !p.On.After(asOf) {
			counted = append(counted, p)
		}
	}
	slices.SortFunc(counted, func(a, b Payment) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.ID, b.ID))
	})
	return counted
}

// book is the working state of a replay.
type book struct {
	terms    Terms
	rows     []Standing // by due date
	late     []lateness
	receipts []Receipt
	accrues  bool
	yearly   money.Rate // of moratory interest
	fees     money.Amount
	remitted money.Amount
	held     []held // money that waits for the next due date
	day      quincena.Date
	credit   money.Amount
	last     quincena.Date // value date of the last allocation that settled the loan
}

// held is what is left of a payment, by its place among the receipts.
type held struct {
	receipt int
	left    money.Amount
}

func newBook(t Terms, rows []Instalment) *book {
	b := &book{terms: t, rows: make([]Standing, len(rows)), late: make([]lateness, len(rows)), accrues: t.Late.accrues()}
	if b.accrues {
		b.yearly = t.MoratoryRate()
	}
	for i, r := range rows {
		b.rows[i] = Standing{N: r.N, Due: r.Due, Enforceable: r.Enforceable, Owed: r.parts()}
	}
	return b
}

func (b *book) position(asOf quincena.Date) Position {
	p := Position{AsOf: asOf, Rows: b.rows, Receipts: b.receipts, Credit: b.credit, Remitted: b.remitted, LateFees: b.fees}
	for i := range b.rows {
		r := &b.rows[i]
		r.close(asOf)
		p.add(*r)
	}
	p.Payoff = b.payoff(asOf)
	p.Settled = p.Outstanding == 0
	if p.Settled {
		p.SettledOn = b.last
	}
	return p
}

// close sets what depends on the day of the position.
func (r *Standing) close(asOf quincena.Date) {
	until := asOf
	timing := r.timing(asOf)
	switch {
	case r.Owed.Total() == 0:
		r.State, until = InstalmentPaid, r.PaidOn
	case timing == PastDue:
		r.State = InstalmentLate
	case r.Paid.Total() > 0:
		r.State = InstalmentPartial
	case timing == DueNow:
		r.State = InstalmentDue
	default:
		r.State = InstalmentFuture
	}
	r.DaysLate = max(0, r.Enforceable.DaysUntil(until))
}

// add counts one instalment, in the order of dates.
func (p *Position) add(r Standing) {
	owed := r.Owed.Total()
	p.recognise(r)
	if owed == 0 {
		return
	}
	p.Outstanding += owed
	p.Left++
	if p.NextN == 0 {
		p.NextN, p.NextDue, p.NextAmount = r.N, r.Due, owed
	}
	if r.FallenDue(p.AsOf) {
		p.DueNow += owed
	}
	if r.State == InstalmentLate {
		p.Overdue += owed
		p.DaysLate = max(p.DaysLate, r.DaysLate)
	}
}
