package loan_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// shipped reads one of the products that the program carries.
func shipped(t tester, name string) loan.Product {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../flows/products", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := loan.ParseProduct(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryShippedProductQuotesAllThatItOffers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"vale", "nomina", "semanal", "puente", "mercancia"} {
		p := shipped(t, name)
		for _, n := range p.Terms {
			for asked := p.Min; asked <= p.Max; asked += p.Step {
				q := quote(t, p, asked, n, "2026-03-02")
				if q.Terms.Asked() != asked || !q.Intact() || q.Terms.Payout() <= 0 {
					t.Errorf("%s, %s x %d: asked %s, paid out %s", name, asked, n, q.Terms.Asked(), q.Terms.Payout())
				}
			}
		}
	}
}

// The three ways to charge an opening fee of 3 % and its IVA on 10,000.
func TestOpeningFee(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		how                           loan.OpeningHow
		principal, payout, first, fee money.Amount
	}{
		{loan.OpeningAdded, 10000_00, 10000_00, 2587_00, 300_00},
		{loan.OpeningDeducted, 10000_00, 9652_00, 2500_00, 0},
		{loan.OpeningFinanced, 10348_00, 10000_00, 2587_00, 0},
	} {
		p := vale(t)
		p.Rate, p.IVAIncluded, p.Opening, p.OpeningHow = rate(t, "0%"), false, rate(t, "3%"), c.how
		q := quote(t, p, 10000_00, 4, "2026-03-02")
		var fee money.Amount
		for _, r := range q.Rows {
			fee += r.Fee
		}
		got := []money.Amount{q.Terms.Principal, q.Terms.Payout(), q.Terms.Payment, fee, q.Terms.Asked()}
		if diff := cmp.Diff([]money.Amount{c.principal, c.payout, c.first, c.fee, 10000_00}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.how, diff)
		}
	}
}

// A deducted fee costs what is not received: the CAT sees it, without its IVA.
func TestCATSeesADeductedFee(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Method, p.Terms, p.Frequency, p.IVAIncluded = loan.Single, []int{1}, quincena.Monthly, false
	p.Rate, p.Opening, p.OpeningHow, p.MinFirstDays = rate(t, "0%"), rate(t, "10%"), loan.OpeningDeducted, 365
	q := quote(t, p, 1000_00, 1, "2026-03-02")
	// 900 received (the IVA of the fee left out), 1,000 paid 365 days later.
	if q.Terms.CAT.String() != "11.1%" || q.Terms.Payout() != 884_00 {
		t.Errorf("CAT %s, paid out %s", q.Terms.CAT, q.Terms.Payout())
	}
}

// Of 1,000 lent for a year, a fee of 50 and an insurance of 30 in the payment
// cost 8 %; their IVA costs nothing in the CAT.
func TestCATCountsFeesAndInsurance(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Method, p.Terms, p.Frequency, p.IVAIncluded = loan.Single, []int{1}, quincena.Monthly, false
	p.Rate, p.Opening, p.Insurance, p.MinFirstDays = rate(t, "0%"), rate(t, "5%"), 30_00, 365
	if q := quote(t, p, 1000_00, 1, "2026-03-02"); q.Terms.CAT.String() != "8.0%" || q.Terms.Total != 1088_00 {
		t.Errorf("CAT %s of %s", q.Terms.CAT, q.Terms.Total)
	}
	p.Rate, p.Opening = rate(t, "2%"), rate(t, "0%")
	if q := quote(t, p, 1000_00, 1, "2026-03-02"); q.Terms.CAT.String() != "5.0%" {
		t.Errorf("with 20 of interest: CAT %s", q.Terms.CAT)
	}
}

func TestHandingOutBooksTheFeeThatIsKept(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.IVAIncluded, p.Opening, p.OpeningHow = false, rate(t, "3%"), loan.OpeningDeducted
	q := quote(t, p, 10000_00, 4, "2026-03-02")
	clearing := ledger.Account{Code: ledger.DisbursementOut, Owner: "L-1"}
	want := []ledger.Line{
		{Account: clearing, Amount: -9652_00},
		{Account: ledger.Account{Code: ledger.FeeIncome}, Amount: -300_00},
		{Account: ledger.Account{Code: ledger.IVADue}, Amount: -48_00},
		{Account: ledger.Account{Code: ledger.LoanCapital, Owner: "L-1"}, Amount: 10000_00},
	}
	out := loan.HandOut("L-1", q.Terms, clearing)
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if left := ledger.Net(append(out, loan.TakeBack("L-1", q.Terms, clearing)...)...); len(left) != 0 {
		t.Errorf("taking the money back leaves %v", left)
	}
	// Nothing is kept: only the capital moves.
	if diff := cmp.Diff(loan.Disburse("L-1", 3000_00, clearing), ledgerOrder(loan.HandOut("L-1", ana(t).Terms, clearing))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// ledgerOrder puts the debit first, as Move does.
func ledgerOrder(lines []ledger.Line) []ledger.Line {
	if len(lines) == 2 && lines[0].Amount < 0 {
		lines[0], lines[1] = lines[1], lines[0]
	}
	return lines
}

func TestInsuranceByAmount(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Insurance = 7_00
	p.InsuranceTable = []loan.InsuranceRow{{UpTo: 1000_00, Premium: 40_00}, {UpTo: 5000_00, Premium: 90_00}}
	for asked, want := range map[money.Amount]money.Amount{
		500_00: 40_00, 1000_00: 40_00, 1100_00: 90_00, 5000_00: 90_00, 5100_00: 7_00,
	} {
		var got money.Amount
		for _, r := range quote(t, p, asked, 4, "2026-03-02").Rows {
			got += r.Insurance
		}
		if got != want {
			t.Errorf("the insurance of %s is %s, want %s", asked, got, want)
		}
	}
}

// A rate of IVA holds for what is issued from its day on.
func TestIVAByDateAndPart(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.IVAIncluded, p.Opening = false, rate(t, "4%")
	p.IVAChanges = []loan.IVAChange{{From: day(t, "2026-07-01"), Rate: rate(t, "8%")}, {From: day(t, "2027-01-01"), Rate: rate(t, "0%")}}
	for issued, want := range map[string]money.Amount{"2026-06-30": 18_00, "2026-07-01": 9_00, "2026-12-31": 9_00, "2027-01-01": 0} {
		q := quote(t, p, 3000_00, 8, issued) // 112.50 of interest a period
		if q.Rows[0].IVA != want || q.Rows[0].FeeIVA == 0 && want > 0 {
			t.Errorf("issued on %s: IVA %s, of the fee %s", issued, q.Rows[0].IVA, q.Rows[0].FeeIVA)
		}
	}
	p.NoIVA = []loan.Part{loan.PartFee}
	if r := quote(t, p, 3000_00, 8, "2026-03-02").Rows[0]; r.IVA != 18_00 || r.FeeIVA != 0 || r.Fee != 15_00 {
		t.Errorf("a fee without IVA: %+v", r)
	}
	p.NoIVA, p.IVAIncluded = []loan.Part{loan.PartInterest}, true
	if r := quote(t, p, 3000_00, 8, "2026-03-02").Rows[0]; r.IVA != 0 || r.Interest != 112_50 || r.FeeIVA == 0 {
		t.Errorf("interest without IVA: %+v", r)
	}
}

// The level payment of 1,033.62 rounded in each way; the last row closes.
func TestPaymentsRoundToAUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit money.Amount
		rule money.Rounding
		want money.Amount
	}{
		{0, money.Up, 1033_62}, {1, money.Down, 1033_62},
		{100, money.Up, 1034_00}, {100, money.Down, 1033_00}, {100, money.HalfUp, 1034_00},
		{50, money.HalfUp, 1033_50}, {50, money.Up, 1034_00}, {10_00, money.HalfUp, 1030_00}, {2, money.Up, 1033_62},
	} {
		p := vale(t)
		p.Method, p.Rate, p.RatePer, p.IVAIncluded, p.Frequency = loan.Level, rate(t, "36%"), loan.PerYear, false, quincena.Monthly
		p.Rounding = loan.Rounding{Unit: c.unit, Rule: c.rule}
		q := quote(t, p, 10000_00, 12, "2026-03-02")
		var capital money.Amount
		for k, r := range q.Rows {
			if k < 11 && r.Total() != c.want {
				t.Errorf("to %d by %d: row %d pays %s, want %s", c.unit, c.rule, r.N, r.Total(), c.want)
			}
			capital += r.Capital
		}
		if capital != 10000_00 {
			t.Errorf("capital %s", capital)
		}
	}
}

// Interest by the days of each period: 31 and 28 days over 360 and 365 on
// 1,000 at 36 %.
func TestInterestByDays(t *testing.T) {
	t.Parallel()
	for count, want := range map[loan.DayCount][2]money.Amount{
		loan.Actual360: {31_00, 14_00}, loan.Actual365: {30_58, 13_81}, loan.ByPeriods: {30_00, 15_00},
	} {
		p := vale(t)
		p.Method, p.Rate, p.RatePer, p.IVAIncluded, p.DayCount = loan.EqualPrincipal, rate(t, "36%"), loan.PerYear, false, count
		p.Frequency, p.Terms = quincena.Monthly, []int{2}
		q := quote(t, p, 1000_00, 2, "2026-01-01") // 1 February, 1 March
		if q.Rows[0].Interest != want[0] || q.Rows[1].Interest != want[1] {
			t.Errorf("%s: %s and %s, want %v", count, q.Rows[0].Interest, q.Rows[1].Interest, want)
		}
	}
}

// Whatever the days, the payments are level to the centavo but the last, which
// differs by what the roundings leave.
func TestLevelPaymentsByDays(t *testing.T) {
	t.Parallel()
	p := shipped(t, "nomina")
	p.Rounding, p.InsuranceTable = loan.Rounding{}, nil
	q := quote(t, p, 8000_00, 12, "2026-03-02")
	for _, r := range q.Rows[:11] {
		if r.Total() != q.Terms.Payment {
			t.Errorf("row %d pays %s, not %s", r.N, r.Total(), q.Terms.Payment)
		}
	}
	if d := q.Rows[11].Total() - q.Terms.Payment; d < -12 || d > 12 {
		t.Errorf("the last payment is %s, the others %s", q.Rows[11].Total(), q.Terms.Payment)
	}
}

func TestCatalogueKnowsWhichVersionHolds(t *testing.T) {
	t.Parallel()
	one, two, other := vale(t), vale(t), shipped(t, "nomina")
	two.Version, two.From = 2, day(t, "2026-07-01")
	c, err := loan.NewCatalogue(two, other, one)
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range map[string]int{"2026-01-01": 1, "2026-06-30": 1, "2026-07-01": 2, "2030-01-01": 2} {
		if p, err := c.On("vale", day(t, on)); err != nil || p.Version != want {
			t.Errorf("on %s version %d holds, %v", on, p.Version, err)
		}
	}
	if _, err := c.On("vale", day(t, "2025-12-31")); fault.CodeOf(err) != "product_not_yet" {
		t.Errorf("before the first version: %v", err)
	}
	if _, err := c.On("pizza", day(t, "2026-03-02")); fault.CodeOf(err) != "no_such_product" {
		t.Errorf("an unknown product: %v", err)
	}
	if diff := cmp.Diff([]string{"nomina", "vale"}, c.IDs()); diff != "" || c.First("vale").Version != 1 || c.First("x").ID != "" {
		t.Errorf("IDs (-want +got):\n%s, first %d", diff, c.First("vale").Version)
	}
	for name, second := range map[string]func(p *loan.Product){
		"the same day":       func(p *loan.Product) { p.Version = 2 },
		"the same number":    func(p *loan.Product) { p.From = p.From.AddDays(1) },
		"an earlier one":     func(p *loan.Product) { p.Version, p.From = 2, p.From.AddDays(-1) },
		"a lower number":     func(p *loan.Product) { p.Version, p.From = 0, p.From.AddDays(1) },
		"the very same file": func(*loan.Product) {},
	} {
		p := vale(t)
		second(&p)
		if _, err := loan.NewCatalogue(vale(t), p); fault.CodeOf(err) != "bad_catalogue" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMeansOfPayout(t *testing.T) {
	t.Parallel()
	any, only := ana(t).Terms, quote(t, shipped(t, "nomina"), 8000_00, 12, "2026-03-02").Terms
	if !any.PaysBy(loan.MeansATM) || !any.PaysBy(loan.MeansSPEI) || only.PaysBy(loan.MeansATM) || !only.PaysBy(loan.MeansSPEI) {
		t.Error("the means of the product do not hold")
	}
}

func TestNamingTheUsualChangesNoTerm(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.DayCount, p.OpeningHow, p.Early = loan.ByPeriods, loan.OpeningAdded, loan.EarlyNext
	if q := quote(t, p, 3000_00, 8, "2026-03-02"); q.Terms.Hash() != ana(t).Terms.Hash() {
		t.Error("a product that says what is usual has other terms")
	}
}
