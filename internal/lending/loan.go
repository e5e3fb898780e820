package lending

import (
	"slices"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/ledger"
	"valebot/internal/loan"
)

func loanUses() []use {
	return []use{
		{"loan.balance", flow.ActionSpec{Outcomes: []string{"ok", outcomeError}}, (*act).loanBalance},
		{"loan.restructure", flow.ActionSpec{
			About: AboutPayment, With: flow.Fields{"credito": flow.Text, "plan": flow.Option},
			Outcomes: []string{"ok", "needs_approval", outcomeError},
		}, (*act).loanRestructure},
		{"loan.close_day", flow.ActionSpec{
			With: flow.Fields{"credito": flow.Text}, Outcomes: []string{"ok", "unchanged"},
		}, (*act).loanCloseDay},
	}
}

// loanBalance answers SALDO. The figures are facts ("cliente"); the action
// exists so that asking leaves its audit row.
func (a *act) loanBalance() (Result, error) {
	a.about(KindPerson, a.Person)
	return say("ok")
}

// mayReplan reports whether the bot may change a loan's plan by itself: once,
// while the borrower is not far behind and is not known for being so.
func (s Settings) mayReplan(l Loan, at Position, p Person) bool {
	offered := l.Quote.Terms.Restructure
	return l.State == loan.LoanActive && at.Left > 0 && (offered.Split || offered.Move) &&
		l.Quote.Terms.Origin == "" && at.DaysLate <= s.PlanLate && p.Segment != string(loan.Chronic)
}

// planOf maps the words that flows use.
func planOf(option string) (loan.NewPlan, error) {
	switch option {
	case "partes":
		return loan.SplitNext, nil
	case "mover":
		return loan.MoveNext, nil
	}
	return "", fault.New(fault.Invalid, "no_such_plan", "Ese plan no existe.")
}

// loanRestructure puts what is left of a loan on new dates. What is owed stays
// the same to the centavo. A flow may do it within mayReplan; a person at the
// desk may do it whenever the product allows.
func (a *act) loanRestructure() (Result, error) {
	p, ok, err := a.planFor()
	if err != nil || !ok {
		return Result{Outcome: "needs_approval"}, err
	}
	r, err := a.replan(p.debt, p.quote)
	if err != nil || r.Outcome != "ok" {
		return r, err
	}
	return r, a.closeAgreement(p)
}

// replan puts a new plan in force and moves the books to it.
func (a *act) replan(d debt, q loan.Quote) (Result, error) {
	l := d.Loan
	before := l.replay(d.payments, l.Position.AsOf)
	a.note = "plan anterior " + l.TermsHash
	l.Quote, l.TermsHash, l.Replanned = q, q.Terms.Hash(), a.Now
	after := l.replay(d.payments, a.bookDay(l))
	if after.Outstanding != d.at.Owed {
		// With several instalments late the new plan would fine those again
		// that it does not move.
		a.note = "plan_changes_debt"
		return say("needs_approval")
	}
	if err := a.post("plan nuevo "+l.Folio, movePlan(l, before, after)...); err != nil {
		return Result{}, err
	}
	l.Position = stored(after)
	if err := a.follow(&l, after); err != nil {
		return Result{}, err
	}
	a.b.PutLoan(l)
	promises, err := a.b.PromisesOf(l.ID)
	if err != nil {
		return Result{}, err
	}
	if open, ok := openPromise(promises); ok {
		if err := walk(&open.State, loan.PromiseDoCancel); err != nil {
			return Result{}, err
		}
		a.b.PutPromise(open)
	}
	return say("ok")
}

// movePlan returns the lines that turn what the books show as owed under one
// plan into what they show under the next, component by component. No money
// moves; what was earned and is not due any more is earned again later.
func movePlan(l Loan, before, after loan.Position) []ledger.Line {
	was, is := receivables(before), receivables(after)
	var lines []ledger.Line
	for _, account := range receivableAccounts {
		to := ledger.Account{Code: account.owed, Owner: l.ID.String()}
		from := ledger.Account{Code: account.income}
		for _, c := range account.components {
			lines = append(lines, ledger.Move(is[c]-was[c], from, to)...)
		}
	}
	return lines
}

// receivableAccounts says where each component but capital is owed and where it
// is earned. It is the same chart by which payments are booked; a test holds
// the two together.
var receivableAccounts = [...]struct {
	owed, income ledger.Code
	components   []loan.Component
}{
	{ledger.LoanInterest, ledger.InterestIncome, []loan.Component{loan.Interest}},
	{ledger.LoanMora, ledger.MoraIncome, []loan.Component{loan.Mora}},
	{ledger.FeeReceivable, ledger.FeeIncome, []loan.Component{loan.Fee}},
	{ledger.FeeReceivable, ledger.InsuranceDue, []loan.Component{loan.Insurance}},
	{ledger.IVAReceivable, ledger.IVADue, []loan.Component{loan.InterestIVA, loan.MoraIVA, loan.FeeIVA}},
}

// receivables are the parts, capital aside, that the books show as owed: those
// of instalments that have fallen due.
func receivables(p loan.Position) loan.Parts {
	var sum loan.Parts
	for _, row := range p.Rows {
		if !row.FallenDue(p.AsOf) {
			continue
		}
		for c := range row.Owed {
			sum[c] += row.Owed[c]
		}
	}
	sum[loan.Capital] = 0
	return sum
}

// loanCloseDay brings a loan up to today: interest that fell due and late fees
// are booked, a promise whose day is over is judged, and the reminder of the
// day is asked for. Running it again on the same day changes nothing, and days
// may be skipped: the position is a function of the day alone.
func (a *act) loanCloseDay() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	if d.State != loan.LoanActive {
		return say("unchanged")
	}
	promises, err := a.b.PromisesOf(d.Loan.ID)
	if err != nil {
		return Result{}, err
	}
	if p, ok := openPromise(promises); ok && p.Date.AddDays(promiseGrace).Before(a.today()) {
		if err := a.judge(p, d.payments); err != nil {
			return Result{}, err
		}
	}
	if stage := ReminderFor(d.Loan, d.at, promises, a.today()); stage != RemindNot {
		a.b.Emits = append(a.b.Emits, Emit{
			Key: ReminderKey(d.Loan, d.at, stage), PersonID: d.PersonID, Name: EventInstallmentDue,
			About: About{AboutPayment, d.Loan.ID.String()},
		})
	}
	if d.Loan.Position == d.at {
		return say("unchanged")
	}
	_, err = a.rebook(d, slices.Clone(d.payments))
	return Result{Outcome: "ok"}, err
}

// promiseGrace is how many days after a promised one the day close judges it,
// so that the dialogue that waits for it comes first.
const promiseGrace = 1
