package lending

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/source"
)

// Bounds of days and counts: a corte a fortnight ahead would list nothing.
const mostLeadDays, mostEarlyDays, mostBlockAfter, mostPointsEach, mostScaleDays, mostReferralDays, mostReferrals = 9, 14, 24, 1000, 60, 365, 100

// LintProgramme reads the programme of the distributors, under the name that
// problems show. All that is wrong comes back with its place, in Spanish, in the
// tone of products and flows; then the programme is the zero one, as it is for
// an empty file. Codes: unknown-key, duplicate-key, programme-shape, programme-
// and the key for a value out of its range, and those of source.Parse.
func LintProgramme(name string, text []byte) (Programme, []source.Problem) {
	if len(bytes.TrimSpace(text)) == 0 {
		return Programme{}, nil
	}
	file, problems := source.Parse(name, text)
	if file.Root == nil || len(problems) > 0 {
		return Programme{}, problems
	}
	r := &programmeReader{file: file}
	p := r.programme(file.Root)
	if len(r.problems) > 0 {
		source.Sort(r.problems)
		return Programme{}, r.problems
	}
	return p, nil
}

// programmeReader reads values and gathers what is wrong with them.
type programmeReader struct {
	file     source.File
	problems []source.Problem
}

func (r *programmeReader) wrong(n *yaml.Node, code, text string) {
	r.problems = append(r.problems, r.file.At(n, code, text))
}

func (r *programmeReader) programme(root *yaml.Node) Programme {
	top := r.keys(root, "corte", "block_after", "prevale", "points", "referrals", "first", "categories")
	corte := r.keys(top["corte"], "lead_days", "early_days")
	prevale := r.keys(top["prevale"], "share", "slack")
	referrals := r.keys(top["referrals"], "number", "days", "most")
	points := r.keys(top["points"], "per", "each", "lost", "worth")
	p := Programme{
		LeadDays:   r.count(corte["lead_days"], "corte.lead_days", 0, mostLeadDays),
		EarlyDays:  r.count(corte["early_days"], "corte.early_days", 0, mostEarlyDays),
		BlockAfter: r.count(top["block_after"], "block_after", 0, mostBlockAfter),
		Prevale:    Prevale{r.share(prevale["share"], "prevale.share"), r.amount(prevale["slack"], "prevale.slack")},
		Points:     Points{Per: r.amount(points["per"], "points.per"), Each: r.count(points["each"], "points.each", 0, mostPointsEach)},
		PointsLost: r.share(points["lost"], "points.lost"), PointWorth: r.amount(points["worth"], "points.worth"),
	}
	p.Points.EarlyDays = p.EarlyDays
	p.Referrals = Referrals{
		r.phone(referrals["number"], "referrals.number"), r.count(referrals["days"], "referrals.days", 0, mostReferralDays),
		r.count(referrals["most"], "referrals.most", 0, mostReferrals),
	}
	for _, n := range r.list(top["categories"], "categories") {
		p.Categories = append(p.Categories, r.category(n, p))
	}
	if n := top["first"]; n != nil {
		if p.First = n.Value; n.Kind != yaml.ScalarNode || !p.has(p.First) {
			w := r.file.At(n, "programme-first", fmt.Sprintf("first: no hay categoría «%.20s»", n.Value))
			w.Suggestion = source.DidYouMean(n.Value, p.names())
			r.problems = append(r.problems, w)
		}
	}
	return p
}

func (p Programme) names() []string {
	var names []string
	for _, c := range p.Categories {
		names = append(names, c.Name)
	}
	return names
}

// category reads one category; those before it are in p.
func (r *programmeReader) category(n *yaml.Node, p Programme) Category {
	at := r.keys(n, "name", "scale")
	var c Category
	switch name := at["name"]; {
	case name == nil:
		r.wrong(n, "programme-categories", "categories: falta el nombre (name)")
	case name.Kind != yaml.ScalarNode || name.Value == "":
		r.wrong(name, "programme-categories", "categories: el nombre es una palabra")
	case p.has(name.Value):
		r.wrong(name, "programme-categories", "categories: «"+name.Value+"» está dos veces")
	default:
		c.Name = name.Value
	}
	before := len(r.problems)
	for _, step := range r.list(at["scale"], "scale") {
		of := r.keys(step, "days", "rate")
		c.Scale = append(c.Scale, Step{r.count(of["days"], "scale.days", -mostScaleDays, mostScaleDays), r.share(of["rate"], "scale.rate")})
	}
	if len(r.problems) == before && !c.Scale.Valid() {
		r.wrong(at["scale"], "programme-scale", "scale: los días deben subir y la comisión bajar, entre 0% y 100%")
	}
	return c
}

// keys are the values of a mapping by key; a mapping that is left out has none.
func (r *programmeReader) keys(n *yaml.Node, allowed ...string) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	if n == nil {
		return found
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "programme-shape", "aquí va clave: valor")
		return found
	}
	known := map[string]bool{}
	for _, key := range allowed {
		known[key] = true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case !known[key.Value]:
			p := r.file.At(key, "unknown-key", "la clave «"+key.Value+"» no existe")
			if near := source.Nearest(key.Value, allowed); near != "" {
				p.Suggestion = "¿quisiste decir «" + near + "»?"
			}
			r.problems = append(r.problems, p)
		case found[key.Value] != nil:
			r.wrong(key, "duplicate-key", "la clave «"+key.Value+"» está dos veces")
		default:
			found[key.Value] = n.Content[i+1]
		}
	}
	return found
}

func (r *programmeReader) list(n *yaml.Node, key string) []*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, "programme-shape", key+": aquí va una lista")
		return nil
	}
	return n.Content
}

// count reads a whole number; what is left out is zero, which takes a default.
func (r *programmeReader) count(n *yaml.Node, key string, low, high int) int {
	if n == nil {
		return 0
	}
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || i < low || i > high {
		r.wrong(n, programmeCode(key), fmt.Sprintf("%s: un número de %d a %d", key, low, high))
		return 0
	}
	return i
}

// programmeCode is what programs tell a wrong value of a key by.
func programmeCode(key string) string {
	return "programme-" + strings.NewReplacer(".", "-", "_", "-").Replace(key)
}

func (r *programmeReader) amount(n *yaml.Node, key string) money.Amount {
	if n == nil {
		return 0
	}
	a, err := money.Parse(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || a < 0 {
		r.wrong(n, programmeCode(key), fmt.Sprintf("%s: «%.20s» no es un monto en pesos, como 500", key, n.Value))
		return 0
	}
	return a
}

// phone reads a number and gives it back as people dial it.
func (r *programmeReader) phone(n *yaml.Node, key string) string {
	if n == nil || n.Value == "" && n.Kind == yaml.ScalarNode {
		return ""
	}
	phone, err := mexid.ParsePhone(n.Value)
	if err != nil {
		r.wrong(n, programmeCode(key), fmt.Sprintf("%s: «%.20s» no es un teléfono de 10 dígitos", key, n.Value))
		return ""
	}
	return strings.TrimPrefix(string(phone), "+52")
}

func (r *programmeReader) share(n *yaml.Node, key string) money.Rate {
	if n == nil {
		return money.Rate{}
	}
	rate, err := money.ParseRate(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || !proportion(rate) {
		r.wrong(n, programmeCode(key), fmt.Sprintf("%s: «%.20s» no es un porcentaje de 0%% a 100%%, como 3%%", key, n.Value))
		return money.Rate{}
	}
	return rate
}
