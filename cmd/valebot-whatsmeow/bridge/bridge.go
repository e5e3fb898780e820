// Package bridge is what valebot-whatsmeow does with a WhatsApp client that it
// knows only as an interface: it speaks valebot's gateway protocol
// (docs/gateway.md of valebot) on one side and sends, carefully, on the other.
//
// It answers and nothing else: a message goes only to somebody who wrote within
// the last day, at most one in three seconds, never a code and never a campaign.
// At the first sign of a ban it stops, says so to valebot, and stays stopped over
// restarts until a person has looked. What it remembers is a journal without a
// single message text.
package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Limits of the bridge, which are not to be configured away: the number is lost
// for good when WhatsApp finds them too generous.
const (
	Gap    = 3 * time.Second // between two messages to anybody
	Window = 24 * time.Hour  // after a person's last message
	Memory = 8 * 24 * time.Hour
)

// Client is the WhatsApp client. *meow.Client implements it over whatsmeow.
type Client interface {
	// Connect connects and tells events until ctx ends. on returns false for what
	// could not be passed on: the client then must not acknowledge it.
	Connect(ctx context.Context, on func(Event) bool) error
	Disconnect()
	Paired() bool
	// PairQR shows codes until one was scanned.
	PairQR(ctx context.Context, show func(code string)) error
	// PairCode returns the code to be typed on the telephone with that number.
	PairCode(ctx context.Context, phone string) (code string, err error)
	// Reach reports whether an address has WhatsApp.
	Reach(ctx context.Context, address string) (bool, error)
	// Send hands a text over under an id of ours. Errors: ErrOffline if it was
	// certainly not handed over, ErrAbsent, ErrRestricted; with any other nobody knows.
	Send(ctx context.Context, to, id, text string) error
	// Fetch returns a file that came with a message lately.
	Fetch(ctx context.Context, messageID string) (content []byte, contentType string, err error)
}

// Errors of a Client.
var (
	ErrOffline    = errors.New("not connected")
	ErrAbsent     = errors.New("not on WhatsApp")
	ErrRestricted = errors.New("restricted by WhatsApp")
)

// Kind is the sort of an Event.
type Kind string

// The kinds of events.
const (
	Said      Kind = "said"      // a person wrote
	Delivered Kind = "delivered" // messages of ours reached a telephone
	Read      Kind = "read"
	Stop      Kind = "stop" // a ban, a lock, a log-out, another owner: Reason says which
)

// Event is something that WhatsApp told.
type Event struct {
	Kind      Kind
	ID        string // of the message, with Said
	From      string // "+5216671234567", or an opaque id where WhatsApp hides the number
	UserID    string // the opaque id beside a number
	Name      string
	Text      string
	RepliesTo string
	What      string // "aside" for reactions and edits; "" otherwise
	MediaType string // with a file
	MediaName string
	Place     *Place
	At        time.Time
	IDs       []string // with Delivered and Read
	Reason    string   // with Stop
}

// Place is a location that a person shared.
type Place struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Config is what a Bridge needs.
type Config struct {
	Client  Client
	Journal *Journal
	Secrets []string // shared with valebot; the first signs
	Events  string   // valebot's webhook, …/webhooks/gateway
	HTTP    *http.Client
	Now     func() time.Time
	Log     *slog.Logger
}

// Bridge is the whole bridge. It is safe for concurrent use.
type Bridge struct {
	Config
	sending sync.Mutex
	next    time.Time // when the next message may go
}

// New returns a Bridge. It does nothing until Run and until it is asked.
func New(c Config) *Bridge { return &Bridge{Config: c} }

// MessageID is the id under which a message of valebot's goes out: the same for
// every attempt, so that a message which is sent again is known to be the same.
// The prefix is that of ordinary web clients.
func MessageID(outboxID string) string {
	sum := sha256.Sum256([]byte(outboxID))
	return "3EB0" + strings.ToUpper(hex.EncodeToString(sum[:]))[:18]
}

// ErrStopped says that WhatsApp warned or banned the number before. A person must
// look, and remove the line from the journal with `valebot-whatsmeow resume`.
var ErrStopped = errors.New("stopped by a sign of a ban")

// Run connects and passes events on until ctx ends or WhatsApp stops us.
func (b *Bridge) Run(ctx context.Context) error {
	if reason := b.Journal.Stopped(); reason != "" {
		return errors.Join(ErrStopped, errors.New(reason))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := b.Client.Connect(ctx, func(e Event) bool {
		ok := b.take(ctx, e)
		if e.Kind == Stop {
			cancel()
		}
		return ok
	})
	b.Client.Disconnect()
	if reason := b.Journal.Stopped(); reason != "" {
		return errors.Join(ErrStopped, errors.New(reason))
	}
	return err
}

// take passes an event on and reports whether it may be acknowledged.
func (b *Bridge) take(ctx context.Context, e Event) bool {
	switch e.Kind {
	case Said:
		if err := b.Journal.Wrote(e.From, e.At); err != nil {
			b.Log.Error("journal", "err", err)
			return false
		}
		return b.tell(ctx, said(e))
	case Delivered, Read:
		return b.receipts(ctx, e)
	case Stop:
		b.halt(e.Reason)
	}
	return true
}

// halt remembers that nothing goes out any more.
func (b *Bridge) halt(reason string) {
	b.Log.Error("stopped: nothing is sent until a person has looked", "reason", reason)
	if err := b.Journal.Stop(reason, b.Now()); err != nil {
		b.Log.Error("journal", "err", err)
	}
}

func said(e Event) map[string]any {
	out := map[string]any{
		"event": "message", "id": e.ID, "channel": "whatsapp", "from": e.From, "text": e.Text, "name": e.Name, "user_id": e.UserID,
		"replies_to": e.RepliesTo, "at": e.At.UTC().Format(time.RFC3339),
	}
	if e.What != "" {
		out["kind"] = e.What
	}
	if e.MediaType != "" {
		out["media"] = []map[string]string{{"id": e.ID, "content_type": e.MediaType, "name": e.MediaName}}
	}
	if e.Place != nil {
		out["place"] = e.Place
	}
	return out
}

// receipts tells how far messages of ours got. Those of another device of the
// same number are none of ours.
func (b *Bridge) receipts(ctx context.Context, e Event) bool {
	for _, id := range e.IDs {
		t, ok := b.Journal.ByMessage(id)
		if !ok {
			continue
		}
		status := map[string]any{"event": "status", "id": id, "message": t.ID, "attempt": t.Attempt, "status": string(e.Kind)}
		if !b.tell(ctx, status) {
			return false
		}
	}
	return true
}
