package atm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"valebot/internal/money"
	"valebot/internal/rail"
)

// Client asks the issuer for codes. It neither retries nor keeps anything.
type Client struct{ caller *rail.Caller }

// NewClient returns a Client that speaks through caller.
func NewClient(caller *rail.Caller) *Client { return &Client{caller} }

// Request is a wish for one code.
type Request struct {
	ID      uuid.UUID    // the disbursement's id; the same id is the same code, for ever
	Amount  money.Amount // centavos, above zero
	Phone   string       // the beneficiary's, E.164; only its last four digits travel
	Expires time.Time    // until when the code should be good; zero leaves it to the issuer
}

type request struct {
	ID      string       `json:"id"`
	Amount  money.Amount `json:"amount_centavos"`
	Coin    string       `json:"currency"`
	Phone   string       `json:"phone_last4,omitempty"`
	Expires *time.Time   `json:"expires_at,omitempty"`
}

// Issue asks for a code. A Pending answer means that a webhook brings the rest;
// a code that was there before is answered as it stands. Errors: rail.ErrUnknown
// (Query comes next, never Issue with another id), rail.ErrRefused, rail.ErrBusy.
func (c *Client) Issue(ctx context.Context, q Request) (Code, error) {
	if q.ID == uuid.Nil || q.Amount <= 0 {
		return Code{}, errors.New("issue code: needs an id and an amount above zero")
	}
	wire := request{ID: q.ID.String(), Amount: q.Amount, Coin: "MXN", Phone: last4(q.Phone)}
	if !q.Expires.IsZero() {
		at := q.Expires.UTC()
		wire.Expires = &at
	}
	reply, err := c.caller.Submit(ctx, "/codes", wire.ID, wire)
	if err != nil {
		return Code{}, fmt.Errorf("issue code: %w", err)
	}
	return understand(q.ID, reply)
}

// Query asks how a code stands. It returns rail.ErrAbsent if the issuer never
// got the request, which may then be sent again under the same id.
func (c *Client) Query(ctx context.Context, id uuid.UUID) (Code, error) {
	reply, err := c.caller.Lookup(ctx, "/codes/"+id.String())
	if err != nil {
		return Code{}, fmt.Errorf("query code: %w", err)
	}
	return understand(id, reply)
}

// Cancel takes a code back. The answer says how it stands afterwards: Redeemed
// if the cash was taken first.
func (c *Client) Cancel(ctx context.Context, id uuid.UUID) (Code, error) {
	reply, err := c.caller.Withdraw(ctx, "/codes/"+id.String(), id.String())
	if err != nil {
		return Code{}, fmt.Errorf("cancel code: %w", err)
	}
	return understand(id, reply)
}

// understand reads an answer about id. What cannot be read is unknown: the
// issuer did say yes, but to what?
func understand(id uuid.UUID, reply rail.Reply) (Code, error) {
	var s state
	err := rail.Decode(reply.Body, &s)
	switch reply.Verdict {
	case rail.Taken:
		return Code{ID: id, Status: Pending}, nil
	case rail.Rejected:
		return Code{ID: id, Status: Refused, Reason: rail.Reason(s.Reason)}, nil
	case rail.Already:
		if err != nil || s.Status == "" {
			return Code{ID: id, Status: Pending}, nil
		}
	}
	if err != nil {
		return Code{}, fmt.Errorf("read answer: %w: %w", rail.ErrUnknown, err)
	}
	code, err := s.parse()
	if err == nil && code.ID != id {
		err = errors.New("answer is about another id")
	}
	if err != nil {
		return Code{}, fmt.Errorf("read answer: %w: %w", rail.ErrUnknown, err)
	}
	return code, nil
}

func last4(phone string) string {
	if len(phone) < 4 {
		return ""
	}
	return phone[len(phone)-4:]
}
