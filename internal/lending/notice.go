package lending

import (
	"fmt"
	"time"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
)

// noticeUses are what people at the desk, or jobs, ask the bot to tell a
// borrower. Telling the same thing again is the same event.
func noticeUses() []use {
	done := []string{"ok", "unchanged"}
	return []use{
		{"visit.schedule", flow.ActionSpec{
			With:     flow.Fields{"credito": flow.Text, "cobrador": flow.Text, "cuando": flow.Stamp},
			Outcomes: []string{"ok"},
		}, (*act).visitSchedule},
		{"invoice.issued", flow.ActionSpec{
			With:     flow.Fields{"credito": flow.Text, "mes": flow.Text, "liga": flow.Text},
			Outcomes: []string{"ok"},
		}, (*act).invoiceIssued},
		{"tip.offer", flow.ActionSpec{With: flow.Fields{"credito": flow.Text}, Outcomes: done}, (*act).tipOffer},
		{"contact.confirm_number", flow.ActionSpec{With: flow.Fields{"contacto": flow.Text}, Outcomes: done}, (*act).contactConfirmNumber},
	}
}

// tellLoan emits an event about a loan to its borrower.
func (a *act) tellLoan(l Loan, event, key string, data map[string]any) {
	a.b.Emits = append(a.b.Emits, Emit{
		Key: event + ":" + l.ID.String() + ":" + key, PersonID: l.PersonID, Name: event,
		About: About{AboutPayment, l.ID.String()}, Data: data,
	})
}

// visitSchedule announces a visit: who comes, when and for what, so that nobody
// else can come in our name.
func (a *act) visitSchedule() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	name, err := cleanName(a.text("cobrador"))
	switch {
	case err != nil:
		return Result{}, err
	case !a.stamp("cuando").After(a.Now):
		return Result{}, fault.New(fault.Invalid, "visit_in_past", "La visita debe ser después de ahora.")
	case d.State != loan.LoanActive:
		return Result{}, fault.New(fault.Conflict, "loan_not_active", "Ese crédito no está activo.")
	}
	a.tellLoan(d.Loan, EventVisitScheduled, a.stamp("cuando").UTC().Format(time.RFC3339), map[string]any{
		"cobrador": name, "cuando": a.stamp("cuando"),
	})
	return say("ok")
}

// invoiceIssued tells where the invoice (CFDI) of a month's interest is.
func (a *act) invoiceIssued() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	if a.text("mes") == "" || a.text("liga") == "" {
		return Result{}, fault.New(fault.Invalid, "invoice_without_link", "Falta el mes de la factura o su liga.")
	}
	a.tellLoan(d.Loan, EventInvoiceIssued, a.text("mes"), map[string]any{"mes": a.text("mes"), "liga": a.text("liga")})
	return say("ok")
}

// tipOffer gives a tip to who is on time, at most one a month however many vales
// she has, and none to who has a complaint open: she is owed an answer, not
// advice.
func (a *act) tipOffer() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	if d.State != loan.LoanActive || d.at.Overdue > 0 || d.at.NextAmount <= 0 {
		return say("unchanged")
	}
	if upset, err := a.b.ComplaintsOf(d.PersonID); err != nil || len(upset) > 0 {
		return Result{Outcome: "unchanged"}, err
	}
	month := fmt.Sprintf("%04d-%02d", a.today().Year, a.today().Month)
	// A quincena has two weeks; rounded up, so that the second one completes it.
	a.b.Emits = append(a.b.Emits, Emit{
		Key: EventTipOffered + ":" + d.PersonID.String() + ":" + month, PersonID: d.PersonID, Name: EventTipOffered,
		About: About{AboutPayment, d.ID.String()}, Data: map[string]any{"semana": (d.at.NextAmount + 1) / 2},
	})
	return say("ok")
}

// contactConfirmNumber notes that a person at the desk made sure whose number
// it is, after somebody had said that it was wrong.
func (a *act) contactConfirmNumber() (Result, error) {
	a.subject = Key{KindContact, a.text("contacto")}
	c, err := a.b.Contact(a.text("contacto"))
	switch {
	case err != nil:
		return Result{}, err
	case c.WrongNumber.IsZero():
		return say("unchanged")
	}
	c.WrongNumber = time.Time{}
	a.b.PutContact(c)
	return say("ok")
}
