package lending

import (
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
	return []use{
		{"payment.post", flow.ActionSpec{
			With: flow.Fields{
				"source": flow.Text, "reference": flow.Text, "account": flow.Text,
				"amount": flow.Amount, "value_date": flow.Date,
			},
			Outcomes: []string{"ok", "repeated"},
			Result:   flow.Fields{"id": flow.Text, "folio": flow.Text, "saldo": flow.Amount},
		}, (*act).paymentPost},
		{"payment.reverse", flow.ActionSpec{
			With:     flow.Fields{"source": flow.Text, "reference": flow.Text, "reason": flow.Text},
			Outcomes: []string{"ok", "repeated"},
		}, (*act).paymentReverse},
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

// paymentPost counts money toward a loan, once per (source, reference). Account
// is what the payer wrote: a payment reference, a folio or a loan's id.
func (a *act) paymentPost() (Result, error) {
	if err := a.checkDeposit(); err != nil {
		return Result{}, err
	}
	l, err := a.loanPaid(a.text("account"))
	if err != nil {
		return Result{}, err
	}
	old, ok, err := a.b.PaymentByKey(a.text("source"), a.text("reference"))
	if err != nil {
		return Result{}, err
	}
	if ok {
		return a.samePayment(old, l)
	}
	if err := a.mayReceive(l); err != nil {
		return Result{}, err
	}
	d, err := a.debtOf(l.ID)
	if err != nil {
		return Result{}, err
	}
	p := Payment{
		ID: a.NewID(), LoanID: l.ID, PersonID: l.PersonID, Source: a.text("source"), Reference: a.text("reference"),
		Amount: a.amount("amount"), ValueDate: a.date("value_date"), ReceivedAt: a.Now, State: loan.PaymentReceived,
	}
	if err := walk(&p.State, loan.PaymentDoMatch, loan.PaymentDoPost); err != nil {
		return Result{}, err
	}
	a.b.AddPayment(p)
	a.about(KindPayment, p.ID)
	owed, err := a.rebook(d, append(slices.Clone(d.payments), p), sourceAccount(p.Source))
	if err != nil {
		return Result{}, err
	}
	if err := a.tellPaid(p); err != nil {
		return Result{}, err
	}
	return with("ok", map[string]any{"id": p.ID.String(), "folio": l.Folio, "saldo": owed})
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

// checkDeposit refuses what cannot be a payment, whoever it is for.
func (a *act) checkDeposit() error {
	switch {
	case a.text("source") == "" || a.text("reference") == "":
		return fault.New(fault.Invalid, "payment_without_key", "Falta de dónde viene el pago o su referencia.")
	case a.amount("amount") <= 0:
		return fault.New(fault.Invalid, "payment_not_positive", "El pago debe ser mayor que cero.")
	case a.amount("amount") > money.Max:
		return fault.New(fault.Invalid, "payment_too_large", "El pago es demasiado grande.")
	case a.date("value_date").IsZero():
		return fault.New(fault.Invalid, "payment_without_date", "Falta la fecha del pago.")
	case a.date("value_date").After(a.today()):
		return fault.New(fault.Invalid, "payment_in_future", "La fecha del pago todavía no llega.")
	}
	return nil
}

// loanPaid finds the loan that a payer wrote down.
func (a *act) loanPaid(account string) (Loan, error) {
	if id, err := uuid.Parse(account); err == nil {
		return a.b.Loan(id)
	}
	l, ok, err := a.b.LoanByReference(account)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no_such_loan", "No hay un crédito con esa referencia.")
	}
	return l, err
}

// samePayment answers a deposit that is told again.
func (a *act) samePayment(old Payment, l Loan) (Result, error) {
	a.about(KindPayment, old.ID)
	if old.Amount != a.amount("amount") || old.LoanID != l.ID {
		return Result{}, fault.New(fault.Conflict, "payment_key_reused", "Esa referencia de pago ya se usó con otro monto u otro crédito.")
	}
	return with("repeated", map[string]any{"id": old.ID.String(), "folio": l.Folio, "saldo": l.Position.Owed})
}

// mayReceive refuses money for a loan whose borrower has not got it yet.
func (a *act) mayReceive(l Loan) error {
	switch {
	case !l.owes() || l.State == loan.LoanRestructured:
		return fault.New(fault.Conflict, "loan_not_active", "Ese crédito no está activo.")
	case a.date("value_date").Before(l.Active):
		return fault.New(fault.Invalid, "payment_before_loan", "La fecha del pago es anterior a la entrega del dinero.")
	}
	return nil
}

// sourceAccount is where the money of a source arrives.
func sourceAccount(source string) ledger.Account {
	if source == "stp" || source == "spei" {
		return ledger.Account{Code: ledger.BankSTP}
	}
	return ledger.Account{Code: ledger.CashProvider}
}

// rebook brings everything that follows from a loan's payments up to date:
// allocations, ledger, credit line, states, promise. It takes any change of the
// list (a new payment, a back-dated one, a reversal) in the same way, by
// replaying it whole, and returns what is still owed.
func (a *act) rebook(d debt, payments []Payment, received ledger.Account) (money.Amount, error) {
	l := d.Loan
	before, after := l.replay(d.payments, l.Position.AsOf), l.replay(payments, a.bookDay(l))
	a.reallocate(payments, after.Receipts)
	lines := loan.Post(l.ID.String(), l.PersonID.String(), received, before, after)
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

// bookDay is the day up to which the books show a loan after this transaction.
// It never goes back: a node whose clock is behind must not take back what
// another has booked.
func (a *act) bookDay(l Loan) quincena.Date { return laterOf(a.today(), l.Position.AsOf) }

// settleOrReopen moves a loan between active and settled as its replay says.
func settleOrReopen(l *Loan, settled bool) error {
	switch {
	case settled && l.State == loan.LoanActive:
		return walk(&l.State, loan.LoanDoSettle)
	case !settled && l.State == loan.LoanSettled:
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
	p, ok, err := a.b.PaymentByKey(a.text("source"), a.text("reference"))
	switch {
	case err != nil:
		return Result{}, err
	case !ok:
		return Result{}, fault.New(fault.NotFound, "no_such_payment", "No existe ese pago.")
	}
	d, err := a.debtOf(p.LoanID)
	if err != nil {
		return Result{}, err
	}
	a.about(KindPayment, p.ID)
	if p.State == loan.PaymentReversed {
		return say("repeated")
	}
	if err := a.ofPlan(d.Loan, p); err != nil {
		return Result{}, err
	}
	if err := walk(&p.State, loan.PaymentDoReverse); err != nil {
		return Result{}, err
	}
	p.Allocations, p.Excess = nil, 0
	a.b.PutPayment(p)
	rest := slices.Clone(d.payments)
	for i := range rest {
		if rest[i].ID == p.ID {
			rest[i] = p
		}
	}
	_, err = a.rebook(d, rest, sourceAccount(p.Source))
	return Result{Outcome: "ok"}, err
}

// ofPlan refuses to undo a payment that an earlier plan has counted: what was
// left then is what the borrower agreed to.
func (a *act) ofPlan(l Loan, p Payment) error {
	if l.Quote.Terms.Origin != "" && !p.ReceivedAt.After(l.Replanned) {
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
		if p.ValueDate.Before(a.date("desde")) {
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
		case p.ValueDate.Before(since):
		case p.State == loan.PaymentPosted && !p.ValueDate.Before(found.ValueDate):
			outcome, found = "found", p
		case p.State != loan.PaymentPosted && p.State != loan.PaymentReversed && outcome != "found":
			outcome = "pending"
		}
	}
	return with(outcome, map[string]any{"monto": found.Amount, "fecha": found.ValueDate})
}
