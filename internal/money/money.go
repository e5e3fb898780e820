// Package money holds peso amounts that cannot lose a centavo.
//
// An Amount is a whole number of centavos of Mexican pesos, so that ==, map
// keys and bigint columns just work. Decimals live only in rates and parsing,
// and there is one rounding rule, HalfUp. Callers may not assume that + checks
// for overflow: amounts that come in through Parse or FromDecimal are within
// ±Max, which leaves room to add some ninety thousand of them; sums without
// such a bound go through Add or Sum. No floating-point number enters here.
package money

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Amount is an amount of Mexican pesos in centavos. In JSON and SQL it is the
// integer number of centavos.
type Amount int64

// Peso is one peso in centavos.
const Peso Amount = 100

// Max is the largest amount that Parse and FromDecimal let in:
// $999,999,999,999.99. The least is -Max.
const Max Amount = 999_999_999_999_99

// Errors that Parse, FromDecimal, Add and Sum wrap.
var (
	ErrSyntax = errors.New("not an amount in pesos")
	ErrRange  = errors.New("amount out of range")
)

// Pesos returns n whole pesos. n must be within ±9.2e16; ±Max is the range
// that the rest of the program works in.
func Pesos(n int64) Amount { return Amount(n) * Peso }

// Parse reads an amount as Mexicans write it: "1500", "1,500.50", "$3,000",
// "-$5.00". Commas stand only between groups of three digits, and there are one
// or two decimals or none; more are refused, because rounding what a person
// wrote would be guessing. It returns ErrSyntax or ErrRange.
func Parse(s string) (Amount, error) {
	t, negative := strings.CutPrefix(strings.TrimSpace(s), "-")
	t = strings.TrimLeft(strings.TrimPrefix(t, "$"), " ")
	whole, cents, hasCents := strings.Cut(t, ".")
	digits, ok := ungroup(whole)
	if !ok || (hasCents && (len(cents) > 2 || !allDigits(cents))) {
		return 0, fmt.Errorf("parse %q: %w", clip(s), ErrSyntax)
	}
	n, err := strconv.ParseInt(digits+(cents + "00")[:2], 10, 64)
	if err != nil || Amount(n) > Max {
		return 0, fmt.Errorf("parse %q: %w", clip(s), ErrRange)
	}
	if negative {
		n = -n
	}
	return Amount(n), nil
}

// ungroup removes the commas between groups of three digits and reports
// whether they stood where they should.
func ungroup(whole string) (string, bool) {
	if !strings.Contains(whole, ",") {
		return whole, allDigits(whole)
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if !allDigits(g) || len(g) > 3 || (i > 0 && len(g) != 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// clip keeps error texts short when the input is not.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// String writes the amount as borrowers read it: "$3,000", "$487.50",
// "-$5.00". Whole pesos have no decimals, except below zero: there the cents
// always show, because negative amounts appear only in accounts.
func (a Amount) String() string {
	if a < 0 {
		return "-$" + group(a.abs()/100) + fmt.Sprintf(".%02d", a.abs()%100)
	}
	if a%Peso == 0 {
		return "$" + group(a.abs()/100)
	}
	return "$" + group(a.abs()/100) + fmt.Sprintf(".%02d", a.abs()%100)
}

// abs is the absolute value as an unsigned number, so that the least int64 has one.
func (a Amount) abs() uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func group(n uint64) string {
	s := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Decimal returns the amount in pesos with two decimals, exactly.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(int64(a), -2) }

// FromDecimal turns pesos into an amount, rounded to the centavo by the rule
// that is named. It returns ErrRange outside ±Max.
func FromDecimal(pesos decimal.Decimal, rule Rounding) (Amount, error) {
	cents := rule.round(pesos.Shift(2))
	if cents.Abs().GreaterThan(decimal.NewFromInt(int64(Max))) {
		return 0, fmt.Errorf("convert decimal: %w", ErrRange)
	}
	return Amount(cents.IntPart()), nil
}

// Add returns a + b, or ErrRange where an int64 cannot hold it.
func (a Amount) Add(b Amount) (Amount, error) {
	sum := a + b
	if (a > 0 && b > 0 && sum < 0) || (a < 0 && b < 0 && sum >= 0) {
		return 0, fmt.Errorf("add amounts: %w", ErrRange)
	}
	return sum, nil
}

// Sum adds the amounts, or returns ErrRange where an int64 cannot hold a
// partial sum.
func Sum(amounts ...Amount) (Amount, error) {
	var total Amount
	for _, a := range amounts {
		next, err := total.Add(a)
		if err != nil {
			return 0, err
		}
		total = next
	}
	return total, nil
}

// mustFit keeps a computed number of centavos within an int64. Rates and
// amounts are bounded where they enter, so leaving the range is a programmer's
// error and not an input's.
func mustFit(cents decimal.Decimal) Amount {
	if cents.Abs().GreaterThan(decimal.NewFromInt(math.MaxInt64)) {
		panic("money: amount overflows int64: the operands were not bounded where they entered")
	}
	return Amount(cents.IntPart())
}
