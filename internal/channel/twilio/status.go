package twilio

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/channel"
	"valebot/internal/fault"
	"valebot/internal/message"
)

// Names of the query parameters that our status callbacks carry.
const (
	paramMessage = "m" // our id of the message
	paramAttempt = "a" // which hand-over it is about, from 1
)

// ParseStatus reads the form of a status callback and the query of its URL. Our
// own id in the query is the key that works even before the answer to the send
// has come; it is uuid.Nil for messages that we did not send. ok is false for
// statuses that say nothing about a sent message.
//
// Code: twilio_status.
func ParseStatus(query, form url.Values, at time.Time) (s message.Status, ok bool, err error) {
	s = message.Status{
		Provider:   Provider,
		ProviderID: channel.Clean(first(form, "MessageSid", "SmsSid"), maxName),
		Rank:       rankOf(first(form, "MessageStatus", "SmsStatus")),
		At:         at,
	}
	if s.ProviderID == "" {
		return message.Status{}, false, fault.New(fault.Invalid, "twilio_status", "Al aviso de entrega le falta el identificador del mensaje.")
	}
	if id, err := uuid.Parse(query.Get(paramMessage)); err == nil {
		s.ID = id
	}
	if n, err := strconv.Atoi(query.Get(paramAttempt)); err == nil && n > 0 && n < 1000 {
		s.Attempt = n
	}
	if code, err := strconv.Atoi(form.Get("ErrorCode")); err == nil && code > 0 {
		s.Code = code
	}
	if s.Rank == message.RankFailed {
		s.Class, s.Hold = failed(s.Code)
	}
	return s, s.Rank != message.RankNone, nil
}

// rankOf maps Twilio's statuses; those of inbound messages have no rank.
func rankOf(status string) message.Rank {
	switch strings.ToLower(status) {
	case "accepted", "scheduled":
		return message.RankAccepted
	case "queued":
		return message.RankQueued
	case "sending":
		return message.RankSending
	case "sent":
		return message.RankSent
	case "failed", "undelivered", "canceled":
		return message.RankFailed
	case "delivered", "partially_delivered":
		return message.RankDelivered
	case "read":
		return message.RankRead
	}
	return message.RankNone
}
