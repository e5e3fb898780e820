package lending

import (
	"github.com/shopspring/decimal"

	"valebot/internal/loan"
	"valebot/internal/money"
)

// Step is one step of a punctuality scale: what is paid for an instalment that
// is completed at most Days after its enforceable date. Days below zero are
// days before it.
type Step struct {
	Days int        `json:"days"`
	Rate money.Rate `json:"rate"` // of the instalment's capital
}

// Scale is what a distributor earns on instalments, by how punctually they are
// paid: the first step that fits counts, and an instalment later than the last
// step earns nothing. The scale that is in force when a vale is authorised is
// frozen into it. The empty Scale earns nothing.
type Scale []Step

// Valid reports whether the steps rise strictly in days, fall in what they pay,
// and pay between nothing and everything.
func (s Scale) Valid() bool {
	for i, step := range s {
		if !proportion(step.Rate) {
			return false
		}
		if i > 0 && (s[i-1].Days >= step.Days || s[i-1].Rate.Decimal().LessThan(step.Rate.Decimal())) {
			return false
		}
	}
	return true
}

// proportion reports whether a rate lies between nothing and everything.
func proportion(r money.Rate) bool {
	return !r.Decimal().IsNegative() && !r.Decimal().GreaterThan(decimal.NewFromInt(1))
}

// On is the commission on capital (centavos) of an instalment that is completed
// so many days after its enforceable date.
func (s Scale) On(capital money.Amount, days int) money.Amount {
	for _, step := range s {
		if days <= step.Days {
			return step.Rate.Of(capital)
		}
	}
	return 0
}

// Points is how a lender rewards early payment: for every full Per centavos of
// an instalment that is completed at least EarlyDays before its enforceable
// date, Each points. A zero Per gives none.
type Points struct {
	Per       money.Amount `json:"per,omitempty"`
	Each      int          `json:"each,omitempty"`
	EarlyDays int          `json:"early_days,omitempty"`
}

// On is the points for an instalment of total centavos that is completed so many
// days after its enforceable date.
func (p Points) On(total money.Amount, days int) int {
	if p.Per <= 0 || days > -p.EarlyDays {
		return 0
	}
	return int(total/p.Per) * p.Each
}

// Reward is the terms by which a distributor earns on one vale, frozen when she
// authorises it.
type Reward struct {
	Category string `json:"category,omitempty"`
	Scale    Scale  `json:"scale,omitempty"`
	Points   Points `json:"points,omitzero"`
}

// Earned is what a distributor has earned on a loan as of a position: centavos
// and points. It follows from which instalments are paid and on which value
// date alone, so that undoing a payment takes its commission and its points
// away. Late fees earn nothing.
func (r Reward) Earned(p loan.Position) (money.Amount, int) {
	var commission money.Amount
	points := 0
	for _, row := range p.Rows {
		if row.State != loan.InstalmentPaid {
			continue
		}
		days := row.Enforceable.DaysUntil(row.PaidOn)
		total := row.Paid.Total() - row.Paid[loan.Mora] - row.Paid[loan.MoraIVA]
		commission += r.Scale.On(row.Paid[loan.Capital], days)
		points += r.Points.On(total, days)
	}
	return commission, points
}
