package loan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// maxProductFile bounds a product file; ours has 2 KB.
const maxProductFile = 64 << 10

// pesos reads an amount of a product file, which is written in pesos.
type pesos money.Amount

// UnmarshalText reads what money.Parse reads.
func (p *pesos) UnmarshalText(text []byte) error {
	a, err := money.Parse(string(text))
	*p = pesos(a)
	return err
}

// productFile is the shape of a product file.
type productFile struct {
	Product string        `yaml:"product"`
	Version int           `yaml:"version"`
	From    quincena.Date `yaml:"from"`
	Name    string        `yaml:"name"`
	Obligor Obligor       `yaml:"obligor"`
	Method  Method        `yaml:"method"`
	Rate    money.Rate    `yaml:"rate"`
	RatePer RateBasis     `yaml:"rate_per"`
	IVA     struct {
		Rate     money.Rate `yaml:"rate"`
		Included bool       `yaml:"included"`
	} `yaml:"iva"`
	Frequency    quincena.Frequency `yaml:"frequency"`
	Pair         quincena.Pair      `yaml:"pair"`
	MinFirstDays int                `yaml:"min_first_period_days"`
	Shift        quincena.Direction `yaml:"shift"`
	Amounts      struct {
		Min  pesos `yaml:"min"`
		Max  pesos `yaml:"max"`
		Step pesos `yaml:"step"`
	} `yaml:"amounts"`
	Terms   []int `yaml:"terms"`
	Charges struct {
		Opening   money.Rate `yaml:"opening"`
		Insurance pesos      `yaml:"insurance"`
	} `yaml:"charges"`
	Late struct {
		Fee       pesos `yaml:"fee"`
		GraceDays int   `yaml:"grace_days"`
	} `yaml:"late"`
	OfferDays   int  `yaml:"offer_days"`
	Allocation  Plan `yaml:"allocation"`
	Restructure struct {
		Split     bool `yaml:"split"`
		Move      bool `yaml:"move"`
		SplitDays int  `yaml:"split_days"`
	} `yaml:"restructure"`
}

// ParseProduct reads a product file strictly: an unknown or repeated key, a
// value out of its range or a rule that cannot work is refused with
// bad_product, whose text names line:column, in Spanish, one problem a line.
func ParseProduct(data []byte) (Product, error) {
	if len(data) > maxProductFile {
		return Product{}, badProduct("1:1: el archivo es demasiado grande")
	}
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		return Product{}, badProduct(positions(err)...)
	}
	var f productFile
	if err := yaml.Load(data, &f, yaml.WithKnownFields()); err != nil {
		return Product{}, badProduct(positions(err)...)
	}
	if found := f.problems(&root); len(found) > 0 {
		return Product{}, badProduct(found...)
	}
	return f.product(), nil
}

func badProduct(lines ...string) error {
	return fault.New(fault.Invalid, "bad_product", "El producto no se puede usar:\n"+strings.Join(lines, "\n"))
}

// positions turns the decoder's errors into lines with line:column.
func positions(err error) []string {
	var many *yaml.LoadErrors
	if !errors.As(err, &many) {
		var one *yaml.LoadError
		if !errors.As(err, &one) {
			return []string{"1:1: " + err.Error()}
		}
		many = &yaml.LoadErrors{Errors: []*yaml.LoadError{one}}
	}
	lines := make([]string, len(many.Errors))
	for i, e := range many.Errors {
		lines[i] = fmt.Sprintf("%d:%d: %s", max(e.Mark.Line, 1), max(e.Mark.Column, 1), inSpanish(e.Message))
	}
	return lines
}

// inSpanish says the commonest of the decoder's messages to an operator; the
// others stay as they are.
func inSpanish(message string) string {
	if key, ok := strings.CutPrefix(message, "field "); ok {
		if key, _, ok = strings.Cut(key, " not found"); ok {
			return "la clave «" + key + "» no existe"
		}
	}
	if key, ok := strings.CutPrefix(message, "mapping key "); ok {
		key, _, _ = strings.Cut(key, " already")
		return "la clave " + key + " está dos veces"
	}
	return message
}

func (f productFile) product() Product {
	return Product{
		ID: f.Product, Version: f.Version, From: f.From, Name: f.Name,
		Obligor: f.Obligor, Method: f.Method, Rate: f.Rate, RatePer: f.RatePer,
		IVA: f.IVA.Rate, IVAIncluded: f.IVA.Included,
		Frequency: f.Frequency, Pair: f.Pair, MinFirstDays: f.MinFirstDays, Shift: f.Shift,
		Min: money.Amount(f.Amounts.Min), Max: money.Amount(f.Amounts.Max), Step: money.Amount(f.Amounts.Step),
		Terms: f.Terms, Opening: f.Charges.Opening, Insurance: money.Amount(f.Charges.Insurance),
		Late:      Late{money.Amount(f.Late.Fee), f.Late.GraceDays},
		OfferDays: f.OfferDays, Plan: f.Allocation,
		Restructure: Restructure(f.Restructure),
	}
}

// check is one rule of a product file: what must hold, at which key, and what
// to say when it does not.
type check struct {
	ok      bool
	key     string
	message string
}

func (f productFile) problems(root *yaml.Node) []string {
	var lines []string
	for _, c := range slices.Concat(f.nameChecks(), f.calendarChecks(), f.moneyChecks()) {
		if !c.ok {
			line, column := position(root, c.key)
			lines = append(lines, fmt.Sprintf("%d:%d: %s: %s", line, column, c.key, c.message))
		}
	}
	return lines
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
	}
}

func (f productFile) calendarChecks() []check {
	return []check{
		{f.Frequency.PerYear() > 0, "frequency", "usa quincenal, weekly, catorcenal o monthly"},
		{f.MinFirstDays >= 0 && f.MinFirstDays <= 60, "min_first_period_days", "de 0 a 60 días"},
		{f.Shift.Valid(), "shift", "usa next, previous o stay"},
		{validTerms(f.Terms, f.Method), "terms", "plazos de 1 a 120, en orden y sin repetir; single solo admite 1"},
		{f.OfferDays >= 1 && f.OfferDays <= 60, "offer_days", "de 1 a 60 días"},
		{f.Late.GraceDays >= 0 && f.Late.GraceDays <= 60, "late.grace_days", "de 0 a 60 días"},
		{!f.Restructure.Split || f.Restructure.SplitDays >= 1, "restructure.split_days", "al menos un día"},
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
		{f.Late.Fee >= 0 && f.Late.Fee <= f.Amounts.Max, "late.fee", "de cero al monto máximo"},
		{f.Charges.Insurance >= 0 && f.Charges.Insurance <= f.Amounts.Max, "charges.insurance", "de cero al monto máximo"},
		{f.Allocation.problem() == "", "allocation", f.Allocation.problem()},
	}
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

// position finds where a key such as "late.fee" stands, or the nearest key
// around it.
func position(root *yaml.Node, path string) (line, column int) {
	line, column = 1, 1
	node := root
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for key := range strings.SplitSeq(path, ".") {
		value := lookUp(node, key)
		if value == nil {
			return line, column
		}
		node, line, column = value, value.Line, value.Column
	}
	return line, column
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
