package evaluate

import (
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"slices"
	"sort"
	"strings"
	"time"

	"valebot/internal/understand"
)

// Result is what one kind of reading got right on labelled lines.
type Result struct {
	Kind     string
	Lines    int
	Right    int
	Bad      int      // lines that could not be read, and count for nothing else
	FalseYes []string // texts read as a yes that are none; only for yes_no
	Labels   []LabelResult
	Misses   []Miss
}

// LabelResult counts one label.
type LabelResult struct {
	Label             string
	Gold, Said, Right int
}

// Precision is Right/Said, 1 when the label was never said.
func (l LabelResult) Precision() float64 { return ratio(l.Right, l.Said) }

// Recall is Right/Gold, 1 when there was nothing to find.
func (l LabelResult) Recall() float64 { return ratio(l.Right, l.Gold) }

// Miss is one line that was read otherwise than its label says.
type Miss struct{ Text, Gold, Said string }

// Accuracy is Right/Lines.
func (r Result) Accuracy() float64 { return ratio(r.Right, r.Lines) }

func ratio(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// F1 is the harmonic mean of precision and recall.
func (l LabelResult) F1() float64 { return ratio(2*l.Right, l.Gold+l.Said) }

// MacroF1 is the mean F1 of the labels that there were to find, 1 when there were
// none.
func (r Result) MacroF1() float64 {
	sum, n := 0.0, 0
	for _, l := range r.Labels {
		if l.Gold > 0 {
			sum, n = sum+l.F1(), n+1
		}
	}
	if n == 0 {
		return 1
	}
	return sum / float64(n)
}

// Evaluate compares the labels of in with what u reads. Lines that cannot be read
// are counted; the error then wraps ErrLines, and the result holds the others.
func Evaluate(u *understand.Understander, kind string, s Settings, in io.Reader) (Result, error) {
	label, err := labeller(kind)
	if err != nil {
		return Result{}, err
	}
	res := Result{Kind: kind}
	counts := map[string]*LabelResult{}
	err = each(in, s, func(l Line, now time.Time) error {
		gold, said := compare(kind, l, label(reading(u, s, l, now), optionsOf(s, l)))
		res.count(l, gold, said, counts)
		return nil
	}, func(int, error) error {
		res.Bad++
		return nil
	})
	for _, c := range counts {
		res.Labels = append(res.Labels, *c)
	}
	sort.Slice(res.Labels, func(i, j int) bool { return res.Labels[i].Label < res.Labels[j].Label })
	return res, err
}

func (r *Result) count(l Line, gold, said string, counts map[string]*LabelResult) {
	r.Lines++
	if r.Kind == "yes_no" && said == "yes" && gold != "yes" {
		r.FalseYes = append(r.FalseYes, *l.Text)
	}
	if gold == said {
		r.Right++
	} else {
		r.Misses = append(r.Misses, Miss{*l.Text, gold, said})
	}
	if r.Kind != "yes_no" && r.Kind != "intent" {
		return
	}
	for _, name := range []string{gold, said} {
		if counts[name] == nil {
			counts[name] = &LabelResult{Label: name}
		}
	}
	counts[gold].Gold++
	counts[said].Said++
	if gold == said {
		counts[gold].Right++
	}
}

// compare returns the gold label and the one that was said, equal when the line
// accepts what was said.
func compare(kind string, l Line, a Answer) (gold, said string) {
	switch kind {
	case "yes_no":
		return strings.Replace(l.Label, "not_yes", "other", 1), a["label"].(string)
	case "intent":
		said = a["label"].(string)
		if slices.Contains(l.Accept, said) || l.NotLabel != "" && said != l.NotLabel {
			return said, said
		}
		return l.Label, said
	case "amount":
		return equalNumbers(l.Amount, a["amount"])
	case "term":
		return fmt.Sprint(l.Count), fmt.Sprint(a["count"])
	case "int", "option":
		return equalNumbers(l.Value, a["value"])
	}
	return equalTexts(l, a["value"])
}

func equalTexts(l Line, value any) (gold, said string) {
	said = "none"
	if text, ok := value.(string); ok {
		said = text
	}
	if slices.Contains(l.Alt, said) {
		return said, said
	}
	var text *string
	if err := json.Unmarshal(l.Value, &text); err != nil || text == nil {
		return "none", said
	}
	return *text, said
}

// equalNumbers compares exactly, apart from the fifteen digits that files keep.
func equalNumbers(raw json.RawMessage, value any) (gold, said string) {
	gold, said = "none", "none"
	if text := strings.TrimSpace(string(raw)); text != "" && text != "null" {
		gold = text
	}
	if value != nil {
		said = fmt.Sprint(value)
	}
	a, okA := new(big.Rat).SetString(gold)
	b, okB := new(big.Rat).SetString(said)
	if okA && okB && near(a, b) {
		return said, said
	}
	return gold, said
}

func near(a, b *big.Rat) bool {
	diff := new(big.Rat).Sub(a, b)
	bound := new(big.Rat).Mul(new(big.Rat).Abs(a), big.NewRat(1, 1_000_000_000))
	return diff.Abs(diff).Cmp(bound) <= 0
}

// Write prints the result for people, the false yeses first: they are what costs
// money.
func (r Result) Write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d de %d bien (%.1f %%)\n", r.Kind, r.Right, r.Lines, 100*r.Accuracy())
	if r.Bad > 0 {
		fmt.Fprintf(&b, "líneas que no se pudieron leer: %d\n", r.Bad)
	}
	if r.Kind == "yes_no" {
		fmt.Fprintf(&b, "síes falsos: %d\n", len(r.FalseYes))
		for _, text := range r.FalseYes {
			fmt.Fprintf(&b, "  %s\n", text)
		}
	}
	if len(r.Labels) > 0 {
		fmt.Fprintf(&b, "F1 medio: %.1f\n", 100*r.MacroF1())
	}
	for _, l := range r.Labels {
		fmt.Fprintf(&b, "  %-16s %4d  precisión %5.1f %%  cobertura %5.1f %%\n", l.Label, l.Gold, 100*l.Precision(), 100*l.Recall())
	}
	for _, c := range r.confusion() {
		fmt.Fprintf(&b, "  %4d × %s leído como %s\n", c.n, c.gold, c.said)
	}
	for _, m := range r.Misses {
		fmt.Fprintf(&b, "  %s → %s | %s\n", m.Gold, m.Said, m.Text)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

type confused struct {
	gold, said string
	n          int
}

// confusion counts pairs of labels, the most frequent first.
func (r Result) confusion() []confused {
	if len(r.Labels) == 0 {
		return nil
	}
	var out []confused
	for _, m := range r.Misses {
		i := slices.IndexFunc(out, func(c confused) bool { return c.gold == m.Gold && c.said == m.Said })
		if i < 0 {
			out = append(out, confused{m.Gold, m.Said, 1})
			continue
		}
		out[i].n++
	}
	slices.SortStableFunc(out, func(a, b confused) int { return b.n - a.n })
	return out
}
