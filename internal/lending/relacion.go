package lending

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Corte closes one period of one branch. Periods of a branch follow each other
// without a gap; Seq counts them from 1.
type Corte struct {
	ID          uuid.UUID
	Branch      string
	Seq         int
	State       loan.CorteState
	From, To    quincena.Date // the period, both days included; To is the due date of its instalments
	CutOn       quincena.Date // first day on which relaciones may be made
	Enforceable quincena.Date // business day on which To can be asked for
	EarlyBy     quincena.Date // paying up to this day counts as early
}

// Relacion is what a distributor's clients have to pay by one date, under one
// payment reference. All but State, Covered and Late is fixed when it is made;
// what turns out wrong stands corrected in the next one.
type Relacion struct {
	ID            uuid.UUID
	CorteID       uuid.UUID
	DistributorID uuid.UUID
	Folio         string // R-00042
	Reference     string // digits with a check digit; unique
	Issued        time.Time
	Due           quincena.Date
	Enforceable   quincena.Date
	EarlyBy       quincena.Date
	Total         money.Amount // sum of the rows
	Commission    money.Amount // what she earns if every row is paid on its date
	Earned        money.Amount // commission booked for her when this was made and not yet used
	Points        int          // her points when this was made
	Limit         money.Amount // of her line, when this was made
	Available     money.Amount
	Streak        int       // relaciones in a row before it that ended unpaid
	Previous      uuid.UUID // the one whose rest it carries; uuid.Nil for none
	Seal          string    // hex SHA-256 of everything above and the rows

	State   loan.RelacionState
	Covered money.Amount // how much of Total is no longer owed
	Late    bool         // its lateness has been counted
}

// Uncovered is what is still to be paid of a relación, in centavos.
func (r Relacion) Uncovered() money.Amount { return r.Total - r.Covered }

// RowKind says why a row stands in a relación.
type RowKind string

// The kinds of rows.
const (
	RowPayment    RowKind = "PAYMENT"    // an instalment that falls due in the period
	RowCarried    RowKind = "CARRIED"    // what an earlier relación listed and nobody paid
	RowCorrection RowKind = "CORRECTION" // what an earlier relación had as paid and was undone since
)

// Row is one instalment of one vale in a relación. Total = Payment + Surcharge −
// Paid, all in centavos.
type Row struct {
	Loan       uuid.UUID     `json:"loan"`
	Folio      string        `json:"folio"`
	Product    string        `json:"product"`
	Client     string        `json:"client"`
	N          int           `json:"n"`
	Of         int           `json:"of"`
	Due        quincena.Date `json:"due"`
	Kind       RowKind       `json:"kind"`
	Origin     string        `json:"origin,omitempty"` // folio of the relación that listed it before
	Payment    money.Amount  `json:"payment"`
	Surcharge  money.Amount  `json:"surcharge,omitempty"` // late fees, with IVA
	Paid       money.Amount  `json:"paid,omitempty"`      // before the corte
	Commission money.Amount  `json:"commission,omitempty"`
	Total      money.Amount  `json:"total"`
}

// RelacionRows are the rows of a relación, which is their ID. They never change.
type RelacionRows struct {
	ID   uuid.UUID
	Rows []Row
}

// Listing is what the relaciones have listed of a loan: each instalment once,
// with the relación that listed it last.
type Listing struct {
	Relacion uuid.UUID    `json:"relacion"` // the latest that lists the loan
	Terms    string       `json:"terms"`    // hash of the plan that the numbers are of
	Settled  money.Amount `json:"settled"`  // of what it lists, no longer owed
	Rows     []Listed     `json:"rows"`
}

// Listed is one instalment in a Listing.
type Listed struct {
	N        int          `json:"n"`
	Relacion uuid.UUID    `json:"relacion"`
	Folio    string       `json:"folio"` // of that relación
	Fees     money.Amount `json:"fees"`  // late fees charged by then, with IVA
	Total    money.Amount `json:"total"`
}

// of finds the entry of an instalment.
func (g Listing) of(n int) (Listed, bool) {
	i := slices.IndexFunc(g.Rows, func(e Listed) bool { return e.N == n })
	if i < 0 {
		return Listed{}, false
	}
	return g.Rows[i], true
}

// with returns the listing after a relación that has these rows of the loan.
func (g Listing) with(r Relacion, terms string, rows []Row) Listing {
	next := Listing{Relacion: r.ID, Terms: terms}
	if g.Terms == terms {
		next.Rows = slices.DeleteFunc(slices.Clone(g.Rows), func(e Listed) bool {
			return slices.ContainsFunc(rows, func(row Row) bool { return row.N == e.N })
		})
	}
	for _, row := range rows {
		next.Rows = append(next.Rows, Listed{row.N, r.ID, r.Folio, row.Surcharge, row.Total})
	}
	slices.SortFunc(next.Rows, func(a, b Listed) int { return a.N - b.N })
	return next
}

// settled is how much of what the latest relación lists is no longer owed at a
// position. A late fee that was charged later is for the next relación, so that
// money covers what was listed whichever of the two it was allocated to.
// Instalments of a plan that is no longer in force are owed under the
// new one, whose rows the next relación lists.
func (g Listing) settled(terms string, at loan.Position, owes bool) money.Amount {
	var sum money.Amount
	for _, e := range g.Rows {
		if e.Relacion != g.Relacion {
			continue
		}
		sum += e.Total
		if owes && g.Terms == terms {
			sum -= e.open(at)
		}
	}
	return sum
}

// open is how much of what was listed is still owed.
func (e Listed) open(at loan.Position) money.Amount {
	for _, row := range at.Rows {
		if row.N == e.N {
			newer := fees(row) - e.Fees
			return max(0, min(e.Total, row.Owed.Total()-newer))
		}
	}
	return 0
}

// fees are the late fees charged on an instalment so far, with IVA.
func fees(s loan.Standing) money.Amount {
	return s.Owed[loan.Mora] + s.Owed[loan.MoraIVA] + s.Paid[loan.Mora] + s.Paid[loan.MoraIVA]
}

func owedOf(at loan.Position, n int) money.Amount {
	for _, row := range at.Rows {
		if row.N == n {
			return row.Owed.Total()
		}
	}
	return 0
}

// listed is what a relación has to say of one loan: every instalment due by the
// end of the period that is owed, and those of the period that were paid
// before. was tells which earlier relaciones ended paid.
func (l Loan) listed(at loan.Position, c Corte, client string, paid func(uuid.UUID) bool) []Row {
	var rows []Row
	for _, s := range at.Rows {
		if s.Due.After(c.To) || s.Owed.Total() == 0 && s.Due.Before(c.From) {
			continue
		}
		surcharge := fees(s)
		row := Row{
			Loan: l.ID, Folio: l.Folio, Product: l.Quote.Terms.Product, Client: client, N: s.N, Of: len(at.Rows), Due: s.Due,
			Kind: RowPayment, Payment: s.Owed.Total() + s.Paid.Total() - surcharge, Surcharge: surcharge, Paid: s.Paid.Total(),
			Commission: l.Reward.Scale.On(s.Owed[loan.Capital]+s.Paid[loan.Capital], lateBy(s, c)), Total: s.Owed.Total(),
		}
		if before, ok := l.Listing.of(s.N); ok && l.Listing.Terms == l.TermsHash {
			if row.Total == 0 {
				continue
			}
			row.Kind, row.Origin = RowCarried, before.Folio
			if paid(before.Relacion) {
				row.Kind = RowCorrection
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// lateBy is how many days late an instalment will be that is paid on the date
// of the corte, or was when it was paid.
func lateBy(s loan.Standing, c Corte) int {
	if s.State == loan.InstalmentPaid {
		return s.Enforceable.DaysUntil(s.PaidOn)
	}
	return s.Enforceable.DaysUntil(c.Enforceable)
}

// sealed is what the seal of a relación covers, in a fixed order.
func sealed(r Relacion, rows []Row) string {
	r.State, r.Covered, r.Late, r.Seal = "", 0, false, ""
	r.Issued = r.Issued.UTC().Truncate(time.Microsecond) // what the database keeps
	if rows == nil {
		rows = []Row{}
	}
	text, err := json.Marshal(struct {
		Version string
		R       Relacion
		Rows    []Row
	}{"valebot.relacion/1", r, rows})
	if err != nil {
		panic("lending: a relación that cannot be encoded: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Sealed returns the relación with the seal over it and its rows.
func (r Relacion) Sealed(rows []Row) Relacion {
	r.Seal = sealed(r, rows)
	return r
}

// Intact reports whether a relación and its rows are what was sealed, and add up.
func (r Relacion) Intact(rows []Row) bool {
	var total money.Amount
	for _, row := range rows {
		total += row.Total
		if row.Total != row.Payment+row.Surcharge-row.Paid {
			return false
		}
	}
	return total == r.Total && r.Seal == sealed(r, rows)
}

// relacionReference makes the number that a distributor writes on a deposit: an
// 8, where a loan's reference has a 9, the folio's number and a Luhn digit.
func relacionReference(folio string) string {
	number := strings.TrimPrefix(folio, "R-")
	body := "8" + strings.Repeat("0", max(0, 7-len(number))) + number
	for check := '0'; check <= '9'; check++ {
		if mexid.Luhn(body + string(check)) {
			return body + string(check)
		}
	}
	return ""
}

// stand moves a relación to the state that its cover and the day ask for.
func (r *Relacion) stand(today quincena.Date) error {
	for {
		e, ok := r.turn(today)
		if !ok {
			return nil
		}
		if err := walk(&r.State, e); err != nil {
			return err
		}
	}
}

// turn is the next event of a relación that is not where it should be.
func (r *Relacion) turn(today quincena.Date) (loan.RelacionEvent, bool) {
	late := today.After(r.Enforceable)
	switch {
	case r.State == loan.RelacionCarried:
		return "", false
	case r.Covered >= r.Total:
		return loan.RelacionDoPay, r.State != loan.RelacionPaid
	case late || r.State == loan.RelacionOverdue:
		return loan.RelacionDoExpire, r.State != loan.RelacionOverdue
	case r.Covered > 0:
		return loan.RelacionDoCover, r.State != loan.RelacionPartial
	}
	return loan.RelacionDoUncover, r.State != loan.RelacionGenerated
}
