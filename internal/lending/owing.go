package lending

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// What a loan owes is never stored as such: it is replayed from its rows and
// its payments. The Position of a Loan is a copy for set-based reading, and its
// AsOf is the day up to which the ledger shows the loan.

// posted returns the payments that count.
func posted(payments []Payment) []Payment {
	return slices.DeleteFunc(slices.Clone(payments), func(p Payment) bool { return p.State != loan.PaymentPosted })
}

// counted returns the payments that count toward the rows in force. A new plan
// holds what was left when it was made, so what was received before belongs to
// the plan before it; what was placed later counts from the plan's first day on, even
// with an older value date.
func (l Loan) counted(payments []Payment) []loan.Payment {
	terms := l.Quote.Terms
	replanned := terms.Origin != ""
	var counted []loan.Payment
	for _, p := range posted(payments) {
		on := p.ValueDate
		if replanned {
			if !p.counts().After(l.Replanned) {
				continue
			}
			on = laterOf(on, terms.Issued)
		}
		one := p.replayed(on)
		if p.Source == sourceOpening {
			one.Plan = terms.Plan // many payments of the old system in one: none of them settled the loan
		}
		counted = append(counted, one)
	}
	return counted
}

// counts is since when a payment counts toward its loan.
func (p Payment) counts() time.Time {
	if p.MatchedAt.IsZero() {
		return p.ReceivedAt
	}
	return p.MatchedAt
}

// NextPayment is the loan of a person whose payment falls due first, as what a
// dialogue is about; nothing where no loan is active.
func (b *Book) NextPayment(person uuid.UUID) (About, error) {
	loans, err := b.LoansOf(person)
	if err != nil {
		return About{}, err
	}
	loans = slices.DeleteFunc(slices.Clone(loans), func(l Loan) bool { return l.State != loan.LoanActive })
	if len(loans) == 0 {
		return About{}, nil
	}
	first := slices.MinFunc(loans, func(x, y Loan) int { return y.Position.NextDue.DaysUntil(x.Position.NextDue) })
	return About{AboutPayment, first.ID.String()}, nil
}

// paymentsOf reads the payments of several loans. It asks for all of them
// before it says that one is missing, so that one load is enough.
func paymentsOf(b *Book, loans []Loan) ([][]Payment, error) {
	lists, missing := make([][]Payment, len(loans)), error(nil)
	for i, l := range loans {
		payments, err := b.PaymentsOf(l.ID)
		switch {
		case errors.Is(err, ErrMissing):
			missing = err
		case err != nil:
			return nil, err
		}
		lists[i] = payments
	}
	return lists, missing
}

// replay derives where a loan stands at the end of a day.
func (l Loan) replay(payments []Payment, asOf quincena.Date) loan.Position {
	return loan.Replay(l.Quote.Terms, l.Quote.Rows, l.counted(payments), asOf)
}

// owes reports whether the money was handed out, so that something can be owed.
func (l Loan) owes() bool {
	return l.State != loan.LoanPendingDisbursement && l.State != loan.LoanCancelled && l.State != loan.LoanReversed
}

// position derives the stored form of where a loan stands. Before the money is
// in hand nothing is owed, and the first instalment is the next one.
func position(l Loan, payments []Payment, asOf quincena.Date) Position {
	if !l.owes() {
		t := l.Quote.Terms
		return Position{AsOf: asOf, NextN: 1, NextDue: t.First, NextAmount: t.Payment, Left: t.N}
	}
	return stored(l.replay(payments, asOf))
}

// Payoff is what settles the loan on a day, centavos: less than what is owed
// where interest runs on the balance.
func (l Loan) Payoff(payments []Payment, on quincena.Date) money.Amount {
	if !l.owes() {
		return 0
	}
	return l.replay(payments, on).Payoff
}

func stored(p loan.Position) Position {
	return Position{
		AsOf: p.AsOf, NextN: p.NextN, NextDue: p.NextDue, NextAmount: p.NextAmount,
		Owed: p.Outstanding, Overdue: p.Overdue, DaysLate: p.DaysLate, Left: p.Left,
	}
}

// owedCapital is the capital still to be paid.
func owedCapital(p loan.Position) money.Amount {
	var sum money.Amount
	for _, row := range p.Rows {
		sum += row.Owed[loan.Capital]
	}
	return sum
}

// clearing is the account where money stands on its way to the borrower, and
// bank the one that it comes from.
func (t attempt) clearing() ledger.Account {
	if t.Rail == RailSPEI {
		return ledger.Account{Code: ledger.DisbursementOut, Owner: t.LoanID.String()}
	}
	return ledger.Account{Code: ledger.CodeOut, Owner: t.LoanID.String()}
}

func (t attempt) bank() ledger.Account {
	if t.Rail == RailSPEI {
		return ledger.Account{Code: ledger.BankSTP}
	}
	return ledger.Account{Code: ledger.CashProvider}
}

// fund books that the rail has taken the money of an attempt.
func (a *act) fund(t attempt) error {
	return a.post("dinero en camino "+t.vale.Folio, ledger.Move(t.Amount, t.bank(), t.clearing())...)
}

// unfund books that the money of an attempt is back.
func (a *act) unfund(t attempt) error {
	return a.post("dinero de vuelta "+t.vale.Folio, ledger.Move(t.Amount, t.clearing(), t.bank())...)
}

// activate makes the loan owed from today, books it, and tells both sides.
func (a *act) activate(t attempt) (Result, error) {
	l := t.loan
	if err := walk(&l.State, loan.LoanDoActivate); err != nil {
		return Result{}, err
	}
	d, err := a.b.Distributor(l.DistributorID)
	if err != nil {
		return Result{}, err
	}
	l.Active = a.today()
	at := l.replay(nil, l.Active)
	lines := loan.HandOut(l.ID.String(), l.Quote.Terms, t.clearing())
	lines = append(lines, loan.Post(l.ID.String(), l.PersonID.String(), t.bank(), loan.Position{}, at)...)
	if err := a.post("dinero entregado "+l.Folio, lines...); err != nil {
		return Result{}, err
	}
	l.Position = stored(at)
	a.b.PutLoan(l)
	a.tell(l.PersonID, EventValeActivated, l.ValeID, t.ID)
	a.tell(d.PersonID, EventValeDelivered, l.ValeID, t.ID)
	return say(railOK)
}

// deactivate undoes activate: the loan waits for another attempt.
func (a *act) deactivate(t attempt) error {
	l := t.loan
	at := l.replay(nil, l.Position.AsOf)
	if err := walk(&l.State, loan.LoanDoMoneyBack); err != nil {
		return err
	}
	lines := loan.TakeBack(l.ID.String(), l.Quote.Terms, t.clearing())
	lines = append(lines, loan.Post(l.ID.String(), l.PersonID.String(), t.bank(), at, loan.Position{})...)
	l.Active = quincena.Date{}
	l.Position = position(l, nil, a.today())
	a.b.PutLoan(l)
	return a.post("entrega deshecha "+l.Folio, lines...)
}
