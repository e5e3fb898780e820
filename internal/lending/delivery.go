package lending

import (
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
)

// Why a message did not get to its person, as who delivers messages tells it.
const (
	NotDelivered = "no_llego" // failed at the provider, or of no use before it could leave
	OptedOut     = "baja"     // the person had asked us not to write
)

// maxResent is how often a live code is told again before a person looks: who
// does not get three messages does not get a fourth.
const maxResent = 2

// deliveryUses are about messages that money hangs on and that did not arrive.
func deliveryUses() []use {
	return []use{
		{"vale.undelivered", flow.ActionSpec{
			With: flow.Fields{"vale": flow.Text, "motivo": flow.Text}, Outcomes: []string{"ok", "unchanged"},
		}, (*act).valeUndelivered},
		{"code.undelivered", flow.ActionSpec{
			With: flow.Fields{"disbursement": flow.Text}, Outcomes: []string{"ok", "unchanged", railNotFound},
		}, onAttempt(RailATM, (*act).codeUndelivered)},
		{"code.resend", flow.ActionSpec{
			Outcomes: []string{"ok", "pending", "nothing", "too_often", outcomeError},
			Result:   flow.Fields{"clave": flow.Text, "vence": flow.Stamp, "red": flow.Text, "monto": flow.Amount},
		}, (*act).codeResend},
	}
}

// valeUndelivered closes an offer that never reached the beneficiary: the line
// is free at once and the distributor hears why, in words that say no more of
// the beneficiary than that. Whoever has answered meanwhile did get the offer.
func (a *act) valeUndelivered() (Result, error) {
	event, ok := map[string]string{NotDelivered: EventValeUnreachable, OptedOut: EventValeOptedOut}[a.text("motivo")]
	if !ok {
		return Result{}, fault.New(fault.Invalid, "bad_reason", "Ese motivo no se conoce.")
	}
	v, err := a.valeNamed()
	if err != nil {
		return Result{}, err
	}
	if v.State != loan.ValeAuthorised && v.State != loan.ValeOffered {
		return say("unchanged")
	}
	a.note = a.text("motivo")
	result, err := a.closeOffer(loan.ValeDoCancel, event)
	if err == nil {
		a.tell(v.PersonID, EventValeUndelivered, v.ID, v.ID)
	}
	return result, err
}

// codeUndelivered brings the beneficiary of a live code that did not reach her
// to a person. The key makes it once for each code.
func (a *act) codeUndelivered(t attempt) (Result, error) {
	if t.code.State != loan.CodeIssued && t.code.State != loan.CodeDelivered {
		return say("unchanged")
	}
	a.tell(t.vale.PersonID, EventCodeUndelivered, t.ValeID, t.ID)
	return say("ok")
}

// codeResend gives the beneficiary her live code again: the same attempt, never
// a new one. What is counted is kept with the code.
func (a *act) codeResend() (Result, error) {
	d, err := a.attemptOfCaller()
	if err != nil {
		return Result{}, err
	}
	if d.ID == uuid.Nil {
		return say("nothing")
	}
	a.about(KindDisbursement, d.ID)
	c, err := a.b.Code(d.ID)
	if err != nil {
		return Result{}, err
	}
	switch {
	case c.State == loan.CodeRequested:
		return say("pending")
	case c.State != loan.CodeIssued && c.State != loan.CodeDelivered, !a.Now.Before(c.Expires):
		return say("nothing")
	case c.Resent >= maxResent:
		return say("too_often")
	}
	c.Resent++
	a.b.PutCode(c)
	value, err := a.answerOf(d)
	if err != nil {
		return Result{}, err
	}
	value["monto"] = d.Amount
	return with("ok", value)
}

// attemptOfCaller finds the live attempt to give the caller her money at an
// ATM, the newest loan first; its ID is uuid.Nil if there is none.
func (a *act) attemptOfCaller() (Disbursement, error) {
	loans, err := a.b.LoansOf(a.Person)
	if err != nil {
		return Disbursement{}, err
	}
	found := Disbursement{}
	for _, l := range loans {
		if l.State != loan.LoanPendingDisbursement {
			continue
		}
		attempts, err := a.b.DisbursementsOf(l.ValeID)
		if err != nil {
			return Disbursement{}, err
		}
		d, ok := liveAttempt(attempts)
		if ok && d.Rail == RailATM && !d.Created.Before(found.Created) {
			found = d
		}
	}
	return found, nil
}
