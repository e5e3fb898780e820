package lending

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// carryOut does what a correction is for. It is the only door, for those done
// at once and for those approved, so both are held to the same checks on the
// same day's figures.
func (a *act) carryOut(c *Correction) error {
	if err := walk(&c.State, correctionDo); err != nil {
		return err
	}
	c.DecidedBy, c.Decided = who(a.Actor), a.Now
	switch c.Kind {
	case CorrectQuita, CorrectGoodwill, CorrectWaive:
		return a.countForgiven(c)
	case CorrectWriteOff:
		return a.takeLoss(c)
	case CorrectRefund:
		return a.refund(*c, c.Amount)
	case CorrectMatch:
		return a.matchByHand(*c)
	case CorrectReturn:
		return a.askReturn(*c)
	case CorrectUnapply:
		return a.unapply(*c)
	}
	return fmt.Errorf("carry out: no correction %q", c.Kind)
}

// forgive makes the action of a kind by which the lender forgives.
func forgive(kind CorrectionKind) func(*act) (Result, error) {
	return func(a *act) (Result, error) {
		d, err := a.debtNamed("credito")
		if err != nil {
			return Result{}, err
		}
		if err := a.forgivable(kind, d, a.amount("monto")); err != nil {
			return Result{}, err
		}
		return a.propose(Correction{Kind: kind, PersonID: d.PersonID, LoanID: d.ID, Amount: a.amount("monto"), On: a.today()})
	}
}

// forgivable refuses to forgive more than is owed of it today.
func (a *act) forgivable(kind CorrectionKind, d debt, amount money.Amount) error {
	if d.State != loan.LoanActive && d.State != loan.LoanWrittenOff {
		return fault.New(fault.Conflict, "loan_not_active", "Ese crédito no está activo.")
	}
	at := d.replay(d.payments, a.bookDay(d.Loan))
	owed := at.Payoff // what is above it was never owed
	if kind == CorrectWaive {
		owed = 0
		for _, row := range at.Rows {
			owed += row.Owed[loan.Mora] + row.Owed[loan.MoraIVA]
		}
	}
	if amount > owed {
		return fault.Newf(fault.Conflict, "correction_too_large", "Solo se deben %s de eso.", owed)
	}
	return nil
}

// countForgiven counts a forgiven part as a payment that brings no money.
func (a *act) countForgiven(c *Correction) error {
	d, err := a.debtOf(c.LoanID)
	if err != nil {
		return err
	}
	if err := a.forgivable(c.Kind, d, c.Amount); err != nil {
		return err
	}
	p := Payment{
		ID: a.NewID(), LoanID: d.ID, PersonID: d.PersonID, Source: string(c.Kind), Reference: c.ID.String(),
		Amount: c.Amount, ValueDate: a.bookDay(d.Loan), ReceivedAt: a.Now, State: loan.PaymentReceived,
	}
	if err := walk(&p.State, loan.PaymentDoMatch, loan.PaymentDoPost); err != nil {
		return err
	}
	c.PaymentID = p.ID
	a.b.AddPayment(p)
	_, err = a.rebook(d, append(d.payments[:len(d.payments):len(d.payments)], p))
	return err
}

// loanWriteOff proposes that a loan is a loss. The amount is what the books
// show as owed.
func (a *act) loanWriteOff() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	if d.State != loan.LoanActive {
		return Result{}, fault.New(fault.Conflict, "loan_not_active", "Ese crédito no está activo.")
	}
	at := d.replay(d.payments, a.bookDay(d.Loan))
	return a.propose(Correction{
		Kind: CorrectWriteOff, PersonID: d.PersonID, LoanID: d.ID, Amount: at.Receivable(), On: a.today(),
	})
}

// takeLoss takes what is owed off the books. The borrower owes as before, what
// she pays from now on makes the loss smaller, and the credit line stays in use
// for what does not come back.
func (a *act) takeLoss(c *Correction) error {
	d, err := a.debtOf(c.LoanID)
	if err != nil {
		return err
	}
	if _, err := a.rebook(d, d.payments); err != nil { // the books of today first
		return err
	}
	l, err := a.b.Loan(c.LoanID)
	if err != nil {
		return err
	}
	at := l.replay(d.payments, l.Position.AsOf)
	c.Amount = at.Receivable()
	if err := a.post("castigo "+l.Folio, l.writeOff(at)...); err != nil {
		return err
	}
	if err := walk(&l.State, loan.LoanDoWriteOff); err != nil {
		return err
	}
	a.b.PutLoan(l)
	return nil
}

// depositProposal reads the deposit that a correction is about.
func (a *act) depositProposal(kind CorrectionKind, from loan.PaymentState) (Correction, Payment, error) {
	p, err := a.paymentNamed()
	if err != nil {
		return Correction{}, p, err
	}
	if p.State != from || p.Forgiven() {
		return Correction{}, p, fault.New(fault.Conflict, "payment_not_there", "Ese depósito ya no está como lo viste.")
	}
	return Correction{Kind: kind, PersonID: p.PersonID, LoanID: p.LoanID, PaymentID: p.ID, Amount: p.Amount, On: p.ValueDate}, p, nil
}

// paymentMatch proposes the loan of a deposit in suspense. A date of its own
// stands in for the deposit's where the money came before the loan.
func (a *act) paymentMatch() (Result, error) {
	c, p, err := a.depositProposal(CorrectMatch, loan.PaymentUnmatched)
	if err != nil {
		return Result{}, err
	}
	l, ok, err := a.loanPaid(strings.TrimSpace(a.text("cuenta")))
	switch {
	case err != nil:
		return Result{}, err
	case !ok:
		return Result{}, fault.New(fault.NotFound, "no_such_loan", "No hay un crédito con esa referencia.")
	}
	if on := a.date("fecha"); !on.IsZero() {
		if on.Before(p.ValueDate) || on.After(a.today()) {
			return Result{}, fault.New(fault.Invalid, "match_date", "La fecha va del día del depósito a hoy.")
		}
		c.On = on
	}
	if err := mayReceive(l, c.On); err != nil {
		return Result{}, err
	}
	c.LoanID, c.PersonID = l.ID, l.PersonID
	return a.propose(c)
}

func (a *act) matchByHand(c Correction) error {
	p, err := a.b.Payment(c.PaymentID)
	if err != nil {
		return err
	}
	l, err := a.b.Loan(c.LoanID)
	if err != nil {
		return err
	}
	if err := mayReceive(l, c.On); err != nil {
		return err
	}
	p.ValueDate, p.MatchedAt = c.On, a.Now
	_, err = a.place(p, l, ledger.Move(p.Amount, bankOf(p.Source), p.suspense())...)
	return err
}

func (a *act) paymentReturn() (Result, error) {
	c, _, err := a.depositProposal(CorrectReturn, loan.PaymentUnmatched)
	if err != nil {
		return Result{}, err
	}
	return a.propose(c)
}

// askReturn marks a deposit as one to be sent back. The money leaves the books
// when it has left the bank.
func (a *act) askReturn(c Correction) error {
	p, err := a.b.Payment(c.PaymentID)
	if err != nil {
		return err
	}
	if err := walk(&p.State, loan.PaymentDoRequestReturn); err != nil {
		return err
	}
	a.b.PutPayment(p)
	return nil
}

// paymentReturned notes that a deposit was sent back, by the clave de rastreo
// of the transfer.
func (a *act) paymentReturned() (Result, error) {
	p, err := a.paymentNamed()
	if err != nil {
		return Result{}, err
	}
	a.note = "rastreo " + strings.TrimSpace(a.text("rastreo"))
	switch {
	case p.State == loan.PaymentReturned:
		return say("repeated")
	case strings.TrimSpace(a.text("rastreo")) == "":
		return Result{}, fault.New(fault.Invalid, "return_without_trace", "Escribe la clave de rastreo de la devolución.")
	case a.byFlow():
		return Result{}, fault.New(fault.Denied, "correction_needs_person", "Una devolución la registra una persona.")
	}
	if err := walk(&p.State, loan.PaymentDoReturn); err != nil {
		return Result{}, err
	}
	a.b.PutPayment(p)
	return Result{Outcome: "ok"}, a.post("depósito devuelto", ledger.Move(p.Amount, bankOf(p.Source), p.suspense())...)
}

func (a *act) paymentUnapply() (Result, error) {
	c, p, err := a.depositProposal(CorrectUnapply, loan.PaymentPosted)
	if err != nil {
		return Result{}, err
	}
	if reservedSource(p.Source) {
		return Result{}, fault.New(fault.Conflict, "payment_is_correction", "Eso es un ajuste y se deshace como ajuste.")
	}
	return a.propose(c)
}

// unapply takes a deposit off a loan that it was not for. The money stays: it
// lies in suspense under the same reference with a number after it, which no
// rail can send because references have no blanks.
func (a *act) unapply(c Correction) error {
	p, err := a.b.Payment(c.PaymentID)
	if err != nil {
		return err
	}
	free := p
	free.ID, free.LoanID, free.PersonID = a.NewID(), uuid.Nil, uuid.Nil
	free.MatchedAt, free.Allocations, free.Excess = time.Time{}, nil, 0
	free.State, free.Parked, free.Reference = loan.PaymentReceived, parkedUnapplied, again(p.Reference)
	if err := walk(&free.State, loan.PaymentDoPark); err != nil {
		return err
	}
	if err := a.takeBack(p, ledger.Move(p.Amount, free.suspense(), bankOf(p.Source))...); err != nil {
		return err
	}
	a.b.AddPayment(free)
	return nil
}

// again is a reference with the next number: "T-9", "T-9 (2)", "T-9 (3)".
func again(reference string) string {
	base, n := reference, 1
	if at := strings.LastIndex(reference, " ("); at >= 0 {
		if _, err := fmt.Sscanf(reference[at:], " (%d)", &n); err == nil {
			base = reference[:at]
		}
	}
	return fmt.Sprintf("%s (%d)", base, n+1)
}
