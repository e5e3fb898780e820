package lending

import (
	"errors"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// creditOf is what a payer has in her favour: what her payments, and as a
// distributor her deposits on relaciones, left over, less
// what was used and refunded, in centavos.
func (a *act) creditOf(person uuid.UUID) (money.Amount, error) {
	payments, err1 := a.b.PaymentsBy(person)
	corrections, err2 := a.b.CorrectionsOf(person)
	deposits, err3 := a.depositsOf(person)
	if err := errors.Join(err1, err2, err3); err != nil {
		return 0, err
	}
	var credit money.Amount
	var missing error // said in the end, so that all that is missing is loaded at once
	for _, p := range posted(payments) {
		free, err := a.freeExcess(p)
		if err != nil {
			missing = err
		}
		credit += free
		if p.Source == sourceCredit {
			credit -= p.Amount
		}
	}
	for _, d := range deposits {
		if d.State == loan.PaymentPosted {
			credit += d.Excess
		}
	}
	for _, c := range corrections {
		if c.Kind == CorrectRefund && c.State == CorrectionDone {
			credit -= c.Amount
		}
	}
	return credit, missing
}

// freeExcess is what a payment left over for its payer to use. On a loan that is
// still owed it waits for the next instalments (early payment of whole ones).
func (a *act) freeExcess(p Payment) (money.Amount, error) {
	if p.Excess == 0 {
		return 0, nil
	}
	l, err := a.b.Loan(p.LoanID)
	if err != nil || l.Position.Owed > 0 {
		return 0, err
	}
	return p.Excess, nil
}

// depositsOf reads what somebody paid on relaciones; nothing if she is no
// distributor.
func (a *act) depositsOf(person uuid.UUID) ([]Deposit, error) {
	d, ok, err := a.b.DistributorOf(person)
	if err != nil || !ok {
		return nil, err
	}
	return a.b.DepositsBy(d.ID)
}

var errCreditShort = fault.New(fault.Conflict, "credit_short", "El saldo a favor no alcanza para eso.")

// creditRefund proposes to pay a saldo a favor back.
func (a *act) creditRefund() (Result, error) {
	id, err := a.id("persona")
	if err != nil {
		return Result{}, err
	}
	if err := a.entitled(id); err != nil {
		return Result{}, err
	}
	credit, err := a.creditOf(id)
	switch {
	case err != nil:
		return Result{}, err
	case a.amount("monto") > credit:
		return Result{}, errCreditShort
	}
	return a.propose(Correction{Kind: CorrectRefund, PersonID: id, Amount: a.amount("monto"), On: a.today()})
}

// refund books money paid back to a payer, or, below zero, come back.
func (a *act) refund(c Correction, amount money.Amount) error {
	credit, err := a.creditOf(c.PersonID)
	switch {
	case err != nil:
		return err
	case amount > credit:
		return errCreditShort
	}
	return a.post("reembolso "+c.Folio, ledger.Move(amount, ledger.Account{Code: ledger.BankSTP}, creditAccount(c.PersonID))...)
}

// creditApply pays a loan with the payer's saldo a favor, up to what it owes.
// The money is hers, so a flow may do it when she says so.
func (a *act) creditApply() (Result, error) {
	person, err := a.id("persona")
	if err != nil {
		return Result{}, err
	}
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	key, err := a.requestKey()
	if err != nil {
		return Result{}, err
	}
	if a.text("pedido") != "" { // an id made on the spot is new
		switch old, told, err := a.b.PaymentByKey(PaymentKey(sourceCredit, key.String(), quincena.Date{})); {
		case err != nil:
			return Result{}, err
		case told:
			return with("repeated", map[string]any{"aplicado": old.Amount, "saldo": d.at.Owed})
		}
	}
	credit, err := a.creditOf(person)
	amount := min(a.amount("monto"), d.at.Owed)
	switch {
	case err != nil:
		return Result{}, err
	case person != d.PersonID:
		return Result{}, errNotYours
	case d.State != loan.LoanActive && d.State != loan.LoanWrittenOff:
		return Result{}, fault.New(fault.Conflict, "loan_not_active", "Ese crédito no está activo.")
	case amount <= 0:
		return Result{}, fault.New(fault.Invalid, "payment_not_positive", "El pago debe ser mayor que cero.")
	case amount > credit:
		return Result{}, errCreditShort
	}
	r, err := a.place(Payment{
		ID: a.NewID(), Source: sourceCredit, Reference: key.String(), Amount: amount,
		ValueDate: a.bookDay(d.Loan), ReceivedAt: a.Now, State: loan.PaymentReceived,
	}, d.Loan)
	if err != nil {
		return Result{}, err
	}
	return with("ok", map[string]any{"aplicado": amount, "saldo": r.Value["saldo"]})
}
