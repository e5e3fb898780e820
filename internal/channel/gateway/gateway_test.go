package gateway_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"go.yaml.in/yaml/v4"

	"valebot/internal/channel/channeltest"
	"valebot/internal/channel/gateway"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/rail"
)

const secret = "s3cr3t-de-la-pasarela"

var (
	received = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	ourID    = uuid.MustParse("0190a0b0-1111-7222-8333-444455556666")
)

func wall() time.Time { return received }

// event is a genuine event, signed by what docs/gateway.md says.
func event(body string, at time.Time) *http.Request {
	const path = "/webhooks/gateway"
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.POST.%s.%s", stamp, path, body)
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Valebot-Timestamp", stamp)
	r.Header.Set("X-Valebot-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

func door(s *channeltest.Shelf, way message.Channel) http.Handler {
	h := &gateway.Webhook{
		Receiver: rail.Receiver{Keys: rail.Keys{"otro-secreto-de-antes", secret}, Now: wall, Log: slog.New(slog.DiscardHandler)},
		Account:  "calixta", Channel: way, Inbox: s, Receipts: s, Now: wall,
	}
	return h.Handler()
}

func client(t *testing.T, base string, change ...func(*gateway.Config)) *gateway.Client {
	t.Helper()
	c := gateway.Config{URL: base + "/v1", Keys: rail.Keys{secret}, Sender: "72345", Now: wall}
	for _, f := range change {
		f(&c)
	}
	made, err := gateway.NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return string(b)
}

var words = map[message.Rank]string{
	message.RankSent: "sent", message.RankDelivered: "delivered", message.RankRead: "read", message.RankFailed: "failed",
}

var reasonOf = map[int]string{3: "unreachable"}

func conformance(t *testing.T, way message.Channel, abilities message.Abilities) {
	channeltest.Run(t, channeltest.Adapter{
		Door: func(s *channeltest.Shelf) http.Handler { return door(s, way) },
		Inbound: func(_ *testing.T, id, from, body string) *http.Request {
			return event(fmt.Sprintf(`{"event":"message","id":%q,"channel":%q,"from":%q,"to":"72345","text":%s}`, id, way, from, quoted(body)), received)
		},
		Status: func(_ *testing.T, providerID string, id uuid.UUID, attempt int, rank message.Rank, code int) *http.Request {
			ours := ""
			if id != uuid.Nil {
				ours = fmt.Sprintf(`,"message":%q,"attempt":%d`, id, attempt)
			}
			return event(fmt.Sprintf(`{"event":"status","id":%q,"status":%q,"reason":%q%s}`, providerID, words[rank], reasonOf[code], ours), received)
		},
		Forge:   func(r *http.Request) { r.Header.Set("X-Valebot-Signature", "v1="+strings.Repeat("00", 32)) },
		MaxBody: gateway.MaxBody, Failure: 3, FailureClass: message.Defer,
		Client: func(t *testing.T, base string, transport http.RoundTripper, timeout time.Duration) outbox.Sender {
			return client(t, base, func(c *gateway.Config) {
				c.Timeout, c.Abilities = timeout, abilities
				if transport != nil {
					c.HTTP = &http.Client{Transport: transport}
				}
			})
		},
		From: "72345", To: message.Address{Channel: way, Value: "+526671234567"},
		Taken:    func(id string) (int, string) { return 202, fmt.Sprintf(`{"id":%q,"status":"accepted"}`, id) },
		Busy:     channeltest.Answer{Status: 429, Body: `{"reason":"too_fast"}`},
		Down:     channeltest.Answer{Status: 503, Body: `{"reason":"+526671234567 no"}`},
		OptedOut: &channeltest.Answer{Status: 422, Body: `{"reason":"opted_out","text":"+526671234567"}`},
		Shown:    shown, Longest: gateway.MaxText,
	})
}

// shown reads a request as the gateway does, its signature included.
func shown(t *testing.T, r channeltest.Request) []string {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.POST.%s.%s", r.Header.Get("X-Valebot-Timestamp"), r.Path, r.Body)
	if r.Path != "/v1/messages" || r.Header.Get("X-Valebot-Signature") != "v1="+hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("%s is not signed as the document says", r.Path)
	}
	if got, want := r.Header.Get("Idempotency-Key"), ourID.String()+":2"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
	var in struct {
		Text    string
		Choices []struct{ Label string }
	}
	if err := json.Unmarshal([]byte(r.Body), &in); err != nil {
		t.Fatal(err)
	}
	out := []string{in.Text}
	for _, c := range in.Choices {
		out = append(out, c.Label)
	}
	return out
}

func TestConformanceOfSMS(t *testing.T) {
	t.Parallel()
	conformance(t, message.SMS, message.Abilities{})
}

func TestConformanceOfTextsAlone(t *testing.T) {
	t.Parallel()
	conformance(t, message.WhatsApp, message.Abilities{})
}

func TestConformanceOfButtons(t *testing.T) {
	t.Parallel()
	conformance(t, message.WhatsApp, message.Abilities{Buttons: 3, Button: 20, Rows: 10, Row: 24})
}

func TestExactRequest(t *testing.T) {
	t.Parallel()
	p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: 202, Body: `{"id":"g1"}`}))
	m := message.Outbound{
		ID: ourID, Attempt: 1, To: message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, Body: "¿Aceptas?", Lane: message.LaneNotice, Validity: 90500 * time.Millisecond,
		Choices: []message.Choice{{ID: "q:si", Label: "Sí"}}, File: &message.File{Kind: message.Document, Link: "https://bot.example/a.pdf", Name: "a.pdf"},
	}
	if _, err := client(t, p.URL, func(c *gateway.Config) { c.Abilities.Buttons = 3 }).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"0190a0b0-1111-7222-8333-444455556666","attempt":1,"channel":"whatsapp","from":"72345","to":"+5216671234567","text":"¿Aceptas?",` +
		`"choices":[{"id":"q:si","label":"Sí"}],"file":{"kind":"document","link":"https://bot.example/a.pdf","name":"a.pdf"},"lane":"notice","expires_in":90}`
	if diff := cmp.Diff(want, p.Only(t).Body); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNeverAsked(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]message.Outbound{
		"without an id": {To: message.Address{Channel: message.SMS, Value: "+52"}, Body: "x"},
		"to nobody":     {ID: ourID, Body: "x"},
		"nothing":       {ID: ourID, To: message.Address{Channel: message.SMS, Value: "+52"}},
	} {
		if _, err := client(t, "http://127.0.0.1:1").Send(t.Context(), m); message.ClassOf(err) != message.Fatal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An unanswered hand-over is looked up by its own key: no other message can be
// taken for it.
func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		found  int
		class  message.Class
	}{
		"has it":     {200, `{"id":"g1","status":"delivered"}`, 1, ""},
		"never got":  {404, `{}`, 0, ""},
		"down":       {500, ``, 0, message.Ambiguous},
		"wrong key":  {403, ``, 0, message.Config},
		"unreadable": {200, `<html>`, 0, message.Defer},
	} {
		p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: c.status, Body: c.body}))
		got, err := client(t, p.URL).Find(t.Context(), message.Outbound{ID: ourID, Attempt: 3}, received)
		if len(got) != c.found || (err != nil) != (c.class != "") || err != nil && message.ClassOf(err) != c.class {
			t.Errorf("%s: %v %v", name, got, err)
		}
		if r := p.Only(t); r.Path != "/v1/messages/"+ourID.String()+":3" || r.Method != http.MethodGet || r.Header.Get("X-Valebot-Signature") == "" {
			t.Errorf("%s: %s %s", name, r.Method, r.Path)
		}
		if c.found == 1 && (got[0].ProviderID != "g1" || got[0].Rank != message.RankDelivered) {
			t.Errorf("%+v", got)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]struct {
		class message.Class
		hold  message.Hold
	}{
		"bad_number": {message.BadNumber, ""}, "unreachable": {message.Defer, ""}, "blocked": {message.Switch, ""}, "content": {message.Fatal, ""},
		"stopped": {message.Config, message.HoldSender}, "too_fast_pair": {message.Defer, message.HoldPair}, "palabra de mañana": {message.Defer, ""}, "": {message.Defer, ""},
	} {
		p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: 422, Body: fmt.Sprintf(`{"reason":%q}`, reason)}))
		_, err := client(t, p.URL).Send(t.Context(), message.Outbound{ID: ourID, Attempt: 1, To: message.Address{Channel: message.SMS, Value: "+526671234567"}, Body: "x"})
		var e *message.SendError
		if !errors.As(err, &e) || e.Class != want.class || e.Hold != want.hold {
			t.Errorf("%q: %+v", reason, e)
		}
	}
	for status, want := range map[int]message.Class{409: message.Fatal, 400: message.Fatal, 413: message.Fatal, 403: message.Config, 405: message.Config, 408: message.Ambiguous} {
		p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: status, Body: `{}`}))
		_, err := client(t, p.URL).Send(t.Context(), message.Outbound{ID: ourID, Attempt: 1, To: message.Address{Channel: message.SMS, Value: "+526671234567"}, Body: "x"})
		if message.ClassOf(err) != want {
			t.Errorf("%d: %v, want %s", status, err, want)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	at := received.Add(-3 * time.Hour)
	for body, want := range map[string]message.Inbound{
		`"text":"sí","name":"Ana","user_id":"MX.1","replies_to":"g0","forwarded":true`: {Kind: message.Text, Body: "sí", ProfileName: "Ana", UserID: "MX.1", RepliesTo: "g0", Forwarded: true},
		`"text":"Sí","tap":"q:si"`:                {Kind: message.Tap, Body: "Sí", Tap: "q:si"},
		`"text":"baja","opt_out":"stop"`:          {Kind: message.Text, Body: "baja", OptOut: "STOP"},
		`"opt_out":"STOP"`:                        {Kind: message.Text, OptOut: "STOP"},
		`"place":{"latitude":1.5,"longitude":-2}`: {Kind: message.Location, Place: &message.Place{Latitude: 1.5, Longitude: -2}},
		`"media":[{"id":"m1","content_type":"image/jpeg","name":"a.jpg"},{"content_type":"x/y"}]`: {Kind: message.Photo, Media: []message.Media{{ID: "m1", ContentType: "image/jpeg", Name: "a.jpg"}}},
		`"media":[{"id":"m1","content_type":"audio/ogg"}]`:                                        {Kind: message.Voice, Media: []message.Media{{ID: "m1", ContentType: "audio/ogg"}}},
		`"media":[{"id":"m1","content_type":"video/mp4"}]`:                                        {Kind: message.Unsupported, Media: []message.Media{{ID: "m1", ContentType: "video/mp4"}}},
		`"media":[{"id":"m1","content_type":"application/pdf"}],"kind":"document"`:                {Kind: message.Document, Media: []message.Media{{ID: "m1", ContentType: "application/pdf"}}},
		`"kind":"aside","text":"👍"`:                                                               {Kind: message.Aside, Body: "👍"},
		`"kind":"holograma","text":"hola"`:                                                        {Kind: message.Unsupported, Body: "hola"},
		`"text":""`:                                                                               {Kind: message.Unsupported},
		`"text":"tarde","at":"2026-03-02T13:00:00Z"`:                                              {Kind: message.Text, Body: "tarde", ReceivedAt: at},
		`"text":"ya","at":"2026-03-02T15:59:30Z"`:                                                 {Kind: message.Text, Body: "ya"},
		`"text":"NUL\u0000"`:                                                                      {Kind: message.Text, Body: "NUL"},
	} {
		s := &channeltest.Shelf{}
		w := channeltest.Serve(door(s, message.WhatsApp), event(`{"event":"message","id":"g1","channel":"whatsapp","from":"+526671234567","to":"+5255",`+body+`}`, received))
		want.Provider, want.Account, want.ProviderID = "gateway", "calixta", "g1"
		want.From, want.To = message.Address{Channel: message.WhatsApp, Value: "+526671234567"}, message.Address{Channel: message.WhatsApp, Value: "+5255"}
		if want.ReceivedAt.IsZero() {
			want.ReceivedAt = received
		}
		if got := s.Messages(); w.Code != 200 || len(got) != 1 {
			t.Errorf("%s: %d, %+v", body, w.Code, got)
		} else if diff := cmp.Diff(want, got[0], cmpopts.IgnoreFields(message.Inbound{}, "Raw")); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

func TestWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{`: 400, `[]`: 400, `{}`: 400, `{"event":"otra"}`: 400, `{"event":"message","id":"g1","channel":"whatsapp","text":"x"}`: 400,
		`{"event":"message","channel":"whatsapp","from":"+52"}`: 400, `{"event":"message","id":"g1","channel":"sms","from":"+52","text":"x"}`: 400,
		`{"event":"status","status":"sent"}`: 400, `{"event":"status","id":"g1","status":"pensando"}`: 200, `{"event":"message","id":7}`: 400,
	} {
		s := &channeltest.Shelf{}
		if w := channeltest.Serve(door(s, message.WhatsApp), event(body, received)); w.Code != want || len(s.Messages())+len(s.Statuses()) != 0 {
			t.Errorf("%s: %d, want %d; stored %d", body, w.Code, want, len(s.Messages()))
		}
	}
}

// A recorded event is worth nothing once its time has passed, whatever way the
// clocks jumped.
func TestReplayWindow(t *testing.T) {
	t.Parallel()
	const body = `{"event":"message","id":"g1","channel":"sms","from":"+526671234567","text":"hola"}`
	for age, want := range map[time.Duration]int{
		0: 200, 4 * time.Minute: 200, -4 * time.Minute: 200, 6 * time.Minute: 403, -6 * time.Minute: 403, 24 * time.Hour: 403,
	} {
		if w := channeltest.Serve(door(&channeltest.Shelf{}, message.SMS), event(body, received.Add(-age))); w.Code != want {
			t.Errorf("%s old: %d, want %d", age, w.Code, want)
		}
	}
}

func TestFetchIsSigned(t *testing.T) {
	t.Parallel()
	p := channeltest.NewProvider(t, func(w http.ResponseWriter, r *http.Request) {
		if (rail.Keys{secret}).Verify(r, nil, received) != nil {
			w.WriteHeader(403)
			return
		}
		w.Header().Set("Content-Type", "image/png; charset=binary")
		_, _ = w.Write([]byte("png"))
	})
	file, err := client(t, p.URL).Fetch(t.Context(), message.Media{ID: "a b/c"})
	if err != nil || file.ContentType != "image/png" || !bytes.Equal(file.Content, []byte("png")) {
		t.Errorf("%+v %v", file, err)
	}
}

func TestConfigurationProblems(t *testing.T) {
	t.Parallel()
	_, err := gateway.NewClient(gateway.Config{URL: "pasarela:8080?x=1"})
	for _, part := range []string{"URL", "secret", "clock"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not in %v", part, err)
		}
	}
}

// The document and the code know the same words.
func TestDocumentAgrees(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../docs/gateway.openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]map[string]any
		Webhooks   map[string]any
		Components struct {
			Schemas map[string]struct {
				Enum       []string
				Properties map[string]any
			}
		}
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/messages", "/messages/{key}", "/media/{id}"} {
		if doc.Paths[path] == nil {
			t.Errorf("%s is not described", path)
		}
	}
	if doc.Webhooks["event"] == nil {
		t.Error("the webhook is not described")
	}
	seen := map[int]string{}
	for _, reason := range doc.Components.Schemas["Reason"].Enum {
		p := channeltest.NewProvider(t, channeltest.Say(channeltest.Answer{Status: 422, Body: fmt.Sprintf(`{"reason":%q}`, reason)}))
		_, err := client(t, p.URL).Send(t.Context(), message.Outbound{ID: ourID, Attempt: 1, To: message.Address{Channel: message.SMS, Value: "+526671234567"}, Body: "x"})
		var e *message.SendError
		if !errors.As(err, &e) || e.Code == 0 || seen[e.Code] != "" {
			t.Errorf("reason %q is not known apart: %+v", reason, e)
			continue
		}
		seen[e.Code] = reason
	}
	if len(seen) != 14 {
		t.Errorf("%d reasons are described, the code has 14", len(seen))
	}
	for _, status := range doc.Components.Schemas["Status"].Enum {
		s := &channeltest.Shelf{}
		channeltest.Serve(door(s, message.SMS), event(fmt.Sprintf(`{"event":"status","id":"g1","status":%q}`, status), received))
		if len(s.Statuses()) != 1 {
			t.Errorf("status %q is not known", status)
		}
	}
	for _, member := range []string{"id", "attempt", "channel", "from", "to", "text", "choices", "template", "variables", "file", "lane", "expires_in"} {
		if doc.Components.Schemas["Message"].Properties[member] == nil {
			t.Errorf("member %q of a message is not described", member)
		}
	}
}

func FuzzEvent(f *testing.F) {
	f.Add(`{"event":"message","id":"g1","channel":"sms","from":"+526671234567","text":"hola","media":[{"id":"1"}]}`)
	f.Add(`{"event":"status","id":"g1","status":"failed","reason":"x","message":"0190a0b0-1111-7222-8333-444455556666"}`)
	f.Fuzz(func(t *testing.T, body string) {
		s := &channeltest.Shelf{}
		w := channeltest.Serve(door(s, message.SMS), event(body, received))
		if w.Code != 200 && w.Code != 400 && w.Code != 413 {
			t.Errorf("answered %d", w.Code)
		}
		for _, m := range s.Messages() {
			if m.ProviderID == "" || m.From.Value == "" || strings.Contains(m.Body+m.Raw+m.ProfileName+m.From.Value, "\x00") {
				t.Errorf("stored %+v", m)
			}
		}
	})
}
