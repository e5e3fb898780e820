package loan_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// This file and reference_replay_test.go are a second implementation of
// schedules and allocation, in decimal pesos and with no optimisation: dates
// are found by walking the calendar day by day, a level payment by its linear
// equation, and a position by living every day. The two must agree to the
// centavo in every component of every instalment.

// refCases is how many random cases are compared: a few by default, as many as
// VALEBOT_CASES says for a long run.
func refCases(t *testing.T) uint64 {
	n, err := strconv.ParseUint(os.Getenv("VALEBOT_CASES"), 10, 64)
	if err != nil {
		return 1500
	}
	t.Logf("comparing %d cases", n)
	return n
}

func pesosOf(a money.Amount) decimal.Decimal { return decimal.New(int64(a), -2) }

func cents(d decimal.Decimal) decimal.Decimal { return d.Round(2) }

// refRow is one instalment of the reference.
type refRow struct {
	due, enforceable quincena.Date
	parts            map[loan.Component]decimal.Decimal
}

func (r refRow) total() decimal.Decimal {
	sum := decimal.Zero
	for _, d := range r.parts {
		sum = sum.Add(d)
	}
	return sum
}

// refRate is the rate of IVA of a part.
func refRate(p loan.Product, part loan.Part) decimal.Decimal {
	for _, exempt := range p.NoIVA {
		if exempt == part {
			return decimal.Zero
		}
	}
	return p.IVA.Decimal()
}

// refTax splits a price by the rate of a part.
func refTax(p loan.Product, part loan.Part, price decimal.Decimal) (net, tax decimal.Decimal) {
	rate := refRate(p, part)
	if !p.IVAIncluded {
		return price, cents(price.Mul(rate))
	}
	tax = cents(price.Mul(rate).DivRound(decimal.NewFromInt(1).Add(rate), 40))
	return price.Sub(tax), tax
}

// refDates walks the calendar.
func refDates(p loan.Product, n int, issued quincena.Date) []quincena.Date {
	var dates []quincena.Date
	first := issued.AddDays(max(p.MinFirstDays, 1))
	switch p.Frequency {
	case quincena.Weekly, quincena.Catorcenal:
		every := 7
		if p.Frequency == quincena.Catorcenal {
			every = 14
		}
		for d := issued.AddDays(max(p.MinFirstDays, every)); len(dates) < n; d = d.AddDays(every) {
			dates = append(dates, d)
		}
	case quincena.Monthly:
		from, skip := issued, 1
		if issued.DaysUntil(refSameDay(issued, issued.Day, 1)) < p.MinFirstDays {
			from, skip = issued.AddDays(p.MinFirstDays), 0
		}
		for k := range n {
			dates = append(dates, refSameDay(from, from.Day, k+skip))
		}
	default:
		for d := first; len(dates) < n; d = d.AddDays(1) {
			if isLast := d.AddDays(1).Day == 1; d.Day == 15 || isLast {
				dates = append(dates, d)
			}
		}
	}
	return dates
}

// refSameDay is a day of the month some months later, or the month's last.
func refSameDay(from quincena.Date, day, months int) quincena.Date {
	d := quincena.Date{Year: from.Year, Month: from.Month, Day: 1}
	for range months {
		d.Month++
		if d.Month > time.December {
			d.Year, d.Month = d.Year+1, time.January
		}
	}
	month := d.Month
	for d.Day < day && d.AddDays(1).Month == month {
		d = d.AddDays(1)
	}
	return d
}

func refShift(d quincena.Date, to quincena.Direction) quincena.Date {
	step := map[quincena.Direction]int{quincena.Following: 1, quincena.Preceding: -1}[to]
	for step != 0 && (d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || (quincena.Calendar{}).Holiday(d) != "") {
		d = d.AddDays(step)
	}
	return d
}

// refShare is one of n equal shares of an amount in whole centavos, the first
// ones a centavo larger.
func refShare(total decimal.Decimal, n, k int) decimal.Decimal {
	each := total.Div(decimal.NewFromInt(int64(n))).RoundDown(2)
	over := total.Sub(each.Mul(decimal.NewFromInt(int64(n)))).Shift(2).IntPart()
	if int64(k) < over {
		return each.Add(decimal.New(1, -2))
	}
	return each
}

// refRound rounds a payment in whole centavos to the product's unit.
func refRound(p loan.Product, d decimal.Decimal) decimal.Decimal {
	if p.Rounding.Unit <= 1 {
		return d
	}
	unit := pesosOf(p.Rounding.Unit)
	units := d.Div(unit)
	switch p.Rounding.Rule {
	case money.Down:
		units = units.Floor()
	case money.Up:
		units = units.Ceil()
	default:
		units = units.Round(0)
	}
	return units.Mul(unit)
}

// refPeriodRates are the interest rates of the periods.
func refPeriodRates(p loan.Product, dates []quincena.Date, issued quincena.Date) []decimal.Decimal {
	var rates []decimal.Decimal
	for k, due := range dates {
		from := issued
		if k > 0 {
			from = dates[k-1]
		}
		days := decimal.NewFromInt(int64(from.DaysUntil(due)))
		switch {
		case p.RatePer == loan.PerPeriod:
			rates = append(rates, p.Rate.Decimal())
		case p.DayCount == loan.Actual365:
			rates = append(rates, p.Rate.Decimal().Mul(days).DivRound(decimal.NewFromInt(365), 40))
		case p.DayCount == loan.Actual360 || p.Method == loan.Single:
			rates = append(rates, p.Rate.Decimal().Mul(days).DivRound(decimal.NewFromInt(360), 40))
		default:
			rates = append(rates, p.Rate.Decimal().DivRound(decimal.NewFromInt(int64(p.Frequency.PerYear())), 40))
		}
	}
	return rates
}

// refLevel solves for the payment that leaves a balance of zero: each period
// the balance is b·(1+r) − x, which is linear in x.
func refLevel(p loan.Product, rates []decimal.Decimal, principal decimal.Decimal) decimal.Decimal {
	constant, factor := principal, decimal.Zero
	for _, r := range rates {
		if !p.IVAIncluded {
			r = r.Mul(decimal.NewFromInt(1).Add(refRate(p, loan.PartInterest)))
		}
		growth := decimal.NewFromInt(1).Add(r)
		constant = constant.Mul(growth).Round(40)
		factor = factor.Mul(growth).Add(decimal.NewFromInt(1)).Round(40)
	}
	return cents(constant.DivRound(factor, 40))
}

// refSchedule is the whole schedule of a quote and the fee that is kept.
func refSchedule(p loan.Product, asked money.Amount, n int, issued quincena.Date) (rows []refRow, lent, kept decimal.Decimal) {
	fee := cents(pesosOf(asked).Mul(p.Opening.Decimal()))
	lent = pesosOf(asked)
	added := p.OpeningHow != loan.OpeningDeducted && p.OpeningHow != loan.OpeningFinanced
	if !added {
		net, tax := refTax(p, loan.PartFee, fee)
		kept = net.Add(tax)
	}
	if p.OpeningHow == loan.OpeningFinanced {
		lent = lent.Add(kept)
	}
	dates := refDates(p, n, issued)
	for k, due := range dates {
		r := refRow{due, refShift(due, p.Shift), map[loan.Component]decimal.Decimal{}}
		r.parts[loan.Insurance] = refShare(pesosOf(p.Insurance), n, k)
		if added {
			r.parts[loan.Fee], r.parts[loan.FeeIVA] = refTax(p, loan.PartFee, refShare(fee, n, k))
		}
		rows = append(rows, r)
	}
	rates := refPeriodRates(p, dates, issued)
	if p.Method == loan.Flat {
		refFlat(p, rows, rates[0], lent)
		return rows, lent, kept
	}
	refDeclining(p, rows, rates, lent)
	return rows, lent, kept
}

func refFlat(p loan.Product, rows []refRow, rate, lent decimal.Decimal) {
	n := decimal.NewFromInt(int64(len(rows)))
	interest, total := cents(lent.Mul(rate).Mul(n)), lent
	for k, r := range rows {
		r.parts[loan.Interest], r.parts[loan.InterestIVA] = refTax(p, loan.PartInterest, refShare(interest, len(rows), k))
		total = total.Add(r.total())
	}
	payment, left := refRound(p, cents(total.DivRound(n, 40))), lent
	for k, r := range rows {
		capital := payment.Sub(r.total())
		if k == len(rows)-1 {
			capital = left
		}
		r.parts[loan.Capital] = capital
		left = left.Sub(capital)
	}
}

func refDeclining(p loan.Product, rows []refRow, rates []decimal.Decimal, lent decimal.Decimal) {
	n := decimal.NewFromInt(int64(len(rows)))
	payment, each := refRound(p, refLevel(p, rates, lent)), refRound(p, cents(lent.DivRound(n, 40)))
	balance := lent
	for k, r := range rows {
		net, tax := refTax(p, loan.PartInterest, cents(balance.Mul(rates[k])))
		r.parts[loan.Interest], r.parts[loan.InterestIVA] = net, tax
		capital := each
		if p.Method == loan.Level {
			capital = payment.Sub(net).Sub(tax)
		}
		if k == len(rows)-1 || p.Method == loan.Single {
			capital = balance
		}
		r.parts[loan.Capital] = capital
		balance = balance.Sub(capital)
	}
}

// refProduct draws a product of any shape.
func refProduct(base loan.Product, r *rand.Rand) loan.Product {
	p := base
	p.Method = pick(r, loan.Flat, loan.Level, loan.EqualPrincipal, loan.Single)
	p.RatePer, p.Rate = loan.PerPeriod, money.RateOf(decimal.New(r.Int64N(80_000), -6))
	if r.IntN(2) == 0 {
		p.RatePer, p.Rate = loan.PerYear, money.RateOf(decimal.New(r.Int64N(1_200_000), -6))
	}
	p.DayCount = pick(r, loan.ByPeriods, loan.Actual360, loan.Actual365)
	if p.RatePer == loan.PerPeriod || p.Method == loan.Flat {
		p.DayCount = ""
	}
	p.Rounding = pick(r, loan.Rounding{}, loan.Rounding{}, loan.Rounding{Unit: 50}, loan.Rounding{Unit: 100, Rule: money.Up}, loan.Rounding{Unit: 5, Rule: money.Down})
	p.IVA, p.IVAIncluded = money.RateOf(decimal.New(pick(r, int64(16), 8, 0, 11), -2)), r.IntN(2) == 0
	p.NoIVA = pick(r, nil, nil, []loan.Part{loan.PartInterest}, []loan.Part{loan.PartFee}, []loan.Part{loan.PartPenalty, loan.PartFee})
	p.Frequency = pick(r, quincena.Quincenal, quincena.Quincenal, quincena.Weekly, quincena.Catorcenal, quincena.Monthly)
	p.MinFirstDays, p.Shift = r.IntN(40), pick(r, quincena.Following, quincena.Preceding, quincena.Stay)
	p.Opening, p.OpeningHow = money.RateOf(decimal.New(r.Int64N(1200), -4)), pick(r, loan.OpeningAdded, loan.OpeningDeducted, loan.OpeningFinanced)
	p.Insurance = pick(r, 0, money.Amount(r.Int64N(300_00)))
	p.Step, p.Min, p.Max = 1, 100_00, 100_000_00
	return p
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// refQuote draws a quote, and its reference; ok is false where the product
// cannot be lent like that, which the reference says too.
func refQuote(t tester, base loan.Product, r *rand.Rand, most int) (loan.Product, loan.Quote, bool) {
	p := refProduct(base, r)
	n := 1 + r.IntN(most)
	if p.Method == loan.Single {
		n = 1
	}
	p.Terms = []int{n}
	asked, issued := money.Amount(100_00+r.Int64N(20_000_00)), p.From.AddDays(r.IntN(1500))
	rows, lent, kept := refSchedule(p, asked, n, issued)
	q, err := loan.NewQuote(p, asked, n, issued, quincena.Calendar{})
	if code := fault.CodeOf(err); err != nil {
		if code == "quote_impossible" && refImpossible(rows) || code == "cat_not_found" {
			return p, q, false
		}
		t.Fatalf("%+v over %d: %v", p, n, err)
	}
	if !pesosOf(q.Terms.Principal).Equal(lent) || !pesosOf(q.Terms.Principal-q.Terms.Payout()).Equal(kept) {
		t.Fatalf("lends %s and keeps %s, want %s and %s", q.Terms.Principal, q.Terms.Principal-q.Terms.Payout(), lent, kept)
	}
	refSame(t, p, rows, q)
	return p, q, true
}

func refImpossible(rows []refRow) bool {
	for _, r := range rows {
		if r.parts[loan.Capital].IsNegative() {
			return true
		}
	}
	return false
}

func refSame(t tester, p loan.Product, want []refRow, q loan.Quote) {
	for k, r := range q.Rows {
		got := map[loan.Component]money.Amount{
			loan.Capital: r.Capital, loan.Interest: r.Interest, loan.InterestIVA: r.IVA, loan.Fee: r.Fee, loan.FeeIVA: r.FeeIVA, loan.Insurance: r.Insurance,
		}
		w := want[k]
		if r.Due != w.due || r.Enforceable != w.enforceable {
			t.Fatalf("%+v: row %d is due on %s, %s; want %s, %s", p, k+1, r.Due, r.Enforceable, w.due, w.enforceable)
		}
		for c, a := range got {
			if !pesosOf(a).Equal(w.parts[c]) {
				t.Fatalf("%+v issued %s: row %d has %s of %s, want %s", p, q.Terms.Issued, k+1, a, c, w.parts[c])
			}
		}
	}
}

func TestSchedulesAgreeWithTheReference(t *testing.T) {
	t.Parallel()
	base, made := vale(t), 0
	cases := refCases(t)
	var seed uint64
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	for seed = range cases {
		r := rand.New(rand.NewPCG(seed, 1))
		if _, _, ok := refQuote(t, base, r, 26); ok {
			made++
		}
	}
	if uint64(made) < cases*8/10 {
		t.Errorf("only %d of %d products could be lent", made, cases)
	}
}

func FuzzScheduleReference(f *testing.F) {
	base := vale(f)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { refQuote(t, base, rand.New(rand.NewPCG(seed, 1)), 60) })
}
