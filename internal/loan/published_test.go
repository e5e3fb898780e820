package loan_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Schedules that another loan core (Apache Fineract) states in its end-to-end
// tests, for level payments without tax: principal and interest of each row in
// centavos. Its 360/30 months are our periods, its 365/actual is actual/365, its
// fortnights of 360/30 are 14 days over 360; 31 January is clamped to the last
// day of shorter months.
func TestSchedulesOfAnotherCore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		count     loan.DayCount
		every     quincena.Frequency
		rate      string
		principal money.Amount
		issued    string
		want      []string
	}{
		{"360/30, 12 %", "", quincena.Monthly, "12%", 100_00, "2024-01-01", []string{
			"2024-02-01 1625 100", "2024-03-01 1641 84", "2024-04-01 1658 67", "2024-05-01 1674 51", "2024-06-01 1691 34", "2024-07-01 1711 17",
		}},
		{"360/30, 9.4822 %", "", quincena.Monthly, "9.4822%", 100_00, "2024-01-01", []string{
			"2024-02-01 1634 79", "2024-03-01 1647 66", "2024-04-01 1660 53", "2024-05-01 1673 40", "2024-06-01 1686 27", "2024-07-01 1700 13",
		}},
		{"fortnights", loan.Actual360, quincena.Catorcenal, "9.4822%", 100_00, "2024-01-01", []string{
			"2024-01-15 1651 37", "2024-01-29 1657 31", "2024-02-12 1663 25", "2024-02-26 1669 19", "2024-03-11 1676 12", "2024-03-25 1684 6",
		}},
		{"365/actual in a leap year", loan.Actual365, quincena.Monthly, "12%", 100_00, "2024-01-01", []string{
			"2024-02-01 1623 102", "2024-03-01 1645 80", "2024-04-01 1656 69", "2024-05-01 1675 50", "2024-06-01 1690 35", "2024-07-01 1711 17",
		}},
		{"the 31st, 360/30", "", quincena.Monthly, "12%", 10000_00, "2025-01-31", []string{
			"2025-02-28 330022 10000", "2025-03-31 333322 6700", "2025-04-30 336656 3367",
		}},
		{"the 31st, by days", loan.Actual365, quincena.Monthly, "12%", 10000_00, "2025-01-31", []string{
			"2025-02-28 330577 9205", "2025-03-31 332959 6823", "2025-04-30 336464 3319",
		}},
	} {
		p := vale(t)
		p.Method, p.Rate, p.RatePer, p.DayCount, p.Frequency = loan.Level, rate(t, c.rate), loan.PerYear, c.count, c.every
		p.IVA, p.Shift, p.MinFirstDays, p.Min, p.Step, p.Terms = money.Rate{}, quincena.Stay, 0, 1, 1, []int{len(c.want)}
		p.From = day(t, "2024-01-01")
		var got []string
		for _, r := range quote(t, p, c.principal, len(c.want), c.issued).Rows {
			got = append(got, fmt.Sprint(r.Due, int64(r.Capital), int64(r.Interest)))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// The examples of Annex III of Directive 98/7/EC, with years of 365.25 days and
// twelve equal months, and of the Commission's consumer credit guide: the
// equation is that of Banxico.
func TestCATOfTheEuropeanExamples(t *testing.T) {
	t.Parallel()
	monthly := make([]loan.Flow, 24)
	for k := range monthly {
		monthly[k] = loan.Flow{Years: float64(k+1) / 12, Amount: 274_11}
	}
	for _, c := range []struct {
		name     string
		received money.Amount
		flows    []loan.Flow
		want     string
	}{
		{"one payment after a year and a half", 1000_00, []loan.Flow{{Years: 1.5, Amount: 1200_00}}, "12.9%"},
		{"the same in 546 days of 365", 1000_00, []loan.Flow{{Years: 546.0 / 365, Amount: 1200_00}}, "13.0%"},
		{"with 50 kept for expenses", 950_00, []loan.Flow{{Years: 1.5, Amount: 1200_00}}, "16.9%"},
		{"two payments of 600", 1000_00, []loan.Flow{{Years: 1, Amount: 600_00}, {Years: 2, Amount: 600_00}}, "13.1%"},
		{"272, 272 and 544", 1000_00, []loan.Flow{{Years: 0.25, Amount: 272_00}, {Years: 0.5, Amount: 272_00}, {Years: 1, Amount: 544_00}}, "13.2%"},
		{"6,000 in 24 months", 6000_00, monthly, "9.4%"},
		{"and with a fee of 60", 5940_00, monthly, "10.5%"},
	} {
		if got, err := loan.SolveCAT(c.received, c.flows); err != nil || got.String() != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

// A Mexican lender publishes 95.7 % for 20,000 over 12 months at 58 % a year
// with an opening fee of 5 %; its flows give 95.6 %.
func TestCATOfAMexicanLender(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Method, p.Rate, p.RatePer, p.Frequency, p.IVAIncluded = loan.Level, rate(t, "58%"), loan.PerYear, quincena.Monthly, false
	p.Opening, p.OpeningHow, p.IVA, p.Max = rate(t, "5%"), loan.OpeningDeducted, money.Rate{}, 20000_00
	if q := quote(t, p, 20000_00, 12, "2026-03-02"); q.Terms.CAT < 956 || q.Terms.CAT > 957 {
		t.Errorf("CAT %s of %s a month", q.Terms.CAT, q.Terms.Payment)
	}
}

// The terms of a real vale company, as its branches state them: the fine of 300
// per missed quincena, once, whatever the delay.
func TestTermsOfARealValeCompany(t *testing.T) {
	t.Parallel()
	p := shipped(t, "mercancia")
	p.Frequency = quincena.Quincenal
	for _, c := range []struct {
		principal, total, payment, last money.Amount
		n                               int
	}{
		{15000_00, 22600_00, 2825_00, 2825_00, 8},
		{5000_00, 8600_00, 716_67, 716_63, 12},
	} {
		q := quote(t, p, c.principal, c.n, "2026-08-03")
		if q.Terms.Total != c.total || q.Terms.Payment != c.payment || q.Rows[c.n-1].Total() != c.last {
			t.Errorf("%s x %d: total %s, payment %s, last %s", c.principal, c.n, q.Terms.Total, q.Terms.Payment, q.Rows[c.n-1].Total())
		}
		for days, fines := range map[int]money.Amount{0: 0, 1: 1, 10: 1, 20: 2, 40: 3} {
			at := loan.Replay(q.Terms, q.Rows, nil, q.Rows[0].Enforceable.AddDays(days))
			if at.LateFees != fines*300_00 {
				t.Errorf("%d days late cost %s", days, at.LateFees)
			}
		}
	}
}

// The first due date of that company: always in the period after the one of
// issue, or at least so many days away; the rule of this product reaches the
// same dates where the two agree.
func TestFirstDueDatesAtTheEdges(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Shift = quincena.Stay
	for issued, want := range map[string]string{
		"2026-08-27": "2026-09-15", "2026-08-15": "2026-08-31", "2026-08-16": "2026-08-31",
		"2028-02-19": "2028-02-29", "2028-02-20": "2028-03-15", "2027-02-18": "2027-02-28", "2027-02-19": "2027-03-15",
		"2026-12-21": "2026-12-31", "2026-12-22": "2027-01-15", "2026-03-05": "2026-03-15", "2026-03-06": "2026-03-31",
	} {
		if got := quote(t, p, 3000_00, 4, issued).Terms.First.String(); got != want {
			t.Errorf("issued on %s: %s, want %s", issued, got, want)
		}
	}
}

// What another core states about payments on a schedule of equal instalments
// without interest, the first due on the day of the loan: how much of each is
// paid, and the overpayment. Undone payments are left out, as a replay does.
func TestPaymentScenariosOfAnotherCore(t *testing.T) {
	t.Parallel()
	september := []string{"2023-09-01", "2023-09-16", "2023-10-01", "2023-10-16"}
	january := []string{"2023-01-01", "2023-01-16", "2023-01-31", "2023-02-15"}
	for _, c := range []struct {
		name     string
		dates    []string
		each     money.Amount
		early    loan.Early
		payments []string // date and pesos
		want     string
	}{
		{"more than is due goes to the next", september, 100_00, loan.EarlyNext, []string{"2023-09-01 100", "2023-09-16 150"}, "$100 $100 $50 $0 +$0"},
		{"more than is due goes to the last", september, 100_00, loan.EarlyLast, []string{"2023-09-01 100", "2023-09-16 150"}, "$100 $100 $0 $50 +$0"},
		{"before anything is due, to the last ones", september, 100_00, loan.EarlyLast, []string{"2023-09-01 100", "2023-09-10 150"}, "$100 $0 $50 $100 +$0"},
		{"the first payment undone", january, 125_00, loan.EarlyNext, nil, "$0 $0 $0 $0 +$0"},
		{"a large one overpays", january, 125_00, loan.EarlyNext, []string{"2023-01-02 400", "2023-01-04 50", "2023-01-16 125"}, "$125 $125 $125 $125 +$75"},
		{"and undone, the later ones move to what is older", january, 125_00, loan.EarlyNext, []string{"2023-01-04 50", "2023-01-16 125"}, "$125 $50 $0 $0 +$0"},
	} {
		terms := loan.Terms{Plan: vale(t).Plan, Early: c.early}
		var rows []loan.Instalment
		for k, on := range c.dates {
			rows = append(rows, loan.Instalment{N: k + 1, Due: day(t, on), Enforceable: day(t, on), Capital: c.each})
		}
		var payments []loan.Payment
		for k, text := range c.payments {
			var on string
			var pesos int64
			if _, err := fmt.Sscan(text, &on, &pesos); err != nil {
				t.Fatal(err)
			}
			payments = append(payments, pay(t, string(rune('a'+k)), on, money.Pesos(pesos)))
		}
		p := loan.Replay(terms, rows, payments, day(t, "2023-10-20"))
		got := ""
		for _, r := range p.Rows {
			got += r.Paid.Total().String() + " "
		}
		if got += "+" + p.Credit.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
