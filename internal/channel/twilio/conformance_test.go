package twilio_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/channel/channeltest"
	"valebot/internal/channel/twilio"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// genuine is a webhook of Twilio's, signed by what its documents say.
func genuine(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", twilio.Sign(token, public+path, form))
	return r
}

func conformance(t *testing.T, way message.Channel, from, to string, buttons map[int]string) {
	address := to
	if way == message.WhatsApp {
		address = "whatsapp:" + to
	}
	words := map[message.Rank]string{message.RankSent: "sent", message.RankDelivered: "delivered", message.RankRead: "read", message.RankFailed: "undelivered"}
	channeltest.Run(t, channeltest.Adapter{
		Door: func(s *channeltest.Shelf) http.Handler {
			h := &twilio.Webhooks{Verifier: verifier(t, public, "antes", token), Account: account, Inbox: s, Receipts: s, Now: func() time.Time { return received }}
			mux := http.NewServeMux()
			mux.Handle("/webhooks/twilio/inbound", h.Inbound())
			mux.Handle("/webhooks/twilio/status", h.Status())
			return mux
		},
		Inbound: func(_ *testing.T, id, _, body string) *http.Request {
			return genuine("/webhooks/twilio/inbound", url.Values{"MessageSid": {id}, "AccountSid": {account}, "From": {address}, "To": {"+525511223344"}, "Body": {body}, "NumMedia": {"0"}})
		},
		Status: func(_ *testing.T, providerID string, id uuid.UUID, attempt int, rank message.Rank, code int) *http.Request {
			query := ""
			if id != uuid.Nil {
				query = fmt.Sprintf("?a=%d&m=%s", attempt, id)
			}
			form := url.Values{"MessageSid": {providerID}, "AccountSid": {account}, "MessageStatus": {words[rank]}}
			if code != 0 {
				form.Set("ErrorCode", strconv.Itoa(code))
			}
			return genuine("/webhooks/twilio/status"+query, form)
		},
		Forge:   func(r *http.Request) { r.Header.Set("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=") },
		MaxBody: twilio.MaxBody, Failure: 30003, FailureClass: message.Defer,
		Client: func(t *testing.T, base string, transport http.RoundTripper, timeout time.Duration) outbox.Sender {
			c := twilio.Config{API: base, Account: account, Secret: "s3cr3t", StatusURL: public + "/webhooks/twilio/status", Timeout: timeout, Buttons: buttons}
			if transport != nil {
				c.HTTP = &http.Client{Transport: transport}
			}
			client, err := twilio.NewClient(c)
			if err != nil {
				t.Fatal(err)
			}
			return client
		},
		From: from, To: message.Address{Channel: way, Value: to},
		Taken:    func(id string) (int, string) { return 201, fmt.Sprintf(`{"sid":%q,"status":"queued"}`, id) },
		Busy:     channeltest.Answer{Status: 429, Body: `{"code":20429,"message":"Too Many Requests"}`},
		Down:     channeltest.Answer{Status: 500, Body: `{"code":20500,"message":"+526671234567"}`},
		OptedOut: &channeltest.Answer{Status: 400, Body: `{"code":21610,"message":"+526671234567 is blacklisted"}`},
		Shown: func(t *testing.T, r channeltest.Request) []string {
			form, err := url.ParseQuery(r.Body)
			if err != nil || form.Get("To") != address {
				t.Errorf("to %q, %v", form.Get("To"), err)
			}
			if form.Get("ContentSid") != "" {
				return []string{form.Get("ContentVariables")}
			}
			return []string{form.Get("Body")}
		},
		Longest: 1600,
	})
}

func TestConformanceOfSMS(t *testing.T) {
	t.Parallel()
	conformance(t, message.SMS, service, "+526671234567", nil)
}

func TestConformanceOfWhatsApp(t *testing.T) {
	t.Parallel()
	conformance(t, message.WhatsApp, "+525511223344", "+5216671234567", map[int]string{2: "HX2", 3: "HX3"})
}
