package twilio_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/channel/twilio"
	"valebot/internal/fault"
	"valebot/internal/message"
)

func TestDetailsOfInbound(t *testing.T) {
	t.Parallel()
	got := inbound(t, url.Values{
		"ReferralBody": {"Pide tu vale"}, "ReferralHeadline": {"Vales"}, "ReferralSourceId": {"77"}, "ReferralSourceType": {"ad"},
		"ReferralSourceUrl": {"https://fb.example/1"}, "ReferralCtwaClid": {"clic"}, "FrequentlyForwarded": {"true"}, "ExternalUserId": {"whatsapp:MX.1349"},
	})
	want := &message.Referral{Source: "ad", SourceID: "77", URL: "https://fb.example/1", Headline: "Vales", Body: "Pide tu vale", ClickID: "clic"}
	if diff := cmp.Diff(want, got.Referral); diff != "" || !got.Forwarded || got.UserID != "MX.1349" {
		t.Errorf("%s forwarded %t, user %q", diff, got.Forwarded, got.UserID)
	}
	for text, place := range map[string]bool{"24.8,-107.4": true, "91,0": false, "0,181": false, "NaN,0": false, "x,y": false, ",": false} {
		lat, long, _ := strings.Cut(text, ",")
		if got := inbound(t, url.Values{"Latitude": {lat}, "Longitude": {long}}); (got.Place != nil) != place {
			t.Errorf("%s: %+v", text, got.Place)
		}
	}
}

// What a failure in a status means, and who waits: the message was processed, so
// it may be tried later, whatever the code says of a send.
func TestFailuresInStatuses(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		class message.Class
		hold  message.Hold
	}{
		"20429": {message.Defer, message.HoldSender}, "20500": {message.Defer, message.HoldNobody}, "63018": {message.Defer, message.HoldPair}, "30002": {message.Config, message.HoldSender},
		"30007": {message.Switch, message.HoldNobody}, "21610": {message.OptedOut, message.HoldNobody}, "": {message.Defer, message.HoldNobody}, "39999": {message.Defer, message.HoldNobody},
	} {
		form := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"undelivered"}, "ErrorCode": {code}}
		s, ok, err := twilio.ParseStatus(nil, form, received)
		if err != nil || !ok || s.Class != want.class || s.Hold != want.hold {
			t.Errorf("%q: %+v %v", code, s, err)
		}
	}
}

func TestFetchAsksOnlyTheProvider(t *testing.T) {
	t.Parallel()
	p := newProvider(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = w.Write([]byte("foto"))
	})
	c := p.client(t, nil)
	f, err := c.Fetch(t.Context(), message.Media{URL: p.URL + "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"})
	if err != nil || string(f.Content) != "foto" {
		t.Errorf("%+v %v", f, err)
	}
	if got := p.only(t); got.user != account || got.secret != "s3cr3t" {
		t.Errorf("asked as %q", got.user)
	}
	for _, link := range []string{"https://evil.example/a.jpg", "http://169.254.169.254/latest/meta-data", "", "https://api.twilio.com.evil.example/"} {
		if _, err := c.Fetch(t.Context(), message.Media{URL: link}); fault.CodeOf(err) != "media_host" {
			t.Errorf("%q: %v", link, err)
		}
	}
}
