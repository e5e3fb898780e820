package lending

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/quincena"
)

func payoutUses() []use {
	return []use{
		{"bank.lookup", flow.ActionSpec{
			With: flow.Fields{"clabe": flow.CLABE}, Outcomes: []string{"ok", "unknown", outcomeError},
			Result: flow.Fields{"nombre": flow.Text},
		}, (*act).bankLookup},
		{"payout.cardless", flow.ActionSpec{
			About: AboutVale, With: flow.Fields{"vale": flow.Text},
			Outcomes: []string{"ok", "unavailable", outcomeError},
			Result:   flow.Fields{"clave": flow.Text, "vence": flow.Stamp, "red": flow.Text},
		}, (*act).payoutCardless},
		{"payout.spei", flow.ActionSpec{
			About: AboutVale, With: flow.Fields{"vale": flow.Text, "clabe": flow.CLABE},
			Outcomes: []string{"ok", "rejected", outcomeError},
			Result:   flow.Fields{"rastreo": flow.Text},
		}, (*act).payoutSPEI},
		{"payout.cancel", flow.ActionSpec{
			With: flow.Fields{"vale": flow.Text}, Outcomes: []string{"ok", "nothing"},
		}, (*act).payoutCancel},
	}
}

// bankLookup names the bank of a CLABE, so that its owner can confirm it.
func (a *act) bankLookup() (Result, error) {
	bank := mexid.CLABE(a.text("clabe")).Bank()
	if bank == "" {
		return say("unknown")
	}
	return with("ok", map[string]any{"nombre": bank})
}

// payoutCardless asks the issuer for a withdrawal code.
func (a *act) payoutCardless() (Result, error) { return a.payOut(RailATM, "") }

// payoutSPEI asks the bank for a transfer.
func (a *act) payoutSPEI() (Result, error) {
	clabe, err := mexid.ParseCLABE(a.text("clabe"))
	if err != nil {
		a.note = fault.CodeOf(err)
		return say("rejected")
	}
	return a.payOut(RailSPEI, string(clabe))
}

// payOut makes the one live attempt to pay a loan out. The rail is called after
// the transaction; what it answers comes back to the dialogue with the token.
func (a *act) payOut(rail Rail, account string) (Result, error) {
	v, err := a.valeNamed()
	if err != nil {
		return Result{}, err
	}
	if v.LoanID == uuid.Nil {
		return Result{}, fault.New(fault.Conflict, "not_accepted", "Ese vale todavía no se acepta.")
	}
	l, err := a.b.Loan(v.LoanID)
	if err != nil {
		return Result{}, err
	}
	attempts, err := a.b.DisbursementsOf(v.ID)
	if err != nil {
		return Result{}, err
	}
	if !v.Quote.Terms.PaysBy(rail.means()) {
		return Result{}, fault.New(fault.Denied, "means_not_offered", "Ese vale no se entrega por ese medio.")
	}
	if l.State != loan.LoanPendingDisbursement {
		return Result{}, fault.New(fault.Conflict, "already_paid_out", "Ese dinero ya se entregó.")
	}
	if err := a.reachedForSure(v.PersonID); err != nil {
		return Result{}, err
	}
	if d, ok := liveAttempt(attempts); ok {
		return a.sameAttempt(d, rail, account)
	}
	return a.newAttempt(v, rail, account)
}

// means is what a product calls the rail.
func (r Rail) means() loan.Means {
	if r == RailSPEI {
		return loan.MeansSPEI
	}
	return loan.MeansATM
}

// newAttempt writes an attempt on its way to the rail.
func (a *act) newAttempt(v Vale, rail Rail, account string) (Result, error) {
	d := Disbursement{
		ID: a.NewID(), LoanID: v.LoanID, ValeID: v.ID, Rail: rail, Account: account,
		State: loan.DisbursementCreated, Amount: v.Quote.Terms.Payout(), Token: a.Token, Created: a.Now,
	}
	if err := walk(&d.State, loan.DisbursementDoApprove, loan.DisbursementDoSend); err != nil {
		return Result{}, err
	}
	op := "issue"
	if rail == RailSPEI {
		op, d.Rastreo = "transfer", trackingKey(d.ID, a.today())
	} else {
		a.b.PutCode(Code{ID: d.ID, State: loan.CodeRequested})
	}
	a.b.AddDisbursement(d)
	a.callRail(d, op)
	return Result{Deferred: true}, nil
}

// callRail asks for a rail to be called once the transaction is durable.
func (a *act) callRail(d Disbursement, op string) {
	a.b.Calls = append(a.b.Calls, RailCall{Rail: d.Rail, Op: op, Disbursement: d.ID})
}

// sameAttempt answers a request while an attempt lives: the same request gets
// the same answer, another one must wait for the first to end.
func (a *act) sameAttempt(d Disbursement, rail Rail, account string) (Result, error) {
	if d.Rail != rail || d.Account != account {
		return Result{}, fault.New(fault.Conflict, "attempt_alive", "Ya hay una entrega en curso; hay que esperar a que termine.")
	}
	if d.State != loan.DisbursementAccepted {
		d.Token = a.Token
		a.b.PutDisbursement(d)
		return Result{Deferred: true}, nil
	}
	value, err := a.answerOf(d)
	if err != nil {
		return Result{}, err
	}
	return with("ok", value)
}

// answerOf is what the rail's acceptance means to the beneficiary. It holds the
// digits of a withdrawal code: it goes into her message and nowhere else.
func (a *act) answerOf(d Disbursement) (map[string]any, error) {
	if d.Rail == RailSPEI {
		return map[string]any{"rastreo": d.Rastreo}, nil
	}
	c, err := a.b.Code(d.ID)
	if err != nil {
		return nil, err
	}
	return map[string]any{"clave": c.Digits, "vence": c.Expires, "red": c.Network}, nil
}

// payoutCancel asks the issuer to withdraw a code that nobody has used. The
// money is back when the rail says so.
func (a *act) payoutCancel() (Result, error) {
	v, err := a.valeNamed()
	if err != nil {
		return Result{}, err
	}
	attempts, err := a.b.DisbursementsOf(v.ID)
	if err != nil {
		return Result{}, err
	}
	d, ok := liveAttempt(attempts)
	if !ok || d.Rail != RailATM {
		return say("nothing")
	}
	a.callRail(d, "cancel")
	return say("ok")
}

// liveAttempt finds the attempt that can still pay money out.
func liveAttempt(attempts []Disbursement) (Disbursement, bool) {
	for _, d := range attempts {
		switch d.State {
		case loan.DisbursementRejected, loan.DisbursementReturned, loan.DisbursementCancelled:
		default:
			return d, true
		}
	}
	return Disbursement{}, false
}

// trackingKey makes the clave de rastreo of an attempt: at most 30 letters and
// digits, unique because the attempt's id is.
func trackingKey(id uuid.UUID, day quincena.Date) string {
	tail := strings.ToUpper(strings.ReplaceAll(id.String(), "-", ""))[18:]
	return fmt.Sprintf("VB%02d%02d%02d%s", day.Year%100, day.Month, day.Day, tail)
}

// walk moves a state machine through several events and refuses the first that
// it does not know.
func walk[S interface{ Next(E) (S, error) }, E any](state *S, events ...E) error {
	for _, e := range events {
		next, err := (*state).Next(e)
		if err != nil {
			return err
		}
		*state = next
	}
	return nil
}
