package lending

import (
	"valebot/internal/loan"
)

// transferAccepted notes that the bank took the transfer. It is not yet money
// in hand.
func (a *act) transferAccepted(t attempt) (Result, error) {
	switch t.State {
	case loan.DisbursementSending, loan.DisbursementUnknown:
	case loan.DisbursementRejected, loan.DisbursementCancelled:
		return say(railReview)
	default:
		return say(railRepeated)
	}
	if err := a.take(&t); err != nil {
		return Result{}, err
	}
	a.put(t)
	return say(railOK)
}

// take moves an attempt that the bank accepted, and answers the dialogue.
func (a *act) take(t *attempt) error {
	if err := t.hear(loan.DisbursementDoAccept); err != nil {
		return err
	}
	if err := a.fund(*t); err != nil {
		return err
	}
	a.answer(t, "ok", map[string]any{"rastreo": t.Rastreo})
	return nil
}

// transferSettled notes that the money is in the beneficiary's account.
func (a *act) transferSettled(t attempt) (Result, error) {
	if theirs := a.text("rastreo"); theirs != "" && theirs != t.Rastreo {
		a.note = "rastreo distinto: " + theirs
	}
	switch t.State {
	case loan.DisbursementRejected, loan.DisbursementCancelled:
		return say(railReview)
	case loan.DisbursementSettled, loan.DisbursementReturned:
		return say(railRepeated)
	}
	if t.pending() {
		if err := a.take(&t); err != nil {
			return Result{}, err
		}
	}
	if err := t.hear(loan.DisbursementDoSettle); err != nil {
		return Result{}, err
	}
	a.put(t)
	a.tell(t.vale.PersonID, EventPayoutSettled, t.ValeID, t.ID)
	return a.activate(t)
}

// transferRejected notes that the bank refuses the transfer, at once or after
// having taken it.
func (a *act) transferRejected(t attempt) (Result, error) {
	a.note = a.text("reason")
	switch {
	case t.pending():
		return a.transferNeverWas(t)
	case t.State == loan.DisbursementAccepted:
		return a.moneyBack(t, loan.DisbursementDoCancel)
	case t.State == loan.DisbursementSettled:
		return say(railReview)
	}
	return say(railRepeated)
}

func (a *act) transferNeverWas(t attempt) (Result, error) {
	if err := t.hear(loan.DisbursementDoReject); err != nil {
		return Result{}, err
	}
	a.answer(&t, "rejected", nil)
	a.put(t)
	return say(railOK)
}

// moneyBack ends a transfer that was under way; the money never arrived.
func (a *act) moneyBack(t attempt, e loan.DisbursementEvent) (Result, error) {
	if err := t.hear(e); err != nil {
		return Result{}, err
	}
	a.put(t)
	if err := a.unfund(t); err != nil {
		return Result{}, err
	}
	a.tell(t.vale.PersonID, EventPayoutReturned, t.ValeID, t.ID)
	return say(railOK)
}

// transferReturned notes that the money came back, even after it had settled:
// then everything is as before the attempt. Where something has been paid
// meanwhile nothing is touched, and a person decides.
func (a *act) transferReturned(t attempt) (Result, error) {
	a.note = a.text("reason")
	switch {
	case t.pending():
		return a.transferNeverWas(t)
	case t.State == loan.DisbursementAccepted:
		return a.moneyBack(t, loan.DisbursementDoReturn)
	case t.State != loan.DisbursementSettled:
		return say(railRepeated)
	}
	payments, err := a.b.PaymentsOf(t.LoanID)
	if err != nil {
		return Result{}, err
	}
	if len(posted(payments)) > 0 || t.loan.State != loan.LoanActive {
		return say(railReview)
	}
	if err := a.deactivate(t); err != nil {
		return Result{}, err
	}
	return a.moneyBack(t, loan.DisbursementDoReturn)
}
