package quincena_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/quincena"
)

// Easter sundays as almanacs give them, early and late ones among them; the
// bank holidays are the thursday and the friday before.
func TestBankHolidaysBeforeEaster(t *testing.T) {
	t.Parallel()
	for _, sunday := range []string{"2000-04-23", "2008-03-23", "2011-04-24", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2027-03-28", "2028-04-16", "2038-04-25"} {
		easter := date(t, sunday)
		for _, before := range []int{3, 2} {
			if d := easter.AddDays(-before); (quincena.Calendar{}).IsBusinessDay(d) {
				t.Errorf("%s: banks work on %s", sunday, d)
			}
		}
		if d := easter.AddDays(-4); !(quincena.Calendar{}).IsBusinessDay(d) {
			t.Errorf("%s: banks do not work on %s", sunday, d)
		}
	}
}

// NextAllowed against a walk minute by minute.
func TestNextAllowedAgreesWithAWalk(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 23).Draw(t, "from")
		w := quincena.Hours(from, rapid.IntRange(from+1, 24).Draw(t, "to"))
		loc := quincena.Zone(rapid.SampledFrom([]string{"5512345678", "6621234567", "9981234567"}).Draw(t, "phone"))
		allowed := quincena.Calendar{}.IsBusinessDay
		start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		now := start.Add(time.Duration(rapid.IntRange(0, 60*24*40).Draw(t, "minute")) * time.Minute)
		want := now
		for !open(want, w, loc, allowed) {
			want = want.Add(time.Minute)
		}
		if got := quincena.NextAllowed(now, w, loc, allowed); !got.Equal(want) {
			t.Fatalf("from %s: %s, want %s", now.In(loc), got.In(loc), want.In(loc))
		}
	})
}

func open(at time.Time, w quincena.Window, loc *time.Location, allowed func(quincena.Date) bool) bool {
	local := at.In(loc)
	minute := local.Hour()*60 + local.Minute()
	return allowed(quincena.On(at, loc)) && minute >= w.From && minute < w.To
}

// Tijuana and Ciudad Juárez follow the summer time of their neighbours, the
// rest of the country has had none since October 2022.
func TestZonesInSummerAndWinter(t *testing.T) {
	t.Parallel()
	for phone, hours := range map[string][2]int{
		"6641234567": {-8, -7},
		"6561234567": {-7, -6},
		"8681234567": {-6, -5},
		"6261234567": {-6, -5},
		"6621234567": {-7, -7},
		"6671234567": {-7, -7},
		"5512345678": {-6, -6},
		"9981234567": {-5, -5},
	} {
		for i, month := range []time.Month{time.January, time.July} {
			_, offset := time.Date(2026, month, 15, 12, 0, 0, 0, quincena.Zone(phone)).Zone()
			if offset != hours[i]*3600 {
				t.Errorf("%s in %s is at %+d h, want %+d", phone, month, offset/3600, hours[i])
			}
		}
	}
}

// The hour that summer time skips moves on, so that nothing is sent early.
func TestAtInASkippedHour(t *testing.T) {
	t.Parallel()
	tijuana := quincena.Zone("6641234567")
	at := date(t, "2026-03-08").At(2, 30, tijuana) // clocks go from 2:00 to 3:00
	if at.Hour() != 3 || at.Minute() != 30 {
		t.Errorf("half past two is %s", at)
	}
}

func ExampleFirstDue() {
	issued := quincena.Date{Year: 2026, Month: 3, Day: 2}
	first := quincena.FirstDue(issued, 10, quincena.Pair{})
	for _, d := range quincena.Series(first, quincena.Quincenal, quincena.Pair{}, 4) {
		fmt.Println(d.Short(), quincena.Shift(d, quincena.Following, quincena.Calendar{}).Short())
	}
	// Output:
	// 15-mar 17-mar
	// 31-mar 31-mar
	// 15-abr 15-abr
	// 30-abr 30-abr
}

func ExampleNextAllowed() {
	night := time.Date(2026, 3, 7, 5, 0, 0, 0, time.UTC) // friday 23:00 in Mexico City
	at := quincena.NextAllowed(night, quincena.Hours(8, 20), quincena.Central(), quincena.Calendar{}.IsBusinessDay)
	fmt.Println(at.Format("Mon 2 Jan 15:04"))
	// Output: Mon 9 Mar 08:00
}
