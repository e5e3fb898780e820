package quincena_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/quincena"
)

func date(t *testing.T, s string) quincena.Date {
	t.Helper()
	d, err := quincena.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// anyDate draws days over two centuries, leap years and a century without one
// among them.
func anyDate(t *rapid.T) quincena.Date {
	return quincena.Date{Year: 1990, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 73_000).Draw(t, "day"))
}

func TestParseDateRefusesWhatIsNoDay(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2026-02-29", "2026-13-01", "2026-3-15", "15/03/2026", "2026-03-15T00:00:00Z", "0000-01-01", "10000-01-01"} {
		if d, err := quincena.ParseDate(s); !errors.Is(err, quincena.ErrDate) {
			t.Errorf("ParseDate(%q) = %v, %v; want ErrDate", s, d, err)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		got  quincena.Date
		want string
	}{
		{"leap day", date(t, "2024-02-28").AddDays(1), "2024-02-29"},
		{"no leap day", date(t, "2026-02-28").AddDays(1), "2026-03-01"},
		{"back over the year", date(t, "2026-01-01").AddDays(-1), "2025-12-31"},
		{"month clamped", date(t, "2026-01-31").AddMonths(1), "2026-02-28"},
		{"month clamped in a leap year", date(t, "2024-01-31").AddMonths(1), "2024-02-29"},
		{"months back over the year", date(t, "2026-01-31").AddMonths(-2), "2025-11-30"},
		{"a dozen months", date(t, "2024-02-29").AddMonths(12), "2025-02-28"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%s: %v, want %s", c.name, c.got, c.want)
		}
	}
}

func TestOnDependsOnTheZone(t *testing.T) {
	t.Parallel()
	// Five in the morning in UTC is still the day before in Mexico City.
	instant := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	if got := quincena.On(instant, quincena.Central()); got.String() != "2026-03-01" {
		t.Errorf("in Mexico City: %v", got)
	}
	if got := quincena.On(instant, quincena.Zone("9981234567")); got.String() != "2026-03-02" {
		t.Errorf("in Cancún: %v", got)
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"2026-03-05": "05-mar", "2026-12-31": "31-dic", "2026-01-01": "01-ene"} {
		if got := date(t, s).Short(); got != want {
			t.Errorf("Short(%s) = %q, want %q", s, got, want)
		}
	}
	if got := (quincena.Date{}).Short(); got != "" {
		t.Errorf("no date is %q", got)
	}
}

func TestDateInJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		Due  quincena.Date `json:"due"`
		Paid quincena.Date `json:"paid"`
	}
	in := row{Due: date(t, "2026-03-15")}
	text, err := json.Marshal(in)
	if err != nil || string(text) != `{"due":"2026-03-15","paid":""}` {
		t.Fatalf("marshal: %s, %v", text, err)
	}
	var out row
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("unmarshal: %v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"due":"mañana"}`), &out); !errors.Is(err, quincena.ErrDate) {
		t.Errorf("a word is taken for a date: %v", err)
	}
}

func TestDateProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(t)
		n := rapid.IntRange(-5000, 5000).Draw(t, "n")
		e := d.AddDays(n)
		if d.DaysUntil(e) != n || e.DaysUntil(d) != -n {
			t.Fatalf("%v + %d days = %v, which is %d away", d, n, e, d.DaysUntil(e))
		}
		if d.Before(e) != (n > 0) || d.After(e) != (n < 0) || (d == e) != (n == 0) {
			t.Fatalf("order of %v and %v", d, e)
		}
		if back, err := quincena.ParseDate(d.String()); err != nil || back != d {
			t.Fatalf("%v does not survive its text: %v, %v", d, back, err)
		}
		if quincena.On(d.At(12, 0, quincena.Central()), quincena.Central()) != d {
			t.Fatalf("noon of %v is another day", d)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-03-15", "2024-02-29", "", "9999-12-31", "0001-01-01", "2026-02-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := quincena.ParseDate(s); err == nil && d.String() != s {
			t.Errorf("ParseDate(%q) = %v", s, d)
		}
	})
}
