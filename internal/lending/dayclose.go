package lending

import (
	"valebot/internal/ledger"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// The day close brings every active loan up to a day. Most loans do not change
// on most days, and a position is a function of the day alone; so each loan says
// on which day it must be looked at next, and those that were not looked at for
// a while catch up in one step.

// Wake is the first day after its position on which a loan may change without
// anybody paying, or a reminder of it begins; the zero date for a loan that
// nothing happens to. It may be too early, which costs a look, never too late.
func (l Loan) Wake() quincena.Date {
	at := l.Position
	if l.State != loan.LoanActive || at.NextN == 0 {
		return quincena.Date{}
	}
	if at.Overdue > 0 || at.DaysLate > 0 {
		return at.AsOf.AddDays(1) // a day later each day
	}
	var next quincena.Date
	for _, row := range l.Quote.Rows {
		for _, day := range []quincena.Date{row.Due.AddDays(-remindBefore), row.Due, row.Enforceable.AddDays(1)} {
			if day.After(at.AsOf) && (next.IsZero() || day.Before(next)) {
				next = day
			}
		}
	}
	if next.IsZero() {
		return at.AsOf.AddDays(1)
	}
	return next
}

// Closing is what the close of a day decides about one loan.
type Closing struct {
	Position Position
	Lines    []ledger.Line // to bring the books from the old position to it
	Segment  loan.Segment  // how the borrower pays, by this loan; "" if it has no history yet
	Reminder *Emit         // nil if no stage of reminding is reached
}

// CloseDay closes a day for one active loan without an open promise and without
// money that waits for an instalment, from its payments. It decides what the action loan.close_day would, without a Book, so
// that many loans can be closed at a time. The day must not be before the one
// up to which the books show the loan.
func CloseDay(l Loan, payments []Payment, today quincena.Date) Closing {
	counted := l.counted(payments)
	before := loan.Replay(l.Quote.Terms, l.Quote.Rows, counted, l.Position.AsOf)
	after := loan.Replay(l.Quote.Terms, l.Quote.Rows, counted, today)
	// No money moves, so that no account of money received is touched.
	c := Closing{
		Position: stored(after),
		Lines:    loan.Post(l.ID.String(), l.PersonID.String(), ledger.Account{Code: ledger.CashProvider}, before, after),
	}
	if history := after.History(); len(history) > 0 {
		c.Segment = loan.SegmentOf(history)
	}
	if stage := ReminderFor(l, c.Position, nil, today); stage != RemindNot {
		c.Reminder = &Emit{
			Key: ReminderKey(l, c.Position, stage), PersonID: l.PersonID, Name: EventInstallmentDue,
			About: About{AboutPayment, l.ID.String()},
		}
	}
	return c
}

// ArrearsBucket is one line of the portfolio by days late.
type ArrearsBucket struct {
	Bucket       int          `json:"bucket"`    // loan.Bucket; 0 is on time
	From         int          `json:"from_days"` // first day late of the bucket
	Loans        int          `json:"loans"`
	Owed         money.Amount `json:"owed_cents"`
	Overdue      money.Amount `json:"overdue_cents"`
	Distributors int          `json:"distributors"`
}
