package loan

import (
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Obligor says who owes the lender, and so whom it may ask for payment.
type Obligor string

// The obligors.
const (
	ObligorBeneficiary     Obligor = "BENEFICIARY"
	ObligorBeneficiaryAval Obligor = "BENEFICIARY_WITH_AVAL"
	ObligorDistributor     Obligor = "DISTRIBUTOR"
)

// Method is how interest and capital make up the instalments.
type Method string

// The methods.
const (
	Flat           Method = "flat"            // interest on the whole principal in every period ("saldos globales")
	Level          Method = "level"           // equal payments, interest and its IVA on the declining balance
	EqualPrincipal Method = "equal_principal" // equal capital, interest on the declining balance
	Single         Method = "single"          // one payment at the end
)

// RateBasis says what span of time the rate is for.
type RateBasis string

// The bases. A yearly rate is spread over the periods of the frequency, or by
// days over 360 for a single payment.
const (
	PerPeriod RateBasis = "period"
	PerYear   RateBasis = "year"
)

// Late is what a missed instalment costs: a flat fee, once per instalment, from
// the day after the grace days that follow the enforceable date. Fee is in
// centavos, with IVA where the product's prices include it.
type Late struct {
	Fee       money.Amount `json:"fee"`
	GraceDays int          `json:"grace_days"`
}

// Product is one dated version of what a lender offers. It comes from
// ParseProduct, which checks it; amounts are centavos.
type Product struct {
	ID      string
	Version int
	From    quincena.Date // first day on which it may be quoted
	Name    string        // in Spanish

	Obligor     Obligor
	Method      Method
	Rate        money.Rate
	RatePer     RateBasis
	IVA         money.Rate
	IVAIncluded bool // rate, opening fee and late fee include IVA

	Frequency    quincena.Frequency
	Pair         quincena.Pair
	MinFirstDays int
	Shift        quincena.Direction

	Min, Max, Step money.Amount
	Terms          []int // numbers of instalments offered
	Opening        money.Rate
	Insurance      money.Amount // for the whole loan, without IVA
	Late           Late
	OfferDays      int
	Plan           Plan
	Restructure    Restructure
}

// Restructure says which new plans the product allows.
type Restructure struct {
	Split     bool `json:"split"`      // the next instalment in two
	Move      bool `json:"move"`       // the next instalment to the end
	SplitDays int  `json:"split_days"` // between the two halves, at most
}

// Timing is where an instalment stands when money arrives.
type Timing string

// The timings. Past due begins the day after the enforceable date.
const (
	PastDue   Timing = "past_due"
	DueNow    Timing = "due"
	InAdvance Timing = "in_advance"
)

// Part is what a payment can pay of an instalment. IVA has no part of its own:
// it is paid together with its base.
type Part string

// The parts.
const (
	PartPenalty   Part = "penalty"
	PartFee       Part = "fee"
	PartInsurance Part = "insurance"
	PartInterest  Part = "interest"
	PartCapital   Part = "capital"
)

// Stage is one stretch of an allocation plan: all instalments with that
// timing, oldest first, and of each the parts in order. Paying one part of all
// instalments before the next part is written as several stages.
type Stage struct {
	When Timing `json:"when" yaml:"when"`
	Pay  []Part `json:"pay" yaml:"pay"`
}

// Plan is the order in which a payment is allocated.
type Plan []Stage

// bucket is one cell of a plan.
type bucket struct {
	Timing
	Part
}

// problem reports the first bucket that does not exist, stands twice or is
// missing. All must be there, those in advance too: money that no bucket takes
// would lie in the saldo a favor while something is owed.
func (p Plan) problem() string {
	seen := map[bucket]bool{}
	for _, stage := range p {
		for _, part := range stage.Pay {
			if part.base() == noComponent || !stage.When.valid() {
				return "«" + string(stage.When) + " " + string(part) + "» no existe"
			}
			if seen[bucket{stage.When, part}] {
				return "«" + string(stage.When) + " " + string(part) + "» está dos veces"
			}
			seen[bucket{stage.When, part}] = true
		}
	}
	for _, when := range []Timing{PastDue, DueNow, InAdvance} {
		for _, part := range []Part{PartPenalty, PartFee, PartInsurance, PartInterest, PartCapital} {
			if !seen[bucket{when, part}] {
				return "falta «" + string(when) + " " + string(part) + "»"
			}
		}
	}
	return ""
}

func (t Timing) valid() bool { return t == PastDue || t == DueNow || t == InAdvance }
