package tariff

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"valebot/internal/message"
	"valebot/internal/quincena"
	"valebot/internal/source"
)

// Lint reads a price file. All that is wrong comes back as problems with their
// places, in Spanish; with any, there are no prices. Codes: price-key (unknown,
// twice or missing), price-channel, price-category, price-from, price-pesos,
// price-example, price-twice, and those of source.Parse.
func Lint(name string, text []byte) ([]Price, []source.Problem) {
	file, problems := source.Parse(name, text)
	if len(problems) > 0 {
		return nil, problems
	}
	r := &reader{file: file, seen: map[Price]bool{}}
	for key, value := range r.pairs(file.Root, "prices") {
		if key == "prices" {
			r.list(value)
		}
	}
	if len(r.problems) > 0 {
		source.Sort(r.problems)
		return nil, r.problems
	}
	return r.prices, nil
}

type reader struct {
	file     source.File
	prices   []Price
	seen     map[Price]bool // channel, category and day alone
	problems []source.Problem
}

func (r *reader) wrong(n *yaml.Node, code, text string) {
	r.problems = append(r.problems, r.file.At(n, code, text))
}

// pairs are the values of a mapping by key. Keys that are not among those
// allowed, or that come twice, are problems.
func (r *reader) pairs(n *yaml.Node, allowed ...string) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "price-key", "aquí va clave: valor")
		return found
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case !slices.Contains(allowed, key.Value):
			p := r.file.At(key, "price-key", "no se conoce «"+key.Value+"»")
			p.Suggestion = source.DidYouMean(key.Value, allowed)
			r.problems = append(r.problems, p)
		case found[key.Value] != nil:
			r.wrong(key, "price-key", "«"+key.Value+"» está dos veces")
		default:
			found[key.Value] = n.Content[i+1]
		}
	}
	return found
}

func (r *reader) list(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, "price-key", "prices es una lista de precios")
		return
	}
	for _, item := range n.Content {
		r.price(item)
	}
}

func (r *reader) price(n *yaml.Node) {
	before := len(r.problems)
	at := r.pairs(n, "channel", "category", "from", "pesos", "example")
	for _, key := range []string{"channel", "from", "pesos"} {
		if at[key] == nil && len(r.problems) == before {
			r.wrong(n, "price-key", "falta «"+key+"»")
		}
	}
	if len(r.problems) > before {
		return
	}
	p := Price{Channel: message.Channel(at["channel"].Value)}
	if categories(p.Channel) == nil {
		r.wrong(at["channel"], "price-channel", "usa sms o whatsapp")
		return
	}
	p.Category = r.category(p.Channel, n, at["category"])
	r.values(&p, at)
	key := Price{Channel: p.Channel, Category: p.Category, From: p.From}
	if r.seen[key] && len(r.problems) == before {
		r.wrong(n, "price-twice", "ya hay un precio de este canal y categoría para ese día")
	}
	r.seen[key] = true
	r.prices = append(r.prices, p)
}

// category may be left out where there is only one.
func (r *reader) category(ch message.Channel, item, n *yaml.Node) Category {
	all := categories(ch)
	switch {
	case n == nil && len(all) == 1:
		return all[0]
	case n == nil:
		r.wrong(item, "price-category", "falta «category»: service, utility, authentication o marketing")
	case slices.Contains(all, Category(n.Value)):
		return Category(n.Value)
	case len(all) == 1:
		r.wrong(n, "price-category", "en sms solo hay segment")
	default:
		r.wrong(n, "price-category", "usa service, utility, authentication o marketing")
	}
	return ""
}

func (r *reader) values(p *Price, at map[string]*yaml.Node) {
	var err error
	if p.From, err = quincena.ParseDate(at["from"].Value); err != nil {
		r.wrong(at["from"], "price-from", "no es un día; escribe 2026-01-01")
	}
	if p.Each, err = ParsePrice(at["pesos"].Value); err != nil {
		r.wrong(at["pesos"], "price-pesos", err.Error())
	}
	if n := at["example"]; n != nil {
		if p.Example = n.Value == "true"; !p.Example && n.Value != "false" {
			r.wrong(n, "price-example", "usa true o false")
		}
	}
}
