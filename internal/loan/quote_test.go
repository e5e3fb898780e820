package loan_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func TestQuoteOfTheStory(t *testing.T) {
	t.Parallel()
	q := ana(t)
	if q.Terms.Payment != 487_50 || q.Terms.Total != 3900_00 || q.Terms.First.String() != "2026-03-15" {
		t.Errorf("payment %s, total %s, first %s", q.Terms.Payment, q.Terms.Total, q.Terms.First)
	}
	var due, enforceable []string
	for _, r := range q.Rows {
		due, enforceable = append(due, r.Due.Short()), append(enforceable, r.Enforceable.Short())
		want := loan.Instalment{N: r.N, Due: r.Due, Enforceable: r.Enforceable, Capital: 375_00, Interest: 96_98, IVA: 15_52}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", r.N, diff)
		}
	}
	if diff := cmp.Diff([]string{"15-mar", "31-mar", "15-abr", "30-abr", "15-may", "31-may", "15-jun", "30-jun"}, due); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	// 15 March is a sunday before a holiday, 31 May a sunday.
	if diff := cmp.Diff([]string{"17-mar", "31-mar", "15-abr", "30-abr", "15-may", "01-jun", "15-jun", "30-jun"}, enforceable); diff != "" {
		t.Errorf("enforceable (-want +got):\n%s", diff)
	}
}

// Arithmetic published for one Mexican vale company: flat interest of 5 % a
// quincena, 10 % commission and an insurance of 100, all in the payment.
func TestPublishedFlatVectors(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Rate, p.Opening, p.Insurance = rate(t, "5%"), rate(t, "10%"), 100_00
	for _, c := range []struct {
		principal            money.Amount
		n                    int
		total, payment, last money.Amount
	}{
		{15000_00, 8, 22600_00, 2825_00, 2825_00},
		{5000_00, 12, 8600_00, 716_67, 716_63},
	} {
		q := quote(t, p, c.principal, c.n, "2026-03-02")
		if q.Terms.Total != c.total || q.Terms.Payment != c.payment || q.Rows[c.n-1].Total() != c.last {
			t.Errorf("%s x %d: total %s, payment %s, last %s", c.principal, c.n, q.Terms.Total, q.Terms.Payment, q.Rows[c.n-1].Total())
		}
	}
}

// A level payment worked by hand: 10,000 at 36 % a year plus IVA over 12
// months, r' = 0.03·1.16 = 0.0348, so the payment is
// 10,000·0.0348·1.0348^12/(1.0348^12−1) = 1,033.62.
func TestLevelPaymentWithIVA(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Method, p.Rate, p.RatePer, p.IVAIncluded, p.Frequency = loan.Level, rate(t, "36%"), loan.PerYear, false, quincena.Monthly
	q := quote(t, p, 10000_00, 12, "2026-03-02")
	if q.Terms.Payment != 1033_62 {
		t.Errorf("payment %s", q.Terms.Payment)
	}
	first := q.Rows[0]
	if first.Interest != 300_00 || first.IVA != 48_00 || first.Capital != 685_62 {
		t.Errorf("first row %+v", first)
	}
	if d := q.Rows[11].Total() - q.Terms.Payment; d < -12 || d > 12 {
		t.Errorf("the last payment is %s", q.Rows[11].Total())
	}
}

func TestEqualPrincipalAndSingle(t *testing.T) {
	t.Parallel()
	p := vale(t)
	p.Method, p.Rate, p.IVAIncluded = loan.EqualPrincipal, rate(t, "2%"), false
	q := quote(t, p, 4000_00, 4, "2026-03-02")
	for k, interest := range []money.Amount{80_00, 60_00, 40_00, 20_00} {
		if r := q.Rows[k]; r.Capital != 1000_00 || r.Interest != interest {
			t.Errorf("row %d: %s and %s", k+1, r.Capital, r.Interest)
		}
	}
	p.Method, p.Terms, p.Rate, p.RatePer = loan.Single, []int{1}, rate(t, "36%"), loan.PerYear
	q = quote(t, p, 1000_00, 1, "2026-03-05") // ten days to the 15th
	if r := q.Rows[0]; r.Interest != 10_00 || r.IVA != 1_60 || r.Total() != 1011_60 {
		t.Errorf("single payment %+v", r)
	}
}

func TestQuoteRefusesWhatIsNotOffered(t *testing.T) {
	t.Parallel()
	p := vale(t)
	for _, c := range []struct {
		principal money.Amount
		n         int
		issued    string
		want      string
		kind      fault.Kind
	}{
		{400_00, 8, "2026-03-02", "amount_too_low", fault.Limited},
		{15100_00, 8, "2026-03-02", "amount_too_high", fault.Limited},
		{1550_00, 8, "2026-03-02", "amount_step", fault.Invalid},
		{1500_00, 7, "2026-03-02", "term_not_offered", fault.Invalid},
		{1500_00, 0, "2026-03-02", "term_not_offered", fault.Invalid},
		{-1500_00, 8, "2026-03-02", "amount_too_low", fault.Limited},
		{1500_00, 8, "2025-12-31", "product_not_yet", fault.Invalid},
	} {
		_, err := loan.NewQuote(p, c.principal, c.n, day(t, c.issued), quincena.Calendar{})
		if fault.CodeOf(err) != c.want || fault.KindOf(err) != c.kind {
			t.Errorf("%s x %d on %s: %v, want %s", c.principal, c.n, c.issued, err, c.want)
		}
	}
}

// A product that nobody parsed offers nothing, and does not panic.
func TestQuoteOfNoProduct(t *testing.T) {
	t.Parallel()
	for _, principal := range []money.Amount{-1, 0, 1} {
		if _, err := loan.NewQuote(loan.Product{}, principal, 0, day(t, "2026-03-02"), quincena.Calendar{}); err == nil {
			t.Errorf("no product lends %d", principal)
		}
	}
}

// Invariants 10 and 11: whatever the product, the rows sum to the principal
// and to the total, nothing is below zero, both dates rise, and the IVA is the
// rate's part of its base.
func TestScheduleInvariants(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		p := anyProduct(t, base)
		q := anyQuote(t, p)
		var capital, total money.Amount
		last := loan.Instalment{Due: q.Terms.Issued, Enforceable: q.Terms.Issued}
		for k, r := range q.Rows {
			if r.N != k+1 || !r.Due.After(last.Due) || !r.Enforceable.After(last.Enforceable) {
				t.Fatalf("row %+v follows %+v", r, last)
			}
			if min(r.Capital, r.Interest, r.IVA, r.Fee, r.FeeIVA, r.Insurance) < 0 {
				t.Fatalf("row %+v owes less than nothing", r)
			}
			checkIVA(t, p, loan.PartInterest, r.Interest, r.IVA)
			checkIVA(t, p, loan.PartFee, r.Fee, r.FeeIVA)
			capital, total, last = capital+r.Capital, total+r.Total(), r
		}
		if capital != q.Terms.Principal || total != q.Terms.Total {
			t.Fatalf("capital %s of %s, total %s of %s", capital, q.Terms.Principal, total, q.Terms.Total)
		}
		if !q.Intact() {
			t.Fatal("the rows are not those of the terms")
		}
	})
}

// checkIVA wants the rounded IVA on a price without it. Where the price is
// given with IVA, no centavo may be lost, so the split may stand half a
// centavo of base away.
func checkIVA(t *rapid.T, p loan.Product, part loan.Part, net, iva money.Amount) {
	if slices.Contains(p.NoIVA, part) {
		p.IVA = money.Rate{}
	}
	if !p.IVAIncluded && iva != p.IVA.Of(net) {
		t.Fatalf("IVA of %s is %s", net, iva)
	}
	if p.IVAIncluded && iva != p.IVA.Within(net+iva) {
		t.Fatalf("IVA within %s is %s", net+iva, iva)
	}
}

func TestLevelMethodsHaveLevelPayments(t *testing.T) {
	t.Parallel()
	base := vale(t)
	rapid.Check(t, func(t *rapid.T) {
		p := anyProduct(t, base)
		p.Opening, p.Insurance = rate(t, "0%"), 0
		if p.Method == loan.EqualPrincipal {
			return
		}
		q := anyQuote(t, p)
		n := len(q.Rows)
		for _, r := range q.Rows[:n-1] {
			if r.Total() != q.Terms.Payment {
				t.Fatalf("row %d pays %s, not %s", r.N, r.Total(), q.Terms.Payment)
			}
		}
	})
}

func TestTermsSurviveJSONWithTheirHash(t *testing.T) {
	t.Parallel()
	q := ana(t)
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	// A jsonb column gives the keys back in another order.
	var loose map[string]any
	if err := json.Unmarshal(text, &loose); err != nil {
		t.Fatal(err)
	}
	shuffled, err := json.Marshal(loose)
	if err != nil {
		t.Fatal(err)
	}
	var back loan.Quote
	if err := json.Unmarshal(shuffled, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(q, back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if back.Terms.Hash() != q.Terms.Hash() || !back.Intact() {
		t.Error("the hash does not survive")
	}
}

// The encoding may never change under vales that exist.
func TestTermsHashIsStable(t *testing.T) {
	t.Parallel()
	const want = "fe41a4d3b5bdbb53a26a3a863663e5011e9e155c06e9b6482b11120e6b08dd8d"
	if got := ana(t).Terms.Hash(); got != want {
		t.Errorf("Hash = %s", got)
	}
}

func TestHashSeesEveryTerm(t *testing.T) {
	t.Parallel()
	q := ana(t)
	seen := map[string]string{q.Terms.Hash(): "the terms"}
	for name, change := range map[string]func(*loan.Terms){
		"principal": func(t *loan.Terms) { t.Principal++ },
		"late fee":  func(t *loan.Terms) { t.Late.Fee++ },
		"grace":     func(t *loan.Terms) { t.Late.GraceDays++ },
		"obligor":   func(t *loan.Terms) { t.Obligor = loan.ObligorDistributor },
		"rate":      func(t *loan.Terms) { t.Rate = money.Rate{} },
		"cat":       func(t *loan.Terms) { t.CAT++ },
		"schedule":  func(t *loan.Terms) { t.Schedule = "" },
		"plan":      func(t *loan.Terms) { t.Plan = t.Plan[1:] },
		"version":   func(t *loan.Terms) { t.Version++ },
	} {
		terms := q.Terms
		change(&terms)
		if other, ok := seen[terms.Hash()]; ok {
			t.Errorf("%s hashes like %s", name, other)
		}
		seen[terms.Hash()] = name
	}
	q.Rows[3].Due = q.Rows[3].Due.AddDays(1)
	if q.Intact() {
		t.Error("a changed row is not seen")
	}
}

func BenchmarkQuote(b *testing.B) {
	p := vale(b)
	issued := day(b, "2026-03-02")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := loan.NewQuote(p, 3000_00, 8, issued, quincena.Calendar{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReplay(b *testing.B) {
	q := ana(b)
	var payments []loan.Payment
	for i, r := range q.Rows[:6] {
		payments = append(payments, loan.Payment{ID: string(rune('a' + i)), On: r.Due.AddDays(i), Amount: q.Terms.Payment})
	}
	asOf := q.Rows[7].Due
	b.ReportAllocs()
	for b.Loop() {
		loan.Replay(q.Terms, q.Rows, payments, asOf)
	}
}
