package quincena_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/quincena"
)

// The days on which Mexican banks close, as the CNBV publishes them each year;
// here those that fall on weekends stand in the list too.
func TestBankHolidaysOfPublishedYears(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]string{
		2018: "01-01 02-05 03-19 03-29 03-30 05-01 09-16 11-02 11-19 12-01 12-12 12-25",
		2023: "01-01 02-06 03-20 04-06 04-07 05-01 09-16 11-02 11-20 12-12 12-25",
		2024: "01-01 02-05 03-18 03-28 03-29 05-01 09-16 10-01 11-02 11-18 12-12 12-25",
		2025: "01-01 02-03 03-17 04-17 04-18 05-01 09-16 11-02 11-17 12-12 12-25",
		2026: "01-01 02-02 03-16 04-02 04-03 05-01 09-16 11-02 11-16 12-12 12-25",
		2030: "01-01 02-04 03-18 04-18 04-19 05-01 09-16 10-01 11-02 11-18 12-12 12-25",
	} {
		var got []string
		for _, h := range (quincena.Calendar{}).Holidays(year) {
			got = append(got, h.Date.String()[5:])
			if h.Name == "" {
				t.Errorf("%v has no name", h.Date)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%d (-want +got):\n%s", year, diff)
		}
	}
}

func TestDecreedHolidays(t *testing.T) {
	t.Parallel()
	day := date(t, "2026-06-11")
	cal := quincena.NewCalendar(quincena.Holiday{Date: day, Name: "Inauguración"})
	if cal.IsBusinessDay(day) || cal.Holiday(day) != "Inauguración" {
		t.Error("the decreed holiday is a business day")
	}
	if !(quincena.Calendar{}).IsBusinessDay(day) {
		t.Error("a calendar without it closes too")
	}
}

func TestShift(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, following, preceding string }{
		{"2026-03-13", "2026-03-13", "2026-03-13"}, // a friday
		{"2026-03-15", "2026-03-17", "2026-03-13"}, // a sunday before Juárez's monday
		{"2026-02-28", "2026-03-02", "2026-02-27"}, // out of its month
		{"2026-04-02", "2026-04-06", "2026-04-01"}, // thursday before Easter
		{"2025-01-01", "2025-01-02", "2024-12-31"}, // over the year
	} {
		in := date(t, c.in)
		for to, want := range map[quincena.Direction]string{
			quincena.Following: c.following, quincena.Preceding: c.preceding, quincena.Stay: c.in,
		} {
			if got := quincena.Shift(in, to, quincena.Calendar{}); got.String() != want {
				t.Errorf("Shift(%s, %s) = %v, want %s", c.in, to, got, want)
			}
		}
	}
}

func TestShiftLandsOnBusinessDaysNearby(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, cal := anyDate(t), quincena.Calendar{}
		later, earlier := quincena.Shift(d, quincena.Following, cal), quincena.Shift(d, quincena.Preceding, cal)
		if !cal.IsBusinessDay(later) || !cal.IsBusinessDay(earlier) {
			t.Fatalf("%v moves to %v or %v, which are not business days", d, later, earlier)
		}
		if n := d.DaysUntil(later); n < 0 || n > 6 {
			t.Fatalf("%v moves %d days on", d, n)
		}
		if n := earlier.DaysUntil(d); n < 0 || n > 6 {
			t.Fatalf("%v moves %d days back", d, n)
		}
	})
}

func TestDirectionValid(t *testing.T) {
	t.Parallel()
	if !quincena.Following.Valid() || quincena.Direction("sideways").Valid() {
		t.Error("Valid is wrong")
	}
}
