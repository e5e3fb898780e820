package whatsapp_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/channel/channeltest"
	"valebot/internal/channel/whatsapp"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

const (
	secret  = "s3cr3t-de-la-app"
	phoneID = "105550000000001"
	account = "205550000000001"
)

var received = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)

// envelope wraps a value as Meta does; the text is written by hand so that nothing
// of the package's own types is in it.
func envelope(value string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":%q,"changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"52 55 5000 0000","phone_number_id":%q},%s}}]}]}`, account, phoneID, value)
}

// hook is a genuine webhook.
func hook(body string) *http.Request {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r := httptest.NewRequest(http.MethodPost, "/webhooks/whatsapp", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

func quoted(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// door is the webhook over a shelf.
func door(s *channeltest.Shelf) *whatsapp.Webhook {
	return &whatsapp.Webhook{
		Secrets: []string{"otro-secreto", secret}, VerifyToken: "palabra-acordada", PhoneID: phoneID, Inbox: s, Receipts: s,
		Now: func() time.Time { return received }, Log: slog.New(slog.DiscardHandler),
	}
}

func client(t *testing.T, base string, change ...func(*whatsapp.Config)) *whatsapp.Client {
	t.Helper()
	c := whatsapp.Config{API: base + "/v24.0", PhoneID: phoneID, AccountID: account, Token: "s3cr3t"}
	for _, f := range change {
		f(&c)
	}
	made, err := whatsapp.NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

var statusWords = map[message.Rank]string{
	message.RankSent: "sent", message.RankDelivered: "delivered", message.RankRead: "read", message.RankFailed: "failed",
}

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Adapter{
		Door: func(s *channeltest.Shelf) http.Handler { return door(s) },
		Inbound: func(t *testing.T, id, from, body string) *http.Request {
			return hook(envelope(fmt.Sprintf(`"contacts":[{"profile":{"name":"Ana"},"wa_id":%[1]q}],"messages":[{"from":%[1]q,"id":%[2]q,"timestamp":"1772467200","type":"text","text":{"body":%[3]s}}]`,
				strings.TrimPrefix(from, "+"), id, quoted(t, body))))
		},
		Status: func(_ *testing.T, providerID string, id uuid.UUID, attempt int, rank message.Rank, code int) *http.Request {
			extra := ""
			if id != uuid.Nil {
				extra = fmt.Sprintf(`,"biz_opaque_callback_data":"%s:%d"`, id, attempt)
			}
			if code != 0 {
				extra += fmt.Sprintf(`,"errors":[{"code":%d,"title":"Algo"}]`, code)
			}
			return hook(envelope(fmt.Sprintf(`"statuses":[{"id":%q,"status":%q,"timestamp":"1772467200","recipient_id":"5216671234567"%s}]`, providerID, statusWords[rank], extra)))
		},
		Forge:   func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("00", 32)) },
		MaxBody: whatsapp.MaxBody, Failure: 131026, FailureClass: message.Switch,
		Client: func(t *testing.T, base string, way http.RoundTripper, timeout time.Duration) outbox.Sender {
			return client(t, base, func(c *whatsapp.Config) {
				c.Timeout = timeout
				if way != nil {
					c.HTTP = &http.Client{Transport: way}
				}
			})
		},
		From: "", To: message.Address{Channel: message.WhatsApp, Value: "+5216671234567"},
		Taken: func(id string) (int, string) {
			return 200, fmt.Sprintf(`{"messaging_product":"whatsapp","contacts":[{"input":"5216671234567","wa_id":"5216671234567"}],"messages":[{"id":%q,"message_status":"accepted"}]}`, id)
		},
		Busy:    channeltest.Answer{Status: 429, Body: `{"error":{"message":"(#130429) Rate limit hit","type":"OAuthException","code":130429}}`},
		Down:    channeltest.Answer{Status: 500, Body: `{"error":{"message":"5216671234567 failed","code":131000}}`},
		Shown:   shown,
		Longest: 4096,
	})
}

// shown reads a request as WhatsApp would show it.
func shown(t *testing.T, r channeltest.Request) []string {
	t.Helper()
	var in map[string]any
	if err := json.Unmarshal([]byte(r.Body), &in); err != nil {
		t.Fatal(err)
	}
	if r.Path != "/v24.0/"+phoneID+"/messages" || r.Header.Get("Authorization") != "Bearer s3cr3t" || in["messaging_product"] != "whatsapp" || in["to"] != "5216671234567" {
		t.Errorf("%s %v to %v", r.Path, in["messaging_product"], in["to"])
	}
	var out []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range []string{"body", "text", "title"} {
				if s, ok := v[key].(string); ok {
					out = append(out, s)
				}
			}
			for _, key := range []string{"text", "interactive", "body", "action", "buttons", "reply", "sections", "rows"} {
				walk(v[key])
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(in)
	return out
}
