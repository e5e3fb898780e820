package quincena

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Pair is the two days of the month on which a quincena falls. A day that a
// month does not have is its last. The zero Pair is the 15th and the last day,
// when salaries are paid.
type Pair struct{ First, Second int }

// ErrPair is what ParsePair wraps.
var ErrPair = errors.New("not a pair of days such as 15/last or 10/25")

// ParsePair reads "15/last" or "10/25".
func ParsePair(s string) (Pair, error) {
	one, two, _ := strings.Cut(s, "/")
	if two == "last" {
		two = "31"
	}
	first, err1 := strconv.Atoi(one)
	second, err2 := strconv.Atoi(two)
	p := Pair{first, second}
	if err1 != nil || err2 != nil || !p.Valid() {
		return Pair{}, fmt.Errorf("parse %.20q: %w", s, ErrPair)
	}
	return p.canonical(), nil
}

// Valid reports whether the two days stay apart, and in order, in every month.
func (p Pair) Valid() bool {
	q := p.days()
	return q.First >= 1 && q.First < 28 && q.Second > q.First && q.Second <= 31
}

// String returns "15/last" or "10/25".
func (p Pair) String() string {
	q := p.days()
	if q.Second == 31 {
		return strconv.Itoa(q.First) + "/last"
	}
	return strconv.Itoa(q.First) + "/" + strconv.Itoa(q.Second)
}

// MarshalText writes what ParsePair reads.
func (p Pair) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what ParsePair reads.
func (p *Pair) UnmarshalText(text []byte) error {
	parsed, err := ParsePair(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

func (p Pair) days() Pair {
	if p == (Pair{}) {
		return Pair{15, 31}
	}
	return p
}

// canonical makes the usual pair its zero value, so that == compares pairs.
func (p Pair) canonical() Pair {
	if p == (Pair{15, 31}) {
		return Pair{}
	}
	return p
}

// Next returns the first day of the pair that is after d. The pair must be
// valid.
func Next(d Date, pair Pair) Date {
	p := pair.days()
	for _, candidate := range []Date{d.onDay(p.First), d.onDay(p.Second)} {
		if candidate.After(d) {
			return candidate
		}
	}
	return Date{d.Year, d.Month, 1}.AddMonths(1).onDay(p.First)
}

// FirstDue returns the first instalment's date: the first day of the pair that
// lies at least minDays (and at least one) after the issue. One limit for both
// halves of the month means that what is issued on the 14th never falls due on
// the 15th.
func FirstDue(issued Date, minDays int, pair Pair) Date {
	return Next(issued.AddDays(max(minDays, 1)-1), pair)
}

// Frequency is how often an instalment falls due.
type Frequency string

// The frequencies of Mexican micro-loans.
const (
	Weekly     Frequency = "weekly"
	Catorcenal Frequency = "catorcenal" // every 14 days
	Quincenal  Frequency = "quincenal"  // on two days of the month
	Monthly    Frequency = "monthly"
)

// PerYear returns the periods in a year by which Mexican cores compute rates:
// 52, 26, 24 or 12; 0 for an unknown frequency.
func (f Frequency) PerYear() int {
	switch f {
	case Weekly:
		return 52
	case Catorcenal:
		return 26
	case Quincenal:
		return 24
	case Monthly:
		return 12
	}
	return 0
}

// Series returns n dates that begin with first, strictly rising, so that no
// date comes twice. Quincenal dates follow the pair, which first must belong
// to; the other frequencies ignore it. Monthly dates keep first's day where
// the month has it. It returns nil for an unknown frequency.
func Series(first Date, f Frequency, pair Pair, n int) []Date {
	if f.PerYear() == 0 || n <= 0 {
		return nil
	}
	dates := make([]Date, n)
	dates[0] = first
	for k := 1; k < n; k++ {
		switch f {
		case Weekly:
			dates[k] = first.AddDays(7 * k)
		case Catorcenal:
			dates[k] = first.AddDays(14 * k)
		case Quincenal:
			dates[k] = Next(dates[k-1], pair)
		default:
			dates[k] = first.AddMonths(k)
		}
	}
	return dates
}
