package loan

import (
	"github.com/shopspring/decimal"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Late is what a missed instalment costs, from the day after the grace days
// that follow its enforceable date. Moratory is one of three: a flat fee once
// per instalment, or interest on the unpaid capital of the instalment, a number
// of times the ordinary rate or at a yearly rate of its own; never two of them.
// Moratory interest is simple and counts the days after the grace. Amounts are
// centavos, with IVA where the product's prices include it.
type Late struct {
	Fee       money.Amount `json:"fee"`
	GraceDays int          `json:"grace_days"`
	Times     money.Rate   `json:"times,omitzero"`  // of the ordinary rate
	Annual    money.Rate   `json:"annual,omitzero"` // per year
	// Failure is a fee for the missed payment beside moratory interest, once per
	// instalment. The day that it is charged for bears no interest, so that no
	// day costs twice.
	Failure money.Amount `json:"failure,omitempty"`
}

// accrues reports whether moratory is interest.
func (l Late) accrues() bool { return !l.Times.IsZero() || !l.Annual.IsZero() }

// MoratoryRate is the yearly rate of moratory interest, zero where moratory is
// a flat fee or nothing.
func (t Terms) MoratoryRate() money.Rate {
	if t.Late.Times.IsZero() {
		return t.Late.Annual
	}
	yearly := t.Rate.Decimal()
	if t.RatePer == PerPeriod {
		yearly = yearly.Mul(decimal.NewFromInt(int64(t.Frequency.PerYear())))
	}
	return money.RateOf(yearly.Mul(t.Late.Times.Decimal()))
}

// LateCost is what being late with one instalment costs, IVA included: once, as
// a fee, and for each day after the grace, as interest on the largest capital of
// the rows, rounded up. It is what borrowers are told before they accept.
func (q Quote) LateCost() (once, daily money.Amount) {
	t := q.Terms
	net, tax := taxed(t.Late.Fee, t.ivaOn(PartPenalty), t.IVAIncluded)
	fee, feeTax := taxed(t.Late.Failure, t.ivaOn(PartFee), t.IVAIncluded)
	once = net + tax + fee + feeTax
	if !t.Late.accrues() {
		return once, 0
	}
	var most money.Amount
	for _, r := range q.Rows {
		most = max(most, r.Capital)
	}
	days := decimal.NewFromInt(t.DayCount.yearDays())
	price := t.MoratoryRate().Decimal().Mul(decimal.NewFromInt(int64(most))).DivRound(days, ratePlaces).Ceil()
	net, tax = taxed(money.Amount(price.IntPart()), t.ivaOn(PartPenalty), t.IVAIncluded)
	return once, net + tax
}

// yearDays is the number of days that a yearly rate is spread over.
func (d DayCount) yearDays() int64 {
	if d == Actual365 {
		return 365
	}
	return 360
}

// lateness is what being late has cost an instalment so far.
type lateness struct {
	fined  bool
	until  quincena.Date // last day whose moratory interest is counted
	burden int64         // Σ unpaid capital (centavos) × days
	mora   Parts         // of it, what has been charged
}

// chargeLate charges what lateness costs up to the start of a day: fees once,
// interest by day. Payments with earlier value dates must have been allocated
// before, those of the day itself after.
func (b *book) chargeLate(today quincena.Date) {
	if late := b.terms.Late; late.Fee == 0 && late.Failure == 0 && !b.accrues {
		return
	}
	for i := range b.rows {
		r := &b.rows[i]
		if !today.After(r.Enforceable) || r.Owed.Total() == 0 {
			continue
		}
		if r.Enforceable.DaysUntil(today) > b.terms.Late.GraceDays {
			b.fine(i)
			b.accrue(i, today)
		}
	}
}

// fine charges the fees of an instalment whose grace is over, once.
func (b *book) fine(i int) {
	if b.late[i].fined {
		return
	}
	b.late[i].fined = true
	r, late := &b.rows[i], b.terms.Late
	net, tax := taxed(late.Fee, b.terms.ivaOn(PartPenalty), b.terms.IVAIncluded)
	r.Owed[Mora], r.Owed[MoraIVA] = r.Owed[Mora]+net, r.Owed[MoraIVA]+tax
	if late.Failure == 0 {
		b.fees += net + tax
		return
	}
	fee, feeTax := taxed(late.Failure, b.terms.ivaOn(PartFee), b.terms.IVAIncluded)
	r.Owed[Fee], r.Owed[FeeIVA] = r.Owed[Fee]+fee, r.Owed[FeeIVA]+feeTax
	b.fees += net + tax + fee + feeTax
}

// accrue charges the moratory interest of the days up to today. The sum over
// all days is rounded, never a single day, so that the result does not depend
// on how often somebody looks.
func (b *book) accrue(i int, today quincena.Date) {
	if !b.accrues {
		return
	}
	r, l := &b.rows[i], &b.late[i]
	if l.until.IsZero() {
		l.until = r.Enforceable.AddDays(b.terms.Late.GraceDays)
		if b.terms.Late.Failure > 0 {
			l.until = l.until.AddDays(1)
		}
	}
	days := l.until.DaysUntil(today)
	if days <= 0 {
		return
	}
	l.until = today
	l.burden += int64(r.Owed[Capital]) * int64(days)
	var due Parts
	due[Mora], due[MoraIVA] = taxed(b.moratoryOf(l.burden), b.terms.ivaOn(PartPenalty), b.terms.IVAIncluded)
	more := due.minus(l.mora)
	l.mora = due
	r.Owed = r.Owed.plus(more)
	b.fees += more.Total()
}

// moratoryOf is the interest of a burden. It divides last, so that half a
// centavo is exactly half.
func (b *book) moratoryOf(burden int64) money.Amount {
	days := decimal.NewFromInt(b.terms.DayCount.yearDays())
	return money.Amount(b.yearly.Decimal().Mul(decimal.NewFromInt(burden)).DivRound(days, 0).IntPart())
}
