package quincena_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/quincena"
)

func TestNextAllowed(t *testing.T) {
	t.Parallel()
	w := quincena.Hours(8, 20)
	business := quincena.Calendar{}.IsBusinessDay
	for _, c := range []struct {
		name, now, want string
		days            func(quincena.Date) bool
	}{
		{"inside", "2026-03-02 10:30", "2026-03-02 10:30", nil},
		{"at the opening", "2026-03-02 08:00", "2026-03-02 08:00", nil},
		{"before the opening", "2026-03-02 06:59", "2026-03-02 08:00", nil},
		{"the end is outside", "2026-03-02 20:00", "2026-03-03 08:00", nil},
		{"after the end", "2026-03-02 23:59", "2026-03-03 08:00", nil},
		{"sunday counts without a calendar", "2026-03-15 10:00", "2026-03-15 10:00", nil},
		{"sunday and Juárez's monday do not", "2026-03-15 10:00", "2026-03-17 08:00", business},
		{"friday night", "2026-03-06 21:00", "2026-03-09 08:00", business},
	} {
		now := local(t, c.now, quincena.Central())
		got := quincena.NextAllowed(now, w, quincena.Central(), c.days)
		if want := local(t, c.want, quincena.Central()); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
}

func local(t *testing.T, s string, loc *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestNextAllowedUsesTheRecipientsClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 14, 30, 0, 0, time.UTC) // 08:30 in the centre, 06:30 in Tijuana
	tijuana := quincena.Zone("6641234567")
	if got := quincena.NextAllowed(now, quincena.Hours(8, 20), quincena.Central(), nil); !got.Equal(now) {
		t.Errorf("centre: %v", got)
	}
	want := time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	if got := quincena.NextAllowed(now, quincena.Hours(8, 20), tijuana, nil); !got.Equal(want) {
		t.Errorf("Tijuana: %v, want %v", got, want)
	}
}

func TestNextAllowedSendsNothingWhenNothingIsAllowed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 14, 30, 0, 0, time.UTC)
	never := func(quincena.Date) bool { return false }
	if got := quincena.NextAllowed(now, quincena.Hours(8, 20), time.UTC, never); !got.IsZero() {
		t.Errorf("no day is allowed, yet %v", got)
	}
	if got := quincena.NextAllowed(now, quincena.Window{}, time.UTC, nil); !got.IsZero() {
		t.Errorf("no minute is allowed, yet %v", got)
	}
}

func TestNextAllowedIsInsideNeverEarlierAndStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 1438).Draw(t, "from")
		w := quincena.Window{From: from, To: rapid.IntRange(from+1, 1440).Draw(t, "to")}
		loc := quincena.Zone(rapid.SampledFrom([]string{"6641234567", "5512345678", "9981234567", "6561234567"}).Draw(t, "phone"))
		now := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "now"), 0)
		got := quincena.NextAllowed(now, w, loc, nil)
		if got.Before(now) || got.Sub(now) > 25*time.Hour {
			t.Fatalf("%v becomes %v", now, got)
		}
		if again := quincena.NextAllowed(got, w, loc, nil); !again.Equal(got) {
			t.Fatalf("%v is allowed, then %v is not", got, again)
		}
	})
}

func TestParseWindow(t *testing.T) {
	t.Parallel()
	w, err := quincena.ParseWindow("07:30-24:00")
	if err != nil || w != (quincena.Window{From: 450, To: 1440}) {
		t.Errorf("ParseWindow = %v, %v", w, err)
	}
	for _, s := range []string{"", "8-20", "08:00-07:00", "08:00-08:00", "08:00-25:00", "08:60-20:00", "-8:00-20:00", "08:00–20:00"} {
		var w quincena.Window
		if err := w.UnmarshalText([]byte(s)); !errors.Is(err, quincena.ErrWindow) {
			t.Errorf("%q is taken for a window: %v", s, err)
		}
	}
}

func FuzzParseWindow(f *testing.F) {
	f.Add("08:00-20:00")
	f.Add("00:00-24:00")
	f.Fuzz(func(t *testing.T, s string) {
		if w, err := quincena.ParseWindow(s); err == nil && w.String() != s {
			t.Errorf("ParseWindow(%q) = %v", s, w)
		}
	})
}

func TestZone(t *testing.T) {
	t.Parallel()
	for phone, want := range map[string]string{
		"5512345678": "America/Mexico_City",
		"3312345678": "America/Mexico_City",
		"6641234567": "America/Tijuana",
		"6861234567": "America/Tijuana",
		"6621234567": "America/Hermosillo",
		"6671234567": "America/Mazatlan",
		"6121234567": "America/Mazatlan",
		"9981234567": "America/Cancun",
		"6561234567": "America/Ciudad_Juarez",
		"6141234567": "America/Mexico_City", // Chihuahua follows the centre since 2022
		"6261234567": "America/Ojinaga",
		"8991234567": "America/Matamoros",
		"9991234567": "America/Mexico_City",
		"":           "America/Mexico_City",
		"664":        "America/Mexico_City",
	} {
		if got := quincena.Zone(phone).String(); got != want {
			t.Errorf("Zone(%q) = %s, want %s", phone, got, want)
		}
	}
}
