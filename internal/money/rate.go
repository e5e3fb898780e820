package money

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Rounding is how a fraction of a centavo becomes a whole one.
type Rounding int

// The rules. HalfUp is the one that the product uses for every amount (half a
// centavo goes away from zero); Down and Up exist for limits, where the side
// on which to err is known.
const (
	HalfUp Rounding = iota
	Down            // toward zero
	Up              // away from zero
)

var roundings = [...]string{"half_up", "down", "up"}

// MarshalText writes "half_up", "down" or "up".
func (r Rounding) MarshalText() ([]byte, error) {
	if r < 0 || int(r) >= len(roundings) {
		return nil, fmt.Errorf("rounding %d: %w", int(r), ErrSyntax)
	}
	return []byte(roundings[r]), nil
}

// UnmarshalText reads what MarshalText writes.
func (r *Rounding) UnmarshalText(text []byte) error {
	i := slices.Index(roundings[:], string(text))
	if i < 0 {
		return fmt.Errorf("parse rounding %q: %w", clip(string(text)), ErrSyntax)
	}
	*r = Rounding(i)
	return nil
}

func (r Rounding) round(d decimal.Decimal) decimal.Decimal {
	switch r {
	case Down:
		return d.RoundDown(0)
	case Up:
		return d.RoundUp(0)
	default:
		return d.Round(0) // shopspring rounds halves away from zero
	}
}

// maxRateText bounds what ParseRate reads, so that a hostile exponent or a
// thousand digits cannot make later arithmetic slow.
const maxRateText = 24

// Rate is a proportion, such as 0.0375 for 3.75 %. The zero value is 0 %. Two
// rates are compared with Equal; == does not work on them.
type Rate struct {
	d decimal.Decimal
	// The same as num/den where both are small, so that amounts are computed
	// in machine words; den is 0 where they are not.
	num, den int64
}

func rateOf(d decimal.Decimal) Rate {
	r := Rate{d: d}
	exp := d.Exponent()
	if exp > 0 || exp < -9 || d.NumDigits() > 12 {
		return r
	}
	r.num, r.den = d.CoefficientInt64(), 1
	for range -exp {
		r.den *= 10
	}
	return r
}

// divide returns num/den·a, rounded HalfUp, and whether it could be computed
// in machine words.
func divide(a Amount, num, den int64) (Amount, bool) {
	if den <= 0 || num < 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(a.abs(), 2*uint64(num))
	lo, carry := bits.Add64(lo, uint64(den), 0)
	hi += carry
	if hi >= 2*uint64(den) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, 2*uint64(den))
	if q > math.MaxInt64 {
		return 0, false
	}
	if a < 0 {
		return -Amount(q), true
	}
	return Amount(q), true
}

// ParseRate reads "0.0375" or "3.75%", from 0 to 100 (ten thousand percent),
// with no exponent. It returns ErrSyntax or ErrRange.
func ParseRate(s string) (Rate, error) {
	t := strings.TrimSpace(s)
	number, percent := strings.CutSuffix(t, "%")
	number = strings.TrimSpace(number)
	if len(t) > maxRateText || strings.Trim(number, "0123456789.") != "" {
		return Rate{}, fmt.Errorf("parse rate %q: %w", clip(s), ErrSyntax)
	}
	d, err := decimal.NewFromString(number)
	if err != nil {
		return Rate{}, fmt.Errorf("parse rate %q: %w", clip(s), ErrSyntax)
	}
	if percent {
		d = d.Shift(-2)
	}
	if d.GreaterThan(decimal.NewFromInt(100)) {
		return Rate{}, fmt.Errorf("parse rate %q: %w", clip(s), ErrRange)
	}
	return rateOf(d), nil
}

// RateOf wraps a decimal that is already a proportion. It is not bounded.
func RateOf(d decimal.Decimal) Rate { return rateOf(d) }

// Of returns the rate's part of a, rounded HalfUp to the centavo. It panics
// where the product leaves an int64, which |a| ≤ Max and a rate up to 900
// cannot do.
func (r Rate) Of(a Amount) Amount {
	if part, ok := divide(a, r.num, r.den); ok {
		return part
	}
	return mustFit(HalfUp.round(r.d.Mul(decimal.NewFromInt(int64(a)))))
}

// Within returns the part of a that is this rate's tax when a already
// includes it: round(a·r/(1+r)), HalfUp. Net and tax then add to a exactly.
func (r Rate) Within(a Amount) Amount {
	if part, ok := divide(a, r.num, r.den+r.num); ok && r.den > 0 {
		return part
	}
	part := decimal.NewFromInt(int64(a)).Mul(r.d)
	return mustFit(part.DivRound(r.d.Add(decimal.NewFromInt(1)), 0))
}

// Decimal returns the proportion.
func (r Rate) Decimal() decimal.Decimal { return r.d }

// IsZero reports whether the rate is 0 %.
func (r Rate) IsZero() bool { return r.d.IsZero() }

// Equal reports whether both are the same proportion: 0.10 equals 0.1.
func (r Rate) Equal(other Rate) bool { return r.d.Equal(other.d) }

// String returns the proportion in its shortest form, as in "0.0375".
func (r Rate) String() string { return r.d.String() }

// Percent returns the rate as people read it: "3.75%".
func (r Rate) Percent() string { return r.d.Shift(2).String() + "%" }

// MarshalText writes the proportion in its shortest form, so that equal rates
// have equal texts.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.d.String()), nil }

// UnmarshalText reads what ParseRate reads.
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}
