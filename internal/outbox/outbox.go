// Package outbox delivers queued messages to providers, at most as fast as
// allowed, in order for each contact, and at most once where that can be known.
//
// The database is the truth: a message is marked as being sent, committed, and
// only then handed to the provider. If the process dies in between, the lease
// runs out and the message is unknown: it is looked up at the provider, never
// blindly sent again. Pacing decides when, never whether, so losing its state
// costs at most one burst.
package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"valebot/internal/message"
	"valebot/internal/quincena"
)

// State is where a message stands on our side; message.Rank says where it
// stands at the provider.
type State string

// The states. Queued goes to Sending, or to Cancelled, Expired or Suppressed;
// Sending goes to Accepted, Failed, back to Queued, or to Unknown; Unknown goes
// to Accepted, Failed or back to Queued. Suggested is never sent.
const (
	Queued     State = "queued"
	Sending    State = "sending"
	Unknown    State = "unknown"
	Accepted   State = "accepted"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
	Expired    State = "expired"
	Suppressed State = "suppressed"
	Suggested  State = "suggested"
)

// States lists all states, for checks against the database.
func States() []State {
	return []State{Queued, Sending, Unknown, Accepted, Failed, Cancelled, Expired, Suppressed, Suggested}
}

// Candidate is a queued message with what decides whether it may go now.
type Candidate struct {
	message.Outbound
	Conversation uuid.UUID
	ByBot        bool
	Epoch        int       // when it was written
	Current      int       // of the conversation now
	OptedOut     bool      // the contact asked us to stop
	Unproven     bool      // nobody is sure who holds the contact, and the message is not for anyone
	WrongNumber  bool      // the contact said that it is somebody else
	Agreed       Agreement // to messages for this purpose on this channel
	Registered   bool      // the phone is in the public register against advertising
	Paid         bool      // what the message asks for was paid after it was written
	WindowFrom   time.Time // when the person last wrote by WhatsApp; zero if never
	HasBackup    bool      // it may go by SMS instead
	Stopped      bool      // we stopped in the middle of handing it over
	Zone         string    // the person's time zone
	Hours        string    // when it may go out, "09:00-20:00"; "" = any hour
	PerDay       int       // cap of reminders for this contact; 0 = none
	PerWeek      int       // the same per week
	SentDay      int       // reminders sent in the last day
	SentWeek     int       // reminders sent in the last week
	Expires      time.Time // after this it is of no use
	SendingAt    time.Time // of the last hand-over; zero if none
	Finds        int       // how often an unknown message was looked up in vain
}

// Agreement is what a contact said about being written to for one purpose.
type Agreement int

// The agreements. Reminders need that nobody said no; promotions need a yes.
const (
	Unasked Agreement = iota
	Granted
	Withdrawn
)

// Head is where one queue of messages begins: the messages of a channel and
// lane go out in their order.
type Head struct {
	Channel message.Channel
	Lane    message.Lane
}

// Heads are all queues, by channel and then from the most urgent lane.
func Heads() []Head {
	var all []Head
	for _, ch := range []message.Channel{message.SMS, message.WhatsApp} {
		for lane := message.LaneCode; lane <= message.LaneCampaign; lane++ {
			all = append(all, Head{ch, lane})
		}
	}
	return all
}

// Verdict is what to do with a message.
type Verdict struct {
	ID         uuid.UUID
	State      State
	Reason     string    // Spanish, for the desk; "" if it needs none
	NotBefore  time.Time // with Queued
	Attempt    int
	ProviderID string // with Accepted
	Code       int    // provider error code, with Failed
	Finds      int    // with Unknown
	Blocked    bool   // with Failed: the person stopped us at the provider
	Changed    bool   // with Failed: the provider says that somebody else may be behind the address
	Divert     bool   // with Failed: another channel may do, where there is one
	Lane       message.Lane
}

// Store is what the outbox needs of the database. now is the product's clock,
// wall the real one: a demo may push the first, leases run on the second.
type Store interface {
	// Dispatch locks up to limit queued messages of the open queues that are due
	// and whose contact has none in flight, asks decide about all of them, and
	// commits the verdicts. Those to be sent are marked Sending with a lease;
	// those without a verdict stay as they are. They come by lane, in which a
	// reminder or campaign rises by one for every Ageing that it has waited, never
	// above a notice, and in a lane by campaign in fair turns.
	Dispatch(ctx context.Context, now time.Time, open []Head, limit int, lease time.Duration, decide func([]Candidate) []Verdict) (int, error)
	// Settle commits what became of hand-overs.
	Settle(ctx context.Context, now time.Time, verdicts []Verdict) error
	// Lost marks messages whose lease ran out as unknown and returns up to limit
	// unknown ones whose time to be looked up has come, leased to the caller.
	Lost(ctx context.Context, now, wall time.Time, limit int, lease time.Duration) ([]Candidate, error)
	// Linked returns those of the provider's ids that belong to messages of ours.
	Linked(ctx context.Context, providerIDs []string) ([]string, error)
	// Record applies reports; ranks only grow. Where a contact has to rest, what is
	// queued for it on that channel waits.
	Record(ctx context.Context, now time.Time, reports []Report) error
	// ChannelsOf returns the channels of the messages that statuses are about, each
	// once, sorted.
	ChannelsOf(ctx context.Context, statuses []message.Status) ([]message.Channel, error)
	// FallBack writes the SMS of messages that WhatsApp did not or will not deliver,
	// each at most once, and returns how many were looked at. Codes and replies
	// that still wait for a diverted channel go with them.
	FallBack(ctx context.Context, now time.Time, diverted []message.Channel, limit int) (int, error)
	// NextDue returns when the next queued message becomes due; ok is false if none waits.
	NextDue(ctx context.Context, now time.Time) (due time.Time, ok bool, err error)
}

// Ageing is how long a reminder or a campaign waits for each lane that it rises.
const Ageing = 15 * time.Minute

// Config is how the outbox works.
type Config struct {
	Batch   int           // messages per dispatch, 1 to 1,000
	Workers int           // hand-overs at once
	Timeout time.Duration // of one hand-over
	Lease   time.Duration // how long a sender may hold a message; more than Timeout
	Hours   string        // default hours for reminders and campaigns
	// Days says on which days of the recipient's own calendar reminders and
	// campaigns may go; nil is every day.
	Days func(quincena.Date) bool
	// PerDay and PerWeek cap the reminders and campaigns to one contact, over all
	// flows together; 0 is no cap. A flow may ask for less, never for more.
	PerDay, PerWeek int
	Sweep           time.Duration // how often lost messages are looked for
	Now             func() time.Time
	Log             *slog.Logger
	Metrics         *Metrics
	// Noticed is told of notices that a provider has taken, once that is
	// committed. It may be nil and must not block.
	Noticed func(ids []uuid.UUID)
	// Lost is told, once that is committed, that messages ended undelivered. It
	// may be nil and must not block.
	Lost func()
}

// Outbox sends messages.
type Outbox struct {
	store  Store
	sender Sender
	pacer  Pacer
	cfg    Config
	wake   chan struct{}
	urgent chan parcel // codes and replies, which no campaign may keep waiting
	work   chan parcel // the rest
	done   chan Verdict
	gates  *gates
	told   told
}

// New returns an outbox. It does nothing until Run.
func New(store Store, sender Sender, pacer Pacer, cfg Config) *Outbox {
	return &Outbox{
		store: store, sender: sender, pacer: pacer, cfg: cfg, wake: make(chan struct{}, 1),
		urgent: make(chan parcel, cfg.Batch), work: make(chan parcel, cfg.Batch), done: make(chan Verdict, cfg.Batch), gates: newGates(),
	}
}

// Wake tells the outbox that there may be messages. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
