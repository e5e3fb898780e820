package loan_test

import (
	"os"

	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// tester is what testing.T and rapid.T share.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func vale(t tester) loan.Product {
	t.Helper()
	data, err := os.ReadFile("../../flows/products/vale.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := loan.ParseProduct(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func day(t tester, s string) quincena.Date {
	t.Helper()
	d, err := quincena.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func rate(t tester, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ana is the quote of the story: 3,000 over 8 quincenas on 2 March 2026.
func ana(t tester) loan.Quote {
	t.Helper()
	return quote(t, vale(t), money.Pesos(3000), 8, "2026-03-02")
}

func quote(t tester, p loan.Product, principal money.Amount, n int, issued string) loan.Quote {
	t.Helper()
	q, err := loan.NewQuote(p, principal, n, day(t, issued), quincena.Calendar{})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// anyProduct draws products of every method, with charges and odd rates.
func anyProduct(t *rapid.T, p loan.Product) loan.Product {
	p.Method = rapid.SampledFrom([]loan.Method{loan.Flat, loan.Level, loan.EqualPrincipal, loan.Single}).Draw(t, "method")
	p.RatePer = loan.PerPeriod
	p.Rate = rate(t, rapid.SampledFrom([]string{"0%", "1.5%", "3.75%", "5%", "0.123456%", "9.99%"}).Draw(t, "rate"))
	if rapid.Bool().Draw(t, "yearly") {
		p.RatePer, p.Rate = loan.PerYear, rate(t, rapid.SampledFrom([]string{"0%", "36%", "89.9%", "120%"}).Draw(t, "annual"))
	}
	p.IVA = rate(t, rapid.SampledFrom([]string{"16%", "8%", "0%"}).Draw(t, "iva"))
	p.IVAIncluded = rapid.Bool().Draw(t, "included")
	p.Frequency = rapid.SampledFrom([]quincena.Frequency{quincena.Quincenal, quincena.Weekly, quincena.Catorcenal, quincena.Monthly}).Draw(t, "frequency")
	p.Shift = rapid.SampledFrom([]quincena.Direction{quincena.Following, quincena.Preceding, quincena.Stay}).Draw(t, "shift")
	p.Opening = rate(t, rapid.SampledFrom([]string{"0%", "3%", "10%"}).Draw(t, "opening"))
	p.OpeningHow = rapid.SampledFrom([]loan.OpeningHow{"", loan.OpeningDeducted, loan.OpeningFinanced}).Draw(t, "opening how")
	p.Insurance = rapid.SampledFrom([]money.Amount{0, 100_00, 33_33}).Draw(t, "insurance")
	p.Early = rapid.SampledFrom([]loan.Early{"", loan.EarlyLast, loan.EarlyProRata, loan.EarlyWhole}).Draw(t, "early")
	p.Late = anyLate(t)
	if p.RatePer == loan.PerYear && p.Method != loan.Flat {
		p.DayCount = rapid.SampledFrom([]loan.DayCount{"", loan.Actual360, loan.Actual365}).Draw(t, "day count")
	}
	p.NoIVA = rapid.SampledFrom([][]loan.Part{nil, {loan.PartInterest}, {loan.PartFee, loan.PartPenalty}}).Draw(t, "exempt")
	p.Rounding = rapid.SampledFrom([]loan.Rounding{{}, {Unit: 100, Rule: money.Up}, {Unit: 50, Rule: money.HalfUp}, {Unit: 10, Rule: money.Down}}).Draw(t, "rounding")
	p.Terms = []int{rapid.IntRange(1, 60).Draw(t, "n")}
	if p.Method == loan.Single {
		p.Terms = []int{1}
	}
	return p
}

// anyLate draws one kind of moratory, or none.
func anyLate(t *rapid.T) loan.Late {
	late := loan.Late{GraceDays: rapid.IntRange(0, 5).Draw(t, "grace")}
	switch rapid.SampledFrom([]string{"fee", "times", "annual", "none"}).Draw(t, "moratory") {
	case "fee":
		late.Fee = 60_00
		return late
	case "times":
		late.Times = rate(t, "2")
	case "annual":
		late.Annual = rate(t, "36.5%")
	}
	late.Failure = rapid.SampledFrom([]money.Amount{0, 45_50}).Draw(t, "failure fee")
	return late
}

func anyQuote(t *rapid.T, p loan.Product) loan.Quote {
	issued := quincena.Date{Year: 2026, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 1500).Draw(t, "issued"))
	principal := money.Pesos(100) * money.Amount(rapid.IntRange(5, 150).Draw(t, "hundreds"))
	q, err := loan.NewQuote(p, principal, p.Terms[0], issued, quincena.Calendar{})
	if fault.CodeOf(err) == "quote_impossible" && (p.Rounding.Unit > 0 || p.DayCount != "") {
		// Rounding a small payment up may leave less than nothing for the last,
		// and the interest of a long first period may be more than the payment.
		p.Rounding, p.DayCount = loan.Rounding{}, ""
		q, err = loan.NewQuote(p, principal, p.Terms[0], issued, quincena.Calendar{})
	}
	if err != nil {
		t.Fatalf("quote %+v: %v", p, err)
	}
	return q
}

// anyPayments draws payments around the life of a quote, before its first due
// date, late and beyond what is owed among them.
func anyPayments(t *rapid.T, q loan.Quote) []loan.Payment {
	span := q.Terms.Issued.DaysUntil(q.Rows[len(q.Rows)-1].Due) + 60
	payments := make([]loan.Payment, rapid.IntRange(0, 14).Draw(t, "payments"))
	for i := range payments {
		most := int64(q.Terms.Total)
		if rapid.Bool().Draw(t, "about one instalment") {
			most = 2 * int64(q.Terms.Payment)
		}
		payments[i] = loan.Payment{
			ID:     string(rune('a' + i)),
			On:     q.Terms.Issued.AddDays(rapid.IntRange(0, span).Draw(t, "on")),
			Amount: money.Amount(rapid.Int64Range(1, most).Draw(t, "amount")),
		}
	}
	return payments
}
