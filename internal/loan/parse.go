package loan

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/fault"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/source"
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

// premiums is one premium for every amount, or a table by amount.
type premiums struct {
	all   pesos
	table []struct {
		UpTo  pesos `yaml:"up_to"`
		Pesos pesos `yaml:"pesos"`
	}
}

// UnmarshalYAML reads an amount, or a list of {up_to, pesos}.
func (p *premiums) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Load(&p.table, yaml.WithKnownFields())
	}
	return n.Load(&p.all)
}

// productFile is the shape of a product file.
type productFile struct {
	Product  string        `yaml:"product"`
	Version  int           `yaml:"version"`
	From     quincena.Date `yaml:"from"`
	Name     string        `yaml:"name"`
	Obligor  Obligor       `yaml:"obligor"`
	Method   Method        `yaml:"method"`
	Rate     money.Rate    `yaml:"rate"`
	RatePer  RateBasis     `yaml:"rate_per"`
	DayCount DayCount      `yaml:"day_count"`
	Rounding struct {
		Payment pesos          `yaml:"payment"`
		Rule    money.Rounding `yaml:"rule"`
	} `yaml:"rounding"`
	IVA struct {
		Rate     money.Rate  `yaml:"rate"`
		Included bool        `yaml:"included"`
		Exempt   []Part      `yaml:"exempt"`
		Changes  []IVAChange `yaml:"changes"`
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
		Opening    money.Rate `yaml:"opening"`
		OpeningHow OpeningHow `yaml:"opening_how"`
		Insurance  premiums   `yaml:"insurance"`
	} `yaml:"charges"`
	Late struct {
		Fee       pesos      `yaml:"fee"`
		Times     money.Rate `yaml:"times"`
		Annual    money.Rate `yaml:"annual"`
		Failure   pesos      `yaml:"failure_fee"`
		GraceDays int        `yaml:"grace_days"`
	} `yaml:"late"`
	OfferDays   int   `yaml:"offer_days"`
	Allocation  Plan  `yaml:"allocation"`
	Early       Early `yaml:"early"`
	Restructure struct {
		Split     bool `yaml:"split"`
		Move      bool `yaml:"move"`
		SplitDays int  `yaml:"split_days"`
	} `yaml:"restructure"`
	Limits struct {
		Live       int   `yaml:"live"`
		ReviewOver pesos `yaml:"review_over"`
		Burst      int   `yaml:"burst"`
	} `yaml:"limits"`
	Capacity struct {
		Share money.Rate `yaml:"share"`
		Debts bool       `yaml:"debts"`
	} `yaml:"capacity"`
	Payout       []Means `yaml:"payout"`
	Deposit      string  `yaml:"deposit_clabe"`
	Registration struct {
		RECA string            `yaml:"reca"`
		Fees map[string]string `yaml:"fees"`
	} `yaml:"registration"`
}

// ParseProduct is LintProduct for a caller that needs no places: what is wrong
// comes back as one refusal, bad_product, with a line for each problem.
func ParseProduct(data []byte) (Product, error) {
	p, problems := LintProduct("", data)
	if len(problems) == 0 {
		return p, nil
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, strconv.Itoa(p.Line)+":"+strconv.Itoa(p.Col)+": "+p.Text)
	}
	return Product{}, fault.New(fault.Invalid, "bad_product", "El producto no se puede usar:\n"+strings.Join(lines, "\n"))
}

// LintProduct reads a product file strictly, under the name that problems
// show. An unknown or repeated key, a value out of its range or a rule that
// cannot work is an error with its place, in Spanish; then the product is the
// zero one.
func LintProduct(name string, data []byte) (Product, []source.Problem) {
	if len(data) > maxProductFile {
		return Product{}, []source.Problem{{
			File: name, Line: 1, Col: 1, Severity: source.Error, Code: "product-too-large", Text: "el archivo es demasiado grande",
		}}
	}
	file, problems := source.Parse(name, data)
	if file.Root == nil {
		return Product{}, problems
	}
	var f productFile
	if err := yaml.Load(data, &f, yaml.WithKnownFields()); err != nil {
		return Product{}, shapeProblems(file, err)
	}
	if problems = f.problems(file); len(problems) > 0 {
		return Product{}, problems
	}
	return f.product(), nil
}

// shapeProblems turns the decoder's errors into problems with their places.
func shapeProblems(file source.File, err error) []source.Problem {
	var many *yaml.LoadErrors
	if !errors.As(err, &many) {
		var one *yaml.LoadError
		if !errors.As(err, &one) {
			return []source.Problem{file.Span(1, 1, 1, "product-shape", err.Error())}
		}
		many = &yaml.LoadErrors{Errors: []*yaml.LoadError{one}}
	}
	problems := make([]source.Problem, len(many.Errors))
	for i, e := range many.Errors {
		problems[i] = inSpanish(file, max(e.Mark.Line, 1), max(e.Mark.Column, 1), e.Message)
	}
	return problems
}

// inSpanish says the commonest of the decoder's messages to an operator; the
// others stay as they are.
func inSpanish(file source.File, line, col int, message string) source.Problem {
	if key, ok := strings.CutPrefix(message, "field "); ok {
		if key, _, ok = strings.Cut(key, " not found"); ok {
			p := file.Span(line, col, len(key), "unknown-key", "la clave «"+key+"» no existe")
			if near := source.Nearest(key, knownKeys()); near != "" {
				p.Suggestion = "¿quisiste decir «" + near + "»?"
			}
			return p
		}
	}
	if key, ok := strings.CutPrefix(message, "mapping key "); ok {
		key, _, _ = strings.Cut(key, " already")
		return file.Span(line, col, len(key)-2, "duplicate-key", "la clave "+key+" está dos veces")
	}
	if _, wrong, ok := strings.Cut(message, "parse "); ok {
		return file.Span(line, col, 1, "product-shape", badValue(wrong))
	}
	return file.Span(line, col, 1, "product-shape", message)
}

// badValue says what a parser of ours refused: `rate "mucho": not an amount`.
func badValue(wrong string) string {
	value, why, _ := strings.Cut(strings.TrimPrefix(wrong, "rate "), ": ")
	value = "«" + strings.Trim(value, `"`) + "»"
	switch {
	case strings.Contains(why, money.ErrRange.Error()):
		return "es una cantidad que no cabe: " + value
	case strings.Contains(why, money.ErrSyntax.Error()):
		return "no es una cantidad: " + value
	case strings.Contains(why, quincena.ErrDate.Error()):
		return "no es una fecha como 2026-03-15: " + value
	}
	return value + " no se entiende: " + why
}

func (f productFile) product() Product {
	p := Product{
		ID: f.Product, Version: f.Version, From: f.From, Name: f.Name,
		Obligor: f.Obligor, Method: f.Method, Rate: f.Rate, RatePer: f.RatePer, DayCount: f.DayCount,
		Rounding: Rounding{money.Amount(f.Rounding.Payment), f.Rounding.Rule},
		IVA:      f.IVA.Rate, IVAIncluded: f.IVA.Included, NoIVA: f.IVA.Exempt, IVAChanges: f.IVA.Changes,
		Frequency: f.Frequency, Pair: f.Pair, MinFirstDays: f.MinFirstDays, Shift: f.Shift,
		Min: money.Amount(f.Amounts.Min), Max: money.Amount(f.Amounts.Max), Step: money.Amount(f.Amounts.Step),
		Terms: f.Terms, Opening: f.Charges.Opening, OpeningHow: f.Charges.OpeningHow,
		Insurance: money.Amount(f.Charges.Insurance.all),
		OfferDays: f.OfferDays, Plan: f.Allocation, Early: f.Early,
		Restructure: Restructure(f.Restructure),
		Late: Late{
			Fee: money.Amount(f.Late.Fee), GraceDays: f.Late.GraceDays, Times: f.Late.Times, Annual: f.Late.Annual,
			Failure: money.Amount(f.Late.Failure),
		},
		MaxLive: f.Limits.Live, ReviewOver: money.Amount(f.Limits.ReviewOver), Burst: f.Limits.Burst, Payout: f.Payout, Registration: Registration(f.Registration),
		Capacity: Capacity(f.Capacity),
	}
	p.Deposit, _ = mexid.ParseDeposit(f.Deposit) // checked before
	for _, row := range f.Charges.Insurance.table {
		p.InsuranceTable = append(p.InsuranceTable, InsuranceRow{money.Amount(row.UpTo), money.Amount(row.Pesos)})
	}
	return p
}

// knownKeys are the keys of a product file, at any depth.
func knownKeys() []string {
	keys := strings.Fields(`product version from name obligor method rate rate_per day_count rounding payment rule
		iva included exempt changes frequency pair min_first_period_days shift amounts min max step terms charges opening
		opening_how insurance up_to pesos late fee times annual failure_fee grace_days offer_days allocation when pay early
		restructure split move split_days limits live review_over burst payout deposit_clabe registration reca fees capacity share debts`)
	slices.Sort(keys)
	return keys
}
