package loan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Terms are all conditions of a vale, frozen when it is quoted; nothing about
// it is read from a product later. They survive JSON with the same Hash.
type Terms struct {
	Product string  `json:"product"`
	Version int     `json:"version"`
	Obligor Obligor `json:"obligor"`
	Method  Method  `json:"method"`
	Origin  string  `json:"origin,omitempty"` // hash of the terms that a restructure replaces

	Principal money.Amount  `json:"principal"` // capital that is lent; Payout is what of it is handed out
	N         int           `json:"n"`         // instalments
	Issued    quincena.Date `json:"issued"`
	First     quincena.Date `json:"first"`   // contractual due date of the first instalment
	Payment   money.Amount  `json:"payment"` // the first instalment; where payments are level, only the last may differ, by centavos
	Total     money.Amount  `json:"total"`   // of all instalments
	CAT       CAT           `json:"cat"`     // without IVA

	Rate        money.Rate `json:"rate"`
	RatePer     RateBasis  `json:"rate_per"`
	DayCount    DayCount   `json:"day_count,omitempty"`
	Rounding    Rounding   `json:"rounding,omitzero"`
	IVA         money.Rate `json:"iva"`
	IVAIncluded bool       `json:"iva_included"`
	NoIVA       []Part     `json:"no_iva,omitempty"`

	OpeningHow OpeningHow   `json:"opening_how,omitempty"`
	Upfront    money.Amount `json:"upfront,omitempty"` // opening fee that is paid out of the capital, and its IVA
	UpfrontIVA money.Amount `json:"upfront_iva,omitempty"`

	Frequency   quincena.Frequency `json:"frequency"`
	Pair        quincena.Pair      `json:"pair"`
	Shift       quincena.Direction `json:"shift"`
	Late        Late               `json:"late"`
	OfferDays   int                `json:"offer_days"`
	Plan        Plan               `json:"plan"`
	Early       Early              `json:"early,omitempty"`
	Restructure Restructure        `json:"restructure"`
	Schedule    string             `json:"schedule"` // hex SHA-256 of the rows

	Means        []Means      `json:"means,omitempty"` // ways to get the money; any if empty
	Registration Registration `json:"registration,omitzero"`
}

// Instalment is one row of a schedule. Due is the contractual date, Enforceable
// the business day on which it can be asked for; arrears count from the second.
type Instalment struct {
	N           int           `json:"n"` // from 1
	Due         quincena.Date `json:"due"`
	Enforceable quincena.Date `json:"enforceable"`
	Capital     money.Amount  `json:"capital"`
	Interest    money.Amount  `json:"interest"`
	IVA         money.Amount  `json:"iva"` // on interest
	Fee         money.Amount  `json:"fee,omitempty"`
	FeeIVA      money.Amount  `json:"fee_iva,omitempty"`
	Insurance   money.Amount  `json:"insurance,omitempty"`
}

// Total is what the instalment amounts to, in centavos.
func (i Instalment) Total() money.Amount { return i.parts().Total() }

func (i Instalment) parts() Parts {
	return Parts{
		Capital: i.Capital, Interest: i.Interest, InterestIVA: i.IVA,
		Fee: i.Fee, FeeIVA: i.FeeIVA, Insurance: i.Insurance,
	}
}

// PaysBy reports whether the money can be had by the means.
func (t Terms) PaysBy(m Means) bool { return len(t.Means) == 0 || slices.Contains(t.Means, m) }

// Quote is an offer that can be shown, accepted and paid: terms and rows.
type Quote struct {
	Terms Terms        `json:"terms"`
	Rows  []Instalment `json:"rows"`
}

// Hash returns the hex SHA-256 of the terms' canonical encoding, which covers
// the rows through Schedule. It is kept beside what the beneficiary saw.
func (t Terms) Hash() string { return digest("valebot.terms/1\n", t) }

func hashRows(rows []Instalment) string { return digest("valebot.schedule/1\n", rows) }

// digest hashes the JSON of a struct, whose fields have a fixed order. The
// types inside have one text per value, so equal values have equal hashes.
func digest(version string, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("loan: terms that cannot be encoded: " + err.Error())
	}
	sum := sha256.Sum256(append([]byte(version), text...))
	return hex.EncodeToString(sum[:])
}

// Intact reports whether the rows are those that the terms were frozen with.
func (q Quote) Intact() bool { return q.Terms.Schedule == hashRows(q.Rows) }

// NewQuote computes what an amount (centavos) over n instalments costs when it
// is issued on a day. It refuses what the product does not offer:
// product_not_yet, amount_too_low, amount_too_high, amount_step,
// term_not_offered; and quote_impossible where a row would owe less than
// nothing or the borrower would get nothing.
func NewQuote(p Product, asked money.Amount, n int, issued quincena.Date, cal quincena.Calendar) (Quote, error) {
	if err := p.offers(asked, n, issued); err != nil {
		return Quote{}, err
	}
	p.IVA = p.ivaAt(issued)
	terms := p.freeze(n, issued)
	terms.Principal, terms.Upfront, terms.UpfrontIVA = p.lends(asked)
	rows := p.dates(n, issued, cal)
	p.charge(rows, asked)
	p.fill(rows, terms.Principal, issued)
	for _, r := range rows {
		if r.Capital < 0 || terms.Payout() <= 0 {
			return Quote{}, errImpossible
		}
		terms.Total += r.Total()
	}
	terms.First, terms.Payment = rows[0].Due, rows[0].Total()
	cat, err := catOf(p, terms, rows)
	if err != nil {
		return Quote{}, err
	}
	terms.CAT = cat
	terms.Schedule = hashRows(rows)
	return Quote{terms, rows}, nil
}

var errImpossible = fault.New(fault.Invalid, "quote_impossible", "Con ese monto y ese plazo no se puede armar el calendario de pagos.")

func (p Product) offers(principal money.Amount, n int, issued quincena.Date) error {
	switch {
	case issued.Before(p.From):
		return p.notYet()
	case principal < p.Min:
		return fault.Newf(fault.Limited, "amount_too_low", "El monto mínimo es %s.", p.Min)
	case principal > p.Max:
		return fault.Newf(fault.Limited, "amount_too_high", "El monto máximo es %s.", p.Max)
	case p.Step > 0 && principal%p.Step != 0:
		return fault.Newf(fault.Invalid, "amount_step", "El monto debe ser múltiplo de %s.", p.Step)
	case !slices.Contains(p.Terms, n):
		return fault.Newf(fault.Invalid, "term_not_offered", "Ese plazo no se ofrece.")
	}
	return nil
}

// freeze copies what holds for the whole life of the loan. What is the usual
// is left out, so that a product that names it has the same terms as one that
// does not.
func (p Product) freeze(n int, issued quincena.Date) Terms {
	return Terms{
		Product: p.ID, Version: p.Version, Obligor: p.Obligor, Method: p.Method,
		N: n, Issued: issued,
		Rate: p.Rate, RatePer: p.RatePer, DayCount: unless(ByPeriods, p.DayCount), Rounding: p.Rounding,
		IVA: p.IVA, IVAIncluded: p.IVAIncluded, NoIVA: p.NoIVA, OpeningHow: unless(OpeningAdded, p.OpeningHow),
		Frequency: p.Frequency, Pair: p.Pair, Shift: p.Shift, Late: p.Late,
		OfferDays: p.OfferDays, Plan: p.Plan, Early: unless(EarlyNext, p.Early), Restructure: p.Restructure,
		Means: p.Payout, Registration: p.Registration,
	}
}

// unless returns the value, or nothing where it is the usual one.
func unless[T comparable](usual, value T) T {
	if value == usual {
		var nothing T
		return nothing
	}
	return value
}

// dates makes the rows with their two dates. Both rise strictly: the shift
// never carries a date past the next one's.
func (p Product) dates(n int, issued quincena.Date, cal quincena.Calendar) []Instalment {
	rows := make([]Instalment, n)
	for k, due := range p.dues(n, issued) {
		rows[k] = Instalment{N: k + 1, Due: due, Enforceable: quincena.Shift(due, p.Shift, cal)}
	}
	return rows
}

// dues are the contractual due dates. Months are counted from the day of issue,
// so that what is issued on the 31st falls due on the last day of every month
// and does not stay on the 28th after a February.
func (p Product) dues(n int, issued quincena.Date) []quincena.Date {
	if p.Frequency == quincena.Monthly && issued.DaysUntil(issued.AddMonths(1)) >= p.MinFirstDays {
		return quincena.Series(issued, p.Frequency, p.Pair, n+1)[1:]
	}
	return quincena.Series(p.firstDue(issued), p.Frequency, p.Pair, n)
}

func (p Product) firstDue(issued quincena.Date) quincena.Date {
	switch p.Frequency {
	case quincena.Weekly:
		return issued.AddDays(max(7, p.MinFirstDays))
	case quincena.Catorcenal:
		return issued.AddDays(max(14, p.MinFirstDays))
	case quincena.Monthly:
		return issued.AddDays(p.MinFirstDays)
	}
	return quincena.FirstDue(issued, p.MinFirstDays, p.Pair)
}
