package outbox

import (
	"context"
	"time"

	"valebot/internal/message"
)

// Sender hands one message to a provider. Implementations do not retry and do
// not pace: the outbox decides both.
type Sender interface {
	// Send returns the provider's id once the provider has taken the message.
	// Any error is a *message.SendError or counts as message.Ambiguous.
	Send(ctx context.Context, m message.Outbound) (providerID string, err error)
	// Find lists the provider's messages to the same address with the same body,
	// created at or after since, for reconciling an ambiguous Send.
	Find(ctx context.Context, m message.Outbound, since time.Time) ([]Sent, error)
}

// Sent is a message that the provider says it has.
type Sent struct {
	ProviderID string
	Rank       message.Rank
	CreatedAt  time.Time
}
