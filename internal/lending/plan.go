package lending

import (
	"fmt"
	"slices"
	"strings"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// A new plan is offered with its amounts and dates, agreed to, and only then
// put in force. The fingerprint of what was shown is the hash of its rows: a
// yes given to other dates or amounts is a yes to something else.

func planUses() []use {
	in := flow.Fields{"credito": flow.Text, "plan": flow.Option}
	return []use{
		{"plan.quote", flow.ActionSpec{
			About: AboutPayment, With: in,
			Outcomes: []string{"agreed", "offer", "needs_approval", outcomeError},
			Result: flow.Fields{
				"monto": flow.Amount, "fecha": flow.Date, "otro": flow.Amount, "otra_fecha": flow.Date,
				"pagos": flow.Int, "antes": flow.Amount, "total": flow.Amount, "huella": flow.Text,
			},
		}, (*act).planQuote},
		{"plan.agree", flow.ActionSpec{
			About:    AboutPayment,
			With:     flow.Fields{"credito": flow.Text, "plan": flow.Option, "huella": flow.Text},
			Outcomes: []string{"ok", "changed", "needs_approval", outcomeError},
			Result:   flow.Fields{"folio": flow.Text},
		}, (*act).planAgree},
	}
}

// planned is a loan as it stands and as it would stand under another plan.
type planned struct {
	debt
	plan  loan.NewPlan
	quote loan.Quote
}

// planFor simulates the plan that an input names. Where people must decide it
// returns false and notes why.
func (a *act) planFor() (planned, bool, error) {
	plan, err := planOf(a.text("plan"))
	if err != nil {
		return planned{}, false, err
	}
	d, err := a.debtNamed("credito")
	if err != nil {
		return planned{}, false, err
	}
	p, err := a.b.Person(d.PersonID)
	if err != nil {
		return planned{}, false, err
	}
	if a.byFlow() && !a.set.mayReplan(d.Loan, d.at, p) {
		a.note = "plan_not_by_flow"
		return planned{}, false, nil
	}
	if d.State != loan.LoanActive {
		return planned{}, false, fault.New(fault.Conflict, "loan_not_active", "Ese crédito no está activo.")
	}
	q, err := loan.Simulate(d.Quote, d.counted(d.payments), plan, a.bookDay(d.Loan), a.set.Calendar)
	if fault.KindOf(err) == fault.Denied || fault.KindOf(err) == fault.Conflict {
		a.note = fault.CodeOf(err)
		return planned{}, false, nil
	}
	return planned{d, plan, q}, err == nil, err
}

// owedAfter is what would be owed in all under the new plan on its first day,
// centavos.
func (a *act) owedAfter(p planned) money.Amount {
	l := p.Loan
	l.Quote, l.Replanned = p.quote, a.Now
	return l.replay(p.payments, a.bookDay(l)).Outstanding
}

// planQuote says what a new plan would be, without changing anything: the next
// payment and the one that is split off or moved, how many are left, and what
// is owed in all before and after. It answers "agreed" where the borrower has
// already said yes to these very dates and amounts.
func (a *act) planQuote() (Result, error) {
	p, ok, err := a.planFor()
	if err != nil || !ok {
		return Result{Outcome: "needs_approval"}, err
	}
	total := a.owedAfter(p)
	if total != p.at.Owed {
		a.note = "plan_changes_debt"
		return say("needs_approval")
	}
	outcome := "offer"
	r, agreed, err := a.agreement(p)
	if err != nil {
		return Result{}, err
	}
	if agreed {
		a.note, outcome = r.Folio, "agreed"
	}
	first, other := p.quote.Rows[0], p.other()
	return with(outcome, map[string]any{
		"monto": first.Total(), "fecha": first.Due, "otro": other.Total(), "otra_fecha": other.Due,
		"pagos": len(p.quote.Rows), "antes": p.at.Owed, "total": total, "huella": p.quote.Terms.Schedule,
	})
}

// other is the row that the plan made: the second half, or the one moved to
// the end.
func (p planned) other() loan.Instalment {
	if p.plan == loan.SplitNext {
		return p.quote.Rows[1]
	}
	return p.quote.Rows[len(p.quote.Rows)-1]
}

// planAgree keeps the evidence of a yes to a new plan: what was shown, by the
// hash of its rows and of the question as sent, and what was answered. A plan
// that is not any more what was shown is not agreed to.
func (a *act) planAgree() (Result, error) {
	p, ok, err := a.planFor()
	if err != nil || !ok {
		return Result{Outcome: "needs_approval"}, err
	}
	if p.quote.Terms.Schedule != a.text("huella") {
		a.note = "plan_changed"
		return say("changed")
	}
	r, err := a.request(RequestPlan, a.planEvidence(p))
	if err != nil {
		return Result{}, err
	}
	a.about(KindLoan, p.Loan.ID)
	a.note = fmt.Sprintf("%s plan %s pregunta %s %s respuesta %s %s", r.Folio, p.quote.Terms.Schedule,
		a.Reply.QuestionID, a.Reply.QuestionHash, a.Reply.ProviderID, a.Reply.Flow)
	return with("ok", map[string]any{"folio": r.Folio})
}

// planEvidence is the record of an agreement in one line, which ends in the
// fingerprint of the plan.
func (a *act) planEvidence(p planned) string {
	first, other := p.quote.Rows[0], p.other()
	return fmt.Sprintf("%s %s: %s el %s y %s el %s, %d pagos, debe %s; contestó «%s» a %s el %s; %s",
		p.Folio, a.text("plan"), first.Total(), first.Due, other.Total(), other.Due, len(p.quote.Rows), p.at.Owed,
		hideDigits(a.Reply.Text), a.Reply.QuestionID, quincena.On(a.Now, a.set.Zone), planMark(p.quote))
}

func planMark(q loan.Quote) string { return "plan " + q.Terms.Schedule }

// agreement finds the open agreement to a plan.
func (a *act) agreement(p planned) (Request, bool, error) {
	all, err := a.b.RequestsOf(p.PersonID)
	i := slices.IndexFunc(all, func(r Request) bool { return r.agrees(p.quote) })
	if err != nil || i < 0 {
		return Request{}, false, err
	}
	return all[i], true, nil
}

// closeAgreement ends the agreement that a plan in force fulfils.
func (a *act) closeAgreement(p planned) error {
	r, ok, err := a.agreement(p)
	if err != nil || !ok {
		return err
	}
	r.Closed = a.Now
	a.b.PutRequest(r)
	a.note += " acuerdo " + r.Folio
	return nil
}

// agrees reports whether a request is the agreement to a plan. It looks at the
// last line, since what was agreed to last is what holds.
func (r Request) agrees(q loan.Quote) bool {
	return r.Kind == RequestPlan && strings.HasSuffix(r.Note, planMark(q))
}
