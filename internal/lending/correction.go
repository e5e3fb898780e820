package lending

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Correction is a change of somebody's money that no deposit and no schedule
// makes: a part of a debt is forgiven, a loan is written off, a deposit is
// matched by hand or sent back, a saldo a favor is refunded. It carries who
// asked for it, why, and on what evidence. Small ones are done at once; the
// others wait for a second person.
type Correction struct {
	ID         uuid.UUID // also the key of the request that asked for it
	Folio      string    // A-00012
	Kind       CorrectionKind
	State      CorrectionState
	PersonID   uuid.UUID // whose money; uuid.Nil for a deposit of nobody known
	LoanID     uuid.UUID // uuid.Nil where no loan changes
	PaymentID  uuid.UUID // the deposit that it is about, or the payment by which a forgiven part counts
	Amount     money.Amount
	On         quincena.Date // value date
	Reason     string
	Evidence   string // where the proof is: a document, a ticket, a clave de rastreo; secret
	ProposedBy string
	DecidedBy  string
	Proposed   time.Time
	Decided    time.Time // zero while nobody has
}

// CorrectionKind says what a correction does. The words are those that
// operators read.
type CorrectionKind string

// The kinds of correction.
const (
	CorrectMatch    CorrectionKind = "cotejo"       // a deposit in suspense is posted to a loan
	CorrectReturn   CorrectionKind = "devolucion"   // a deposit in suspense goes back to its sender
	CorrectUnapply  CorrectionKind = "desaplicar"   // a posted deposit was for somebody else: back to suspense
	CorrectQuita    CorrectionKind = "quita"        // a part of the debt is forgiven
	CorrectGoodwill CorrectionKind = "bonificacion" // the lender pays a part, for something that went wrong
	CorrectWaive    CorrectionKind = "condonacion"  // late fees are forgiven
	CorrectWriteOff CorrectionKind = "castigo"      // the debt is a loss, and still collectable
	CorrectRefund   CorrectionKind = "reembolso"    // a saldo a favor is paid back
)

// CorrectionState is where a correction stands.
type CorrectionState string

// The states of a correction.
const (
	CorrectionProposed CorrectionState = "PROPOSED" // waits for a second person
	CorrectionDone     CorrectionState = "DONE"     // in the books
	CorrectionRejected CorrectionState = "REJECTED" // the second person said no
	CorrectionUndone   CorrectionState = "UNDONE"   // taken back
)

const (
	correctionDo     = "approve"
	correctionReject = "reject"
	correctionUndo   = "undo"
)

// CorrectionTransitions returns the whole table; it begins in PROPOSED.
func CorrectionTransitions() []loan.Transition {
	return []loan.Transition{
		{Source: string(CorrectionProposed), Event: correctionDo, Destination: string(CorrectionDone)},
		{Source: string(CorrectionProposed), Event: correctionReject, Destination: string(CorrectionRejected)},
		{Source: string(CorrectionDone), Event: correctionUndo, Destination: string(CorrectionUndone)},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s CorrectionState) Next(event string) (CorrectionState, error) {
	for _, row := range CorrectionTransitions() {
		if row.Source == string(s) && row.Event == event {
			return CorrectionState(row.Destination), nil
		}
	}
	return s, fault.New(fault.Conflict, "bad_transition", "Eso ya no se puede hacer en el estado en que está.")
}

func correctionUses() []use {
	deposit := ask("pago", flow.Text)
	debt := ask("credito", flow.Text, "monto", flow.Amount)
	outcomes := []string{"ok", "proposed", "repeated"}
	result := flow.Fields{"id": flow.Text, "folio": flow.Text, "estado": flow.Text}
	decided := []string{"ok", "repeated"}
	uses := []use{
		{"payment.match", flow.ActionSpec{With: ask("pago", flow.Text, "cuenta", flow.Text, "fecha", flow.Date)}, (*act).paymentMatch},
		{"payment.return", flow.ActionSpec{With: deposit}, (*act).paymentReturn},
		{"payment.unapply", flow.ActionSpec{With: deposit}, (*act).paymentUnapply},
		{"loan.forgive", flow.ActionSpec{With: debt}, forgive(CorrectQuita)},
		{"loan.goodwill", flow.ActionSpec{With: debt}, forgive(CorrectGoodwill)},
		{"loan.waive_late", flow.ActionSpec{With: debt}, forgive(CorrectWaive)},
		{"loan.write_off", flow.ActionSpec{With: ask("credito", flow.Text)}, (*act).loanWriteOff},
		{"credit.refund", flow.ActionSpec{With: ask("persona", flow.Text, "monto", flow.Amount)}, (*act).creditRefund},
	}
	for i := range uses {
		uses[i].Outcomes, uses[i].Result = outcomes, result
	}
	one := flow.Fields{"ajuste": flow.Text}
	why := flow.Fields{"ajuste": flow.Text, "motivo": flow.Text}
	return append(uses,
		use{"correction.approve", flow.ActionSpec{With: one, Outcomes: decided}, (*act).correctionApprove},
		use{"correction.reject", flow.ActionSpec{With: why, Outcomes: decided}, (*act).correctionRefuse},
		use{"correction.undo", flow.ActionSpec{With: why, Outcomes: decided}, (*act).correctionUndo},
		use{"payment.returned", flow.ActionSpec{With: flow.Fields{"pago": flow.Text, "rastreo": flow.Text}, Outcomes: decided}, (*act).paymentReturned},
		use{"credit.apply", flow.ActionSpec{
			With:     flow.Fields{"persona": flow.Text, "credito": flow.Text, "monto": flow.Amount, "pedido": flow.Text},
			Outcomes: []string{"ok", "repeated", outcomeError}, Result: flow.Fields{"aplicado": flow.Amount, "saldo": flow.Amount},
		}, (*act).creditApply},
	)
}

// ask are the inputs that every correction needs, and its own: name, type, …
func ask(own ...any) flow.Fields {
	fields := flow.Fields{"pedido": flow.Text, "motivo": flow.Text, "evidencia": flow.Text}
	for i := 0; i < len(own); i += 2 {
		fields[own[i].(string)] = own[i+1].(flow.Type)
	}
	return fields
}

// requestKey reads the key of a request, which makes asking twice asking once. An
// empty one is a new request.
func (a *act) requestKey() (uuid.UUID, error) {
	if a.text("pedido") == "" {
		return a.NewID(), nil
	}
	return a.id("pedido")
}

// propose puts a correction on file and carries it out if one person is enough
// for it.
func (a *act) propose(c Correction) (Result, error) {
	id, err := a.requestKey()
	if err != nil {
		return Result{}, err
	}
	a.about(KindCorrection, id)
	if a.text("pedido") != "" { // an id made on the spot is new
		switch old, err := a.b.Correction(id); {
		case err == nil:
			return a.sameCorrection(old, c)
		case fault.KindOf(err) != fault.NotFound:
			return Result{}, err
		}
	}
	if err := a.checkProposal(&c); err != nil {
		return Result{}, err
	}
	if c.Folio, err = a.b.NextFolio("A"); err != nil {
		return Result{}, err
	}
	c.ID, c.State, c.ProposedBy, c.Proposed = id, CorrectionProposed, who(a.Actor), a.Now
	alone, err := a.aloneEnough(c)
	if err != nil {
		return Result{}, err
	}
	outcome := "proposed"
	if alone {
		if err := a.carryOut(&c); err != nil {
			return Result{}, err
		}
		outcome = "ok"
	}
	a.b.AddCorrection(c)
	a.about(KindCorrection, id)
	a.note = string(c.Kind) + " " + c.Amount.String()
	return c.result(outcome)
}

func (c Correction) result(outcome string) (Result, error) {
	return with(outcome, map[string]any{"id": c.ID.String(), "folio": c.Folio, "estado": string(c.State)})
}

// sameCorrection answers a request that comes again.
func (a *act) sameCorrection(old, c Correction) (Result, error) {
	if old.Kind != c.Kind || old.LoanID != c.LoanID || old.Amount != c.Amount {
		return Result{}, fault.New(fault.Conflict, "request_reused", "Esa solicitud ya se usó para otra cosa. Vuelve a cargar la página.")
	}
	return old.result("repeated")
}

// checkProposal wants a reason and evidence from somebody who may ask.
func (a *act) checkProposal(c *Correction) error {
	c.Reason, c.Evidence = strings.TrimSpace(a.text("motivo")), strings.TrimSpace(a.text("evidencia"))
	switch {
	case len(c.Reason) < 3 || len(c.Reason) > 500:
		return fault.New(fault.Invalid, "correction_without_reason", "Escribe el motivo del ajuste.")
	case len(c.Evidence) < 3 || len(c.Evidence) > 500:
		return fault.New(fault.Invalid, "correction_without_evidence", "Escribe dónde está la evidencia del ajuste.")
	case c.Amount <= 0:
		return fault.New(fault.Invalid, "correction_not_positive", "El monto debe ser mayor que cero.")
	}
	return nil
}

// who is the person behind an actor: the same login at the desk and on the
// command line is one person.
func who(actor string) string {
	if _, login, ok := strings.Cut(actor, ":"); ok && !strings.HasPrefix(actor, "flow:") && !strings.HasPrefix(actor, "rail:") {
		return login
	}
	return actor
}

// aloneWindow is the time over which corrections done by one person add up.
const aloneWindow = 30 * 24 * time.Hour

// aloneEnough reports whether a correction needs no second person: it is of a
// kind that takes from the lender and from nobody else, and with what single
// people did for this borrower in the last month it stays within the limit.
func (a *act) aloneEnough(c Correction) (bool, error) {
	if !isGrant(string(c.Kind)) || a.byFlow() && c.Kind != CorrectGoodwill {
		return false, nil
	}
	all, err := a.b.CorrectionsOf(c.PersonID)
	if err != nil {
		return false, err
	}
	sum := c.Amount
	for _, old := range all {
		if old.State == CorrectionDone && old.DecidedBy == old.ProposedBy && a.Now.Sub(old.Decided) < aloneWindow {
			sum += old.Amount
		}
	}
	return sum <= a.set.FourEyes, nil
}

// correctionNamed reads a correction by folio or id.
func (a *act) correctionNamed() (Correction, error) {
	text := strings.ToUpper(strings.TrimSpace(a.text("ajuste")))
	if id, err := uuid.Parse(text); err == nil {
		a.about(KindCorrection, id)
		return a.b.Correction(id)
	}
	c, ok, err := a.b.CorrectionByFolio(text)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no_such_correction", "No existe ese ajuste.")
	}
	a.about(KindCorrection, c.ID)
	return c, err
}

// mayDecide refuses anybody who is not a person, and the one who asked.
func (a *act) mayDecide(c Correction) error {
	if !strings.HasPrefix(a.Actor, "agent:") && !strings.HasPrefix(a.Actor, "cli:") {
		return fault.New(fault.Denied, "correction_needs_person", "Un ajuste lo autoriza una persona.")
	}
	if who(a.Actor) == c.ProposedBy {
		return fault.New(fault.Denied, "correction_same_person", "Quien pide un ajuste no puede autorizarlo. Pídeselo a otra persona.")
	}
	return nil
}

// correctionApprove carries out a correction that somebody else asked for. All
// that was checked when it was asked for is checked again.
func (a *act) correctionApprove() (Result, error) {
	c, err := a.correctionNamed()
	switch {
	case err != nil:
		return Result{}, err
	case c.State == CorrectionDone:
		return say("repeated")
	}
	if err := a.mayDecide(c); err != nil {
		return Result{}, err
	}
	if err := a.carryOut(&c); err != nil {
		return Result{}, err
	}
	a.b.PutCorrection(c)
	a.about(KindCorrection, c.ID)
	return say("ok")
}

// correctionRefuse ends a correction that nobody carried out. Who asked for it
// may withdraw it.
func (a *act) correctionRefuse() (Result, error) {
	c, err := a.correctionNamed()
	switch {
	case err != nil:
		return Result{}, err
	case c.State == CorrectionRejected:
		return say("repeated")
	}
	if err := walk(&c.State, correctionReject); err != nil {
		return Result{}, err
	}
	c.DecidedBy, c.Decided, a.note = who(a.Actor), a.Now, a.text("motivo")
	a.b.PutCorrection(c)
	return say("ok")
}

// correctionUndo takes back what was forgiven or refunded. The others have
// their own way back: a matched deposit is unapplied, what was written off is
// collected, what was sent back is gone.
func (a *act) correctionUndo() (Result, error) {
	c, err := a.correctionNamed()
	switch {
	case err != nil:
		return Result{}, err
	case c.State == CorrectionUndone:
		return say("repeated")
	}
	if a.byFlow() {
		return Result{}, fault.New(fault.Denied, "correction_needs_person", "Un ajuste lo deshace una persona.")
	}
	if err := walk(&c.State, correctionUndo); err != nil {
		return Result{}, err
	}
	switch {
	case c.Kind == CorrectRefund:
		err = a.refund(c, -c.Amount)
	case c.PaymentID != uuid.Nil && isGrant(string(c.Kind)):
		var p Payment
		if p, err = a.b.Payment(c.PaymentID); err == nil {
			err = a.takeBack(p)
		}
	default:
		err = fault.New(fault.Conflict, "correction_final", "Ese ajuste no se deshace así.")
	}
	if err != nil {
		return Result{}, err
	}
	a.b.PutCorrection(c)
	a.about(KindCorrection, c.ID)
	a.note = a.text("motivo")
	return say("ok")
}
