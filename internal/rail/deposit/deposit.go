// Package deposit takes in money that somebody else received for us: a store, a
// bank, a collector's panel. Each deposit is told by a signed POST to
// /webhooks/payments and becomes the action payment.receive.
//
// Callers may not assume that a deposit is told once. (Source, reference,
// operation date) is its key: told again with the same content it changes
// nothing, with another amount it is a conflict for a person to look at. Nor may
// they assume that it is for anybody known: money without a home is kept, and
// answered as stored.
package deposit

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/rail"
)

// Deposit is money received.
type Deposit struct {
	Source    string        `json:"source"`            // who received it: "oxxo", "stp", "panel"; 1 to 20 of a–z, 0–9, - and _
	Reference string        `json:"reference"`         // theirs, unique per source; 1 to 64 printable ASCII characters
	Operated  quincena.Date `json:"operation_date"`    // the rail's day, where references are unique per day (SPEI); zero otherwise
	Account   string        `json:"account_reference"` // ours: the loan's payment reference or its folio; may be empty
	CLABE     string        `json:"clabe"`             // that the money was sent to; may be empty
	Phone     string        `json:"phone"`             // of the payer; may be empty
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
		return to.Do(ctx, "payment.receive", d.with())
	})
}

// with are the inputs of payment.receive.
func (d Deposit) with() map[string]any {
	return map[string]any{
		"source":         d.Source,
		"reference":      d.Reference,
		"operation_date": d.Operated,
		"account":        d.Account,
		"clabe":          d.CLABE,
		"phone":          d.Phone,
		"amount":         d.Amount,
		"value_date":     d.ValueDate,
	}
}

// parse reads a deposit and refuses what no ledger could explain later.
func parse(body []byte) (Deposit, error) {
	var d Deposit
	if err := rail.Decode(body, &d); err != nil {
		return Deposit{}, err
	}
	d.Account, d.CLABE, d.Phone = hint(d.Account, 120), hint(d.CLABE, 18), phoneHint(d.Phone)
	switch {
	case !isWord(d.Source, 20):
		return Deposit{}, fmt.Errorf("read source: %w", rail.ErrMalformed)
	case !printable(d.Reference, 64):
		return Deposit{}, fmt.Errorf("read reference: %w", rail.ErrMalformed)
	case d.Amount <= 0 || d.Amount > money.Max:
		return Deposit{}, fmt.Errorf("read amount_centavos: %w", rail.ErrMalformed)
	case d.ValueDate.IsZero():
		return Deposit{}, fmt.Errorf("read value_date: %w", rail.ErrMalformed)
	}
	return d, nil
}

// hint tidies what a payer wrote, most characters of it. Nothing that stands
// there is a reason to refuse money: what nobody can read names no loan, and a
// person sees it.
func hint(text string, most int) string {
	runes := []rune(strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)))
	return string(runes[:min(len(runes), most)])
}

// phoneHint is a phone in E.164, or "" where the text is none.
func phoneHint(text string) string {
	phone, err := mexid.ParsePhone(text)
	if err != nil {
		return ""
	}
	return string(phone)
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
