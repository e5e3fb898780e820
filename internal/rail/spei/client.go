package spei

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"valebot/internal/money"
	"valebot/internal/rail"
)

// Client asks the issuer for transfers. It neither retries nor keeps anything.
type Client struct{ caller *rail.Caller }

// NewClient returns a Client that speaks through caller.
func NewClient(caller *rail.Caller) *Client { return &Client{caller} }

// Order is a wish for one transfer.
type Order struct {
	ID      uuid.UUID    `json:"id"`              // the disbursement's id; the same id is the same transfer, for ever
	CLABE   string       `json:"clabe"`           // 18 digits; secret
	Amount  money.Amount `json:"amount_centavos"` // above zero
	Name    string       `json:"name"`            // the beneficiary's
	Concept string       `json:"concept"`         // what the beneficiary's bank shows
	Rastreo string       `json:"rastreo"`         // clave de rastreo of this attempt
}

// Send asks for a transfer. Errors: rail.ErrUnknown (Query comes next; on the
// same day never another order with another clave), rail.ErrRefused, rail.ErrBusy.
func (c *Client) Send(ctx context.Context, o Order) (Transfer, error) {
	switch {
	case o.ID == uuid.Nil || o.Amount <= 0:
		return Transfer{}, errors.New("send transfer: needs an id and an amount above zero")
	case len(o.CLABE) != 18 || !ValidRastreo(o.Rastreo):
		return Transfer{}, errors.New("send transfer: needs a CLABE and a clave de rastreo")
	}
	reply, err := c.caller.Submit(ctx, "/transfers", o.ID.String(), o)
	if err != nil {
		return Transfer{}, fmt.Errorf("send transfer: %w", err)
	}
	return understand(o.ID, reply)
}

// Query asks how a transfer stands. It returns rail.ErrAbsent if the issuer
// never got the order, which may then be sent again under the same id.
func (c *Client) Query(ctx context.Context, id uuid.UUID) (Transfer, error) {
	reply, err := c.caller.Lookup(ctx, "/transfers/"+id.String())
	if err != nil {
		return Transfer{}, fmt.Errorf("query transfer: %w", err)
	}
	return understand(id, reply)
}

// understand reads an answer about id; what cannot be read is unknown.
func understand(id uuid.UUID, reply rail.Reply) (Transfer, error) {
	var s state
	err := rail.Decode(reply.Body, &s)
	switch reply.Verdict {
	case rail.Taken:
		return Transfer{ID: id, Status: Pending}, nil
	case rail.Rejected:
		return Transfer{ID: id, Status: Refused, Reason: rail.Reason(s.Reason)}, nil
	case rail.Already:
		if err != nil || s.Status == "" {
			return Transfer{ID: id, Status: Pending}, nil
		}
	}
	if err != nil {
		return Transfer{}, fmt.Errorf("read answer: %w: %w", rail.ErrUnknown, err)
	}
	t, err := s.parse()
	if err == nil && t.ID != id {
		err = errors.New("answer is about another id")
	}
	if err != nil {
		return Transfer{}, fmt.Errorf("read answer: %w: %w", rail.ErrUnknown, err)
	}
	return t, nil
}

// Webhook returns the handler of POST /webhooks/spei. Events come at least once
// and in any order; the issuer gets its 200 only once the event is stored.
func Webhook(rc rail.Receiver, to rail.Actions) http.Handler {
	return rc.Handler(func(ctx context.Context, body []byte) error {
		t, err := parseEvent(body)
		if err != nil {
			return err
		}
		name, with, _ := t.Action()
		return to.Do(ctx, name, with)
	})
}

// parseEvent reads a webhook's body. The transfer it returns always has an action.
func parseEvent(body []byte) (Transfer, error) {
	var s state
	if err := rail.Decode(body, &s); err != nil {
		return Transfer{}, err
	}
	status, ok := statusOfEvent(s.Event)
	if !ok {
		return Transfer{}, fmt.Errorf("read event: %w: unknown name", rail.ErrMalformed)
	}
	s.Status = status
	return s.parse()
}
