package message

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// Rank orders the life of a message at the provider. Callbacks arrive twice and
// out of order, so a stored rank only ever grows: a late "sent" after
// "delivered" changes nothing. Failed counts only below Delivered.
type Rank int16

// The ranks, as a provider's statuses map onto them.
const (
	RankNone      Rank = 0
	RankAccepted  Rank = 1
	RankQueued    Rank = 2
	RankSending   Rank = 3
	RankSent      Rank = 4
	RankFailed    Rank = 5 // failed or undelivered; a later delivered or read wins over it
	RankDelivered Rank = 6
	RankRead      Rank = 7
)

// Status is one report by a provider about a message of ours.
type Status struct {
	Provider   string
	ProviderID string
	ID         uuid.UUID // ours, from the callback's own parameter; uuid.Nil if it carried none
	Attempt    int
	Rank       Rank
	Code       int    // provider error code; 0 if none
	Class      Class  // what a failure means; "" if Rank is not RankFailed
	Hold       Hold   // who else waits because of the failure
	Category   string // what the provider charges it as ("utility", "marketing"…); "" if it does not say
	At         time.Time
}

// Hold says who waits besides the message itself after a failure.
type Hold string

// The holds. Without one, nobody but the message waits.
const (
	HoldNobody Hold = ""
	HoldPair   Hold = "pair"   // this sender to this person
	HoldSender Hold = "sender" // this sender to anybody
)

// Class says what a failed hand-over to a provider means for the message.
type Class string

// The classes of failure. Only Ambiguous leaves it open whether the provider
// has the message: such a message is looked up, never blindly sent again.
const (
	Safe      Class = "safe"      // not processed: try again, after RetryAfter where given
	Ambiguous Class = "ambiguous" // timeout, broken answer, 5xx: find out first
	Defer     Class = "defer"     // refused for now: try again later
	Switch    Class = "switch"    // this channel will not do: another one might
	BadNumber Class = "badnumber" // the address cannot receive: ask for another
	OptedOut  Class = "optedout"  // the person stopped us at the provider
	Changed   Class = "changed"   // somebody else may be behind the address: never again, there or elsewhere, before she proves who she is
	Config    Class = "config"    // our account or sender is at fault: hold the sender, alarm
	Fatal     Class = "fatal"     // our message is at fault: never again
)

// SendError is how a channel says that a hand-over failed.
type SendError struct {
	Class      Class
	Code       int           // provider error code, 0 if none
	HTTP       int           // HTTP status, 0 if none came
	Hold       Hold          // who else waits
	RetryAfter time.Duration // 0 if the provider gave none
	Err        error         // detail for the log; holds no body and no address
}

// Error returns the class, the code and the detail.
func (e *SendError) Error() string {
	text := "send failed: " + string(e.Class)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the detail.
func (e *SendError) Unwrap() error { return e.Err }

// ClassOf returns the class of a failed send. An error of unknown making is
// Ambiguous, since nothing proves that the provider did not get the message.
func ClassOf(err error) Class {
	var e *SendError
	if errors.As(err, &e) {
		return e.Class
	}
	return Ambiguous
}
