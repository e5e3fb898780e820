package loan_test

import (
	"os"
	"strings"
	"testing"

	"valebot/internal/loan"
)

// Each case breaks one rule of a rich product; the problem names the place,
// underlines it and has a code.
func TestLintNamesThePlaceOfEveryRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, old, new, want string }{
		{"nomina", "day_count: actual/360", "day_count: 30/360", "p.yaml:12:12: error: day_count: usa periods, actual/360 o actual/365 [product-day-count]"},
		{"nomina", "rate: 59.9%\nrate_per: year", "rate: 1%\nrate_per: period", "p.yaml:12:12: error: day_count: contar días pide una tasa por año (rate_per: year) [product-day-count]"},
		{"nomina", "method: level ", "method: flat ", "p.yaml:12:12: error: day_count: el interés global no cuenta días [product-day-count]"},
		{"nomina", "{payment: 1, rule: up}", "{payment: 101, rule: up}", "p.yaml:13:21: error: rounding.payment: de un centavo a cien pesos [product-rounding-payment]"},
		{"nomina", "opening_how: deducted", "opening_how: kept", "p.yaml:25:16: error: charges.opening_how: usa added, deducted o financed [product-charges-opening-how]"},
		{"nomina", "{up_to: 10000, pesos: 120}", "{up_to: 90000, pesos: 120}", "p.yaml:27:5: error: charges.insurance: de cero al monto máximo; la tabla sube y cubre hasta el monto máximo [product-charges-insurance]"},
		{"nomina", "{up_to: 50000, pesos: 350}", "{up_to: 40000, pesos: 350}", "p.yaml:27:5: error: charges.insurance: de cero al monto máximo; la tabla sube y cubre hasta el monto máximo [product-charges-insurance]"},
		{"nomina", "{up_to: 50000, pesos: 350}", "{up_to: 50000, pesos: -1}", "p.yaml:27:5: error: charges.insurance: de cero al monto máximo; la tabla sube y cubre hasta el monto máximo [product-charges-insurance]"},
		{"nomina", "times: 2,", "times: 2, annual: 90%,", "p.yaml:29:7: error: late: elige uno: fee, times o annual; nunca dos por el mismo atraso [product-late]"},
		{"nomina", "times: 2,", "fee: 10,", "p.yaml:29:30: error: late.failure_fee: fee ya cobra el pago no hecho; failure_fee va con times o annual [product-late-failure-fee]"},
		{"nomina", "failure_fee: 150", "failure_fee: 60000", "p.yaml:29:31: error: late.failure_fee: de cero al monto máximo [product-late-failure-fee]"},
		{"nomina", "early: last", "early: first", "p.yaml:36:8: error: early: usa next, last, pro_rata o whole [product-early]"},
		{"nomina", "payout: [spei]", "payout: [spei, spei]", "p.yaml:40:9: error: payout: usa atm y spei, cada uno una vez [product-payout]"},
		{"nomina", "live: 1}", "live: -1}", "p.yaml:39:16: error: limits.live: de 0 (sin tope) a 100 [product-limits-live]"},
		{"nomina", "rate: 16%, included", "rate: 101%, included", "p.yaml:14:6: error: iva: la tasa va de 0% a 100% [product-iva]"},
		{"semanal", "annual: 120%", "annual: 10001%", "p.yaml:20:16: error: es una cantidad que no cabe: «10001%» [product-shape]"},
		{"semanal", "annual: 120%", "times: 100", "p.yaml:20:7: error: late: el interés moratorio pasa de 1,000% al año [product-late]"},
		{"semanal", "rate: 1.9%", "rate: mucho", "p.yaml:9:7: error: no es una cantidad: «mucho» [product-shape]"},
		{"semanal", "frequency: weekly", "frequency: weekly\npair: 10/25", "p.yaml:14:7: error: pair: los días del mes son solo para quincenal [product-pair]"},
		{"semanal", "early: pro_rata", "early: whole\nnada: 1", "p.yaml:28:1: error: la clave «nada» no existe [unknown-key]"},
		{"semanal", "frequency: weekly", "freqency: weekly", "p.yaml:13:1: error: la clave «freqency» no existe; ¿quisiste decir «frequency»? [unknown-key]"},
		{"puente", "exempt: [fee]", "exempt: [capital]", "p.yaml:12:43: error: iva.exempt: usa interest, fee y penalty, cada uno una vez [product-iva-exempt]"},
		{"puente", "exempt: [fee]", "exempt: [fee, fee]", "p.yaml:12:43: error: iva.exempt: usa interest, fee y penalty, cada uno una vez [product-iva-exempt]"},
		{"mercancia", "changes: []", "changes: [{rate: 8%}]", "p.yaml:11:43: error: iva.changes: cada cambio lleva su fecha, en orden [product-iva-changes]"},
		{"mercancia", "limits:", "registration: {fees: {late: 1}}\nlimits:", "p.yaml:30:22: error: registration.fees: faltan los datos del contrato: reca [product-registration-fees]"},
		{"mercancia", "limits:", "registration: {reca: 1, fees: {late: 1, opening: 2, tip: 3}}\nlimits:", "p.yaml:30:31: error: registration.fees: «tip»: usa opening, late o failure, con su número [product-registration-fees]"},
		{"mercancia", "limits:", "registration: {reca: 1, fees: {late: 1}}\nlimits:", "p.yaml:30:15: error: registration: la comisión «opening» no está registrada y no se puede cobrar [product-registration]"},
	} {
		data, err := os.ReadFile("../../flows/products/" + c.file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Replace(string(data), c.old, c.new, 1)
		if broken == string(data) {
			t.Errorf("%s has no %q", c.file, c.old)
			continue
		}
		p, problems := loan.LintProduct("p.yaml", []byte(broken))
		if len(problems) != 1 || p.ID != "" {
			t.Errorf("%q: product %q, problems %v", c.new, p.ID, problems)
			continue
		}
		if got := problems[0].String(); got != c.want || problems[0].Source == "" {
			t.Errorf("%q:\n got %s\nwant %s", c.new, got, c.want)
		}
	}
}

// A vertical plan for what is in advance cannot be paid in whole instalments.
func TestLintWholeInstalmentsNeedOneStage(t *testing.T) {
	t.Parallel()
	text := strings.Replace(source(t), "  - {when: in_advance, pay: [penalty, fee, insurance, interest, capital]}",
		"  - {when: in_advance, pay: [penalty, fee, insurance, interest]}\n  - {when: in_advance, pay: [capital]}\nearly: whole", 1)
	if _, problems := loan.LintProduct("p.yaml", []byte(text)); len(problems) != 1 || problems[0].Code != "product-allocation" {
		t.Errorf("problems %v", problems)
	}
}

// What stands exactly on a bound is accepted, and what lies a step beyond is
// refused at its key.
func TestLintAtTheBounds(t *testing.T) {
	t.Parallel()
	const plan = "  - {when: in_advance"
	for _, c := range []struct{ file, old, in, out, code string }{
		{"vale", "version: 1", "version: 1", "version: 0", "product-version"},
		{"vale", "min_first_period_days: 10", "min_first_period_days: 0", "min_first_period_days: -1", "product-min-first-period-days"},
		{"vale", "min_first_period_days: 10", "min_first_period_days: 366", "min_first_period_days: 367", "product-min-first-period-days"},
		{"vale", "offer_days: 3 ", "offer_days: 1 ", "offer_days: 0 ", "product-offer-days"},
		{"vale", "offer_days: 3 ", "offer_days: 60 ", "offer_days: 61 ", "product-offer-days"},
		{"vale", "grace_days: 1}", "grace_days: 0}", "grace_days: -1}", "product-late-grace-days"},
		{"vale", "grace_days: 1}", "grace_days: 60}", "grace_days: 61}", "product-late-grace-days"},
		{"vale", "split_days: 7", "split_days: 1", "split_days: 0", "product-restructure-split-days"},
		{"vale", "min: 500", "min: 12", "min: 11.99", "product-amounts-min"},
		{"vale", "max: 15000", "max: 500", "max: 499.99", "product-amounts-max"},
		{"vale", "max: 15000", "max: 1000000000", "max: 1000000000.01", "product-amounts-max"},
		{"vale", "step: 100}", "step: 0.01}", "step: 0}", "product-amounts-step"},
		{"vale", "fee: 60", "fee: 15000", "fee: 15000.01", "product-late-fee"},
		{"vale", "fee: 60", "fee: 0", "fee: -0.01", "product-late-fee"},
		{"vale", "insurance: 0", "insurance: 15000", "insurance: 15000.01", "product-charges-insurance"},
		{"vale", "terms: [4, 6, 8, 12]", "terms: [1, 120]", "terms: [1, 121]", "product-terms"},
		{"vale", "terms: [4, 6, 8, 12]", "terms: [1]", "terms: [0]", "product-terms"},
		{"vale", "terms: [4, 6, 8, 12]", "terms: [4]", "terms: []", "product-terms"},
		{"vale", "terms: [4, 6, 8, 12]", "terms: [4, 5]", "terms: [5, 4]", "product-terms"},
		{"puente", "terms: [1]", "terms: [1]", "terms: [2]", "product-terms"},
		{"vale", "rate: 16%", "rate: 100%", "rate: 100.01%", "product-iva"},
		{"vale", plan, "limits: {review_over: 0, burst: 0}\n" + plan, "limits: {review_over: -1}\n" + plan, "product-limits-review-over"},
		{"vale", plan, "limits: {burst: 100}\n" + plan, "limits: {burst: 101}\n" + plan, "product-limits-burst"},
		{"vale", plan, "deposit_clabe: \"6461801570\"\n" + plan, "deposit_clabe: \"0001801570\"\n" + plan, "product-deposit-clabe"},
		{"vale", plan, "deposit_clabe: \"646180157000000004\"\n" + plan, "deposit_clabe: \"646180157000000005\"\n" + plan, "product-deposit-clabe"},
		{"vale", plan, "limits: {live: 0}\n" + plan, "limits: {live: -1}\n" + plan, "product-limits-live"},
		{"vale", plan, "limits: {live: 100}\n" + plan, "limits: {live: 101}\n" + plan, "product-limits-live"},
		{"vale", "share: 30%", "share: 100%", "share: 100.01%", "product-capacity-share"},
		{"vale", plan, "rounding: {payment: 0}\n" + plan, "rounding: {payment: -0.01}\n" + plan, "product-rounding-payment"},
		{"vale", plan, "rounding: {payment: 100}\n" + plan, "rounding: {payment: 100.01}\n" + plan, "product-rounding-payment"},
		{"nomina", "failure_fee: 150", "failure_fee: 50000", "failure_fee: 50000.01", "product-late-failure-fee"},
		{"nomina", "{up_to: 10000, pesos: 120}", "{up_to: 0.01, pesos: 0}", "{up_to: 0, pesos: 0}", "product-charges-insurance"},
		{"nomina", "{up_to: 10000, pesos: 120}", "{up_to: 49999.99, pesos: 50000}", "{up_to: 50000, pesos: 120}", "product-charges-insurance"},
		{"nomina", "{up_to: 50000, pesos: 350}", "{up_to: 50000, pesos: 50000}", "{up_to: 50000, pesos: 50000.01}", "product-charges-insurance"},
		{"semanal", "annual: 120%", "annual: 1000%", "annual: 1000.01%", "product-late"},
		{"mercancia", "changes: []", "changes: [{from: 2027-01-01, rate: 100%}]", "changes: [{from: 2027-01-01, rate: 101%}]", "product-iva"},
		{"mercancia", "changes: []", "changes: [{from: 2027-01-01, rate: 8%}, {from: 2027-01-02, rate: 16%}]", "changes: [{from: 2027-01-01, rate: 8%}, {from: 2027-01-01, rate: 16%}]", "product-iva-changes"},
		{"mercancia", "changes: []", "changes: [{from: 2027-01-01, rate: 8%}]", "changes: [{from: 2027-01-01, rate: 300%}, {from: 2028-01-01, rate: 8%}]", "product-iva"},
	} {
		for _, try := range []struct {
			text string
			want string
		}{{c.in, ""}, {c.out, c.code}} {
			_, problems := loan.LintProduct("p.yaml", []byte(withPlanFirst(t, c.file, c.old, try.text, plan)))
			var got string
			if len(problems) > 0 {
				got = problems[0].Code
			}
			if got != try.want {
				t.Errorf("%s with %q: %v, want %q", c.file, try.text, problems, try.want)
			}
		}
	}
}

// withPlanFirst changes a product file; what stands before the last stage of
// the plan goes to the end, where a key may stand.
func withPlanFirst(t *testing.T, file, old, new, plan string) string {
	t.Helper()
	data, err := os.ReadFile("../../flows/products/" + file + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	if old == plan {
		return string(data) + "\n" + strings.TrimSuffix(new, plan)
	}
	return strings.Replace(string(data), old, new, 1)
}

// With a RECA number every fee that is charged needs its own, and one that is
// not charged does not.
func TestLintOfRegisteredFees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, registration, want string }{
		{"vale", "{reca: 1, fees: {late: 2}}", ""},
		{"vale", "{reca: 1}", "product-registration"},
		{"vale", "{reca: 1, fees: {late: 2, opening: 3}}", ""},
		{"vale", "{reca: 1, fees: {late: ''}}", "product-registration"},
		{"nomina", "{reca: 1, fees: {opening: 2, failure: 3}}", ""},
		{"nomina", "{reca: 1, fees: {opening: 2}}", "product-registration"},
		{"nomina", "{reca: 1, fees: {failure: 2}}", "product-registration"},
		{"semanal", "{reca: 1, fees: {opening: 2}}", ""},
	} {
		data, err := os.ReadFile("../../flows/products/" + c.file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		p, problems := loan.LintProduct("p.yaml", append(data, []byte("\nregistration: "+c.registration+"\n")...))
		var got string
		if len(problems) > 0 {
			got = problems[0].Code
		}
		if got != c.want || got == "" && p.Registration.RECA != "1" {
			t.Errorf("%s with %s: %v", c.file, c.registration, problems)
		}
	}
}
