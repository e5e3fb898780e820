package quincena_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/quincena"
)

func pair(t *testing.T, s string) quincena.Pair {
	t.Helper()
	p, err := quincena.ParsePair(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, pair, want string }{
		{"2026-03-02", "15/last", "2026-03-15"},
		{"2026-03-15", "15/last", "2026-03-31"},
		{"2026-03-31", "15/last", "2026-04-15"},
		{"2026-02-15", "15/last", "2026-02-28"},
		{"2024-02-28", "15/last", "2024-02-29"},
		{"2026-12-31", "15/last", "2027-01-15"},
		{"2026-03-09", "10/25", "2026-03-10"},
		{"2026-03-25", "10/25", "2026-04-10"},
		{"2026-02-15", "14/30", "2026-02-28"},
	} {
		if got := quincena.Next(date(t, c.from), pair(t, c.pair)); got.String() != c.want {
			t.Errorf("Next(%s, %s) = %v, want %s", c.from, c.pair, got, c.want)
		}
	}
}

// The rule of a Mexican core (to the month end on the 15th, to the next 15th
// after the 28th or when the month end is nearer than ten days), with its gap
// on the 14th closed.
func TestFirstDueKeepsTheMinimumDistance(t *testing.T) {
	t.Parallel()
	for issued, want := range map[string]string{
		"2026-03-01": "2026-03-15",
		"2026-03-02": "2026-03-15",
		"2026-03-05": "2026-03-15",
		"2026-03-06": "2026-03-31",
		"2026-03-14": "2026-03-31",
		"2026-03-15": "2026-03-31",
		"2026-03-21": "2026-03-31",
		"2026-03-22": "2026-04-15",
		"2026-03-29": "2026-04-15",
		"2026-02-19": "2026-03-15", // the last of February is nine days away
		"2026-12-28": "2027-01-15",
	} {
		if got := quincena.FirstDue(date(t, issued), 10, quincena.Pair{}); got.String() != want {
			t.Errorf("issued %s falls due %v, want %s", issued, got, want)
		}
	}
	if got := quincena.FirstDue(date(t, "2026-03-15"), 0, quincena.Pair{}); got.String() != "2026-03-31" {
		t.Errorf("without a minimum, issued on the 15th falls due %v", got)
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first string
		every quincena.Frequency
		want  string
	}{
		{"2026-01-15", quincena.Quincenal, "2026-01-15 2026-01-31 2026-02-15 2026-02-28 2026-03-15"},
		{"2026-01-31", quincena.Monthly, "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"},
		{"2026-12-24", quincena.Weekly, "2026-12-24 2026-12-31 2027-01-07 2027-01-14 2027-01-21"},
		{"2026-02-16", quincena.Catorcenal, "2026-02-16 2026-03-02 2026-03-16 2026-03-30 2026-04-13"},
	} {
		var got []string
		for _, d := range quincena.Series(date(t, c.first), c.every, quincena.Pair{}, 5) {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.every, diff)
		}
	}
	if got := quincena.Series(date(t, "2026-01-15"), "yearly", quincena.Pair{}, 3); got != nil {
		t.Errorf("an unknown frequency has dates: %v", got)
	}
}

func TestSeriesRisesAlsoAfterTheBusinessDayShift(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom([]quincena.Frequency{quincena.Weekly, quincena.Catorcenal, quincena.Quincenal, quincena.Monthly}).Draw(t, "every")
		to := rapid.SampledFrom([]quincena.Direction{quincena.Stay, quincena.Following, quincena.Preceding}).Draw(t, "to")
		p := quincena.Pair{First: rapid.IntRange(1, 15).Draw(t, "first")}
		p.Second = p.First + 15
		issued := anyDate(t)
		dates := quincena.Series(quincena.FirstDue(issued, 10, p), every, p, 48)
		last := issued
		for _, d := range dates {
			shifted := quincena.Shift(d, to, quincena.Calendar{})
			if !shifted.After(last) {
				t.Fatalf("%v follows %v", shifted, last)
			}
			last = shifted
		}
	})
}

func TestPairText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"15/last": "15/last", "15/31": "15/last", "10/25": "10/25"} {
		p := pair(t, in)
		if text, err := p.MarshalText(); err != nil || string(text) != want {
			t.Errorf("%s becomes %s, %v", in, text, err)
		}
	}
	if pair(t, "15/last") != (quincena.Pair{}) {
		t.Error("the usual pair is not the zero value")
	}
	var p quincena.Pair
	for _, s := range []string{"", "15", "15/", "25/10", "0/15", "28/31", "15/32", "15/last/1", "a/b"} {
		if err := p.UnmarshalText([]byte(s)); !errors.Is(err, quincena.ErrPair) {
			t.Errorf("%q is taken for a pair: %v", s, err)
		}
	}
}

func TestPerYear(t *testing.T) {
	t.Parallel()
	for f, want := range map[quincena.Frequency]int{
		quincena.Weekly: 52, quincena.Catorcenal: 26, quincena.Quincenal: 24, quincena.Monthly: 12, "": 0,
	} {
		if got := f.PerYear(); got != want {
			t.Errorf("%q has %d periods, want %d", f, got, want)
		}
	}
}

func FuzzParsePair(f *testing.F) {
	f.Add("15/last")
	f.Add("10/25")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := quincena.ParsePair(s)
		if err != nil {
			return
		}
		if again, err := quincena.ParsePair(p.String()); err != nil || again != p {
			t.Errorf("%q gives %v, which gives %v, %v", s, p, again, err)
		}
	})
}
