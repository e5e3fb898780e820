package loan

import (
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Early is where money goes that is more than what has fallen due.
type Early string

// The strategies of early payment.
const (
	EarlyNext    Early = "next"     // the oldest instalment to come, and on from there
	EarlyLast    Early = "last"     // the last instalment, and back from there
	EarlyProRata Early = "pro_rata" // all instalments to come, by what they owe
	EarlyWhole   Early = "whole"    // whole instalments from the oldest on; what is left waits as saldo a favor and pays what falls due
)

// Who pays the whole debt before its time owes no interest of days to come: it
// may be charged for periods that have passed only (LTOSF and CONDUSEF's rules
// on transparency, early payments). That holds where interest runs on the
// balance. Flat interest is agreed as one amount, and paying instalments before
// their time (EarlyNext and the others) does not change what they hold.
//
// A new plan counts its periods from its own first day, which never favours the
// lender.

// onBalance reports whether interest runs on the balance, so that paying
// everything before its time costs less.
func (t Terms) onBalance() bool { return t.Method != Flat }

// unearned is the interest, with its IVA, that an instalment still owes for days
// after the given one. What was paid of it before stays paid.
func (b *book) unearned(i int, on quincena.Date) (net, tax money.Amount) {
	r, from := &b.rows[i], b.terms.Issued
	if !b.terms.onBalance() || r.FallenDue(on) || r.Owed[Interest]+r.Owed[InterestIVA] == 0 {
		return 0, 0
	}
	if i > 0 {
		from = b.rows[i-1].Due
	}
	days, passed := money.Amount(from.DaysUntil(r.Due)), money.Amount(max(0, from.DaysUntil(on)))
	if passed >= days {
		return 0, 0
	}
	whole := r.Owed[Interest] + r.Paid[Interest]
	accrued := (2*whole*passed + days) / (2 * days)
	accruedTax := min(r.Owed[InterestIVA]+r.Paid[InterestIVA], b.terms.ivaOn(PartInterest).Of(accrued))
	return min(r.Owed[Interest], whole-accrued),
		min(r.Owed[InterestIVA], r.Owed[InterestIVA]+r.Paid[InterestIVA]-accruedTax)
}

// payoff is what settles the loan on a day, of which lateness has been charged.
func (b *book) payoff(on quincena.Date) money.Amount {
	var sum money.Amount
	for i := range b.rows {
		net, tax := b.unearned(i, on)
		sum += b.rows[i].Owed.Total() - net - tax
	}
	return sum
}

// remit takes the interest of days to come off the debt where a payment settles
// it. A payment with a plan of its own settles nothing.
func (b *book) remit(p Payment) {
	if !b.terms.onBalance() || p.Plan != nil || p.Amount < b.payoff(p.On) {
		return
	}
	for i := range b.rows {
		r := &b.rows[i]
		net, tax := b.unearned(i, p.On)
		r.Owed[Interest] -= net
		r.Owed[InterestIVA] -= tax
		b.remitted += net + tax
		if net+tax > 0 && r.Owed.Total() == 0 {
			r.PaidOn, b.last = p.On, p.On
		}
	}
}
