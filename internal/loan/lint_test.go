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
