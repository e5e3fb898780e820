// Package twilio speaks Twilio's wire protocol for SMS and WhatsApp: it verifies
// and reads webhooks, and hands messages to the REST API.
//
// It decides nothing about conversations, retries or pace. A webhook is answered
// 200 only once its receiver has stored it; a send is tried exactly once, and its
// error says whether Twilio may have the message. Callers may not assume that a
// webhook comes once or in order, or that a status comes after the answer to the
// send that it is about.
//
// No error and no log line of this package holds a message body, an address, a
// token or a text of Twilio's, since those texts repeat what was sent.
package twilio

import (
	"context"
	"strings"

	"valebot/internal/message"
)

// Provider is the name under which this channel's messages are stored.
const Provider = "twilio"

// prefix marks WhatsApp addresses in Twilio's From and To.
const prefix = "whatsapp:"

// Inbox stores inbound messages. Accept returns nil once the message is durable
// or was already there; any error makes Twilio deliver it again.
type Inbox interface {
	Accept(ctx context.Context, m message.Inbound) error
}

// Receipts stores delivery reports. Record returns nil once the reports are durable
// or add nothing; it must not assume that it knows the messages already.
type Receipts interface {
	Record(ctx context.Context, statuses ...message.Status) error
}

// address reads Twilio's form of an address: E.164, a short code, or either of
// them or a business-scoped user id behind "whatsapp:".
func address(text string, channel message.Channel) message.Address {
	value := strings.TrimSpace(text)
	if rest, ok := cutFold(value, prefix); ok {
		value, channel = strings.TrimSpace(rest), message.WhatsApp
	}
	if channel == message.WhatsApp && len(value) > 8 && onlyDigits(value) {
		value = "+" + value // WaId and some WhatsApp fields lack the plus
	}
	return message.Address{Channel: channel, Value: value}
}

// wire returns the address in Twilio's form.
func wire(a message.Address) string {
	if a.Channel == message.WhatsApp {
		return prefix + a.Value
	}
	return a.Value
}

func cutFold(s, head string) (rest string, ok bool) {
	if len(s) < len(head) || !strings.EqualFold(s[:len(head)], head) {
		return s, false
	}
	return s[len(head):], true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
