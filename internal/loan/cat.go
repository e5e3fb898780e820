package loan

import (
	"fmt"
	"math"

	"valebot/internal/fault"
	"valebot/internal/money"
)

// CAT is the Costo Anual Total in tenths of a percent: 984 is 98.4 %.
type CAT int64

// String returns "98.4%".
func (c CAT) String() string {
	sign, n := "", c
	if c < 0 {
		sign, n = "-", -c
	}
	return fmt.Sprintf("%s%d.%d%%", sign, n/10, n%10)
}

// Flow is one payment of the borrower, some years after the money was received.
type Flow struct {
	Years  float64
	Amount money.Amount // centavos, > 0, without IVA
}

// The bounds of the search for the yearly rate i, as ln(1+i): short loans
// reach millions of percent.
var (
	lowestGrowth  = math.Log(1 - 0.99)
	highestGrowth = math.Log(1 + 1e12)
)

var errNoCAT = fault.New(fault.Invalid, "cat_not_found", "No hay un CAT que corresponda a esos pagos.")

// SolveCAT returns the i of Banxico's equation (Circular 21/2009),
// received = Σ payment/(1+i)^years, rounded half up to a tenth of a percent.
// Rates are solved in floating point, money never is: the sums only look for a
// rate, and no amount comes out of them. It returns cat_not_found where no rate
// from -99 % to 10^9 % fits.
func SolveCAT(received money.Amount, payments []Flow) (CAT, error) {
	// excess falls strictly as growth rises, because all payments are
	// positive, so one root lies between bounds of different sign.
	excess := func(growth float64) (value, slope float64) {
		value = -float64(received)
		for _, f := range payments {
			now := float64(f.Amount) * math.Exp(-growth*f.Years)
			value += now
			slope -= f.Years * now
		}
		return value, slope
	}
	low, high := lowestGrowth, highestGrowth
	atLow, _ := excess(low)
	atHigh, _ := excess(high)
	if received <= 0 || !(atLow > 0) || !(atHigh <= 0) {
		return 0, errNoCAT
	}
	return CAT(math.Floor(math.Expm1(bracketedNewton(excess, low, high))*1000 + 0.5)), nil
}

// bracketedNewton finds the root of a falling function between low and high.
// A Newton step that leaves the bracket is replaced by its middle, so that the
// search always converges.
func bracketedNewton(f func(float64) (value, slope float64), low, high float64) float64 {
	x := 0.0
	for range 200 {
		value, slope := f(x)
		if value > 0 {
			low = x
		} else {
			high = x
		}
		guess := x - value/slope
		if !(guess > low && guess < high) {
			guess = low + (high-low)/2
		}
		if math.Abs(guess-x) < 1e-14*math.Max(1, math.Abs(x)) {
			return guess
		}
		x = guess
	}
	return x
}

// catOf computes a quote's CAT without IVA. Periodic products count whole
// periods of the year, as Mexican cores do, so that the CAT does not change
// with the day of issue; a single payment counts days over 365. An opening fee
// that is paid out of the capital is money that was not received.
func catOf(p Product, t Terms, rows []Instalment) (CAT, error) {
	flows := make([]Flow, len(rows))
	for k, r := range rows {
		years := float64(k+1) / float64(p.Frequency.PerYear())
		if p.Method == Single {
			years = float64(t.Issued.DaysUntil(r.Due)) / 365
		}
		flows[k] = Flow{years, r.Capital + r.Interest + r.Fee + r.Insurance}
	}
	return SolveCAT(t.Principal-t.Upfront, flows)
}
