package loan

import (
	"slices"

	"github.com/shopspring/decimal"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// ratePlaces is how many decimals a rate keeps inside a computation: enough
// that a thousand million pesos over hundreds of periods round to the right
// centavo.
const ratePlaces = 24

// fill puts the money into dated rows. principal is the capital that is lent.
func (p Product) fill(rows []Instalment, principal money.Amount, issued quincena.Date) {
	switch p.Method {
	case Flat:
		p.fillFlat(rows, principal)
	case Level:
		rates := p.rates(rows, issued)
		level := p.Rounding.apply(p.levelPayment(rates, principal))
		p.fillDeclining(rows, principal, rates, func(interest money.Amount) money.Amount { return level - interest })
	case EqualPrincipal:
		each := p.Rounding.apply(perRow(principal, len(rows)))
		p.fillDeclining(rows, principal, p.rates(rows, issued), func(money.Amount) money.Amount { return each })
	case Single:
		p.fillDeclining(rows, principal, p.rates(rows, issued), func(money.Amount) money.Amount { return principal })
	}
}

// fillFlat charges the same interest in every period and makes the payments
// level; the last row closes what rounding left.
func (p Product) fillFlat(rows []Instalment, principal money.Amount) {
	n, iva := len(rows), p.ivaOn(PartInterest)
	whole := p.perPeriod().Mul(decimal.NewFromInt(int64(n)))
	interest := money.Allocate(money.RateOf(whole).Of(principal), n)
	total := principal
	for k := range rows {
		rows[k].Interest, rows[k].IVA = taxed(interest[k], iva, p.IVAIncluded)
		total += rows[k].Total()
	}
	level, left := p.Rounding.apply(perRow(total, n)), principal
	for k := range rows {
		rows[k].Capital = level - rows[k].Total()
		if k == n-1 {
			rows[k].Capital = left
		}
		left -= rows[k].Capital
	}
}

// perRow is an n-th of an amount, rounded HalfUp.
func perRow(total money.Amount, n int) money.Amount {
	return (2*total + money.Amount(n)) / (2 * money.Amount(n))
}

// apply rounds a payment, which is already whole centavos and not below zero.
func (r Rounding) apply(a money.Amount) money.Amount {
	if r.Unit <= 1 {
		return a
	}
	down := a / r.Unit * r.Unit
	switch {
	case r.Rule == money.Down, a == down, r.Rule == money.HalfUp && 2*(a-down) < r.Unit:
		return down
	}
	return down + r.Unit
}

// fillDeclining charges interest on the balance; capital says how much each
// row pays back, given its interest with IVA. The last row takes the balance.
func (p Product) fillDeclining(rows []Instalment, principal money.Amount, rates []money.Rate, capital func(interest money.Amount) money.Amount) {
	balance, iva := principal, p.ivaOn(PartInterest)
	for k := range rows {
		rows[k].Interest, rows[k].IVA = taxed(rates[k].Of(balance), iva, p.IVAIncluded)
		rows[k].Capital = capital(rows[k].Interest + rows[k].IVA)
		if k == len(rows)-1 {
			rows[k].Capital = balance
		}
		balance -= rows[k].Capital
	}
}

// levelPayment is the payment that pays interest and its IVA and brings the
// balance to zero: P / Σ 1/((1+r1)…(1+rk)), with rk the k-th period's rate
// with IVA. Where all periods have one rate that is
// P·r·(1+r)^n / ((1+r)^n − 1).
func (p Product) levelPayment(rates []money.Rate, principal money.Amount) money.Amount {
	one := decimal.NewFromInt(1)
	burden := one
	if !p.IVAIncluded {
		burden = one.Add(p.ivaOn(PartInterest).Decimal())
	}
	if !p.byDays() {
		return equalPayment(rates[0].Decimal().Mul(burden), len(rates), principal)
	}
	discount, sum := one, decimal.Zero
	for _, r := range rates {
		discount = discount.DivRound(one.Add(r.Decimal().Mul(burden)), ratePlaces)
		sum = sum.Add(discount)
	}
	return money.RateOf(one.DivRound(sum, ratePlaces)).Of(principal)
}

func equalPayment(r decimal.Decimal, n int, principal money.Amount) money.Amount {
	if r.IsZero() {
		return perRow(principal, n)
	}
	one := decimal.NewFromInt(1)
	growth := power(one.Add(r), n)
	factor := r.Mul(growth).DivRound(growth.Sub(one), ratePlaces)
	return money.RateOf(factor).Of(principal)
}

// power is base^n, cut to ratePlaces after each step so that it stays fast.
func power(base decimal.Decimal, n int) decimal.Decimal {
	result := decimal.NewFromInt(1)
	for range n {
		result = result.Mul(base).Round(ratePlaces)
	}
	return result
}

// perPeriod is the rate of one period of the frequency.
func (p Product) perPeriod() decimal.Decimal {
	if p.RatePer == PerYear {
		return p.Rate.Decimal().DivRound(decimal.NewFromInt(int64(p.Frequency.PerYear())), ratePlaces)
	}
	return p.Rate.Decimal()
}

// byDays reports whether interest counts the days of each period.
func (p Product) byDays() bool {
	counts := p.DayCount == Actual360 || p.DayCount == Actual365
	return p.RatePer == PerYear && (counts || p.Method == Single)
}

// rates are the rates of the periods, each from one contractual due date to
// the next and the first from the issue.
func (p Product) rates(rows []Instalment, issued quincena.Date) []money.Rate {
	if !p.byDays() {
		return slices.Repeat([]money.Rate{money.RateOf(p.perPeriod())}, len(rows))
	}
	rates, from := make([]money.Rate, len(rows)), issued
	year := decimal.NewFromInt(p.DayCount.yearDays())
	for k, r := range rows {
		days := decimal.NewFromInt(int64(from.DaysUntil(r.Due)))
		rates[k] = money.RateOf(p.Rate.Decimal().Mul(days).DivRound(year, ratePlaces))
		from = r.Due
	}
	return rates
}
