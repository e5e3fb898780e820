package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/channel"
	"valebot/internal/message"
	"valebot/internal/rail"
)

// MaxBody is the largest event that is read, in bytes.
const MaxBody = rail.MaxBody

// Limits of what is kept of a message, in characters.
const (
	maxName  = 300
	maxMedia = 10
)

// Webhook receives a gateway's events: what people wrote, and what became of
// messages.
type Webhook struct {
	Receiver rail.Receiver
	Account  string          // under which this gateway's messages are stored
	Channel  message.Channel // the one that this gateway serves; events of others are refused
	Inbox    Inbox
	Receipts Receipts
	Now      func() time.Time // the product's clock; Receiver.Now is the wall's
}

// Handler returns the handler of POST /webhooks/gateway.
func (h *Webhook) Handler() http.Handler { return h.Receiver.Handler(h.event) }

// event is what a gateway tells; which members it has depends on its name.
type event struct {
	Event     string     `json:"event"` // message or status
	ID        string     `json:"id"`    // the gateway's own of the message
	Channel   string     `json:"channel"`
	From      string     `json:"from"`
	To        string     `json:"to"`
	Text      string     `json:"text"`
	Tap       string     `json:"tap"`
	RepliesTo string     `json:"replies_to"`
	Name      string     `json:"name"`
	UserID    string     `json:"user_id"`
	OptOut    string     `json:"opt_out"`
	Forwarded bool       `json:"forwarded"`
	Kind      string     `json:"kind"`
	At        *time.Time `json:"at"`
	Media     []struct {
		ID   string `json:"id"`
		Type string `json:"content_type"`
		Name string `json:"name"`
	} `json:"media"`
	Place *message.Place `json:"place"`

	Message string `json:"message"` // ours, with status
	Attempt int    `json:"attempt"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
}

func (h *Webhook) event(ctx context.Context, body []byte) error {
	var e event
	if json.Unmarshal(body, &e) != nil {
		return rail.ErrMalformed // the decoder's own error quotes the body
	}
	switch e.Event {
	case "message":
		m, err := h.inbound(e, string(body))
		if err != nil {
			return err
		}
		if err := h.Inbox.Accept(ctx, m); err != nil {
			return fmt.Errorf("store message: %w", err)
		}
		return nil
	case "status":
		s, err := h.status(e)
		if err != nil || s.Rank == message.RankNone {
			return err
		}
		if err := h.Receipts.Record(ctx, s); err != nil {
			return fmt.Errorf("store status: %w", err)
		}
		return nil
	}
	return fmt.Errorf("event name: %w", rail.ErrMalformed)
}

// inbound reads a message. raw is the whole event, kept for repair.
func (h *Webhook) inbound(e event, raw string) (message.Inbound, error) {
	if e.ID == "" || e.From == "" || e.Channel != string(h.Channel) {
		return message.Inbound{}, fmt.Errorf("message: %w: no id, no sender or another channel", rail.ErrMalformed)
	}
	m := message.Inbound{
		Provider: Provider, Account: h.Account, ProviderID: channel.Clean(e.ID, maxName),
		From: message.Address{Channel: h.Channel, Value: channel.Clean(e.From, maxName)}, To: message.Address{Channel: h.Channel, Value: channel.Clean(e.To, maxName)},
		Kind: e.kind(), Body: channel.Clean(e.Text, MaxText), Tap: channel.Clean(e.Tap, maxName), RepliesTo: channel.Clean(e.RepliesTo, maxName),
		ProfileName: channel.Clean(e.Name, maxName), UserID: channel.Clean(e.UserID, maxName), Forwarded: e.Forwarded, Place: e.Place,
		OptOut: strings.ToUpper(channel.Clean(e.OptOut, 40)), ReceivedAt: h.moment(e.At),
		Raw: strings.ReplaceAll(strings.ToValidUTF8(raw, "\uFFFD"), "\x00", ""),
	}
	for _, file := range e.Media[:min(len(e.Media), maxMedia)] {
		if file.ID != "" {
			m.Media = append(m.Media, message.Media{ID: channel.Clean(file.ID, maxName), ContentType: channel.Clean(file.Type, maxName), Name: channel.Clean(file.Name, maxName)})
		}
	}
	return m, nil
}

// kind is what a message is made of. The gateway may say so; what it does not say
// shows in what came.
func (e event) kind() message.Kind {
	if kind, known := kinds[e.Kind]; known {
		return kind
	}
	switch {
	case e.Tap != "":
		return message.Tap
	case e.Place != nil:
		return message.Location
	case len(e.Media) > 0:
		return kindOfMedia(e.Media[0].Type)
	case e.Kind != "" || e.Text == "" && e.OptOut == "":
		return message.Unsupported
	}
	return message.Text
}

// kinds are the kinds that a gateway may name.
var kinds = map[string]message.Kind{
	"text": message.Text, "tap": message.Tap, "photo": message.Photo, "voice": message.Voice, "document": message.Document,
	"location": message.Location, "contact": message.Contact, "aside": message.Aside,
}

func kindOfMedia(contentType string) message.Kind {
	switch family, _, _ := strings.Cut(strings.ToLower(contentType), "/"); family {
	case "image":
		return message.Photo
	case "audio":
		return message.Voice
	case "application", "text":
		return message.Document
	}
	return message.Unsupported
}

// late is how old a message may be on arrival before its own time counts.
const late = 2 * time.Minute

// moment is when a message counts as received: on arrival, unless the gateway
// kept it for long, as a telephone without signal does.
func (h *Webhook) moment(at *time.Time) time.Time {
	now := h.Now()
	if at == nil || at.IsZero() || now.Sub(*at) < late {
		return now
	}
	return at.UTC()
}

func (h *Webhook) status(e event) (message.Status, error) {
	s := message.Status{Provider: Provider, ProviderID: channel.Clean(e.ID, maxName), Rank: rankOf(e.Status), At: h.Now()}
	if id, err := uuid.Parse(e.Message); err == nil {
		s.ID = id
	}
	if s.ProviderID == "" && s.ID == uuid.Nil {
		return message.Status{}, fmt.Errorf("status: %w: no id", rail.ErrMalformed)
	}
	if e.Attempt > 0 && e.Attempt < 1000 {
		s.Attempt = e.Attempt
	}
	if s.Rank == message.RankFailed {
		r := judge(e.Reason)
		s.Class, s.Hold, s.Code = r.class, r.hold, r.code
	}
	return s, nil
}
