package lending

import (
	"time"

	"github.com/google/uuid"

	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Person is somebody with a name: a beneficiary, a distributor or both.
type Person struct {
	ID          uuid.UUID
	Phone       string // E.164, canonical: +52 and ten digits; unique
	Name        string
	Birth       quincena.Date // zero if not known; secret
	Limit       money.Amount  // the most that one vale may be, centavos
	Blocked     bool
	Language    string // "" is Spanish; else as the folder of its messages: "en"
	Segment     string // puntual, leve or cronico, by payment history
	PaidCount   int    // instalments paid so far, over all loans
	Broken      int    // promises not kept, over all loans
	VerifyFails int    // wrong identity answers in a row
	LockedUntil time.Time
	Created     time.Time
	MergedInto  uuid.UUID // the record of the same person that is kept; uuid.Nil if this is it
	Holds       int       // how many records were merged into this one
	Reach       string    // key of the contact at which she is written to; "" is that of Phone
}

// Distributor authorises vales against a credit line. It is a role of a person.
type Distributor struct {
	ID          uuid.UUID
	PersonID    uuid.UUID
	State       loan.DistributorState
	Limit       money.Amount // Limit = available + Held + Used, always
	Held        money.Amount // authorised and not yet accepted
	Used        money.Amount // accepted and not yet paid back
	Terms       []int        // quincenas that she may offer
	Branch      string       // whose cortes hers are
	Category    string       // what she earns on vales from now on; "" earns nothing
	Commission  money.Amount // earned and not used yet; below zero where what was used has been undone
	Points      int          // below zero likewise
	Owes        bool         // her latest relación is not paid
	Arrears     bool         // blocked for relaciones, so that paying frees her; a person's block stays
	PINHash     string       // argon2id, encoded
	PINFails    int
	LockedUntil time.Time
}

// Available is what the distributor may still authorise, in centavos.
func (d Distributor) Available() money.Amount { return d.Limit - d.Held - d.Used }

// Vale is an authorised micro-loan on its way to becoming a loan. Its terms are
// frozen at authorisation; nothing about it is read from a product later.
type Vale struct {
	ID            uuid.UUID
	Folio         string // V-00017; unique
	DistributorID uuid.UUID
	PersonID      uuid.UUID
	State         loan.ValeState
	Quote         loan.Quote // frozen terms and rows
	TermsHash     string     // hex SHA-256 of the terms
	Expires       time.Time
	AuthorisedAt  time.Time
	AcceptedAt    time.Time
	Evidence      Evidence
	LoanID        uuid.UUID // uuid.Nil until converted
	Reward        Reward    // what the distributor earns on it, frozen
	Review        Review    // zero if no person had to decide about it
}

// Evidence is what proves an acceptance: what was offered and what was answered.
type Evidence struct {
	Offer        string    `json:"offer,omitempty"`         // id of the message with the offer, in the outbox, where its text is
	OfferHash    string    `json:"offer_hash,omitempty"`    // hex SHA-256 of the text as sent
	Question     string    `json:"question,omitempty"`      // id of the message that the yes answered
	QuestionHash string    `json:"question_hash,omitempty"` // hex SHA-256 of its text
	Flow         string    `json:"flow,omitempty"`          // the conversation and its version: aceptacion_vale@3
	Reply        string    `json:"reply,omitempty"`         // provider's id of the person's reply
	ReplyText    string    `json:"reply_text,omitempty"`    // what was written
	At           time.Time `json:"at,omitzero"`
	Identity     string    `json:"identity,omitempty"` // result of the identity check
}

// Loan is an accepted vale. It is owed from the day the money is in hand.
type Loan struct {
	ID            uuid.UUID
	ValeID        uuid.UUID
	Folio         string // the vale's folio, which is what people know it by
	PersonID      uuid.UUID
	DistributorID uuid.UUID
	State         loan.LoanState
	Quote         loan.Quote // terms and rows in force
	TermsHash     string
	Reference     string // payment reference, digits; unique
	Active        quincena.Date
	Replanned     time.Time    // when the rows in force replaced those of the vale; zero while they have not
	Released      money.Amount // capital already given back to the distributor's line
	Position      Position     // derived from rows and payments, kept for set-based reading
	Reward        Reward       // the vale's
	Commission    money.Amount // booked so far for the distributor
	Points        int          // given to her so far
	Listing       Listing      // what relaciones have said of it
}

// Position is where a loan stands on a day, as replaying its payments shows.
type Position struct {
	AsOf       quincena.Date
	NextN      int           // number of the oldest instalment not paid in full; 0 if none
	NextDue    quincena.Date // its contractual due date
	NextAmount money.Amount  // what is missing of it
	Owed       money.Amount  // everything still owed, not yet due included
	Overdue    money.Amount  // past its enforceable date
	DaysLate   int           // since the oldest enforceable date not met
	Left       int           // instalments not yet paid in full
}

// Disbursement is one attempt to pay a loan out. A loan has at most one live attempt.
type Disbursement struct {
	ID      uuid.UUID // also the key that the rail gets
	LoanID  uuid.UUID
	ValeID  uuid.UUID
	Rail    Rail
	State   loan.DisbursementState
	Amount  money.Amount
	Account string // CLABE for transfers; secret
	Rastreo string // clave de rastreo, for transfers
	Token   string // the flow's token that waits for the rail's answer
	Created time.Time
}

// Rail is a way to pay money out.
type Rail string

// The rails of this product.
const (
	RailATM  Rail = "atm"
	RailSPEI Rail = "spei"
)

// Code is a withdrawal code for an ATM. Its digits are secret: encrypted at
// rest, said once to the beneficiary, never logged and never shown at the desk.
type Code struct {
	ID      uuid.UUID // the disbursement's id
	State   loan.CodeState
	Digits  string // secret
	Network string // BBVA
	Expires time.Time
	Resent  int // how often it was told again because it had not arrived
}

// Payment is money received, for a loan or for nobody known yet, or a part of a
// debt that was forgiven. (Source, Reference, Operated) is its key: the same
// deposit told twice is one payment.
type Payment struct {
	ID          uuid.UUID
	LoanID      uuid.UUID // uuid.Nil until it is matched
	PersonID    uuid.UUID // likewise
	Source      string    // "panel", "stp", "oxxo"
	Reference   string
	Operated    quincena.Date // the rail's own day, where references repeat over days; else zero
	Written     Written       // what the payer gave to say whom it is for; secret
	Amount      money.Amount
	ValueDate   quincena.Date
	ReceivedAt  time.Time
	MatchedAt   time.Time // when a person placed it; zero if it was placed on receipt
	State       loan.PaymentState
	Parked      string // code of the reason why nobody could place it; "" once placed
	Allocations []loan.Allocation
	Excess      money.Amount // to saldo a favor
}

// Promise is a date by which a person said she would pay. It changes who is
// written to and when, never what is owed.
type Promise struct {
	ID       uuid.UUID
	LoanID   uuid.UUID
	PersonID uuid.UUID
	State    loan.PromiseState
	Date     quincena.Date
	Amount   money.Amount
	Made     time.Time
}

// Contact is an address that writes to us or that we write to, known or not.
type Contact struct {
	Key          string // message.Address.Key
	PersonID     uuid.UUID
	OptedOut     time.Time     // zero while we may write
	WrongNumber  time.Time     // zero while nobody said that it is somebody else
	Missed       quincena.Date // the last day on which it wrote a word of invitation that nobody gave out
	Misses       int           // how often on that day
	Doubted      time.Time     // since when we are not sure who holds it; zero while we are
	Doubt        Doubt         // why; "" with a zero Doubted
	WrongAnswers int           // wrong answers to who she is, in a row; no more are heard at Settings.IdentityMisses
	Proven       time.Time     // when she last proved here who she is
	UserID       string        // the channel's own id of who writes from here, where it told one
	CameFrom     string        // key of the contact that the channel says she moved from
}
