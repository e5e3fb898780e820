package loan

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v4"

	"valebot/internal/fault"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/source"
)

// check is one rule of a product file: what must hold, at which key, and what
// to say when it does not.
type check struct {
	ok      bool
	key     string
	message string
}

// problems lists what does not hold, in the order of the file. Every rule has
// one code, the key's name, so that programs can tell them apart.
func (f productFile) problems(file source.File) []source.Problem {
	var found []source.Problem
	for _, c := range slices.Concat(f.nameChecks(), f.calendarChecks(), f.moneyChecks(), f.taxChecks(), f.lateChecks(), f.legalChecks()) {
		if !c.ok {
			code := "product-" + strings.NewReplacer(".", "-", "_", "-").Replace(c.key)
			found = append(found, file.At(position(file.Root, c.key), code, c.key+": "+c.message))
		}
	}
	source.Sort(found)
	return found
}

func (f productFile) nameChecks() []check {
	obligors := []Obligor{ObligorBeneficiary, ObligorBeneficiaryAval, ObligorDistributor}
	methods := []Method{Flat, Level, EqualPrincipal, Single}
	return []check{
		{f.Product != "", "product", "falta el nombre corto"},
		{f.Version > 0, "version", "empieza en 1"},
		{!f.From.IsZero(), "from", "falta la fecha desde la que vale"},
		{f.Name != "", "name", "falta el nombre para las personas"},
		{slices.Contains(obligors, f.Obligor), "obligor", "usa BENEFICIARY, BENEFICIARY_WITH_AVAL o DISTRIBUTOR"},
		{slices.Contains(methods, f.Method), "method", "usa flat, level, equal_principal o single"},
		{f.RatePer == PerPeriod || f.RatePer == PerYear, "rate_per", "usa period o year"},
		{oneOf(f.Early, "", EarlyNext, EarlyLast, EarlyProRata, EarlyWhole), "early", "usa next, last, pro_rata o whole"},
		{oneOf(f.Charges.OpeningHow, "", OpeningAdded, OpeningDeducted, OpeningFinanced), "charges.opening_how", "usa added, deducted o financed"},
		{f.Limits.Live >= 0 && f.Limits.Live <= 100, "limits.live", "de 0 (sin tope) a 100"},
		{!f.Capacity.Share.Decimal().GreaterThan(decimal.NewFromInt(1)), "capacity.share", "de 0% (no se mira) a 100%"},
		{f.Limits.ReviewOver >= 0, "limits.review_over", "un monto en pesos; 0 es sin tope"},
		{f.Limits.Burst >= 0 && f.Limits.Burst <= 100, "limits.burst", "de 0 (sin tope) a 100"},
		{known(f.Payout, MeansATM, MeansSPEI), "payout", "usa atm y spei, cada uno una vez"},
		{f.depositProblem() == "", "deposit_clabe", f.depositProblem()},
	}
}

// depositProblem says what is wrong with where borrowers pay in, check digit
// included.
func (f productFile) depositProblem() string {
	if f.Deposit == "" {
		return ""
	}
	if _, err := mexid.ParseDeposit(f.Deposit); err != nil {
		return fault.TextOf(err)
	}
	return ""
}

func (f productFile) calendarChecks() []check {
	counts := f.DayCount == Actual360 || f.DayCount == Actual365
	return []check{
		{f.Frequency.PerYear() > 0, "frequency", "usa quincenal, weekly, catorcenal o monthly"},
		{f.Frequency == quincena.Quincenal || f.Pair == (quincena.Pair{}), "pair", "los días del mes son solo para quincenal"},
		{f.MinFirstDays >= 0 && f.MinFirstDays <= 366, "min_first_period_days", "de 0 a 366 días"},
		{f.Shift.Valid(), "shift", "usa next, previous o stay"},
		{validTerms(f.Terms, f.Method), "terms", "plazos de 1 a 120, en orden y sin repetir; single solo admite 1"},
		{f.OfferDays >= 1 && f.OfferDays <= 60, "offer_days", "de 1 a 60 días"},
		{f.Late.GraceDays >= 0 && f.Late.GraceDays <= 60, "late.grace_days", "de 0 a 60 días"},
		{!f.Restructure.Split || f.Restructure.SplitDays >= 1, "restructure.split_days", "al menos un día"},
		{counts || oneOf(f.DayCount, "", ByPeriods), "day_count", "usa periods, actual/360 o actual/365"},
		{!counts || f.RatePer == PerYear, "day_count", "contar días pide una tasa por año (rate_per: year)"},
		{!counts || f.Method != Flat, "day_count", "el interés global no cuenta días"},
	}
}

func (f productFile) moneyChecks() []check {
	least := pesos(money.Peso)
	if len(f.Terms) > 0 {
		least *= pesos(max(1, f.Terms[len(f.Terms)-1]))
	}
	return []check{
		{f.Amounts.Min >= least, "amounts.min", "al menos un peso por pago"},
		{f.Amounts.Max >= f.Amounts.Min && f.Amounts.Max <= pesos(money.Pesos(1_000_000_000)), "amounts.max", "no menos que el mínimo ni más de mil millones"},
		{f.Amounts.Step > 0, "amounts.step", "debe ser mayor que cero"},
		{f.Rounding.Payment >= 0 && f.Rounding.Payment <= pesos(money.Pesos(100)), "rounding.payment", "de un centavo a cien pesos"},
		{f.price(f.Charges.Insurance.all) && f.risingPremiums(), "charges.insurance", "de cero al monto máximo; la tabla sube y cubre hasta el monto máximo"},
		{f.Allocation.problem() == "", "allocation", f.Allocation.problem()},
		{f.Early != EarlyWhole || f.Allocation.stages(InAdvance) == 1, "allocation", "con early: whole, lo adelantado va en un solo renglón"},
	}
}

func (f productFile) price(p pesos) bool { return p >= 0 && p <= f.Amounts.Max }

func (f productFile) risingPremiums() bool {
	var last pesos
	for _, row := range f.Charges.Insurance.table {
		if row.UpTo <= last || !f.price(row.Pesos) {
			return false
		}
		last = row.UpTo
	}
	return last == 0 || last >= f.Amounts.Max
}

// atMost bounds a rate: 1 is 100 %.
func atMost(r money.Rate, most int64) bool { return !r.Decimal().GreaterThan(decimal.NewFromInt(most)) }

func (f productFile) taxChecks() []check {
	rising, lawful := true, atMost(f.IVA.Rate, 1)
	var last quincena.Date
	for _, c := range f.IVA.Changes {
		rising = rising && c.From.After(last)
		lawful = lawful && atMost(c.Rate, 1)
		last = c.From
	}
	return []check{
		{lawful, "iva", "la tasa va de 0% a 100%"},
		{rising, "iva.changes", "cada cambio lleva su fecha, en orden"},
		{known(f.IVA.Exempt, PartInterest, PartFee, PartPenalty), "iva.exempt", "usa interest, fee y penalty, cada uno una vez"},
	}
}

// lateChecks keeps moratory to one kind, so that no day is charged twice.
func (f productFile) lateChecks() []check {
	kinds := 0
	for _, there := range []bool{f.Late.Fee > 0, !f.Late.Times.IsZero(), !f.Late.Annual.IsZero()} {
		if there {
			kinds++
		}
	}
	yearly := Terms{Late: Late{Times: f.Late.Times, Annual: f.Late.Annual}, Rate: f.Rate, RatePer: f.RatePer, Frequency: f.Frequency}.MoratoryRate()
	return []check{
		{f.price(f.Late.Fee), "late.fee", "de cero al monto máximo"},
		{f.price(f.Late.Failure), "late.failure_fee", "de cero al monto máximo"},
		{kinds <= 1, "late", "elige uno: fee, times o annual; nunca dos por el mismo atraso"},
		{f.Late.Fee == 0 || f.Late.Failure == 0, "late.failure_fee", "fee ya cobra el pago no hecho; failure_fee va con times o annual"},
		{atMost(yearly, 10), "late", "el interés moratorio pasa de 1,000% al año"},
	}
}

// legalChecks refuses to charge what is not registered, where the product says
// that it is registered at all.
func (f productFile) legalChecks() []check {
	charged := map[string]bool{"opening": !f.Charges.Opening.IsZero(), "late": f.Late.Fee > 0, "failure": f.Late.Failure > 0}
	checks := []check{{f.Registration.RECA != "" || len(f.Registration.Fees) == 0, "registration.fees", "faltan los datos del contrato: reca"}}
	for _, fee := range slices.Sorted(maps.Keys(f.Registration.Fees)) {
		_, exists := charged[fee]
		checks = append(checks, check{exists && f.Registration.Fees[fee] != "", "registration.fees", "«" + fee + "»: usa opening, late o failure, con su número"})
	}
	for _, fee := range []string{"failure", "late", "opening"} {
		missing := f.Registration.RECA != "" && charged[fee] && f.Registration.Fees[fee] == ""
		checks = append(checks, check{!missing, "registration", "la comisión «" + fee + "» no está registrada y no se puede cobrar"})
	}
	return checks
}

func oneOf[T comparable](value T, allowed ...T) bool { return slices.Contains(allowed, value) }

// known reports whether all values are allowed and none stands twice.
func known[T comparable](values []T, allowed ...T) bool {
	for i, v := range values {
		if !slices.Contains(allowed, v) || slices.Contains(values[:i], v) {
			return false
		}
	}
	return true
}

func validTerms(terms []int, m Method) bool {
	if m == Single && !slices.Equal(terms, []int{1}) {
		return false
	}
	for i, n := range terms {
		if n < 1 || n > 120 || (i > 0 && n <= terms[i-1]) {
			return false
		}
	}
	return len(terms) > 0
}

// position finds the value of a key such as "late.fee", or the nearest value
// around it; the first key of the document if there is none.
func position(root *yaml.Node, path string) *yaml.Node {
	node, at := root, root
	for key := range strings.SplitSeq(path, ".") {
		value := lookUp(node, key)
		if value == nil {
			return at
		}
		node, at = value, value
	}
	return at
}

func lookUp(mapping *yaml.Node, key string) *yaml.Node {
	if mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}
