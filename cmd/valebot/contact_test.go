package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/postgres"
)

func TestParseREUS(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text   string
		phones []string
		bad    []int
	}{
		"one a line":            {"6671234567\n6671234568\n", []string{"+526671234567", "+526671234568"}, nil},
		"a heading":             {"telefono\n6671234567", []string{"+526671234567"}, nil},
		"no heading":            {"6671234567", []string{"+526671234567"}, nil},
		"csv with a mark":       {"\ufefffolio,telefono\r\n1,\"667 123 4567\"\r\n", []string{"+526671234567"}, nil},
		"semicolons":            {"folio;telefono\n12;+52 1 667 123 4567", []string{"+526671234567"}, nil},
		"each once, sorted":     {"6671234568\n6671234567\n+5216671234567", []string{"+526671234567", "+526671234568"}, nil},
		"lines without a phone": {"telefono\n6671234567\nhola\n123\n\n", []string{"+526671234567"}, []int{3, 4}},
		"nothing":               {"", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			phones, bad := parseREUS(test.text)
			if diff := cmp.Diff(test.phones, phones); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.bad, bad); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseREUS(f *testing.F) {
	f.Add("telefono\n6671234567\n")
	f.Add("\"\",;\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		phones, bad := parseREUS(text)
		if len(phones)+len(bad) > strings.Count(text, "\n")+1 {
			t.Errorf("%d phones and %d bad lines", len(phones), len(bad))
		}
		for _, p := range phones {
			if len(p) != 13 || !strings.HasPrefix(p, "+52") {
				t.Errorf("phone %q", p)
			}
		}
	})
}

func TestContactCSVIsNoFormula(t *testing.T) {
	t.Parallel()
	got := contactCSV([]postgres.Contacted{{At: time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC), What: "sale", Message: "=HYPERLINK(1)", Reason: "a, \"b\""}})
	if !strings.Contains(got, ",'=HYPERLINK(1),") || !strings.Contains(got, `"a, ""b"""`) || !strings.Contains(got, "2026-03-02 12:00:00") {
		t.Errorf("%s", got)
	}
}

func TestContactLogSpan(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		cmd  contactLogCmd
		days float64
		bad  bool
	}{
		"the last 90 days": {contactLogCmd{}, 90, false},
		"one day":          {contactLogCmd{From: "2026-02-01", To: "2026-02-01"}, 1, false},
		"backwards":        {contactLogCmd{From: "2026-02-02", To: "2026-01-01"}, 0, true},
		"no day":           {contactLogCmd{From: "ayer"}, 0, true},
		"no last day":      {contactLogCmd{To: "2026-02-30"}, 0, true},
	} {
		from, to, err := spanOf(test.cmd.From, test.cmd.To, now)
		if (err != nil) != test.bad || !test.bad && to.Sub(from).Hours()/24 != test.days {
			t.Errorf("%s: %s to %s, %v", name, from, to, err)
		}
	}
}
