// Package deposit takes in money that somebody else received for us: a store, a
// bank, a collector's panel. Each deposit is told by a signed POST to
// /webhooks/payments and becomes the action payment.post.
//
// Callers may not assume that a deposit is told once. (Source, reference) is
// its key: told again with the same content it changes nothing, with another
// amount it is a conflict for a person to look at.
package deposit

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/rail"
)

// Deposit is money received.
type Deposit struct {
	Source    string        `json:"source"`            // who received it: "oxxo", "stp", "panel"; 1 to 20 of a–z, 0–9, - and _
	Reference string        `json:"reference"`         // theirs, unique per source; 1 to 64 printable ASCII characters
	Account   string        `json:"account_reference"` // ours: the loan's payment reference or its folio
	Amount    money.Amount  `json:"amount_centavos"`   // above zero
	ValueDate quincena.Date `json:"value_date"`        // the business day that it counts for
}

// Webhook returns the handler of POST /webhooks/payments.
func Webhook(rc rail.Receiver, to rail.Actions) http.Handler {
	return rc.Handler(func(ctx context.Context, body []byte) error {
		d, err := parse(body)
		if err != nil {
			return err
		}
		return to.Do(ctx, "payment.post", d.with())
	})
}

// with are the inputs of payment.post.
func (d Deposit) with() map[string]any {
	return map[string]any{
		"source":     d.Source,
		"reference":  d.Reference,
		"account":    d.Account,
		"amount":     d.Amount,
		"value_date": d.ValueDate,
	}
}

// parse reads a deposit and refuses what no ledger could explain later.
func parse(body []byte) (Deposit, error) {
	var d Deposit
	if err := rail.Decode(body, &d); err != nil {
		return Deposit{}, err
	}
	d.Account = strings.ToUpper(strings.Join(strings.Fields(d.Account), ""))
	switch {
	case !isWord(d.Source, 20):
		return Deposit{}, fmt.Errorf("read source: %w", rail.ErrMalformed)
	case !printable(d.Reference, 64):
		return Deposit{}, fmt.Errorf("read reference: %w", rail.ErrMalformed)
	case !printable(d.Account, 40):
		return Deposit{}, fmt.Errorf("read account_reference: %w", rail.ErrMalformed)
	case d.Amount <= 0 || d.Amount > money.Max:
		return Deposit{}, fmt.Errorf("read amount_centavos: %w", rail.ErrMalformed)
	case d.ValueDate.IsZero():
		return Deposit{}, fmt.Errorf("read value_date: %w", rail.ErrMalformed)
	}
	return d, nil
}

// isWord keeps the separator of the payment's key out of the source.
func isWord(s string, most int) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= most
}

func printable(s string, most int) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= most
}
