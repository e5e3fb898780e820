package loan_test

import (
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// The equation of Banxico is that of the European APR, for which regulators
// and lenders published single-payment examples, with years of 365.25 days.
func TestCATOfPublishedSinglePayments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		received, paid money.Amount
		days           float64
		want           string
	}{
		{250_00, 319_97, 28, "2400.3%"},
		{350_00, 447_97, 23, "4935.9%"},
		{150_00, 191_99, 36, "1123.2%"},
		{100_00, 127_99, 26, "3103.4%"},
		{280_00, 358_40, 25, "3584.2%"},
		{400_00, 511_96, 36, "1122.9%"},
		{150_00, 191_99, 9, "2238723.9%"},
		{200_00, 255_98, 27, "2717.4%"},
		{300_00, 383_97, 16, "27865.8%"},
		{364_54, 450_00, 30, "1199.0%"},
		{200_00, 350_00, 365.25 / 12, "82400.5%"},
		{200_00, 250_00, 365.25 / 12, "1355.2%"},
		{100_00, 125_00, 31, "1286.2%"},
		{100_00, 100_00, 1, "0.0%"},
		{100_00, 101_00, 365.25, "1.0%"},
		{100_00, 90_00, 365.25, "-10.0%"},
	} {
		got, err := loan.SolveCAT(c.received, []loan.Flow{{Years: c.days / 365.25, Amount: c.paid}})
		if err != nil || got.String() != c.want {
			t.Errorf("%s for %s after %v days: %s, %v; want %s", c.received, c.paid, c.days, got, err, c.want)
		}
	}
}

// A published personal loan: 10,000 in 60 months of 222.44 costs 12.7 %.
func TestCATOfAPublishedInstalmentLoan(t *testing.T) {
	t.Parallel()
	flows := make([]loan.Flow, 60)
	for k := range flows {
		flows[k] = loan.Flow{Years: float64(k+1) / 12, Amount: 222_44}
	}
	if got, err := loan.SolveCAT(10000_00, flows); err != nil || got.String() != "12.7%" {
		t.Errorf("CAT = %s, %v", got, err)
	}
}

func TestCATOfTheStoryLeavesIVAOut(t *testing.T) {
	t.Parallel()
	q := ana(t)
	flows := make([]loan.Flow, 8)
	for k := range flows {
		flows[k] = loan.Flow{Years: float64(k+1) / 24, Amount: 471_98} // 487.50 less 15.52 of IVA
	}
	want, err := loan.SolveCAT(3000_00, flows)
	if err != nil || q.Terms.CAT != want || want.String() != "254.5%" {
		t.Errorf("CAT = %s, want %s, %v", q.Terms.CAT, want, err)
	}
}

func TestCATRefusesWhatHasNoRate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		received money.Amount
		flows    []loan.Flow
	}{
		"no payments":      {100_00, nil},
		"nothing received": {0, []loan.Flow{{Years: 1, Amount: 100}}},
		"a day later":      {1_00, []loan.Flow{{Years: 1.0 / 365, Amount: 1_000_000_00}}},
		"almost nothing":   {1_000_000_00, []loan.Flow{{Years: 1, Amount: 1}}},
	} {
		if got, err := loan.SolveCAT(c.received, c.flows); fault.CodeOf(err) != "cat_not_found" {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// The rate that is found solves the equation: discounting by a little less
// gives too much, by a little more too little.
func TestCATSolvesItsEquation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		received := money.Amount(rapid.Int64Range(100_00, 50_000_00).Draw(t, "received"))
		flows := make([]loan.Flow, rapid.IntRange(3, 60).Draw(t, "n"))
		for k := range flows {
			each := int64(received)/int64(len(flows)) + 1
			flows[k] = loan.Flow{Years: float64(k+1) / 24, Amount: money.Amount(rapid.Int64Range(each, 2*each).Draw(t, "amount"))}
		}
		lower, err1 := loan.SolveCAT(received+received/100, flows)
		got, err2 := loan.SolveCAT(received, flows)
		if err1 != nil || err2 != nil || got < lower {
			t.Fatalf("a dearer loan costs less: %s, %s, %v, %v", got, lower, err1, err2)
		}
		if got < 0 {
			t.Fatalf("payments above what was received cost %s", got)
		}
	})
}
