// Package gateway makes a channel of any program that speaks valebot's own small
// protocol over HTTP (docs/gateway.md, docs/gateway.openapi.yaml): an aggregator
// of SMS behind an adapter of its own, an Android telephone, or a bridge to
// another network.
//
// Both sides sign every call with the secrets and the scheme of internal/rail:
// HMAC-SHA256 over time, method, path and body, refused beyond five minutes. A
// message is handed over under a key, its id and the number of the hand-over;
// the same key again is the same message, so that an unanswered hand-over can be
// looked up or repeated without sending twice.
//
// It decides nothing about conversations, retries or pace. No error and no log
// line of this package holds a message body, an address or a text of the gateway's.
package gateway

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"valebot/internal/message"
)

// Provider is the name under which this channel's messages are stored.
const Provider = "gateway"

// Inbox stores inbound messages. Accept returns nil once the message is durable
// or was already there; any error makes the gateway deliver it again.
type Inbox interface {
	Accept(ctx context.Context, m message.Inbound) error
}

// Receipts stores delivery reports. Record returns nil once they are durable or
// add nothing; it must not assume that it knows the messages already.
type Receipts interface {
	Record(ctx context.Context, statuses ...message.Status) error
}

// Key is the key of one hand-over of a message: "<id>:<attempt>". A repeated call
// has the same key, a second hand-over after a failed delivery has another.
func Key(id uuid.UUID, attempt int) string { return id.String() + ":" + strconv.Itoa(attempt) }

// ruling is what a reason means for a message, and who waits because of it.
type ruling struct {
	class message.Class
	hold  message.Hold
	code  int // under which it is stored; ours, since gateways have words
}

// rulings are the reasons of the protocol, in refusals and in failed statuses. It
// is never written. docs/gateway.openapi.yaml lists the same words.
var rulings = map[string]ruling{
	"bad_number":     {message.BadNumber, message.HoldNobody, 1},
	"opted_out":      {message.OptedOut, message.HoldNobody, 2},
	"unreachable":    {message.Defer, message.HoldNobody, 3},
	"not_on_channel": {message.Switch, message.HoldNobody, 4},
	"window_closed":  {message.Switch, message.HoldNobody, 5},
	"blocked":        {message.Switch, message.HoldNobody, 6},
	"content":        {message.Fatal, message.HoldNobody, 7},
	"expired":        {message.Fatal, message.HoldNobody, 8},
	"duplicate":      {message.Fatal, message.HoldNobody, 9},
	"too_fast":       {message.Defer, message.HoldSender, 10},
	"too_fast_pair":  {message.Defer, message.HoldPair, 11},
	"sender":         {message.Config, message.HoldSender, 12},
	"stopped":        {message.Config, message.HoldSender, 13},
	"other":          {message.Defer, message.HoldNobody, 14},
}

// judge returns what a reason means; a word of a later version is "other".
func judge(reason string) ruling {
	if r, ok := rulings[reason]; ok {
		return r
	}
	return rulings["other"]
}
