package loan

import (
	"slices"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

func (r *Standing) timing(today quincena.Date) Timing {
	switch {
	case today.After(r.Enforceable):
		return PastDue
	case r.FallenDue(today):
		return DueNow
	}
	return InAdvance
}

// FallenDue reports whether the instalment can be paid on time no later than on
// the given day: from the earlier of its two dates on.
func (r Standing) FallenDue(on quincena.Date) bool { return !on.Before(r.opens()) }

// opens is the earlier of the two dates: the enforceable one where the shift is
// to the business day before.
func (r Standing) opens() quincena.Date {
	if r.Enforceable.Before(r.Due) {
		return r.Enforceable
	}
	return r.Due
}

// reach brings the book to the start of a day: money that waits pays each
// instalment on its due date, and lateness is charged.
func (b *book) reach(today quincena.Date) {
	if len(b.held) > 0 {
		for i := range b.rows {
			if due := b.rows[i].opens(); due.After(b.day) && !due.After(today) {
				b.chargeLate(due)
				b.spendHeld(due)
			}
		}
	}
	b.chargeLate(today)
	b.day = today
}

// spendHeld pays what has fallen due with money that waits, oldest first.
func (b *book) spendHeld(today quincena.Date) {
	for len(b.held) > 0 {
		h := &b.held[0]
		left := b.spendDue(h.left, today, h.receipt)
		b.credit -= h.left - left
		b.receipts[h.receipt].Excess -= h.left - left
		h.left = left
		if left > 0 {
			return
		}
		b.held = b.held[1:]
	}
}

// allocate spends a payment by the frozen plan or by its own, and what is in
// advance by the strategy of early payment. One that settles the loan owes no
// interest of days to come.
func (b *book) allocate(p Payment) {
	b.remit(p)
	b.receipts = append(b.receipts, Receipt{Payment: p.ID})
	at := len(b.receipts) - 1
	left, plan := p.Amount, b.terms.Plan
	if p.Plan != nil {
		plan = p.Plan
	}
	for _, stage := range plan {
		if stage.When == InAdvance {
			left -= b.payEarly(stage, left, p.On, at)
		} else {
			left -= b.payRows(stage, left, p.On, at)
		}
	}
	if p.Grant {
		return
	}
	b.receipts[at].Excess = left
	b.credit += left
	if left > 0 && b.terms.Early == EarlyWhole {
		b.held = append(b.held, held{at, left})
	}
}

// spendDue is allocate without what is in advance; it returns what is left.
func (b *book) spendDue(left money.Amount, on quincena.Date, receipt int) money.Amount {
	for _, stage := range b.terms.Plan {
		if stage.When != InAdvance {
			left -= b.payRows(stage, left, on, receipt)
		}
	}
	return left
}

// payRows spends up to left on the instalments of a stage, oldest first, and
// returns what it took.
func (b *book) payRows(stage Stage, left money.Amount, on quincena.Date, receipt int) money.Amount {
	before := left
	for i := range b.rows {
		if left > 0 && b.rows[i].timing(on) == stage.When {
			left -= b.payRow(i, stage, left, on, receipt)
		}
	}
	return before - left
}

// payEarly spends up to left on the instalments to come by the strategy of
// early payment, and returns what it took.
func (b *book) payEarly(stage Stage, left money.Amount, on quincena.Date, receipt int) money.Amount {
	switch b.terms.Early {
	case EarlyLast:
		before := left
		for i := range slices.Backward(b.rows) {
			if left > 0 && b.rows[i].timing(on) == InAdvance {
				left -= b.payRow(i, stage, left, on, receipt)
			}
		}
		return before - left
	case EarlyProRata:
		return b.payProRata(stage, left, on, receipt)
	case EarlyWhole:
		return b.payWhole(stage, left, on, receipt)
	}
	return b.payRows(stage, left, on, receipt)
}

// payProRata gives every instalment to come its share of the money.
func (b *book) payProRata(stage Stage, left money.Amount, on quincena.Date, receipt int) money.Amount {
	weights := make([]int64, len(b.rows))
	var all money.Amount
	for i := range b.rows {
		if b.rows[i].timing(on) == InAdvance {
			owed := b.rows[i].owedOf(stage)
			weights[i] = int64(owed)
			all += owed
		}
	}
	spent := min(left, all)
	if spent == 0 {
		return 0
	}
	for i, part := range money.Split(spent, weights) {
		if part > 0 {
			b.payRow(i, stage, part, on, receipt)
		}
	}
	return spent
}

// owedOf is what an instalment owes of the parts of a stage, IVA included.
func (r *Standing) owedOf(stage Stage) money.Amount {
	var sum money.Amount
	for _, part := range stage.Pay {
		base := part.base()
		sum += r.Owed[base]
		if tax, ok := base.tax(); ok {
			sum += r.Owed[tax]
		}
	}
	return sum
}

// payWhole pays instalments to come that the money covers whole, oldest first,
// and stops at the first that it does not.
func (b *book) payWhole(stage Stage, left money.Amount, on quincena.Date, receipt int) money.Amount {
	before := left
	for i := range b.rows {
		r := &b.rows[i]
		owed := r.owedOf(stage)
		if r.timing(on) != InAdvance || owed == 0 {
			continue
		}
		if owed > left {
			break
		}
		left -= b.payRow(i, stage, left, on, receipt)
	}
	return before - left
}

// payRow spends up to left on one instalment and returns what it took.
func (b *book) payRow(i int, stage Stage, left money.Amount, on quincena.Date, receipt int) money.Amount {
	r, to := &b.rows[i], &b.receipts[receipt]
	before := left
	for _, part := range stage.Pay {
		if left > 0 {
			left -= r.pay(part, left, b.terms.ivaOn(part), stage.When, to)
		}
	}
	if r.PaidOn.IsZero() && r.Owed.Total() == 0 {
		r.PaidOn, b.last = on, on
	}
	return before - left
}

// pay spends up to left on one part and its IVA, and returns what it took.
func (r *Standing) pay(part Part, left money.Amount, iva money.Rate, when Timing, receipt *Receipt) money.Amount {
	base := part.base()
	tax, taxable := base.tax()
	var owedTax money.Amount
	if taxable {
		owedTax = r.Owed[tax]
	}
	net, onTax := share(min(left, r.Owed[base]+owedTax), r.Owed[base], owedTax, iva)
	for _, a := range []Allocation{{r.N, when, base, net}, {r.N, when, tax, onTax}} {
		if a.Amount > 0 {
			r.Owed[a.Component] -= a.Amount
			r.Paid[a.Component] += a.Amount
			receipt.Allocations = append(receipt.Allocations, a)
		}
	}
	return net + onTax
}

// share splits money between a base and its IVA. Money that covers both pays
// both; a part payment carries its IVA inside, iva = round(money·t/(1+t)), so
// that net + iva = money, and neither takes more than is owed of it.
func share(amount, base, tax money.Amount, iva money.Rate) (net, onTax money.Amount) {
	if amount >= base+tax {
		return base, tax
	}
	onTax = min(iva.Within(amount), tax)
	onTax = max(onTax, amount-base)
	return amount - onTax, onTax
}
