package twilio_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/channel/twilio"
	"valebot/internal/fault"
	"valebot/internal/message"
)

func TestParseStatus(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("0190a0b0-1111-7222-8333-444455556666")
	ours := url.Values{"m": {id.String()}, "a": {"2"}}
	for _, c := range []struct {
		name        string
		query, form url.Values
		want        message.Status
		ok          bool
	}{
		{"delivered", ours, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"delivered"}, "RawDlrDoneDate": {"2608311500"}},
			message.Status{ID: id, Attempt: 2, Rank: message.RankDelivered}, true},
		{"undelivered with a code", ours, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"undelivered"}, "ErrorCode": {"30003"}, "ErrorMessage": {"x"}},
			message.Status{ID: id, Attempt: 2, Rank: message.RankFailed, Code: 30003, Class: message.Defer}, true},
		{"read on WhatsApp", ours, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"read"}, "EventType": {"READ"}},
			message.Status{ID: id, Attempt: 2, Rank: message.RankRead}, true},
		{"old field names", nil, url.Values{"SmsSid": {"SM1"}, "SmsStatus": {"sent"}}, message.Status{Rank: message.RankSent}, true},
		{"not ours", url.Values{"m": {"7"}, "a": {"x"}}, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"queued"}}, message.Status{Rank: message.RankQueued}, true},
		{"absurd attempt and code", url.Values{"a": {"-1"}}, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"sending"}, "ErrorCode": {"-5"}}, message.Status{Rank: message.RankSending}, true},
		{"of an inbound message", nil, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"received"}}, message.Status{}, false},
		{"of a new kind", nil, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"pondering"}}, message.Status{}, false},
		{"of no kind", nil, url.Values{"MessageSid": {"SM1"}}, message.Status{}, false},
	} {
		got, ok, err := twilio.ParseStatus(c.query, c.form, received)
		c.want.Provider, c.want.ProviderID, c.want.At = twilio.Provider, "SM1", received
		if diff := cmp.Diff(c.want, got); diff != "" || ok != c.ok || err != nil {
			t.Errorf("%s: ok %v, %v (-want +got)\n%s", c.name, ok, err, diff)
		}
	}
	if _, _, err := twilio.ParseStatus(ours, url.Values{"MessageStatus": {"sent"}}, received); fault.CodeOf(err) != "twilio_status" {
		t.Errorf("without an id: %v", err)
	}
}

func TestRanksOfAllStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]message.Rank{
		"accepted": message.RankAccepted, "scheduled": message.RankAccepted, "queued": message.RankQueued, "sending": message.RankSending,
		"sent": message.RankSent, "failed": message.RankFailed, "undelivered": message.RankFailed, "canceled": message.RankFailed,
		"delivered": message.RankDelivered, "partially_delivered": message.RankDelivered, "read": message.RankRead, "DELIVERED": message.RankDelivered,
		"receiving": message.RankNone, "received": message.RankNone, "": message.RankNone,
	} {
		got, _, err := twilio.ParseStatus(nil, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {status}}, received)
		if err != nil || got.Rank != want {
			t.Errorf("%q: rank %d, %v; want %d", status, got.Rank, err, want)
		}
	}
}
