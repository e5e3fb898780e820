package loan_test

import (
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// accruing is ana's vale with moratory interest, prices without IVA.
func accruing(t tester, late loan.Late) loan.Quote {
	t.Helper()
	p := vale(t)
	p.IVAIncluded, p.Late = false, late
	return quote(t, p, 3000_00, 8, "2026-03-02")
}

// 375 of capital are late from 17 March on, 375 more from 31 March. At 36 % a
// year over 360 a day costs 0.1 %.
func TestMoratoryInterestByDay(t *testing.T) {
	t.Parallel()
	annual := accruing(t, loan.Late{Annual: rate(t, "36%"), GraceDays: 3})
	failure := accruing(t, loan.Late{Annual: rate(t, "36%"), GraceDays: 3, Failure: 50_00})
	for _, c := range []struct {
		name, on            string
		q                   loan.Quote
		row                 int
		mora, iva, fee, fiv money.Amount
	}{
		{"the last day of grace", "2026-03-20", annual, 0, 0, 0, 0, 0},
		{"one day after it", "2026-03-21", annual, 0, 38, 6, 0, 0}, // 0.375 half up
		{"two days", "2026-03-22", annual, 0, 75, 12, 0, 0},        // not twice 0.38
		{"seven days", "2026-03-27", annual, 0, 2_63, 42, 0, 0},
		{"fifteen days", "2026-04-04", annual, 0, 5_63, 90, 0, 0},
		{"and one of the second", "2026-04-04", annual, 1, 38, 6, 0, 0},
		{"none of the third", "2026-04-04", annual, 2, 0, 0, 0, 0},
		{"the day of the failure fee bears no interest", "2026-03-21", failure, 0, 0, 0, 50_00, 8_00},
		{"the day after it does", "2026-03-22", failure, 0, 38, 6, 50_00, 8_00},
		{"the fee came once", "2026-03-28", failure, 0, 2_63, 42, 50_00, 8_00},
	} {
		row := loan.Replay(c.q.Terms, c.q.Rows, nil, day(t, c.on)).Rows[c.row]
		if row.Owed[loan.Mora] != c.mora || row.Owed[loan.MoraIVA] != c.iva || row.Owed[loan.Fee] != c.fee || row.Owed[loan.FeeIVA] != c.fiv {
			t.Errorf("%s: %v, want %s, %s, %s, %s", c.name, row.Owed, c.mora, c.iva, c.fee, c.fiv)
		}
	}
}

// The base is the capital that is unpaid that day: a part payment lowers it
// from the next day on, and interest and fees never bear interest.
func TestMoratoryFollowsTheCapital(t *testing.T) {
	t.Parallel()
	q := accruing(t, loan.Late{Annual: rate(t, "36%")})
	// Ten days on 375 are 3.75 and 0.60 of IVA; with the interest of 112.50 and
	// its 18.00, 209.85 leave 300 of capital.
	part := pay(t, "a", "2026-03-27", 209_85)
	for on, want := range map[string]money.Amount{"2026-03-27": 0, "2026-03-28": 30, "2026-04-06": 3_00} {
		row := loan.Replay(q.Terms, q.Rows, []loan.Payment{part}, day(t, on)).Rows[0]
		if row.Owed[loan.Mora] != want || row.Owed[loan.Capital] != 300_00 || row.Paid[loan.Mora] != 3_75 {
			t.Errorf("on %s: owes %v, paid %v", on, row.Owed, row.Paid)
		}
	}
	settled := loan.Replay(q.Terms, q.Rows, []loan.Payment{pay(t, "a", "2026-03-27", 509_85)}, day(t, "2026-03-30"))
	if row := settled.Rows[0]; row.State != loan.InstalmentPaid || settled.LateFees != 4_35 {
		t.Errorf("%+v, late fees %s", row, settled.LateFees)
	}
}

func TestMoratoryRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate  string
		per   loan.RateBasis
		every quincena.Frequency
		late  loan.Late
		want  string
	}{
		{"60%", loan.PerYear, quincena.Monthly, loan.Late{Times: rate(t, "2")}, "1.2"},
		{"3%", loan.PerPeriod, quincena.Quincenal, loan.Late{Times: rate(t, "1.5")}, "1.08"},
		{"1%", loan.PerPeriod, quincena.Weekly, loan.Late{Times: rate(t, "2")}, "1.04"},
		{"1%", loan.PerPeriod, quincena.Catorcenal, loan.Late{Times: rate(t, "3")}, "0.78"},
		{"60%", loan.PerYear, quincena.Monthly, loan.Late{Annual: rate(t, "90%")}, "0.9"},
		{"60%", loan.PerYear, quincena.Monthly, loan.Late{Fee: 60_00}, "0"},
	} {
		terms := loan.Terms{Rate: rate(t, c.rate), RatePer: c.per, Frequency: c.every, Late: c.late}
		if got := terms.MoratoryRate().String(); got != c.want {
			t.Errorf("%s per %s, %+v: %s, want %s", c.rate, c.per, c.late, got, c.want)
		}
	}
}

// Over 365 days a year's rate is the year's rate.
func TestMoratoryOver365(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Method, p.RatePer, p.Rate, p.DayCount = loan.Level, loan.PerYear, rate(t, "0%"), loan.Actual365
	p.IVAIncluded, p.IVA, p.Late = false, rate(t, "0%"), loan.Late{Annual: rate(t, "100%")}
	q := quote(t, p, 4000_00, 4, "2026-03-02")
	row := loan.Replay(q.Terms, q.Rows, nil, q.Rows[0].Enforceable.AddDays(365)).Rows[0]
	if row.Owed[loan.Mora] != 1000_00 {
		t.Errorf("a year late at 100 %% costs %s of %s", row.Owed[loan.Mora], row.Owed[loan.Capital])
	}
}

// Invariants 11 and 14: nothing within the grace; simple interest, never more
// than the rate allows on the capital; never two charges for one day; and what
// is charged only rises, however often the day is closed.
func TestMoratoryInvariants(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		p := anyProduct(t, base)
		q := anyQuote(t, p)
		payments := anyPayments(t, q)
		var last money.Amount
		for d := q.Terms.Issued; d.Before(q.Rows[0].Due.AddDays(120)); d = d.AddDays(rapid.IntRange(1, 9).Draw(t, "days")) {
			pos := loan.Replay(q.Terms, q.Rows, payments, d)
			if pos.LateFees < last {
				t.Fatalf("on %s the late fees fall from %s to %s", d, last, pos.LateFees)
			}
			last = pos.LateFees
			for i, r := range pos.Rows {
				checkMora(t, q, q.Rows[i], r, d)
			}
		}
	})
}

// checkMora bounds what one instalment has been charged for being late.
func checkMora(t *rapid.T, q loan.Quote, planned loan.Instalment, r loan.Standing, today quincena.Date) {
	late := q.Terms.Late
	days := r.Enforceable.DaysUntil(today) - late.GraceDays
	mora := r.Owed[loan.Mora] + r.Paid[loan.Mora] + r.Owed[loan.MoraIVA] + r.Paid[loan.MoraIVA]
	fee := r.Owed[loan.Fee] + r.Paid[loan.Fee] + r.Owed[loan.FeeIVA] + r.Paid[loan.FeeIVA] - planned.Fee - planned.FeeIVA
	if days <= 0 && (mora != 0 || fee != 0) {
		t.Fatalf("within the grace %s and %s are charged", mora, fee)
	}
	gross := func(a money.Amount) money.Amount {
		if q.Terms.IVAIncluded {
			return a
		}
		return a + q.Terms.IVA.Of(a) + 1
	}
	if fee > gross(late.Failure) {
		t.Fatalf("a failure fee of %s", fee)
	}
	most := gross(late.Fee)
	if rate := q.Terms.MoratoryRate(); !rate.IsZero() {
		if late.Failure > 0 {
			days--
		}
		base := planned.Capital * money.Amount(max(days, 0))
		most = gross(rate.Of(base)/360 + 1)
	}
	if mora > most {
		t.Fatalf("%d days late cost %s, at most %s", days, mora, most)
	}
}

// The lender refuses a product that would charge twice for one day.
func TestMoratoryIsOfOneKind(t *testing.T) {
	t.Parallel()
	for _, late := range []string{
		"{fee: 60, times: 2, grace_days: 1}", "{fee: 60, annual: 90%, grace_days: 1}", "{times: 2, annual: 90%, grace_days: 1}",
		"{fee: 60, failure_fee: 10, grace_days: 1}",
	} {
		if _, err := loan.ParseProduct([]byte(replaced(t, source(t), "{fee: 60, grace_days: 1}", late))); fault.CodeOf(err) != "bad_product" {
			t.Errorf("%s: %v", late, err)
		}
	}
	for _, late := range []string{"{times: 2, failure_fee: 10, grace_days: 1}", "{annual: 90%, grace_days: 0}", "{grace_days: 0}"} {
		if _, err := loan.ParseProduct([]byte(replaced(t, source(t), "{fee: 60, grace_days: 1}", late))); err != nil {
			t.Errorf("%s: %v", late, err)
		}
	}
}
