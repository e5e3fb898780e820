// Package whatsapp speaks Meta's WhatsApp Cloud API: it verifies and reads
// webhooks, hands messages to the Graph API, and keeps the registry of approved
// templates.
//
// It decides nothing about conversations, retries or pace. A webhook is answered
// 200 only once everything in it is stored; a send is tried exactly once, and its
// error says whether Meta may have the message. Meta delivers again for days, out
// of order, and many messages at a time; statuses may come before the answer to
// the send that they are about.
//
// The Cloud API has no idempotency key and no list of what it has: what ties an
// unanswered send to its message is only our id in biz_opaque_callback_data,
// which every status repeats.
//
// No error and no log line of this package holds a message body, an address, a
// token or a text of Meta's, since those texts repeat what was sent.
package whatsapp

import (
	"context"
	"strings"

	"valebot/internal/message"
)

// Provider is the name under which this channel's messages are stored.
const Provider = "whatsapp"

// Inbox stores inbound messages. Accept returns nil once the message is durable
// or was already there; any error makes Meta deliver the whole webhook again.
type Inbox interface {
	Accept(ctx context.Context, m message.Inbound) error
}

// Receipts stores delivery reports. Record returns nil once they are durable or
// add nothing; it must not assume that it knows the messages already.
type Receipts interface {
	Record(ctx context.Context, statuses ...message.Status) error
}

// Abilities is what WhatsApp shows of a message with choices, by Meta's limits.
// Within the 24-hour window only; a template has the buttons it was approved with.
func Abilities() message.Abilities {
	return message.Abilities{Buttons: 3, Button: 20, Rows: 10, Row: 24, Caption: 1024}
}

// address reads a wa_id, which is a phone without its plus, or a business-scoped
// user id ("MX.…"), which is no phone at all.
func address(id string) message.Address {
	if len(id) > 6 && onlyDigits(id) {
		id = "+" + id
	}
	return message.Address{Channel: message.WhatsApp, Value: id}
}

func onlyDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
