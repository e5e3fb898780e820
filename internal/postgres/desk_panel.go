package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Panel reads what a person owes, is offered and may lend, as of a moment. It is
// empty for uuid.Nil. Nothing secret is in it. key is the contact of the chat.
func (s *Store) Panel(ctx context.Context, person uuid.UUID, key string, now time.Time) (casework.Panel, error) {
	if person == uuid.Nil {
		return casework.Panel{}, nil
	}
	loans, err := s.LoansOf(ctx, person)
	if err != nil {
		return casework.Panel{}, err
	}
	var panel casework.Panel
	err = s.Read(ctx, func(b *lending.Book) error {
		panel = casework.Panel{}
		var errs [5]error
		panel.Client, errs[0] = clientOf(b, person, key, now)
		panel.Vales, errs[1] = offersOf(b, person)
		panel.Line, errs[2] = lineOf(b, person, now)
		panel.Complaints, errs[3] = complaintsOf(b, person)
		panel.Requests, errs[4] = requestsOf(b, person)
		return errors.Join(errs[:]...)
	})
	today := quincena.On(now, quincena.Central())
	for _, l := range loans {
		panel.Loans = append(panel.Loans, creditOf(l, today))
	}
	return panel, err
}

// creditOf derives where a loan stands today: the position that is stored is as
// of the last day close or payment.
func creditOf(p LoanPanel, today quincena.Date) casework.Credit {
	l := p.Loan
	c := casework.Credit{
		ID: l.ID, Vale: l.ValeID, Folio: l.Folio, State: l.State, Principal: l.Quote.Terms.Principal, N: len(l.Quote.Rows), From: p.Distributor,
		Owed: l.Position.Owed, Overdue: l.Position.Overdue, DaysLate: l.Position.DaysLate,
		Next: l.Position.NextAmount, NextDue: l.Position.NextDue, Left: l.Position.Left,
	}
	if l.Position.DaysLate > 0 && l.Position.AsOf.Before(today) {
		c.DaysLate += l.Position.AsOf.DaysUntil(today)
	}
	c.Payoff = l.Payoff(p.Payments, today)
	for _, x := range p.Payments {
		c.Payments = append(c.Payments, casework.Paid{At: x.ReceivedAt, Amount: x.Amount, Good: x.State == loan.PaymentPosted})
	}
	for _, x := range p.Promises {
		if x.State == loan.PromiseOpen {
			c.Promise = &casework.Promised{Made: x.Made, On: x.Date, Amount: x.Amount}
		}
	}
	if n := len(p.Attempts); n > 0 {
		c.Payout = string(p.Attempts[n-1].State)
	}
	return c
}

func offersOf(b *lending.Book, person uuid.UUID) ([]casework.Offer, error) {
	vales, err := b.ValesOf(person)
	if err != nil {
		return nil, err
	}
	offers := make([]casework.Offer, 0, len(vales))
	var errs []error
	for _, v := range vales {
		from, err := distributorName(b, v.DistributorID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t := v.Quote.Terms
		offers = append(offers, casework.Offer{
			ID: v.ID, Folio: v.Folio, State: v.State, Amount: t.Principal, N: t.N, Payment: t.Payment, Expires: v.Expires, From: from,
		})
	}
	return offers, errors.Join(errs...)
}

// clientOf is what the desk may change about a person.
func clientOf(b *lending.Book, person uuid.UUID, key string, now time.Time) (*casework.Client, error) {
	p, err := b.Person(person)
	if err != nil {
		return nil, err
	}
	c, err := b.Contact(key)
	if fault.KindOf(err) == fault.NotFound {
		err = nil // who never told us anything about writing to her
	}
	return &casework.Client{
		ID: p.ID, Limit: p.Limit, Blocked: p.Blocked, Locked: p.LockedUntil.After(now), Segment: p.Segment, Wrong: !c.WrongNumber.IsZero(),
		Doubt: c.Doubt, Since: c.Doubted, Misses: c.WrongAnswers,
	}, err
}

func complaintsOf(b *lending.Book, person uuid.UUID) ([]casework.Complaint, error) {
	all, err := b.ComplaintsOf(person)
	var out []casework.Complaint
	for _, q := range all {
		out = append(out, casework.Complaint{
			ID: q.ID, Folio: q.Folio, State: q.State, Opened: q.Opened, DueBy: q.DueBy, Answered: q.Answered, Closed: q.Closed, Resolution: q.Resolution,
		})
	}
	return out, err
}

func requestsOf(b *lending.Book, person uuid.UUID) ([]casework.Request, error) {
	all, err := b.RequestsOf(person)
	var out []casework.Request
	for _, r := range all {
		out = append(out, casework.Request{
			ID: r.ID, Person: r.PersonID, Folio: r.Folio, Kind: r.Kind, Opened: r.Opened, DueBy: r.DueBy, Note: casework.Veil(r.Note, "text"),
			Amount: r.Amount, Decision: r.Decision, Reason: r.Reason, RetryOn: r.RetryOn,
		})
	}
	return out, err
}

func distributorName(b *lending.Book, id uuid.UUID) (string, error) {
	d, err := b.Distributor(id)
	if err != nil {
		return "", err
	}
	p, err := b.Person(d.PersonID)
	return p.Name, err
}

func lineOf(b *lending.Book, person uuid.UUID, now time.Time) (*casework.Line, error) {
	d, ok, err := b.DistributorOf(person)
	if err != nil || !ok {
		return nil, err
	}
	line := &casework.Line{
		ID: d.ID, State: d.State, Limit: d.Limit, Available: max(d.Available(), money.Amount(0)), Held: d.Held, Used: d.Used,
		Branch: d.Branch, Category: d.Category, Points: d.Points, Arrears: d.Arrears, Locked: d.LockedUntil.After(now),
	}
	r, ok, err := b.RelacionOf(d.ID)
	if err == nil && ok {
		line.Unpaid = casework.Unpaid(r.State, r.Streak)
	}
	return line, err
}
