package loan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/loan"
	"valebot/internal/money"
)

// Whole schedules in centavos, computed apart from this program with exact
// decimals by the formulas of Mexican cores.
func TestGoldenSchedules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method    loan.Method
		rate      string
		per       loan.RateBasis
		included  bool
		opening   string
		insurance money.Amount
		principal money.Amount
		want      []loan.Parts
	}{
		{loan.Flat, "3.75%", loan.PerPeriod, true, "0%", 0, 2500_00, []loan.Parts{
			{loan.Capital: 41667, loan.Interest: 8082, loan.InterestIVA: 1293, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 41667, loan.Interest: 8082, loan.InterestIVA: 1293, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 41667, loan.Interest: 8082, loan.InterestIVA: 1293, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 41667, loan.Interest: 8082, loan.InterestIVA: 1293, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 41667, loan.Interest: 8082, loan.InterestIVA: 1293, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 41665, loan.Interest: 8082, loan.InterestIVA: 1293, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
		}},
		{loan.Flat, "5%", loan.PerPeriod, false, "3%", 100_00, 7300_00, []loan.Parts{
			{loan.Capital: 182500, loan.Interest: 36500, loan.InterestIVA: 5840, loan.Fee: 5475, loan.FeeIVA: 876, loan.Insurance: 2500},
			{loan.Capital: 182500, loan.Interest: 36500, loan.InterestIVA: 5840, loan.Fee: 5475, loan.FeeIVA: 876, loan.Insurance: 2500},
			{loan.Capital: 182500, loan.Interest: 36500, loan.InterestIVA: 5840, loan.Fee: 5475, loan.FeeIVA: 876, loan.Insurance: 2500},
			{loan.Capital: 182500, loan.Interest: 36500, loan.InterestIVA: 5840, loan.Fee: 5475, loan.FeeIVA: 876, loan.Insurance: 2500},
		}},
		{loan.Level, "4%", loan.PerPeriod, true, "0%", 0, 5000_00, []loan.Parts{
			{loan.Capital: 75381, loan.Interest: 17241, loan.InterestIVA: 2759, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 78396, loan.Interest: 14642, loan.InterestIVA: 2343, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 81532, loan.Interest: 11939, loan.InterestIVA: 1910, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 84793, loan.Interest: 9128, loan.InterestIVA: 1460, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 88185, loan.Interest: 6203, loan.InterestIVA: 993, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
			{loan.Capital: 91713, loan.Interest: 3163, loan.InterestIVA: 506, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
		}},
		{loan.Level, "89.9%", loan.PerYear, false, "0%", 60_00, 12000_00, []loan.Parts{
			{loan.Capital: 179351, loan.Interest: 44950, loan.InterestIVA: 7192, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 1000},
			{loan.Capital: 187144, loan.Interest: 38232, loan.InterestIVA: 6117, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 1000},
			{loan.Capital: 195275, loan.Interest: 31222, loan.InterestIVA: 4996, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 1000},
			{loan.Capital: 203761, loan.Interest: 23907, loan.InterestIVA: 3825, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 1000},
			{loan.Capital: 212615, loan.Interest: 16274, loan.InterestIVA: 2604, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 1000},
			{loan.Capital: 221854, loan.Interest: 8310, loan.InterestIVA: 1330, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 1000},
		}},
		{loan.EqualPrincipal, "2.5%", loan.PerPeriod, false, "10%", 0, 1000_00, []loan.Parts{
			{loan.Capital: 33333, loan.Interest: 2500, loan.InterestIVA: 400, loan.Fee: 3334, loan.FeeIVA: 533, loan.Insurance: 0},
			{loan.Capital: 33333, loan.Interest: 1667, loan.InterestIVA: 267, loan.Fee: 3333, loan.FeeIVA: 533, loan.Insurance: 0},
			{loan.Capital: 33334, loan.Interest: 833, loan.InterestIVA: 133, loan.Fee: 3333, loan.FeeIVA: 533, loan.Insurance: 0},
		}},
		{loan.Single, "6%", loan.PerPeriod, true, "0%", 0, 800_00, []loan.Parts{
			{loan.Capital: 80000, loan.Interest: 4138, loan.InterestIVA: 662, loan.Fee: 0, loan.FeeIVA: 0, loan.Insurance: 0},
		}},
	} {
		p := vale(t)
		p.Method, p.Rate, p.RatePer, p.IVAIncluded = c.method, rate(t, c.rate), c.per, c.included
		p.Opening, p.Insurance, p.Terms = rate(t, c.opening), c.insurance, []int{len(c.want)}
		q := quote(t, p, c.principal, len(c.want), "2026-03-02")
		var got []loan.Parts
		for _, r := range q.Rows {
			got = append(got, loan.Parts{
				loan.Capital: r.Capital, loan.Interest: r.Interest, loan.InterestIVA: r.IVA,
				loan.Fee: r.Fee, loan.FeeIVA: r.FeeIVA, loan.Insurance: r.Insurance,
			})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", c.method, c.principal, diff)
		}
	}
}
