// Package quincena is the Mexican payment calendar: civil dates, quincenas,
// business days, bank holidays, quiet hours and time zones.
//
// A Date is a day on a calendar, in no time zone; whoever turns an instant into
// a Date says in which zone. Callers may not assume that the calendar knows
// holidays that a yearly decree adds: those are data of a Calendar. Nothing
// here reads a clock.
package quincena

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Date is a civil date of the Gregorian calendar, years 1 to 9999. It is
// comparable, and its zero value means "no date".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ErrDate is what the parsers wrap when the text is not a date.
var ErrDate = errors.New("not a date")

const iso = "2006-01-02"

// ParseDate reads "2026-03-15". It wraps ErrDate for anything else, days that
// do not exist among it.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(iso, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("parse %.20q: %w", s, ErrDate)
	}
	return of(t), nil
}

// On returns the date that a calendar in loc shows at the instant t.
func On(t time.Time, loc *time.Location) Date { return of(t.In(loc)) }

func of(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero reports whether d means "no date".
func (d Date) IsZero() bool { return d == Date{} }

// String returns "2026-03-15", or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// months are the abbreviations that fit in an SMS.
var months = [...]string{"", "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"}

// Short returns "05-mar", as messages to borrowers show a near date.
func (d Date) Short() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d-%s", d.Day, months[d.Month])
}

// utc is the date's midnight in UTC, where every day has 24 hours.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// At returns the instant at which a clock in loc shows hour:min on that day.
// Where daylight saving skips that time, it is the instant an hour later.
func (d Date) At(hour, minute int, loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, loc)
	// time.Date may fall on either side of a skipped hour; before it would be
	// too early for a window that has not opened.
	if early := hour*60 + minute - t.Hour()*60 - t.Minute(); early > 0 && of(t) == d {
		t = t.Add(time.Duration(early) * time.Minute)
	}
	return t
}

// AddDays returns the date n days later, or earlier for n < 0.
func (d Date) AddDays(n int) Date { return of(d.utc().AddDate(0, 0, n)) }

// AddMonths returns the same day n months later, or the month's last day where
// the month is shorter: 31 January + 1 is 28 or 29 February.
func (d Date) AddMonths(n int) Date {
	first := of(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	return first.onDay(d.Day)
}

// onDay returns the given day of d's month, or its last day if there are fewer.
func (d Date) onDay(day int) Date {
	return Date{d.Year, d.Month, min(day, daysIn(d.Year, d.Month))}
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Compare returns -1, 0 or +1 as d is before, on or after e. No date is before
// every date.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d is before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is after e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// DaysUntil returns the days from d to e: negative if e is before d.
func (d Date) DaysUntil(e Date) int { return int(e.utc().Sub(d.utc()) / (24 * time.Hour)) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// MarshalText writes the ISO form, empty for no date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form; an empty text is no date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
