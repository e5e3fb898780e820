package lending_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/money"
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

func TestProgrammesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"not YAML":            "corte: [",
		"unknown key":         "cortes: {lead_days: 3}",
		"no rate":             "categories: [{name: a, scale: [{days: 0, rate: mucho}]}]",
		"no amount":           "prevale: {share: 50%, slack: 5.001}",
		"category twice":      "categories: [{name: a}, {name: a}]",
		"category unnamed":    "categories: [{scale: []}]",
		"steps fall":          "categories: [{name: a, scale: [{days: 3, rate: 3%}, {days: 0, rate: 1%}]}]",
		"pays more when late": "categories: [{name: a, scale: [{days: 0, rate: 1%}, {days: 3, rate: 3%}]}]",
		"more than all":       "categories: [{name: a, scale: [{days: 0, rate: 101%}]}]",
		"negative rate":       "points: {lost: -1%}",
		"cut after the date":  "corte: {lead_days: -1}",
		"cut a period ahead":  "corte: {lead_days: 15}",
		"negative points":     "points: {each: -1}",
		"first of none":       "first: oro",
	} {
		_, err := lending.ParseProgramme([]byte(text))
		if fault.CodeOf(err) != "bad_programme" || !strings.Contains(fault.TextOf(err), "distribuidoras.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := lending.ParseProgramme(nil); err != nil {
		t.Errorf("an empty file is a programme that pays nothing: %v", err)
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

func FuzzParseProgramme(f *testing.F) {
	for _, seed := range []string{"", "corte: {lead_days: 5}", "first: a\ncategories: [{name: a, scale: [{days: 0, rate: 3%}]}]", "points: {per: \"1\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := lending.ParseProgramme(text)
		if err != nil {
			if fault.CodeOf(err) != "bad_programme" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		for _, c := range p.Categories {
			if c.Name == "" || !c.Scale.Valid() {
				t.Fatalf("let through %+v", c)
			}
		}
	})
}
