package casework

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Funds is the money that waits for a person to decide: what the page of
// supervisors shows. Each list is bounded; the oldest come first.
type Funds struct {
	Deposits    []Deposit
	Corrections []Correction // that wait for a second person
	Arrears     []lending.ArrearsBucket
	Relaciones  []Relacion // the latest of each distributor
}

// Deposit is one that nobody has placed yet, or one that waits to be sent back.
// It holds no secret: what the payer wrote is read one deposit at a time, where
// the reading is noted.
type Deposit struct {
	ID         uuid.UUID
	Source     string
	Reference  string
	Operated   quincena.Date // zero where the source has no day of its own
	Amount     money.Amount
	ValueDate  quincena.Date
	ReceivedAt time.Time
	State      loan.PaymentState
	Reason     string // code: no_such_loan, ambiguous, loan_not_active, payment_before_loan, unapplied
}

// Leaving reports whether a deposit only waits for its way back.
func (p Deposit) Leaving() bool { return p.State == loan.PaymentReturnRequested }

// Why says in Spanish why a deposit waits.
func (p Deposit) Why() string {
	if p.Leaving() {
		return "por devolver"
	}
	switch p.Reason {
	case "no_such_loan":
		return "no se sabe de qué crédito es"
	case "ambiguous":
		return "sus datos apuntan a varios créditos"
	case "loan_not_active":
		return "ese crédito no está activo"
	case "payment_before_loan":
		return "llegó antes de que se entregara el dinero"
	case "unapplied":
		return "se quitó de otro crédito"
	}
	return p.Reason
}

// Correction is a correction as it is listed, without its evidence.
type Correction struct {
	ID         uuid.UUID
	Folio      string
	Kind       lending.CorrectionKind
	State      lending.CorrectionState
	Loan       string // folio; "" where no loan changes
	Amount     money.Amount
	Reason     string
	ProposedBy string
	DecidedBy  string
	Proposed   time.Time
	Decided    time.Time // zero while nobody has decided
}

// Relacion is what a distributor was last asked to pay.
type Relacion struct {
	Folio     string
	Reference string
	Name      string // of the distributor
	Branch    string
	State     loan.RelacionState
	Due       quincena.Date
	Total     money.Amount
	Covered   money.Amount
}
