package lending

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/fault"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Programme is what the lender agrees with its distributors, from
// ParseProgramme. The zero value earns nothing, gives no points and sets no
// limit on a first vale; its days and counts take the defaults named here.
type Programme struct {
	LeadDays   int          // days before the due date on which the corte is made; 5
	EarlyDays  int          // days before the enforceable date up to which paying counts as early; 3
	BlockAfter int          // relaciones late in a row that block; 3
	Prevale    Prevale      // limit of a first vale on a line that is wholly free
	Points     Points       // for early payment
	PointsLost money.Rate   // of the points, when a relación is late
	PointWorth money.Amount // what a point is worth, in centavos, as the statement says
	Referrals  Referrals    // what people get to pass on to who might want a vale
	First      string       // category of a new distributor
	Categories []Category
}

// Prevale limits what a distributor may give to somebody who has never paid an
// instalment while nothing of her line is in use: a share of what is available
// plus some slack. A zero share sets no limit.
type Prevale struct {
	Share money.Rate
	Slack money.Amount
}

// Referrals say how the words of invitations are given out.
type Referrals struct {
	Number string // to which who has the word writes, as people dial it; "" is told as the one that we write from
	Days   int    // for how long a word is good; 30
	Most   int    // words that a person gets in 30 days; 5
}

// Category is a class of distributors and what they earn.
type Category struct {
	Name  string
	Scale Scale
}

func (p Programme) withDefaults() Programme {
	p.LeadDays = orElse(p.LeadDays, 5)
	p.EarlyDays = orElse(p.EarlyDays, 3)
	p.BlockAfter = orElse(p.BlockAfter, 3)
	p.Referrals.Days = orElse(p.Referrals.Days, 30)
	p.Referrals.Most = orElse(p.Referrals.Most, 5)
	return p
}

// has reports whether a category exists; the empty one always does.
func (p Programme) has(category string) bool {
	return category == "" || slices.ContainsFunc(p.Categories, func(c Category) bool { return c.Name == category })
}

// reward is what a category earns today. It is frozen into each vale.
func (p Programme) reward(category string) Reward {
	for _, c := range p.Categories {
		if c.Name == category {
			return Reward{Category: c.Name, Scale: c.Scale, Points: p.Points}
		}
	}
	return Reward{Category: category, Points: p.Points}
}

// most is the highest amount of a first vale on a free line.
func (p Prevale) most(available money.Amount) money.Amount {
	if p.Share.IsZero() {
		return available
	}
	return min(available, p.Share.Of(available)+p.Slack)
}

// period returns the period that holds a day (1 to 15, or 16 to the end of the
// month) and its dates as a corte: when it is cut, when it is due.
func (s Settings) period(day quincena.Date) Corte {
	to := quincena.Next(day.AddDays(-1), quincena.Pair{})
	from := quincena.Date{Year: day.Year, Month: day.Month, Day: 1}
	if day.Day > 15 {
		from.Day = 16
	}
	enforceable := quincena.Shift(to, s.Product.Shift, s.Calendar)
	return Corte{
		From: from, To: to, CutOn: to.AddDays(-s.Programme.LeadDays), Enforceable: enforceable,
		EarlyBy: enforceable.AddDays(-s.Programme.EarlyDays),
	}
}

// programmeFile is the form of the file.
type programmeFile struct {
	Corte struct {
		LeadDays  int `yaml:"lead_days"`
		EarlyDays int `yaml:"early_days"`
	} `yaml:"corte"`
	BlockAfter int `yaml:"block_after"`
	Prevale    struct {
		Share string `yaml:"share"`
		Slack string `yaml:"slack"`
	} `yaml:"prevale"`
	Points struct {
		Per   string `yaml:"per"`
		Each  int    `yaml:"each"`
		Lost  string `yaml:"lost"`
		Worth string `yaml:"worth"`
	} `yaml:"points"`
	Referrals struct {
		Number string `yaml:"number"`
		Days   int    `yaml:"days"`
		Most   int    `yaml:"most"`
	} `yaml:"referrals"`
	First      string         `yaml:"first"`
	Categories []categoryFile `yaml:"categories"`
}

type categoryFile struct {
	Name  string `yaml:"name"`
	Scale []struct {
		Days int    `yaml:"days"`
		Rate string `yaml:"rate"`
	} `yaml:"scale"`
}

// ParseProgramme reads the programme of the distributors. It refuses unknown
// keys, amounts and rates that are not, and what cannot be meant, with the code
// bad_programme and a Spanish sentence that names the place.
func ParseProgramme(text []byte) (Programme, error) {
	var f programmeFile
	if len(bytes.TrimSpace(text)) == 0 {
		return Programme{}, nil
	}
	if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
		return Programme{}, badProgramme("no se entiende: %v", err)
	}
	r := &programmeReader{}
	p := Programme{
		LeadDays: f.Corte.LeadDays, EarlyDays: f.Corte.EarlyDays, BlockAfter: f.BlockAfter,
		Prevale:    Prevale{r.rate("prevale.share", f.Prevale.Share), r.amount("prevale.slack", f.Prevale.Slack)},
		Points:     Points{Per: r.amount("points.per", f.Points.Per), Each: f.Points.Each, EarlyDays: f.Corte.EarlyDays},
		PointsLost: r.rate("points.lost", f.Points.Lost), PointWorth: r.amount("points.worth", f.Points.Worth), First: f.First,
		Referrals: Referrals{r.phone("referrals.number", f.Referrals.Number), f.Referrals.Days, f.Referrals.Most},
	}
	for _, c := range f.Categories {
		scale := make(Scale, len(c.Scale))
		for i, s := range c.Scale {
			scale[i] = Step{s.Days, r.rate(fmt.Sprintf("categories.%s.scale", c.Name), s.Rate)}
		}
		p.Categories = append(p.Categories, Category{c.Name, scale})
	}
	if r.err != nil {
		return Programme{}, r.err
	}
	return p, p.check()
}

func badProgramme(format string, args ...any) error {
	return fault.Newf(fault.Invalid, "bad_programme", "distribuidoras.yaml: "+format, args...)
}

// programmeReader reads values and keeps the first that is wrong.
type programmeReader struct{ err error }

func (r *programmeReader) rate(where, text string) (rate money.Rate) {
	if text == "" {
		return rate
	}
	rate, err := money.ParseRate(text)
	if err != nil && r.err == nil {
		r.err = badProgramme("%s: «%.20s» no es un porcentaje, como 3%%", where, text)
	}
	return rate
}

func (r *programmeReader) amount(where, text string) (amount money.Amount) {
	if text == "" {
		return 0
	}
	amount, err := money.Parse(text)
	if err != nil && r.err == nil {
		r.err = badProgramme("%s: «%.20s» no es un monto en pesos", where, text)
	}
	return amount
}

// phone reads a number that people write to, as its ten digits.
func (r *programmeReader) phone(where, text string) string {
	if text == "" {
		return ""
	}
	phone, err := mexid.ParsePhone(text)
	if err != nil && r.err == nil {
		r.err = badProgramme("%s: «%.20s» no es un celular de 10 cifras", where, text)
	}
	return strings.TrimPrefix(string(phone), "+52")
}

// most bounds days and counts: a corte a fortnight ahead would list nothing.
const mostLeadDays, mostEarlyDays, mostBlockAfter, mostPointsEach, mostReferralDays, mostReferrals = 9, 14, 24, 1000, 365, 100

// check refuses what cannot be meant.
func (p Programme) check() error {
	seen := map[string]bool{}
	for _, c := range p.Categories {
		if c.Name == "" || seen[c.Name] {
			return badProgramme("categories: «%s» falta o está dos veces", c.Name)
		}
		if seen[c.Name] = true; !c.Scale.Valid() {
			return badProgramme("categories.%s: los días deben subir y la comisión bajar, entre 0%% y 100%%", c.Name)
		}
	}
	switch {
	case p.LeadDays < 0 || p.LeadDays > mostLeadDays:
		return badProgramme("corte.lead_days va de 0 a %d", mostLeadDays)
	case p.EarlyDays < 0 || p.EarlyDays > mostEarlyDays:
		return badProgramme("corte.early_days va de 0 a %d", mostEarlyDays)
	case p.BlockAfter < 0 || p.BlockAfter > mostBlockAfter:
		return badProgramme("block_after va de 0 a %d", mostBlockAfter)
	case p.Points.Each < 0 || p.Points.Each > mostPointsEach || p.Points.Per < 0 || p.PointWorth < 0 || p.Prevale.Slack < 0:
		return badProgramme("points y prevale no llevan números negativos, y each llega a %d", mostPointsEach)
	case !proportion(p.Prevale.Share) || !proportion(p.PointsLost):
		return badProgramme("prevale.share y points.lost van de 0%% a 100%%")
	case p.Referrals.Days < 0 || p.Referrals.Days > mostReferralDays || p.Referrals.Most < 0 || p.Referrals.Most > mostReferrals:
		return badProgramme("referrals: days va de 0 a %d y most de 0 a %d", mostReferralDays, mostReferrals)
	case !p.has(p.First):
		return badProgramme("first: no hay categoría «%s»", p.First)
	}
	return nil
}
