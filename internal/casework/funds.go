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
	Vales       []Reviewed   // that wait for a decision
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

// Reviewed is an accepted vale that a person must decide about.
type Reviewed struct {
	ID          uuid.UUID
	Folio       string
	Name        string // of the beneficiary
	Distributor string
	Case        uuid.UUID // the beneficiary's chat; uuid.Nil if there is none
	Amount      money.Amount
	Why         lending.ReviewReason
	Since       time.Time
	First       string // who accepted it first, where two must
}

// Reason says in Spanish why it waits.
func (v Reviewed) Reason() string {
	switch v.Why {
	case lending.ReviewAmount:
		return "el monto pide dos firmas"
	case lending.ReviewBurst:
		return "muchos vales de la misma persona en dos días"
	case lending.ReviewIdentity:
		return "no se pudo comprobar quién es"
	}
	return string(v.Why)
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
