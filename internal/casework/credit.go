package casework

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Panel is what a person owes, is offered and lends, for the side of a thread.
type Panel struct {
	Client     *Client // nil for somebody whom we do not know
	Loans      []Credit
	Vales      []Offer
	Line       *Line // of a distributor; nil for others
	Complaints []Complaint
	Requests   []Request
}

// Client is what the desk may change about a person.
type Client struct {
	ID      uuid.UUID
	Limit   money.Amount // of one vale
	Blocked bool
	Locked  bool          // too many wrong answers about who she is
	Segment string        // puntual, leve or cronico
	Wrong   bool          // the number was said to be somebody else's
	Doubt   lending.Doubt // why nobody is sure who holds the contact of the chat; "" if all are
	Since   time.Time     // of the doubt
	Misses  int           // wrong answers about who she is at that contact
}

// Credit is a loan on the day of reading.
type Credit struct {
	ID        uuid.UUID
	Vale      uuid.UUID
	Folio     string
	State     loan.LoanState
	Principal money.Amount
	Owed      money.Amount
	Payoff    money.Amount // what settles it today, which is less where interest runs on the balance
	Overdue   money.Amount
	DaysLate  int
	Next      money.Amount // what is missing of the next instalment
	NextDue   quincena.Date
	N, Left   int    // instalments, and those not paid in full
	From      string // name of the distributor
	Payout    string // state of the last attempt to pay out, as stored; "" if none
	Payments  []Paid
	Promise   *Promised // the open one; nil if none
}

// Paid is one payment.
type Paid struct {
	At     time.Time
	Amount money.Amount
	Good   bool // it counts: neither held nor reversed
}

// Promised is a promise to pay.
type Promised struct {
	Made   time.Time
	On     quincena.Date
	Amount money.Amount
}

// Offer is a vale that is not a loan yet.
type Offer struct {
	ID      uuid.UUID
	Folio   string
	State   loan.ValeState
	Amount  money.Amount
	N       int
	Payment money.Amount
	Expires time.Time
	From    string // name of the distributor
}

// Line is a distributor's credit line.
type Line struct {
	ID        uuid.UUID
	State     loan.DistributorState
	Limit     money.Amount
	Available money.Amount
	Held      money.Amount // authorised and not yet accepted
	Used      money.Amount // accepted and not yet paid back
	Branch    string
	Category  string // "" earns nothing
	Points    int
	Unpaid    int  // relaciones in a row that their day found unpaid
	Arrears   bool // blocked for them, so that paying opens it
	Locked    bool // too many wrong NIPs
}

// Facts are the events of a panel that belong into a thread.
func (p Panel) Facts() []Entry {
	var facts []Entry
	for _, c := range p.Loans {
		for _, paid := range c.Payments {
			text := "Pago de " + paid.Amount.String() + " recibido, vale " + c.Folio
			if !paid.Good {
				text = "Pago de " + paid.Amount.String() + " sin aplicar, vale " + c.Folio
			}
			facts = append(facts, Entry{At: paid.At, Kind: Fact, Text: text})
		}
		if c.Promise != nil {
			facts = append(facts, Entry{At: c.Promise.Made, Kind: Fact,
				Text: "Prometió pagar " + c.Promise.Amount.String() + " el " + c.Promise.On.Short()})
		}
	}
	return facts
}
