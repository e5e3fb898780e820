package loan_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func source(t tester) string {
	t.Helper()
	data, err := os.ReadFile("../../flows/products/vale.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestParseTheShippedProduct(t *testing.T) {
	t.Parallel()
	parts := []loan.Part{loan.PartPenalty, loan.PartFee, loan.PartInsurance, loan.PartInterest, loan.PartCapital}
	want := loan.Product{
		ID: "vale", Version: 1, From: day(t, "2026-01-01"), Name: "Vale de dinero",
		Obligor: loan.ObligorBeneficiary, Method: loan.Flat, Rate: rate(t, "3.75%"), RatePer: loan.PerPeriod,
		IVA: rate(t, "16%"), IVAIncluded: true,
		Frequency: quincena.Quincenal, MinFirstDays: 10, Shift: quincena.Following,
		Min: money.Pesos(500), Max: money.Pesos(15000), Step: money.Pesos(100), Terms: []int{4, 6, 8, 12},
		Late: loan.Late{Fee: money.Pesos(60), GraceDays: 1}, OfferDays: 3,
		Plan:        loan.Plan{{When: loan.PastDue, Pay: parts}, {When: loan.DueNow, Pay: parts}, {When: loan.InAdvance, Pay: parts}},
		Restructure: loan.Restructure{Split: true, Move: true, SplitDays: 7},
		Capacity:    loan.Capacity{Share: rate(t, "30%"), Debts: true},
	}
	if diff := cmp.Diff(want, vale(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Each case changes one line of the shipped file; the answer names the place.
func TestParseProductNamesThePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{"method: flat ", "methode: flat ", "10:1: la clave «methode» no existe"},
		{"max: 15000", "max: 15000, tope: 1", "20:33: la clave «tope» no existe"},
		{"version: 1", "version: 1\nproduct: otro", "6:1: la clave \"product\" está dos veces"},
		{"method: flat ", "method: flta ", "10:9: method: usa flat, level, equal_principal o single"},
		{"obligor: BENEFICIARY ", "obligor: AVAL ", "9:10: obligor: usa BENEFICIARY, BENEFICIARY_WITH_AVAL o DISTRIBUTOR"},
		{"rate_per: period ", "rate_per: month ", "12:11: rate_per: usa period o year"},
		{"frequency: quincenal ", "frequency: daily ", "15:12: frequency: usa quincenal, weekly, catorcenal o monthly"},
		{"min_first_period_days: 10", "min_first_period_days: -1", "17:24: min_first_period_days: de 0 a 366 días"},
		{"shift: next ", "shift: never ", "18:8: shift: usa next, previous o stay"},
		{"min: 500,", "min: 5,", "20:16: amounts.min: al menos un peso por pago"},
		{"max: 15000", "max: 400", "20:26: amounts.max: no menos que el mínimo ni más de mil millones"},
		{"step: 100}", "step: 0}", "20:39: amounts.step: debe ser mayor que cero"},
		{"terms: [4, 6, 8, 12]", "terms: [4, 4]", "21:8: terms: plazos de 1 a 120, en orden y sin repetir; single solo admite 1"},
		{"{fee: 60, grace_days: 1}", "{fee: 60, grace_days: 90}", "23:29: late.grace_days: de 0 a 60 días"},
		{"offer_days: 3 ", "offer_days: 0 ", "24:13: offer_days: de 1 a 60 días"},
		{"split_days: 7", "split_days: 0", "36:52: restructure.split_days: al menos un día"},
		{"{when: due, pay: [penalty,", "{when: due, pay: [capital,", "28:3: allocation: «due capital» está dos veces"},
		{"{when: due, pay: [penalty,", "{when: due, pay: [tip,", "28:3: allocation: «due tip» no existe"},
		{"{when: due, pay: [penalty,", "{when: due, pay: [", "28:3: allocation: falta «due penalty»"},
	} {
		broken := strings.Replace(source(t), c.old, c.new, 1)
		if broken == source(t) {
			t.Errorf("the file has no %q", c.old)
			continue
		}
		_, err := loan.ParseProduct([]byte(broken))
		if fault.CodeOf(err) != "bad_product" {
			t.Errorf("%q: %v", c.new, err)
			continue
		}
		_, got, _ := strings.Cut(fault.TextOf(err), "\n")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.new, diff)
		}
	}
}

func TestParseProductRefusesWhatIsNoProduct(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":      "",
		"a list":       "- 1\n- 2\n",
		"broken":       "product: [x\n",
		"a bad amount": strings.Replace(source(t), "fee: 60", "fee: 60.555", 1),
		"a bad rate":   strings.Replace(source(t), "rate: 3.75%", "rate: mucho", 1),
		"a bad date":   strings.Replace(source(t), "2026-01-01", "ayer", 1),
		"a bad pair":   strings.Replace(source(t), "15/last", "31/1", 1),
		"too large":    strings.Repeat("# relleno\n", 10_000),
	} {
		if _, err := loan.ParseProduct([]byte(text)); fault.CodeOf(err) != "bad_product" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseProduct(f *testing.F) {
	f.Add([]byte(source(f)))
	f.Add([]byte("product: x\nallocation: [{when: due, pay: [fee]}]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	issued := day(f, "2026-03-02")
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := loan.ParseProduct(data)
		if err != nil {
			if fault.CodeOf(err) != "bad_product" {
				t.Errorf("refused with %v", err)
			}
			return
		}
		// What is accepted can be quoted, or is refused with a reason.
		q, err := loan.NewQuote(p, p.Min, p.Terms[0], issued, quincena.Calendar{})
		if err == nil && !q.Intact() || err != nil && fault.CodeOf(err) == "internal" {
			t.Errorf("quote: %v", err)
		}
	})
}
