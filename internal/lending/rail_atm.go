package lending

import (
	"valebot/internal/fault"
	"valebot/internal/loan"
)

// codeIssued notes the digits and gives them to the dialogue that waits. News
// of the withdrawal may have come first; then the dialogue hears both now.
func (a *act) codeIssued(t attempt) (Result, error) {
	switch {
	case t.code.State == loan.CodeRequested:
	case t.code.State == loan.CodeRedeemed && t.Token != "":
		a.answer(&t, "ok", a.issued())
		a.put(t)
		a.tell(t.vale.PersonID, EventPayoutSettled, t.ValeID, t.ID)
		return say(railOK)
	default:
		return say(railRepeated)
	}
	if a.text("digits") == "" {
		return Result{}, fault.New(fault.Invalid, "code_without_digits", "El emisor mandó una clave vacía.")
	}
	if err := walk(&t.code.State, loan.CodeDoIssue); err != nil {
		return Result{}, err
	}
	if err := t.hear(loan.DisbursementDoAccept); err != nil {
		return Result{}, err
	}
	t.code.Digits, t.code.Network, t.code.Expires = a.text("digits"), a.text("network"), a.stamp("expires")
	if err := a.fund(t); err != nil {
		return Result{}, err
	}
	a.answer(&t, "ok", a.issued())
	a.put(t)
	return say(railOK)
}

// issued is what the issuer's answer means to the beneficiary.
func (a *act) issued() map[string]any {
	return map[string]any{"clave": a.text("digits"), "vence": a.stamp("expires"), "red": a.text("network")}
}

// codeRejected notes that the issuer gives no code. Nothing has moved.
func (a *act) codeRejected(t attempt) (Result, error) {
	a.note = a.text("reason")
	switch t.code.State {
	case loan.CodeRequested:
		return a.codeNeverWas(t, loan.CodeDoCancel)
	case loan.CodeIssued, loan.CodeDelivered, loan.CodeRedeemed:
		return say(railReview)
	}
	return say(railRepeated)
}

// codeNeverWas ends an attempt that the issuer had not taken.
func (a *act) codeNeverWas(t attempt, e loan.CodeEvent) (Result, error) {
	if err := walk(&t.code.State, e); err != nil {
		return Result{}, err
	}
	if err := t.hear(loan.DisbursementDoReject); err != nil {
		return Result{}, err
	}
	a.answer(&t, "unavailable", nil)
	a.put(t)
	return say(railOK)
}

// codeRedeemed notes that the cash is in hand: from today the loan is owed.
func (a *act) codeRedeemed(t attempt) (Result, error) {
	switch t.code.State {
	case loan.CodeRequested, loan.CodeIssued, loan.CodeDelivered:
	case loan.CodeRedeemed:
		return say(railRepeated)
	default:
		// The issuer had said that the money was back, and another attempt may
		// be alive by now.
		return say(railReview)
	}
	if t.pending() {
		if err := a.fund(t); err != nil {
			return Result{}, err
		}
	}
	if err := walk(&t.code.State, loan.CodeDoRedeem); err != nil {
		return Result{}, err
	}
	if err := t.hear(loan.DisbursementDoSettle); err != nil {
		return Result{}, err
	}
	t.code.Digits = "" // spent: nobody needs them any more
	a.put(t)
	if t.Token == "" {
		a.tell(t.vale.PersonID, EventPayoutSettled, t.ValeID, t.ID)
	}
	return a.activate(t)
}

// codeEnds makes the action for a code that can no longer be used. The money is
// back, and another attempt may follow.
func codeEnds(e loan.CodeEvent) func(*act, attempt) (Result, error) {
	return func(a *act, t attempt) (Result, error) {
		switch t.code.State {
		case loan.CodeRequested:
			if e == loan.CodeDoBlock {
				return say(railReview)
			}
			return a.codeNeverWas(t, e)
		case loan.CodeIssued, loan.CodeDelivered:
			return a.fundsBack(t, e)
		}
		return say(railRepeated)
	}
}

func (a *act) fundsBack(t attempt, e loan.CodeEvent) (Result, error) {
	if err := walk(&t.code.State, e, loan.CodeDoFundsBack); err != nil {
		return Result{}, err
	}
	if err := t.hear(loan.DisbursementDoCancel); err != nil {
		return Result{}, err
	}
	t.code.Digits = ""
	a.put(t)
	if err := a.unfund(t); err != nil {
		return Result{}, err
	}
	a.tell(t.vale.PersonID, EventPayoutExpired, t.ValeID, t.ID)
	return say(railOK)
}
