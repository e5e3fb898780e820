package lending

import (
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
)

// Outcomes of what a rail tells. All but "ok" change nothing; "review" also asks
// for a person, once for each attempt and each thing told of it.
const (
	railOK       = "ok"
	railRepeated = "repeated"  // already known, or overtaken by later news
	railReview   = "review"    // it contradicts what is known: a person must look
	railNotFound = "not_found" // no such attempt of ours
)

func railUses() []use {
	outcomes := []string{railOK, railRepeated, railReview, railNotFound}
	one := flow.Fields{"disbursement": flow.Text}
	reason := flow.Fields{"disbursement": flow.Text, "reason": flow.Text}
	uses := []use{
		{"rail.code_issued", flow.ActionSpec{With: flow.Fields{
			"disbursement": flow.Text, "digits": flow.Text, "network": flow.Text, "expires": flow.Stamp,
		}}, onAttempt(RailATM, (*act).codeIssued)},
		{"rail.code_rejected", flow.ActionSpec{With: reason}, onAttempt(RailATM, (*act).codeRejected)},
		{"rail.code_redeemed", flow.ActionSpec{With: one}, onAttempt(RailATM, (*act).codeRedeemed)},
		{"rail.code_expired", flow.ActionSpec{With: one}, onAttempt(RailATM, codeEnds(loan.CodeDoExpire))},
		{"rail.code_cancelled", flow.ActionSpec{With: one}, onAttempt(RailATM, codeEnds(loan.CodeDoCancel))},
		{"rail.code_blocked", flow.ActionSpec{With: one}, onAttempt(RailATM, codeEnds(loan.CodeDoBlock))},
		{"rail.transfer_accepted", flow.ActionSpec{With: one}, onAttempt(RailSPEI, (*act).transferAccepted)},
		{"rail.transfer_settled", flow.ActionSpec{With: flow.Fields{
			"disbursement": flow.Text, "rastreo": flow.Text,
		}}, onAttempt(RailSPEI, (*act).transferSettled)},
		{"rail.transfer_rejected", flow.ActionSpec{With: reason}, onAttempt(RailSPEI, (*act).transferRejected)},
		{"rail.transfer_returned", flow.ActionSpec{With: reason}, onAttempt(RailSPEI, (*act).transferReturned)},
		{"rail.unknown", flow.ActionSpec{With: one}, onAttempt("", (*act).railUnknown)},
	}
	for i := range uses {
		uses[i].Outcomes = outcomes
		uses[i].run = reviewed(uses[i].name, uses[i].run)
	}
	return uses
}

// reviewed sends what an action leaves for a person to the desk. The event has
// no data: what the rail said is in the audit, where people look it up.
func reviewed(what string, run func(*act) (Result, error)) func(*act) (Result, error) {
	return func(a *act) (Result, error) {
		result, err := run(a)
		if err != nil || result.Outcome != railReview {
			return result, err
		}
		t, err := a.readAttempt()
		if err != nil {
			return Result{}, err
		}
		a.b.Emits = append(a.b.Emits, Emit{
			Key:      EventPayoutReview + ":" + t.ID.String() + ":" + what,
			PersonID: t.vale.PersonID, Name: EventPayoutReview, About: About{AboutVale, t.ValeID.String()},
		})
		return result, nil
	}
}

// attempt is an attempt to pay out with what it pays out.
type attempt struct {
	Disbursement
	vale Vale
	loan Loan
	code Code // ATM only
}

// onAttempt makes an action of a function over the attempt that a rail speaks
// of. A rail that speaks of an attempt that is not its own changes nothing.
func onAttempt(rail Rail, run func(*act, attempt) (Result, error)) func(*act) (Result, error) {
	return func(a *act) (Result, error) {
		t, err := a.readAttempt()
		switch {
		case fault.KindOf(err) == fault.NotFound:
			return say(railNotFound)
		case err != nil:
			return Result{}, err
		case rail != "" && t.Rail != rail:
			return say(railNotFound)
		}
		return run(a, t)
	}
}

func (a *act) readAttempt() (attempt, error) {
	id, err := uuid.Parse(a.text("disbursement"))
	if err != nil {
		return attempt{}, fault.New(fault.NotFound, "no_such_disbursement", "No existe esa entrega.").Because(err)
	}
	a.about(KindDisbursement, id)
	t := attempt{}
	if t.Disbursement, err = a.b.Disbursement(id); err != nil {
		return attempt{}, err
	}
	if t.vale, err = a.b.Vale(t.ValeID); err != nil {
		return attempt{}, err
	}
	if t.loan, err = a.b.Loan(t.LoanID); err != nil {
		return attempt{}, err
	}
	if t.Rail == RailATM {
		t.code, err = a.b.Code(id)
	}
	return t, err
}

// put writes the attempt and its code.
func (a *act) put(t attempt) {
	a.b.PutDisbursement(t.Disbursement)
	if t.Rail == RailATM {
		a.b.PutCode(t.code)
	}
}

// pending reports whether the rail has neither taken nor refused the attempt
// yet, as far as we know.
func (t attempt) pending() bool {
	return t.State == loan.DisbursementSending || t.State == loan.DisbursementUnknown
}

// hear moves the attempt by what the rail said. What a rail says of an attempt
// in UNKNOWN is the answer to the query that such an attempt causes.
func (t *attempt) hear(e loan.DisbursementEvent) error {
	if t.State == loan.DisbursementUnknown {
		e = map[loan.DisbursementEvent]loan.DisbursementEvent{
			loan.DisbursementDoAccept: loan.DisbursementDoQueryAccepted,
			loan.DisbursementDoReject: loan.DisbursementDoQueryRejected,
			loan.DisbursementDoSettle: loan.DisbursementDoQuerySettled,
		}[e]
	}
	return walk(&t.State, e)
}

// answer tells the dialogue that waits for the rail, once.
func (a *act) answer(t *attempt, outcome string, value map[string]any) {
	if t.Token == "" {
		return
	}
	a.b.Emits = append(a.b.Emits, Emit{
		Key: "payout.answered:" + t.ID.String() + ":" + t.Token, PersonID: t.vale.PersonID, Name: "payout.answered",
		About: About{AboutVale, t.ValeID.String()}, Token: t.Token, Outcome: outcome, Data: value,
	})
	t.Token = ""
}

// railUnknown notes that nobody knows what became of an attempt. It is asked
// about, never sent again.
func (a *act) railUnknown(t attempt) (Result, error) {
	if !t.pending() {
		return say(railRepeated)
	}
	outcome := railRepeated
	if t.State == loan.DisbursementSending {
		if err := t.hear(loan.DisbursementDoTimeout); err != nil {
			return Result{}, err
		}
		a.put(t)
		outcome = railOK
	}
	a.callRail(t.Disbursement, "query")
	return say(outcome)
}
