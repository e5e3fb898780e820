package lending_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/source"
)

func rate(t failer, text string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(text)
	if err != nil {
		t.Fatalf("rate %s: %v", text, err)
	}
	return r
}

func TestTheShippedProgramme(t *testing.T) {
	t.Parallel()
	p := programme(t)
	if p.LeadDays != 5 || p.EarlyDays != 3 || p.BlockAfter != 3 || p.First != "cobre" || len(p.Categories) != 3 {
		t.Errorf("programme %+v", p)
	}
	if p.Points != (lending.Points{Per: 1200_00, Each: 1, EarlyDays: 3}) || p.PointWorth != 2_00 || p.Prevale.Slack != 500_00 {
		t.Errorf("points %+v worth %s, slack %s", p.Points, p.PointWorth, p.Prevale.Slack)
	}
}

// Every problem has its place, a code and a Spanish sentence, and all are told
// at once.
func TestProgrammesThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"corte: [":                 "1:1 yaml",
		"corte: 3":                 "1:8 programme-shape",
		"cortes: {lead_days: 3}":   "1:1 unknown-key ¿quisiste decir «corte»?",
		"corte: {led_days: 3}":     "1:9 unknown-key ¿quisiste decir «lead_days»?",
		"first: \"\"\nfirst: \"\"": "2:1 duplicate-key",
		"categories: {name: a}":    "1:13 programme-shape",
		"categories: [{name: a, scale: [{days: 0, rate: mucho}]}]":                   "1:48 programme-scale-rate",
		"categories: [{name: a, scale: [{days: 0, rate: 101%}]}]":                    "1:48 programme-scale-rate",
		"categories: [{name: a, scale: [{days: hoy, rate: 1%}]}]":                    "1:39 programme-scale-days",
		"categories: [{name: a, scale: [{days: 3, rate: 3%}, {days: 0, rate: 1%}]}]": "1:31 programme-scale",
		"categories: [{name: a, scale: [{days: 0, rate: 1%}, {days: 3, rate: 3%}]}]": "1:31 programme-scale",
		"prevale: {share: 50%, slack: 5.001}":                                        "1:30 programme-prevale-slack",
		"prevale: {share: 150%}":                                                     "1:18 programme-prevale-share",
		"prevale: {slack: -5}":                                                       "1:18 programme-prevale-slack",
		"categories: [{name: a}, {name: a}]":                                         "1:32 programme-categories",
		"categories: [{scale: []}]":                                                  "1:14 programme-categories",
		"points: {lost: -1%}":                                                        "1:16 programme-points-lost",
		"corte: {lead_days: -1}":                                                     "1:20 programme-corte-lead-days",
		"corte: {lead_days: 15}":                                                     "1:20 programme-corte-lead-days",
		"corte: {early_days: 15}":                                                    "1:21 programme-corte-early-days",
		"block_after: 25":                                                            "1:14 programme-block-after",
		"points: {each: -1}":                                                         "1:16 programme-points-each",
		"first: oro":                                                                 "1:8 programme-first",
		"first: ora\ncategories: [{name: oro}]":                                      "1:8 programme-first did you mean",
		"corte: {lead_days: 15}\nblock_after: x":                                     "1:20 programme-corte-lead-days, 2:14 programme-block-after",
	} {
		p, problems := lending.LintProgramme("distribuidoras.yaml", []byte(text))
		var got []string
		for _, p := range problems {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d:%d %s %s", p.Line, p.Col, p.Code, p.Suggestion)))
			if p.File != "distribuidoras.yaml" || p.Text == "" || p.Source == "" || p.Severity != source.Error {
				t.Errorf("%q: %+v", text, p)
			}
		}
		if told := strings.Join(got, ", "); !strings.HasPrefix(told, want) || !reflect.DeepEqual(p, lending.Programme{}) {
			t.Errorf("%q: told %q, want %q", text, told, want)
		}
	}
	for _, empty := range []string{"", " \n", "# nada\n"} {
		if _, problems := lending.LintProgramme("x", []byte(empty)); len(problems) > 0 && strings.TrimSpace(empty) == "" {
			t.Errorf("%q, a programme that pays nothing: %v", empty, problems)
		}
	}
}

// The gain of a real vale company: 8 % of 15,000 in 8 quincenas is 150 each.
func TestScales(t *testing.T) {
	t.Parallel()
	s := lending.Scale{{Days: -3, Rate: rate(t, "8%")}, {Days: 0, Rate: rate(t, "6%")}, {Days: 2, Rate: rate(t, "1%")}}
	for days, want := range map[int]money.Amount{-9: 150_00, -3: 150_00, -2: 112_50, 0: 112_50, 1: 18_75, 2: 18_75, 3: 0, 99: 0} {
		if got := s.On(1875_00, days); got != want {
			t.Errorf("%d days late: %s, want %s", days, got, want)
		}
	}
	if got := (lending.Scale{}).On(1875_00, 0); got != 0 {
		t.Errorf("no scale earns %s", got)
	}
	p := lending.Points{Per: 1200_00, Each: 3, EarlyDays: 3}
	for total, want := range map[money.Amount]int{1199_99: 0, 1200_00: 3, 2399_99: 3, 2400_00: 6} {
		if got := p.On(total, -3); got != want {
			t.Errorf("%s early: %d points, want %d", total, got, want)
		}
		if got := p.On(total, -2); got != 0 {
			t.Errorf("%s too late for points: %d", total, got)
		}
	}
}

// Later is never better: commission and points fall, or stay, with every day.
func TestLaterNeverEarnsMore(t *testing.T) {
	t.Parallel()
	p := programme(t)
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(p.Categories).Draw(t, "category")
		capital := money.Amount(rapid.Int64Range(0, 1_500_000).Draw(t, "capital"))
		days := rapid.IntRange(-20, 20).Draw(t, "days")
		now, later := c.Scale.On(capital, days), c.Scale.On(capital, days+1)
		if later > now || now > capital || p.Points.On(capital, days+1) > p.Points.On(capital, days) {
			t.Fatalf("day %d earns %s, the day after %s", days, now, later)
		}
	})
}

func FuzzLintProgramme(f *testing.F) {
	for _, seed := range []string{"", "corte: {lead_days: 5}", "first: a\ncategories: [{name: a, scale: [{days: 0, rate: 3%}]}]", "points: {per: \"1\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, problems := lending.LintProgramme("f.yaml", text)
		for _, w := range problems {
			if w.Line < 1 || w.Col < 1 || w.Code == "" || w.Text == "" {
				t.Fatalf("a problem without a place: %+v", w)
			}
		}
		for _, c := range p.Categories {
			if c.Name == "" || !c.Scale.Valid() || len(problems) > 0 {
				t.Fatalf("let through %+v", c)
			}
		}
	})
}
