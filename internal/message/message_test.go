package message_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"valebot/internal/message"
)

func TestSpellingsOfOnePhoneMeet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel message.Channel
		value   string
		want    string
	}{
		{message.SMS, "+526671234567", "tel:+526671234567"},
		{message.WhatsApp, "+5216671234567", "tel:+526671234567"},
		{message.WhatsApp, "+526671234567", "tel:+526671234567"},
		{message.SMS, "+14155238886", "tel:+14155238886"},
		{message.WhatsApp, "MX.abc123", "whatsapp:MX.abc123"},
		{message.SMS, "72345", "sms:72345"},
		{message.SMS, "+", "sms:+"},
		{message.SMS, "", "sms:"},
	} {
		if got := (message.Address{Channel: c.channel, Value: c.value}).Key(); got != c.want {
			t.Errorf("Key(%s %q) = %q, want %q", c.channel, c.value, got, c.want)
		}
	}
}

func TestAddressIsMaskedWhereverItIsPrinted(t *testing.T) {
	t.Parallel()
	a := message.Address{Channel: message.SMS, Value: "+526671234567"}
	for _, got := range []string{a.String(), fmt.Sprint(a), fmt.Sprintf("to %s", a), a.LogValue().String()} {
		if strings.Contains(got, "667123") || !strings.HasSuffix(got, "4567") {
			t.Errorf("address printed as %q", got)
		}
	}
	if got := (message.Address{Channel: message.SMS, Value: "123"}).String(); strings.Contains(got, "123") {
		t.Errorf("short address printed as %q", got)
	}
}

func TestClassOfUnknownErrorIsAmbiguous(t *testing.T) {
	t.Parallel()
	if got := message.ClassOf(context.DeadlineExceeded); got != message.Ambiguous {
		t.Errorf("ClassOf(deadline) = %s", got)
	}
	err := fmt.Errorf("send: %w", &message.SendError{Class: message.OptedOut, Code: 21610, Err: errors.New("unsubscribed")})
	if got := message.ClassOf(err); got != message.OptedOut {
		t.Errorf("ClassOf(wrapped) = %s", got)
	}
	if !strings.Contains(err.Error(), "unsubscribed") {
		t.Errorf("detail lost: %q", err)
	}
}

func TestLaneNames(t *testing.T) {
	t.Parallel()
	if message.LaneCode.String() != "code" || message.LaneCampaign.String() != "campaign" || message.Lane(9).String() != "unknown" {
		t.Error("lane names changed")
	}
}
