package loan

import (
	"github.com/shopspring/decimal"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// ratePlaces is how many decimals a rate keeps inside a computation: enough
// that a thousand million pesos over hundreds of periods round to the right
// centavo.
const ratePlaces = 24

// fill puts the money into dated rows.
func (p Product) fill(rows []Instalment, principal money.Amount, issued quincena.Date) {
	p.charge(rows, principal)
	switch p.Method {
	case Flat:
		p.fillFlat(rows, principal)
	case Level:
		p.fillDeclining(rows, principal, p.periodRate(rows, issued), p.levelCapital(rows, principal, issued))
	case EqualPrincipal:
		each := perRow(principal, len(rows))
		p.fillDeclining(rows, principal, p.periodRate(rows, issued), func(money.Amount) money.Amount { return each })
	case Single:
		p.fillDeclining(rows, principal, p.periodRate(rows, issued), func(money.Amount) money.Amount { return principal })
	}
}

// charge spreads the opening fee and the insurance over the rows.
func (p Product) charge(rows []Instalment, principal money.Amount) {
	fees := money.Allocate(p.Opening.Of(principal), len(rows))
	insurance := money.Allocate(p.Insurance, len(rows))
	for k := range rows {
		rows[k].Fee, rows[k].FeeIVA = taxed(fees[k], p.IVA, p.IVAIncluded)
		rows[k].Insurance = insurance[k]
	}
}

// taxed splits a price into net and IVA, which always add to what is charged.
func taxed(price money.Amount, iva money.Rate, included bool) (net, tax money.Amount) {
	if included {
		tax = iva.Within(price)
		return price - tax, tax
	}
	return price, iva.Of(price)
}

// fillFlat charges the same interest in every period and makes the payments
// level; the last row closes what rounding left.
func (p Product) fillFlat(rows []Instalment, principal money.Amount) {
	n := len(rows)
	whole := p.perPeriod().Mul(decimal.NewFromInt(int64(n)))
	interest := money.Allocate(money.RateOf(whole).Of(principal), n)
	total := principal
	for k := range rows {
		rows[k].Interest, rows[k].IVA = taxed(interest[k], p.IVA, p.IVAIncluded)
		total += rows[k].Total()
	}
	level, left := perRow(total, n), principal
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

// fillDeclining charges interest on the balance; capital says how much each
// row pays back, given its interest with IVA. The last row takes the balance.
func (p Product) fillDeclining(rows []Instalment, principal money.Amount, rate decimal.Decimal, capital func(interest money.Amount) money.Amount) {
	balance, r := principal, money.RateOf(rate)
	for k := range rows {
		rows[k].Interest, rows[k].IVA = taxed(r.Of(balance), p.IVA, p.IVAIncluded)
		rows[k].Capital = capital(rows[k].Interest + rows[k].IVA)
		if k == len(rows)-1 {
			rows[k].Capital = balance
		}
		balance -= rows[k].Capital
	}
}

// levelCapital is the capital of a level payment that pays interest and its
// IVA: P·r·(1+r)^n / ((1+r)^n − 1), with r the period's rate with IVA.
func (p Product) levelCapital(rows []Instalment, principal money.Amount, issued quincena.Date) func(money.Amount) money.Amount {
	one := decimal.NewFromInt(1)
	r := p.periodRate(rows, issued)
	if !p.IVAIncluded {
		r = r.Mul(one.Add(p.IVA.Decimal()))
	}
	level := perRow(principal, len(rows))
	if !r.IsZero() {
		growth := power(one.Add(r), len(rows))
		factor := r.Mul(growth).DivRound(growth.Sub(one), ratePlaces)
		level = money.RateOf(factor).Of(principal)
	}
	return func(interest money.Amount) money.Amount { return level - interest }
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

// periodRate is perPeriod, except for a single payment at a yearly rate, which
// runs by days over 360.
func (p Product) periodRate(rows []Instalment, issued quincena.Date) decimal.Decimal {
	if p.Method != Single || p.RatePer != PerYear {
		return p.perPeriod()
	}
	days := decimal.NewFromInt(int64(issued.DaysUntil(rows[0].Due)))
	return p.Rate.Decimal().Mul(days).DivRound(decimal.NewFromInt(360), ratePlaces)
}
