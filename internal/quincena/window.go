package quincena

import (
	"errors"
	"fmt"
	"time"
)

// Window is the part of a day in which people may be written to: from From,
// included, to To, excluded, in minutes since midnight on the recipient's
// clock. It does not cross midnight.
type Window struct{ From, To int }

// ErrWindow is what ParseWindow wraps.
var ErrWindow = errors.New("not a window of the day such as 08:00-20:00")

// Hours returns the window between two whole hours, 0 to 24.
func Hours(from, to int) Window { return Window{from * 60, to * 60} }

// ParseWindow reads "08:00-20:00"; the end may be 24:00.
func ParseWindow(s string) (Window, error) {
	var h1, m1, h2, m2 int
	var w Window
	if len(s) == len("08:00-20:00") {
		if n, err := fmt.Sscanf(s, "%02d:%02d-%02d:%02d", &h1, &m1, &h2, &m2); err == nil && n == 4 && max(m1, m2) < 60 {
			w = Window{h1*60 + m1, h2*60 + m2}
		}
	}
	if w.String() != s || !w.Valid() {
		return Window{}, fmt.Errorf("parse %.20q: %w", s, ErrWindow)
	}
	return w, nil
}

// Valid reports whether the window has at least a minute, within one day.
func (w Window) Valid() bool { return 0 <= w.From && w.From < w.To && w.To <= 24*60 }

// String returns "08:00-20:00".
func (w Window) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
}

// MarshalText writes what ParseWindow reads.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads what ParseWindow reads.
func (w *Window) UnmarshalText(text []byte) error {
	parsed, err := ParseWindow(string(text))
	if err != nil {
		return err
	}
	*w = parsed
	return nil
}

// NextAllowed returns now if it lies in the window on an allowed day on the
// clock of loc, or else the next instant that does. A nil allowed means every
// day; Calendar.IsBusinessDay leaves out weekends and holidays, as the rules of
// collection may ask. It returns the zero time for an invalid window, or when
// no day of the next year is allowed, so that a mistake sends nothing.
func NextAllowed(now time.Time, w Window, loc *time.Location, allowed func(Date) bool) time.Time {
	if !w.Valid() {
		return time.Time{}
	}
	today := On(now, loc)
	for k := range 366 {
		day := today.AddDays(k)
		if allowed != nil && !allowed(day) {
			continue
		}
		opens, closes := day.At(0, w.From, loc), day.At(0, w.To, loc)
		if now.Before(opens) {
			return opens
		}
		if now.Before(closes) {
			return now
		}
	}
	return time.Time{}
}
