// Package spei speaks with an issuer of bank transfers over the signed rail
// protocol: it asks for transfers, looks them up, and turns what the issuer
// says into the actions rail.transfer_accepted, rail.transfer_settled,
// rail.transfer_rejected and rail.transfer_returned.
//
// Callers may not assume that an accepted transfer arrived, nor that a settled
// one stays: a bank may return it days later. CLABE and names pass through here
// without being kept or logged.
package spei

import (
	"fmt"

	"github.com/google/uuid"

	"valebot/internal/rail"
)

// Status is how a transfer stands at the issuer.
type Status string

// The statuses. Settled can still become Returned; Refused and Returned are final.
const (
	Pending  Status = "pending"
	Accepted Status = "accepted"
	Settled  Status = "settled"
	Refused  Status = "rejected"
	Returned Status = "returned"
)

// Transfer is what the issuer says of one transfer.
type Transfer struct {
	ID      uuid.UUID // ours: the disbursement's id
	Status  Status
	Rastreo string // clave de rastreo, as settled; at most 30 letters and digits
	Reason  string // only with Refused and Returned
}

// Action returns the named action that tells the lender what the issuer said,
// and its inputs. ok is false while there is nothing to tell.
func (t Transfer) Action() (name string, with map[string]any, ok bool) {
	with = map[string]any{"disbursement": t.ID.String()}
	switch t.Status {
	case Accepted:
		return "rail.transfer_accepted", with, true
	case Settled:
		with["rastreo"] = t.Rastreo
		return "rail.transfer_settled", with, true
	case Refused:
		with["reason"] = t.Reason
		return "rail.transfer_rejected", with, true
	case Returned:
		with["reason"] = t.Reason
		return "rail.transfer_returned", with, true
	}
	return "", nil, false
}

// state is a transfer as it stands in a JSON body, of an answer or of an event.
type state struct {
	ID      string `json:"id"`
	Status  Status `json:"status"`
	Event   string `json:"event"`
	Rastreo string `json:"rastreo"`
	Reason  string `json:"reason"`
}

func statusOfEvent(event string) (Status, bool) {
	switch event {
	case "transfer.accepted":
		return Accepted, true
	case "transfer.settled":
		return Settled, true
	case "transfer.rejected":
		return Refused, true
	case "transfer.returned":
		return Returned, true
	}
	return "", false
}

// parse checks what the protocol promises. Errors wrap rail.ErrMalformed.
func (s state) parse() (Transfer, error) {
	id, err := uuid.Parse(s.ID)
	if err != nil || len(s.ID) != 36 {
		return Transfer{}, fmt.Errorf("read id: %w", rail.ErrMalformed)
	}
	t := Transfer{ID: id, Status: s.Status}
	switch s.Status {
	case Pending, Accepted:
	case Settled:
		t.Rastreo = s.Rastreo
		if !ValidRastreo(s.Rastreo) {
			return Transfer{}, fmt.Errorf("read rastreo: %w", rail.ErrMalformed)
		}
	case Refused, Returned:
		t.Reason = rail.Reason(s.Reason)
	default:
		return Transfer{}, fmt.Errorf("read status: %w", rail.ErrMalformed)
	}
	return t, nil
}

// ValidRastreo reports whether s can be a clave de rastreo: 1 to 30 letters and
// digits of ASCII, the bound that SPEI sets.
func ValidRastreo(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= 30
}
