package loan

import (
	"sort"

	"valebot/internal/mexid"
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

// DayCount is how a yearly rate becomes the interest of one period.
type DayCount string

// The day counts. A single payment at a yearly rate always runs by days:
// over 360 unless the product says 365.
const (
	ByPeriods DayCount = "periods"    // the year's rate over its number of periods
	Actual360 DayCount = "actual/360" // by the days of the period over 360
	Actual365 DayCount = "actual/365"
)

// Product is one dated version of what a lender offers. It comes from
// ParseProduct, which checks it; amounts are centavos.
type Product struct {
	ID      string
	Version int
	From    quincena.Date // first day on which it may be quoted
	Name    string        // in Spanish

	Obligor  Obligor
	Method   Method
	Rate     money.Rate
	RatePer  RateBasis
	DayCount DayCount
	Rounding Rounding

	IVA         money.Rate // until the first of IVAChanges
	IVAChanges  []IVAChange
	IVAIncluded bool   // rates and fees include IVA
	NoIVA       []Part // of interest, fee and penalty, those without IVA

	Frequency    quincena.Frequency
	Pair         quincena.Pair
	MinFirstDays int
	Shift        quincena.Direction

	Min, Max, Step money.Amount
	Terms          []int // numbers of instalments offered
	Opening        money.Rate
	OpeningHow     OpeningHow
	Insurance      money.Amount // for the whole loan, without IVA; where no row of InsuranceTable fits
	InsuranceTable []InsuranceRow
	Late           Late
	OfferDays      int
	Plan           Plan
	Early          Early
	Restructure    Restructure

	MaxLive      int           // most vales of one person at a time; 0 is no limit
	ReviewOver   money.Amount  // a principal above it is lent after two people looked; 0 is no limit
	Burst        int           // a person's vale after so many in two days is lent after a person looked; 0 is no limit
	Payout       []Means       // ways to get the money; any if empty
	Deposit      mexid.Deposit // where borrowers pay in; "" is nowhere of their own
	Registration Registration
	Capacity     Capacity
}

// Capacity says how much of what a person earns her payments may be.
type Capacity struct {
	Share money.Rate // of her income of a period; zero asks for no capacity
	Debts bool       // ask what else she pays, which counts against it
}

// Affords is the most that a payment may be and the most that may be lent over
// the longest term for it, both in centavos, to somebody who earns that much and
// pays that much elsewhere a year. What the product does not lend is not
// afforded: zero. It is zero as well where nothing can be quoted on that day.
func (p Product) Affords(earns, pays money.Amount, on quincena.Date, cal quincena.Calendar) (payment, most money.Amount) {
	periods := money.Amount(p.Frequency.PerYear())
	if periods <= 0 || len(p.Terms) == 0 || p.Step <= 0 {
		return 0, 0
	}
	payment = max(p.Capacity.Share.Of(earns)-pays, 0) / periods
	// The least number of steps above the smallest amount that she cannot pay.
	steps := int((p.Max-p.Min)/p.Step) + 1
	n := sort.Search(steps, func(i int) bool {
		q, err := NewQuote(p, p.Min+money.Amount(i)*p.Step, p.Terms[len(p.Terms)-1], on, cal)
		return err != nil || q.Terms.Payment > payment
	})
	if n == 0 {
		return payment, 0
	}
	return payment, p.Min + money.Amount(n-1)*p.Step
}

// Rounding is what an equal payment is rounded to. The last payment closes
// whatever the others leave.
type Rounding struct {
	Unit money.Amount   `json:"unit"` // centavos; 0 is one
	Rule money.Rounding `json:"rule"`
}

// IVAChange is a rate of IVA that holds for what is issued from a day on. What
// was issued before keeps its frozen rate.
type IVAChange struct {
	From quincena.Date `yaml:"from"`
	Rate money.Rate    `yaml:"rate"`
}

// OpeningHow is how the opening fee is charged.
type OpeningHow string

// The ways to charge the opening fee.
const (
	OpeningAdded    OpeningHow = "added"    // in equal parts in the instalments
	OpeningDeducted OpeningHow = "deducted" // kept from the money handed out
	OpeningFinanced OpeningHow = "financed" // lent on top of the money handed out, and paid at once
)

// InsuranceRow is the premium of principals up to an amount, both in centavos.
type InsuranceRow struct{ UpTo, Premium money.Amount }

// Means is a way to get the money.
type Means string

// The means.
const (
	MeansATM  Means = "atm"
	MeansSPEI Means = "spei"
)

// Registration holds the numbers under which CONDUSEF knows the contract (RECA)
// and its fees. Without a RECA number a product is for trials only.
type Registration struct {
	RECA string            `json:"reca,omitempty"`
	Fees map[string]string `json:"fees,omitempty"` // by opening, late, failure
}

// Restructure says which new plans the product allows.
type Restructure struct {
	Split     bool `json:"split"`      // the next instalment in two
	Move      bool `json:"move"`       // the next instalment to the end
	SplitDays int  `json:"split_days"` // between the two halves, at most
}
