package loan_test

import (
	"testing"

	"valebot/internal/loan"
	"valebot/internal/money"
)

// 1,500 pesos are the largest capital of two rows of 3,000: 120 % a year over
// 360 days are 5.00 a day.
func TestLateCost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		late        loan.Late
		included    bool
		exempt      []loan.Part
		once, daily money.Amount
	}{
		{"nothing", loan.Late{}, true, nil, 0, 0},
		{"a flat fee holds its IVA", loan.Late{Fee: 60_00}, true, nil, 60_00, 0},
		{"or has it on top", loan.Late{Fee: 60_00}, false, nil, 69_60, 0},
		{"or none", loan.Late{Fee: 60_00}, false, []loan.Part{loan.PartPenalty}, 60_00, 0},
		{"by day", loan.Late{Annual: rate(t, "120%")}, true, nil, 0, 5_00},
		{"by day and IVA", loan.Late{Annual: rate(t, "120%")}, false, nil, 0, 5_80},
		{"rounded up", loan.Late{Annual: rate(t, "120.1%")}, true, nil, 0, 5_01},
		{"times the rate, and a fee", loan.Late{Times: rate(t, "2"), Failure: 150_00}, false, nil, 174_00, 5_80},
	} {
		p := vale(t)
		p.Method, p.RatePer, p.Rate, p.Late, p.IVAIncluded, p.NoIVA = loan.EqualPrincipal, loan.PerYear, rate(t, "60%"), c.late, c.included, c.exempt
		p.Terms = []int{2}
		q := quote(t, p, 3000_00, 2, "2026-03-02")
		if once, daily := q.LateCost(); once != c.once || daily != c.daily {
			t.Errorf("%s: %s and %s a day, want %s and %s", c.name, once, daily, c.once, c.daily)
		}
	}
}
