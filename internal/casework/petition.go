package casework

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Complaint is a complaint as the desk sees it: with its folio and the clock
// within which people must answer it.
type Complaint struct {
	ID         uuid.UUID
	Case       uuid.UUID // its chat; uuid.Nil if there is none
	Folio      string
	Name       string // "" for somebody whom we do not know
	State      lending.ComplaintState
	Opened     time.Time
	DueBy      time.Time
	Answered   time.Time
	Closed     time.Time
	Resolution string // what people answered; only where one complaint is read
	Agent      string // name of who has the chat; "" if nobody has
}

// Clock is how pressing something with a deadline is.
type Clock string

// The columns of the board of complaints, and what comes after the answer.
const (
	Overdue  Clock = "vencidas"
	Half     Clock = "12 h"
	Day      Clock = "24 h"
	TwoDays  Clock = "48 h"
	Verdict  Clock = "por confirmar" // answered: the client is asked whether it is settled
	Finished Clock = "cerradas"
)

// Clocks lists the columns from the most pressing to the least.
func Clocks() []Clock { return []Clock{Overdue, Half, Day, TwoDays, Verdict, Finished} }

// Clock tells which column of the board a complaint belongs to.
func (q Complaint) Clock(now time.Time) Clock {
	left := q.DueBy.Sub(now)
	switch {
	case q.State == lending.ComplaintClosed:
		return Finished
	case q.State == lending.ComplaintAnswered:
		return Verdict
	case left <= 0:
		return Overdue
	case left <= 12*time.Hour:
		return Half
	case left <= 24*time.Hour:
		return Day
	}
	return TwoDays
}

// OnTime reports whether a complaint was answered within its clock, or may still be.
func (q Complaint) OnTime(now time.Time) bool {
	if q.Answered.IsZero() {
		return now.Before(q.DueBy)
	}
	return !q.Answered.After(q.DueBy)
}

// Request is something that a person asked for and that people see to.
type Request struct {
	ID       uuid.UUID
	Case     uuid.UUID // its chat; uuid.Nil if there is none
	Person   uuid.UUID
	Folio    string
	Kind     lending.RequestKind
	Name     string
	Opened   time.Time
	DueBy    time.Time
	Note     string // in her words; only where one request is read
	Amount   money.Amount
	Decision lending.Decision
	Reason   string
	RetryOn  quincena.Date
	Agent    string // name of who has the chat; "" if nobody has
}

// KindTally is how many requests of a kind are open, and the first deadline.
type KindTally struct {
	Kind  lending.RequestKind
	Count int
	DueBy time.Time
}
