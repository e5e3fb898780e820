package atm

import (
	"context"
	"fmt"
	"net/http"

	"valebot/internal/rail"
)

// Webhook returns the handler of POST /webhooks/atm. Events come at least once
// and in any order; each becomes one action, and the issuer gets its 200 only
// once the action's event is stored.
func Webhook(rc rail.Receiver, to rail.Actions) http.Handler {
	return rc.Handler(func(ctx context.Context, body []byte) error {
		code, err := parseEvent(body)
		if err != nil {
			return err
		}
		name, with, _ := code.Action()
		return to.Do(ctx, name, with)
	})
}

// parseEvent reads a webhook's body. The code it returns always has an action.
func parseEvent(body []byte) (Code, error) {
	var s state
	if err := rail.Decode(body, &s); err != nil {
		return Code{}, err
	}
	status, ok := statusOfEvent(s.Event)
	if !ok {
		return Code{}, fmt.Errorf("read event: %w: unknown name", rail.ErrMalformed)
	}
	s.Status = status
	return s.parse()
}
