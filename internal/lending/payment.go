package lending

import (
	"errors"
	"slices"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func paymentUses() []use {
	received := []string{"ok", "repeated", "unmatched"}
	result := flow.Fields{"id": flow.Text, "folio": flow.Text, "saldo": flow.Amount, "motivo": flow.Text}
	return []use{
		{"payment.post", flow.ActionSpec{
			With: flow.Fields{
				"source": flow.Text, "reference": flow.Text, "account": flow.Text,
				"amount": flow.Amount, "value_date": flow.Date,
			},
			Outcomes: received, Result: result,
		}, (*act).paymentPost},
		{"payment.receive", flow.ActionSpec{
			With: flow.Fields{
				"source": flow.Text, "reference": flow.Text, "operation_date": flow.Date,
				"account": flow.Text, "clabe": flow.Text, "phone": flow.Text,
				"amount": flow.Amount, "value_date": flow.Date,
			},
			Outcomes: received, Result: result,
		}, (*act).paymentReceive},
		{"payment.reverse", flow.ActionSpec{
			With:     flow.Fields{"source": flow.Text, "reference": flow.Text, "reason": flow.Text},
			Outcomes: []string{"ok", "repeated"},
		}, (*act).paymentReverse},
		{"payment.bounce", flow.ActionSpec{
			With: flow.Fields{"pago": flow.Text, "motivo": flow.Text}, Outcomes: []string{"ok", "repeated"},
		}, (*act).paymentBounce},
		{"payment.look", flow.ActionSpec{
			Outcomes: []string{"found", "pending", "not_found", "none", outcomeError},
			Result:   flow.Fields{"monto": flow.Amount, "fecha": flow.Date},
		}, (*act).paymentLook},
		{"payment.find", flow.ActionSpec{
			About: AboutPayment, With: flow.Fields{"credito": flow.Text, "desde": flow.Date},
			Outcomes: []string{"found", "pending", "not_found", outcomeError},
		}, (*act).paymentFind},
	}
}

// tellPaid tells of a payment that counts: whether it was all that is due, and
// whether the loan nears its end.
func (a *act) tellPaid(p Payment) error {
	l, err := a.b.Loan(p.LoanID)
	if err != nil {
		return err
	}
	event := EventPaymentReceived
	if l.partlyPaid() {
		event = EventPaymentPartial
	}
	about := About{AboutPayment, l.ID.String()}
	a.b.Emits = append(a.b.Emits, Emit{
		Key: event + ":" + p.ID.String(), PersonID: l.PersonID, Name: event, About: about,
		Data: map[string]any{"monto": p.Amount},
	})
	if half := l.Quote.Terms.N / 2; l.State == loan.LoanActive && l.Position.Left == half && half > renewLeft {
		a.b.Emits = append(a.b.Emits, Emit{
			Key: EventLoanHalfway + ":" + l.ID.String(), PersonID: l.PersonID, Name: EventLoanHalfway, About: about,
		})
	}
	who, err := a.b.Person(l.PersonID)
	if err != nil || !mayRenew(l, who) {
		return err
	}
	a.b.Emits = append(a.b.Emits, Emit{
		Key: EventLoanEnding + ":" + l.ID.String(), PersonID: l.PersonID, Name: EventLoanEnding, About: about,
		Data: map[string]any{"tope": who.Limit},
	})
	return nil
}

// partlyPaid reports whether a loan's payments leave something that is overdue,
// or part of an instalment that falls due soon.
func (l Loan) partlyPaid() bool {
	p := l.Position
	if p.NextN == 0 || p.NextN > len(l.Quote.Rows) || l.State != loan.LoanActive {
		return false
	}
	started := p.NextAmount < l.Quote.Rows[p.NextN-1].Total()
	return p.Overdue > 0 || started && !nothingDue(p)
}

// renewLeft is how many instalments are left when a person hears of the next vale.
const renewLeft = 2

// mayRenew reports whether a borrower near the end has earned to hear of
// another vale.
func mayRenew(l Loan, p Person) bool {
	return l.State == loan.LoanActive && l.Position.Left == renewLeft && l.Position.Overdue == 0 &&
		!p.Blocked && p.Limit > 0 && p.Segment == string(loan.Punctual)
}

// rebook brings everything that follows from a loan's payments up to date:
// allocations, ledger, credit line, states, promise. It takes any change of the
// list (a new payment, a back-dated one, a reversal) in the same way, by
// replaying it whole, and returns what is still owed. extra lines join the same
// entry.
func (a *act) rebook(d debt, payments []Payment, extra ...ledger.Line) (money.Amount, error) {
	l := d.Loan
	if err := a.touched(l); err != nil {
		return 0, err
	}
	before, after := l.replay(d.payments, l.Position.AsOf), l.replay(payments, a.bookDay(l))
	a.reallocate(payments, after.Receipts)
	lines := append(l.change(before, after, d.payments, payments), extra...)
	if err := a.post("pagos "+l.Folio, lines...); err != nil {
		return 0, err
	}
	if err := settleOrReopen(&l, after.Settled); err != nil {
		return 0, err
	}
	l.Position = stored(after)
	if err := a.releaseCapital(&l, after); err != nil {
		return 0, err
	}
	if err := a.follow(&l, after); err != nil {
		return 0, err
	}
	a.b.PutLoan(l)
	if err := a.countPaid(l.PersonID, before.Left-after.Left, after); err != nil {
		return 0, err
	}
	return after.Outstanding, a.keepPromise(l.ID, payments)
}

// touched reads all that a change of a loan's payments may reach, before anything
// is reckoned: what is missing is then loaded in one trip.
func (a *act) touched(l Loan) error {
	_, err1 := a.b.Vale(l.ValeID)
	_, err2 := a.b.Distributor(l.DistributorID)
	_, err3 := a.b.Person(l.PersonID)
	_, err4 := a.b.PromisesOf(l.ID)
	var err5 error
	if l.Listing.Relacion != uuid.Nil {
		_, err5 = a.b.Relacion(l.Listing.Relacion)
	}
	return errors.Join(err1, err2, err3, err4, err5)
}

// bookDay is the day up to which the books show a loan after this transaction.
// It never goes back: a node whose clock is behind must not take back what
// another has booked.
func (a *act) bookDay(l Loan) quincena.Date { return laterOf(a.today(), l.Position.AsOf) }

// settleOrReopen moves a loan between active and settled, or between written
// off and recovered, as its replay says.
func settleOrReopen(l *Loan, settled bool) error {
	switch {
	case settled && l.State == loan.LoanActive:
		return walk(&l.State, loan.LoanDoSettle)
	case settled && l.State == loan.LoanWrittenOff:
		return walk(&l.State, loan.LoanDoRecover)
	case !settled && (l.State == loan.LoanSettled || l.State == loan.LoanRecovered):
		return walk(&l.State, loan.LoanDoReopen)
	}
	return nil
}

// reallocate writes to each payment where the replay put its money.
func (a *act) reallocate(payments []Payment, receipts []loan.Receipt) {
	for _, r := range receipts {
		i := slices.IndexFunc(payments, func(p Payment) bool { return p.key() == r.Payment })
		if p := payments[i]; !slices.Equal(p.Allocations, r.Allocations) || p.Excess != r.Excess {
			p.Allocations, p.Excess = r.Allocations, r.Excess
			a.b.PutPayment(p)
		}
	}
}

// releaseCapital gives the paid part of the principal back to the distributor's
// line, or takes it back.
func (a *act) releaseCapital(l *Loan, at loan.Position) error {
	v, err := a.b.Vale(l.ValeID)
	if err != nil {
		return err
	}
	paid := v.Quote.Terms.Principal - owedCapital(at)
	moved, err := a.restoreLine(l.DistributorID, paid-l.Released, l.Folio)
	l.Released += moved
	return err
}

// countPaid keeps a person's history: how many instalments she has paid and how
// punctually. A loan without a history of its own yet says nothing new.
func (a *act) countPaid(person uuid.UUID, more int, at loan.Position) error {
	p, err := a.b.Person(person)
	if err != nil {
		return err
	}
	was := p
	p.PaidCount = max(0, p.PaidCount+more)
	if history := at.History(); len(history) > 0 {
		p.Segment = string(loan.SegmentOf(history))
	}
	if p != was {
		a.b.PutPerson(p)
	}
	return nil
}

// paymentReverse undoes a payment that was a mistake or bounced: everything is
// as if it had never come, apart from the history.
func (a *act) paymentReverse() (Result, error) {
	a.note = a.text("reason")
	p, ok, err := a.b.PaymentByKey(PaymentKey(a.text("source"), a.text("reference"), quincena.Date{}))
	switch {
	case err != nil:
		return Result{}, err
	case !ok:
		return Result{}, fault.New(fault.NotFound, "no_such_payment", "No existe ese pago.")
	}
	return a.reverse(p)
}

// paymentBounce is paymentReverse by the payment's id.
func (a *act) paymentBounce() (Result, error) {
	a.note = a.text("motivo")
	p, err := a.paymentNamed()
	if err != nil {
		return Result{}, err
	}
	return a.reverse(p)
}

func (a *act) paymentNamed() (Payment, error) {
	id, err := a.id("pago")
	if err != nil {
		return Payment{}, err
	}
	a.about(KindPayment, id)
	return a.b.Payment(id)
}

// reverse undoes a deposit. What is no deposit is undone as the correction that
// it is.
func (a *act) reverse(p Payment) (Result, error) {
	a.about(KindPayment, p.ID)
	switch {
	case p.State == loan.PaymentReversed:
		return say("repeated")
	case reservedSource(p.Source):
		return Result{}, fault.New(fault.Conflict, "payment_is_correction", "Eso es un ajuste y se deshace como ajuste.")
	}
	return Result{Outcome: "ok"}, a.takeBack(p)
}

// takeBack takes a posted payment off its loan. It refuses where what the payer
// had in her favour by it is spent (credit_spent).
func (a *act) takeBack(p Payment, extra ...ledger.Line) error {
	if err := walk(&p.State, loan.PaymentDoReverse); err != nil {
		return err
	}
	d, err := a.debtOf(p.LoanID)
	if err != nil {
		return err
	}
	a.about(KindPayment, p.ID)
	if err := a.ofPlan(d.Loan, p); err != nil {
		return err
	}
	if _, err := a.creditOf(p.PersonID); err != nil {
		return err // loads what the check below needs
	}
	p.Allocations, p.Excess = nil, 0
	a.b.PutPayment(p)
	rest := slices.Clone(d.payments)
	for i := range rest {
		if rest[i].ID == p.ID {
			rest[i] = p
		}
	}
	if _, err = a.rebook(d, rest, extra...); err != nil {
		return err
	}
	return a.checkCredit(p.PersonID)
}

// checkCredit refuses to leave somebody with less than nothing in her favour.
func (a *act) checkCredit(person uuid.UUID) error {
	credit, err := a.creditOf(person)
	if err == nil && credit < 0 {
		err = fault.New(fault.Conflict, "credit_spent", "El saldo a favor que dejó ese pago ya se usó o se devolvió.")
	}
	return err
}

// ofPlan refuses to undo a payment that an earlier plan has counted: what was
// left then is what the borrower agreed to.
func (a *act) ofPlan(l Loan, p Payment) error {
	if l.Quote.Terms.Origin != "" && !p.counts().After(l.Replanned) {
		return fault.New(fault.Conflict, "payment_before_plan", "Ese pago es anterior al nuevo plan; una persona debe revisarlo.")
	}
	return nil
}

// paymentFind answers «ya pagué» by what the books say.
func (a *act) paymentFind() (Result, error) {
	d, err := a.debtNamed("credito")
	if err != nil {
		return Result{}, err
	}
	outcome := "not_found"
	for _, p := range d.payments {
		if p.Forgiven() || p.ValueDate.Before(a.date("desde")) {
			continue
		}
		switch p.State {
		case loan.PaymentPosted:
			return say("found")
		case loan.PaymentReceived, loan.PaymentMatched, loan.PaymentUnmatched:
			outcome = "pending"
		}
	}
	return say(outcome)
}

// lookBack is how many days back a payment is looked for that a person says she
// has made.
const lookBack = 7

// paymentLook answers «ya pagué» of somebody who was asked nothing: the newest
// payment of any of her loans in the last days.
func (a *act) paymentLook() (Result, error) {
	a.about(KindPerson, a.Person)
	loans, err := a.b.LoansOf(a.Person)
	if err != nil {
		return Result{}, err
	}
	lists, err := paymentsOf(a.b, loans)
	if err != nil {
		return Result{}, err
	}
	outcome, since, found := "not_found", a.today().AddDays(-lookBack), Payment{}
	if !slices.ContainsFunc(loans, func(l Loan) bool { return l.State == loan.LoanActive }) {
		outcome = "none"
	}
	for _, p := range slices.Concat(lists...) {
		switch {
		case p.Forgiven() || p.ValueDate.Before(since):
		case p.State == loan.PaymentPosted && !p.ValueDate.Before(found.ValueDate):
			outcome, found = "found", p
		case p.State != loan.PaymentPosted && p.State != loan.PaymentReversed && outcome != "found":
			outcome = "pending"
		}
	}
	return with(outcome, map[string]any{"monto": found.Amount, "fecha": found.ValueDate})
}
