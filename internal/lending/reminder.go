package lending

import (
	"valebot/internal/loan"
	"valebot/internal/quincena"
)

// Reminder is the stage of reminding that a loan is at on a day.
type Reminder string

// The stages. The first two count to the contractual due date; the others
// count days late, from the enforceable date.
const (
	RemindNot    Reminder = ""
	RemindBefore Reminder = "-3" // from three days before it falls due
	RemindOnDay  Reminder = "0"  // from the day it falls due
	RemindLate   Reminder = "+1" // from the first day late
	RemindLater  Reminder = "+7" // from a week late
)

// remindBefore is how many days before the due date the first reminder goes.
const remindBefore = 3

// ReminderFor says which reminder a loan is at on a day, given its position on
// that day and all promises about it. A stage lasts until the next one, so that
// a day on which nobody looked loses no reminder; ReminderKey keeps a stage from
// being told twice. An open promise buys silence until its day is over. Whether
// the person is written to at all, and how, is the flow's to decide: a punctual
// payer is not.
func ReminderFor(l Loan, at Position, promises []Promise, today quincena.Date) Reminder {
	if l.State != loan.LoanActive || at.NextN == 0 {
		return RemindNot
	}
	if p, ok := openPromise(promises); ok && !p.Date.Before(today) {
		return RemindNot
	}
	switch {
	case at.DaysLate >= 7:
		return RemindLater
	case at.DaysLate >= 1:
		return RemindLate
	case !today.Before(at.NextDue):
		return RemindOnDay
	case today.DaysUntil(at.NextDue) <= remindBefore:
		return RemindBefore
	}
	return RemindNot
}

// ReminderKey is the deduplication key of a reminder: one per loan, instalment,
// due date and stage, however often the day is worked through.
func ReminderKey(l Loan, at Position, stage Reminder) string {
	return EventInstallmentDue + ":" + l.ID.String() + ":" + at.NextDue.String() + ":" + string(stage)
}
