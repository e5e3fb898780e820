package lending

import (
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func promiseUses() []use {
	return []use{
		{"promise.create", flow.ActionSpec{
			About:    AboutPayment,
			With:     flow.Fields{"credito": flow.Text, "fecha": flow.Date, "monto": flow.Amount},
			Outcomes: []string{"ok", "not_allowed", outcomeError},
			Result:   flow.Fields{"id": flow.Text, "fecha": flow.Date},
		}, (*act).promiseCreate},
		{"promise.part", flow.ActionSpec{
			About:    AboutPayment,
			With:     flow.Fields{"credito": flow.Text, "fecha": flow.Date, "monto": flow.Amount},
			Outcomes: []string{"ok", "whole", "not_allowed", outcomeError},
			Result: flow.Fields{
				"id": flow.Text, "fecha": flow.Date, "monto": flow.Amount, "resto": flow.Amount,
				"cargo": flow.Amount, "hasta": flow.Date, "diario": flow.Amount,
			},
		}, (*act).promisePart},
		{"promise.break", flow.ActionSpec{
			About: AboutPayment, With: flow.Fields{"promesa": flow.Text}, Outcomes: []string{"ok", outcomeError},
		}, (*act).promiseBreak},
	}
}

// debt is a loan with what has been paid and where it stands today.
type debt struct {
	Loan
	payments []Payment
	at       Position
}

// debtNamed reads the loan that an input names.
func (a *act) debtNamed(input string) (debt, error) {
	id, err := a.id(input)
	if err != nil {
		return debt{}, err
	}
	return a.debtOf(id)
}

func (a *act) debtOf(id uuid.UUID) (debt, error) {
	d, err := a.paidOn(id)
	if err != nil {
		return debt{}, err
	}
	d.at = position(d.Loan, d.payments, a.bookDay(d.Loan))
	return d, nil
}

// paidOn is debtOf for whoever will reckon where the loan stands: at is not set.
func (a *act) paidOn(id uuid.UUID) (debt, error) {
	a.about(KindLoan, id)
	l, err := a.b.Loan(id)
	if err != nil {
		return debt{}, err
	}
	if err := a.entitled(l.PersonID); err != nil {
		return debt{}, err
	}
	payments, err := a.b.PaymentsOf(id)
	if err != nil {
		return debt{}, err
	}
	return debt{Loan: l, payments: payments}, nil
}

// promiseCreate notes a date by which a person says she will pay. It changes
// who is written to and when, never what is owed. A new promise takes the place
// of the open one.
func (a *act) promiseCreate() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	return a.promise(d)
}

// promisePart notes a date and a part of the payment that is due, and tells
// what she should know: what then remains of it, and what the part does not
// change. "cargo" is the fee that is still charged once if the rest does not come
// by "hasta", zero where there is none or it has been charged; "diario" is what a
// day of lateness costs at most, zero where lateness costs a fee alone. Money
// does not move: a part that is promised stops no charge. It answers "whole" where
// the part is all of the payment, and then promises nothing.
func (a *act) promisePart() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	due := max(d.at.Overdue, d.at.NextAmount)
	value := map[string]any{
		"id": "", "fecha": a.date("fecha"), "monto": a.amount("monto"), "resto": max(due-a.amount("monto"), 0),
	}
	value["cargo"], value["hasta"], value["diario"] = a.lateAhead(d)
	if a.amount("monto") >= due {
		return with("whole", value)
	}
	r, err := a.promise(d)
	if err != nil || r.Outcome != "ok" {
		return Result{Outcome: r.Outcome, Value: value}, err
	}
	value["id"] = r.Value["id"]
	return with("ok", value)
}

// lateAhead is what being late with the payment that is due will still cost:
// once, after which day, and a day.
func (a *act) lateAhead(d debt) (once money.Amount, after quincena.Date, daily money.Amount) {
	once, daily = d.Quote.LateCost()
	for _, row := range d.Quote.Rows {
		if row.N == d.at.NextN {
			after = row.Enforceable.AddDays(d.Quote.Terms.Late.GraceDays)
		}
	}
	if after == (quincena.Date{}) || a.today().After(after) {
		once = 0
	}
	return once, after, daily
}

// promise notes a promise about a debt, in place of the open one.
func (a *act) promise(d debt) (Result, error) {
	p, err := a.b.Person(d.PersonID)
	if err != nil {
		return Result{}, err
	}
	promises, err := a.b.PromisesOf(d.Loan.ID)
	if err != nil {
		return Result{}, err
	}
	if !a.mayPromise(d, p) {
		return say("not_allowed")
	}
	if old, ok := openPromise(promises); ok {
		if err := walk(&old.State, loan.PromiseDoSupersede); err != nil {
			return Result{}, err
		}
		a.b.PutPromise(old)
	}
	made := Promise{
		ID: a.NewID(), LoanID: d.Loan.ID, PersonID: d.PersonID, State: loan.PromiseOpen,
		Date: a.date("fecha"), Amount: a.amount("monto"), Made: a.Now,
	}
	a.b.AddPromise(made)
	return with("ok", map[string]any{"id": made.ID.String(), "fecha": made.Date})
}

// mayPromise reports whether a promise makes sense: something is owed, the
// date is near, and she has not broken too many.
func (a *act) mayPromise(d debt, p Person) bool {
	date, last := a.date("fecha"), laterOf(a.today(), d.at.NextDue).AddDays(a.set.PromiseDays)
	return d.State == loan.LoanActive && d.at.Owed > 0 && a.amount("monto") > 0 &&
		p.Broken < a.set.BrokenMost && !date.Before(a.today()) && !date.After(last)
}

func laterOf(d, e quincena.Date) quincena.Date {
	if d.Before(e) {
		return e
	}
	return d
}

// openPromise finds the promise that still waits for its day.
func openPromise(promises []Promise) (Promise, bool) {
	for _, p := range promises {
		if p.State == loan.PromiseOpen {
			return p, true
		}
	}
	return Promise{}, false
}

// promiseBreak judges a promise whose day is over, by the money that was
// received and not by what anybody wrote. One already judged stays as it is.
func (a *act) promiseBreak() (Result, error) {
	id, err := a.id("promesa")
	if err != nil {
		return Result{}, err
	}
	a.about(KindPromise, id)
	p, err := a.b.Promise(id)
	if err != nil {
		return Result{}, err
	}
	if err := a.entitled(p.PersonID); err != nil {
		return Result{}, err
	}
	if p.State != loan.PromiseOpen {
		return say("ok")
	}
	if !p.Date.Before(a.today()) {
		return Result{}, fault.New(fault.Conflict, "promise_not_over", "Todavía no pasa la fecha prometida.")
	}
	payments, err := a.b.PaymentsOf(p.LoanID)
	if err != nil {
		return Result{}, err
	}
	if err := a.judge(p, payments); err != nil {
		return Result{}, err
	}
	return say("ok")
}

// judge ends a promise after its day.
func (a *act) judge(p Promise, payments []Payment) error {
	verdict := loan.PromiseDoBreak
	switch came := receivedSince(payments, p); {
	case came >= p.Amount:
		verdict = loan.PromiseDoKeep
	case came > 0:
		verdict = loan.PromiseDoKeepPartly
	default:
		person, err := a.b.Person(p.PersonID)
		if err != nil {
			return err
		}
		person.Broken++
		a.b.PutPerson(person)
	}
	a.note = string(verdict)
	if err := walk(&p.State, verdict); err != nil {
		return err
	}
	a.b.PutPromise(p)
	return nil
}

// keepPromise ends the open promise of a loan once enough has come.
func (a *act) keepPromise(loanID uuid.UUID, payments []Payment) error {
	promises, err := a.b.PromisesOf(loanID)
	if err != nil {
		return err
	}
	p, ok := openPromise(promises)
	if !ok || receivedSince(payments, p) < p.Amount {
		return nil
	}
	if err := walk(&p.State, loan.PromiseDoKeep); err != nil {
		return err
	}
	a.b.PutPromise(p)
	return nil
}

// receivedSince is the money that came after a promise was made.
func receivedSince(payments []Payment, p Promise) money.Amount {
	var sum money.Amount
	for _, paid := range posted(payments) {
		if !paid.Forgiven() && !paid.ReceivedAt.Before(p.Made) {
			sum += paid.Amount
		}
	}
	return sum
}
