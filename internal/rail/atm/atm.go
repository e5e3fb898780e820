// Package atm speaks with an issuer of cardless-withdrawal codes: it asks for
// codes, looks them up, cancels them, and turns what the issuer says, at once or
// later by webhook, into the actions rail.code_issued, rail.code_redeemed,
// rail.code_expired, rail.code_cancelled and rail.code_rejected.
//
// Callers may not assume that a code answered for was issued once they asked:
// the answer usually comes by webhook. The digits of a code are secret and pass
// through here without being kept or logged.
package atm

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/rail"
)

// Status is how a code stands at the issuer.
type Status string

// The statuses. All but Pending and Issued are final.
const (
	Pending   Status = "pending"
	Issued    Status = "issued"
	Redeemed  Status = "redeemed"
	Expired   Status = "expired"
	Cancelled Status = "cancelled"
	Refused   Status = "rejected"
)

// Code is what the issuer says of one code.
type Code struct {
	ID      uuid.UUID // ours: the disbursement's id
	Status  Status
	Digits  string    // secret; only with Issued, 4 to 24 digits
	Network string    // whose ATMs take it; only with Issued
	Expires time.Time // UTC; only with Issued
	Reason  string    // only with Refused: a short word of the issuer's
}

// String names the id and the status, never the digits.
func (c Code) String() string { return "code " + c.ID.String() + " " + string(c.Status) }

// GoString hides the digits from %#v.
func (c Code) GoString() string { return c.String() }

// LogValue hides the digits from structured logs.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Action returns the named action that tells the lender what the issuer said,
// and its inputs. ok is false while there is nothing to tell.
func (c Code) Action() (name string, with map[string]any, ok bool) {
	with = map[string]any{"disbursement": c.ID.String()}
	switch c.Status {
	case Issued:
		with["digits"], with["network"], with["expires"] = c.Digits, c.Network, c.Expires
		return "rail.code_issued", with, true
	case Redeemed:
		return "rail.code_redeemed", with, true
	case Expired:
		return "rail.code_expired", with, true
	case Cancelled:
		return "rail.code_cancelled", with, true
	case Refused:
		with["reason"] = c.Reason
		return "rail.code_rejected", with, true
	}
	return "", nil, false
}

// state is a code as it stands in a JSON body. The same members serve answers
// and events.
type state struct {
	ID      string    `json:"id"`
	Status  Status    `json:"status"`
	Event   string    `json:"event"`
	Digits  string    `json:"code"`
	Network string    `json:"network"`
	Expires time.Time `json:"expires_at"`
	Reason  string    `json:"reason"`
}

func statusOfEvent(event string) (Status, bool) {
	switch event {
	case "code.issued":
		return Issued, true
	case "code.redeemed":
		return Redeemed, true
	case "code.expired":
		return Expired, true
	case "code.cancelled":
		return Cancelled, true
	case "code.rejected":
		return Refused, true
	}
	return "", false
}

// parse checks what the protocol promises. Errors wrap rail.ErrMalformed and
// quote nothing.
func (s state) parse() (Code, error) {
	id, err := uuid.Parse(s.ID)
	if err != nil || len(s.ID) != 36 {
		return Code{}, fmt.Errorf("read id: %w", rail.ErrMalformed)
	}
	c := Code{ID: id, Status: s.Status}
	switch s.Status {
	case Pending, Redeemed, Expired, Cancelled:
		return c, nil
	case Refused:
		c.Reason = rail.Reason(s.Reason)
		return c, nil
	case Issued:
		// The network stands in the person's message: a line break in it could make two of it.
		c.Digits, c.Network, c.Expires = s.Digits, strings.TrimSpace(rail.Reason(s.Network)), s.Expires.UTC()
		return c, c.checkIssued()
	}
	return Code{}, fmt.Errorf("read status: %w", rail.ErrMalformed)
}

// checkIssued refuses a code that nobody could type or be told of.
func (c Code) checkIssued() error {
	switch {
	case len(c.Digits) < 4 || len(c.Digits) > 24 || !allDigits(c.Digits):
		return fmt.Errorf("read code: %w: not 4 to 24 digits", rail.ErrMalformed)
	case c.Network == "" || len(c.Network) > 40:
		return fmt.Errorf("read network: %w: not 1 to 40 bytes", rail.ErrMalformed)
	case c.Expires.IsZero():
		return fmt.Errorf("read expires_at: %w", rail.ErrMalformed)
	}
	return nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
