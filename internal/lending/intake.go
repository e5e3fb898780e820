package lending

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Money that has arrived is never refused because nobody knows for whom: it is
// posted where its hints agree, and lies in suspense (unmatched_in) otherwise,
// until a person matches or returns it. What is refused is what cannot be a
// deposit at all, and a key that was used for another one.

// Written is what a payer gave to say whom the money is for. It is secret: it
// may hold a phone or an account.
type Written struct {
	Account string `json:"account,omitempty"` // payment reference, folio or loan id
	CLABE   string `json:"clabe,omitempty"`   // the account that the money was sent to
	Phone   string `json:"phone,omitempty"`   // E.164
}

// deposit is money that somebody tells us of.
type deposit struct {
	source, reference string
	operated          quincena.Date // of the rail's own day, where the reference repeats over days; else zero
	written           Written
	amount            money.Amount
	on                quincena.Date // value date
}

// Reasons why a deposit lies in suspense. They are codes; the refusals of
// mayReceive are the others.
const (
	parkedUnknown   = "no_such_loan"
	parkedAmbiguous = "ambiguous" // its hints point to several loans
	parkedUnapplied = "unapplied" // it was taken off the loan that it had been posted to
)

// paymentReceive is the door of rails: a deposit with all its hints.
func (a *act) paymentReceive() (Result, error) {
	return a.receive(deposit{
		source: a.text("source"), reference: a.text("reference"), operated: a.date("operation_date"),
		written: Written{Account: a.text("account"), CLABE: a.text("clabe"), Phone: a.text("phone")},
		amount:  a.amount("amount"), on: a.date("value_date"),
	})
}

// paymentPost is the short form, with what the payer wrote as the only hint.
func (a *act) paymentPost() (Result, error) {
	return a.receive(deposit{
		source: a.text("source"), reference: a.text("reference"), written: Written{Account: a.text("account")},
		amount: a.amount("amount"), on: a.date("value_date"),
	})
}

// receive counts a deposit once per key: toward the loan that its hints name,
// or in suspense.
func (a *act) receive(d deposit) (Result, error) {
	if reservedSource(d.source) {
		return Result{}, fault.New(fault.Invalid, "payment_source_reserved", "Ese origen es de uso interno; un depósito lleva el nombre de quien lo recibió.")
	}
	if err := a.checkDeposit(d); err != nil {
		return Result{}, err
	}
	switch named, ok, err := a.relacionPaid(d.written.Account); {
	case err != nil:
		return Result{}, err
	case ok:
		return a.receiveRelacion(d, named)
	}
	// Both are asked for before either is looked at, so that they come in one trip.
	old, told, err := a.b.PaymentByKey(PaymentKey(d.source, d.reference, d.operated))
	l, why, err2 := a.matched(d)
	if err := errors.Join(err, err2); err != nil {
		return Result{}, err
	}
	if told {
		return a.samePayment(old, d, l)
	}
	p := Payment{
		ID: a.NewID(), Source: d.source, Reference: d.reference, Operated: d.operated, Written: d.written,
		Amount: d.amount, ValueDate: d.on, ReceivedAt: a.Now, State: loan.PaymentReceived,
	}
	if why != "" {
		return a.park(p, why)
	}
	return a.place(p, l)
}

// relacionPaid finds the relación whose reference or folio somebody wrote. Only
// what looks like one is looked up: references of relaciones begin with an 8.
func (a *act) relacionPaid(account string) (r Relacion, ok bool, err error) {
	account = strings.ToUpper(account)
	if !strings.HasPrefix(account, "8") && !strings.HasPrefix(account, "R-") {
		return Relacion{}, false, nil
	}
	return a.b.RelacionByReference(account)
}

// receiveRelacion takes a distributor's deposit, in the words of a borrower's.
func (a *act) receiveRelacion(d deposit, named Relacion) (Result, error) {
	if !d.operated.IsZero() {
		d.reference += "@" + d.operated.String() // a rail's reference has no @, so the key stays one key
	}
	r, err := a.payRelacion(d, named)
	if err != nil {
		return Result{}, err
	}
	return with(r.Outcome, map[string]any{
		"id": r.Value["id"], "folio": r.Value["folio"], "saldo": r.Value["falta"], "motivo": "",
	})
}

// checkDeposit refuses what cannot be a deposit, whoever it is for.
func (a *act) checkDeposit(d deposit) error {
	switch {
	case d.source == "" || d.reference == "":
		return fault.New(fault.Invalid, "payment_without_key", "Falta de dónde viene el pago o su referencia.")
	case strings.ContainsAny(d.source, "|@"):
		return fault.New(fault.Invalid, "payment_source_reserved", "El origen lleva solo letras, números y guiones.")
	case d.amount <= 0:
		return fault.New(fault.Invalid, "payment_not_positive", "El pago debe ser mayor que cero.")
	case d.amount > money.Max:
		return fault.New(fault.Invalid, "payment_too_large", "El pago es demasiado grande.")
	case d.on.IsZero():
		return fault.New(fault.Invalid, "payment_without_date", "Falta la fecha del pago.")
	case d.on.After(a.today()):
		return fault.New(fault.Invalid, "payment_in_future", "La fecha del pago todavía no llega.")
	}
	return nil
}

// matched finds the loan that a deposit is for, or the reason why nobody can
// tell. The reference and the account that it was sent to must agree; the
// payer's phone counts only where those say nothing, since people pay for each
// other. Nothing is guessed.
func (a *act) matched(d deposit) (l Loan, why string, err error) {
	l, ok, err := a.loanPaid(d.written.Account)
	if err != nil {
		return Loan{}, "", err
	}
	sent, sentOK, err := a.loanOfCLABE(d.written.CLABE)
	switch {
	case err != nil:
		return Loan{}, "", err
	case ok && sentOK && l.ID != sent.ID:
		return Loan{}, parkedAmbiguous, nil
	case sentOK:
		l, ok = sent, true
	case !ok:
		if l, why, err = a.loanOfPhone(d.written.Phone); err != nil || why != "" {
			return Loan{}, why, err
		}
	}
	if err := mayReceive(l, d.on); err != nil {
		return l, fault.CodeOf(err), nil
	}
	return l, "", nil
}

// loanPaid finds the loan that a payer wrote down; ok is false if there is none.
func (a *act) loanPaid(account string) (l Loan, ok bool, err error) {
	if account == "" {
		return Loan{}, false, nil
	}
	if id, bad := uuid.Parse(account); bad == nil {
		l, err = a.b.Loan(id)
		if fault.KindOf(err) == fault.NotFound {
			return Loan{}, false, nil
		}
		return l, err == nil, err
	}
	return a.b.LoanByReference(strings.ToUpper(account))
}

// loanOfCLABE finds the loan whose own CLABE the money was sent to: the
// lender's prefix, the number of the folio in seven digits, and the check digit.
func (a *act) loanOfCLABE(clabe string) (l Loan, ok bool, err error) {
	number, found := a.set.deposit(a.today()).Number(mexid.CLABE(clabe))
	if !found {
		return Loan{}, false, nil
	}
	return a.b.LoanByReference(fmt.Sprintf("V-%05d", number))
}

// loanOfPhone finds the only loan that somebody with a phone owes.
func (a *act) loanOfPhone(phone string) (l Loan, why string, err error) {
	if phone == "" {
		return Loan{}, parkedUnknown, nil
	}
	p, ok, err := a.b.PersonByPhone(phone)
	if err != nil || !ok {
		return Loan{}, parkedUnknown, err
	}
	loans, err := a.b.LoansOf(p.ID)
	if err != nil {
		return Loan{}, "", err
	}
	found := 0
	for _, one := range loans {
		if one.State == loan.LoanActive || one.State == loan.LoanWrittenOff {
			l, found = one, found+1
		}
	}
	switch found {
	case 0:
		return Loan{}, parkedUnknown, nil
	case 1:
		return l, "", nil
	}
	return Loan{}, parkedAmbiguous, nil
}

// samePayment answers a deposit that is told again.
func (a *act) samePayment(old Payment, d deposit, l Loan) (Result, error) {
	a.about(KindPayment, old.ID)
	same := old.Written == d.written || old.LoanID != uuid.Nil && old.LoanID == l.ID
	switch {
	case old.Amount != d.amount || !same:
		return Result{}, fault.New(fault.Conflict, "payment_key_reused", "Esa referencia de pago ya se usó con otro monto u otro crédito.")
	case old.State == loan.PaymentReversed:
		return Result{}, fault.New(fault.Conflict, "payment_reversed", "Ese pago se reversó. Si el dinero volvió a llegar, regístralo con otra referencia.")
	}
	value := map[string]any{"id": old.ID.String(), "folio": "", "saldo": money.Amount(0), "motivo": old.Parked}
	if old.LoanID != uuid.Nil {
		of, err := a.b.Loan(old.LoanID)
		if err != nil {
			return Result{}, err
		}
		value["folio"], value["saldo"] = of.Folio, of.Position.Owed
	}
	return with("repeated", value)
}

// mayReceive refuses money for a loan whose borrower has not got it yet, or
// which another one took the place of.
func mayReceive(l Loan, on quincena.Date) error {
	switch {
	case !l.owes() || l.State == loan.LoanRestructured:
		return fault.New(fault.Conflict, "loan_not_active", "Ese crédito no está activo.")
	case on.Before(l.Active):
		return fault.New(fault.Invalid, "payment_before_loan", "La fecha del pago es anterior a la entrega del dinero.")
	}
	return nil
}

// park keeps a deposit that nobody can place yet: in the bank, and owed to
// whoever it turns out to belong to.
func (a *act) park(p Payment, why string) (Result, error) {
	if err := walk(&p.State, loan.PaymentDoPark); err != nil {
		return Result{}, err
	}
	p.Parked = why
	a.b.AddPayment(p)
	a.about(KindPayment, p.ID)
	a.note = why
	if err := a.post("depósito por identificar", ledger.Move(p.Amount, p.suspense(), bankOf(p.Source))...); err != nil {
		return Result{}, err
	}
	return with("unmatched", map[string]any{"id": p.ID.String(), "folio": "", "saldo": money.Amount(0), "motivo": why})
}

// place posts a deposit to a loan.
func (a *act) place(p Payment, l Loan, extra ...ledger.Line) (Result, error) {
	d, err := a.paidOn(l.ID)
	if err := errors.Join(err, a.touched(l)); err != nil {
		return Result{}, err
	}
	if err := walk(&p.State, loan.PaymentDoMatch, loan.PaymentDoPost); err != nil {
		return Result{}, err
	}
	p.LoanID, p.PersonID, p.Parked = l.ID, l.PersonID, ""
	a.b.AddPayment(p)
	a.about(KindPayment, p.ID)
	owed, err := a.rebook(d, append(d.payments[:len(d.payments):len(d.payments)], p), extra...)
	if err != nil {
		return Result{}, err
	}
	if err := a.tellPaid(p); err != nil {
		return Result{}, err
	}
	return with("ok", map[string]any{"id": p.ID.String(), "folio": l.Folio, "saldo": owed, "motivo": ""})
}
