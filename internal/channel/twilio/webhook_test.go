package twilio_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/channel/twilio"
	"valebot/internal/message"
)

const (
	public  = "https://bot.example"
	service = "MG00112233445566778899aabbccddeeff"
)

// shelf is an Inbox and a Receipts that keep what they get, or fail.
type shelf struct {
	mu       sync.Mutex
	err      error
	messages []message.Inbound
	statuses []message.Status
	counts   []string
}

func (s *shelf) Accept(_ context.Context, m message.Inbound) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.messages = append(s.messages, m)
	}
	return s.err
}

func (s *shelf) Record(_ context.Context, r ...message.Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.statuses = append(s.statuses, r...)
	}
	return s.err
}

func (s *shelf) count(hook, outcome string) { s.counts = append(s.counts, hook+" "+outcome) }

// door is both webhooks over one shelf.
func door(t *testing.T, s *shelf, senders ...string) *twilio.Webhooks {
	t.Helper()
	return &twilio.Webhooks{
		Verifier: verifier(t, public, token), Account: account, Senders: senders,
		Inbox: s, Receipts: s, Count: s.count, Now: func() time.Time { return received },
	}
}

// post builds a signed request.
func post(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7:8080"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("X-Twilio-Signature", twilio.Sign(token, public+path, form))
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestInboundIsStoredThenAnswered(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	raw, form := recorded(t, "inbound_sms.form")
	r := httptest.NewRequest(http.MethodPost, "/webhooks/twilio/inbound", strings.NewReader(raw))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", twilio.Sign(token, public+"/webhooks/twilio/inbound", form))
	w := serve(door(t, s, service).Inbound(), r)
	if w.Code != http.StatusOK || w.Body.String() != "<Response/>" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/xml") {
		t.Errorf("answer %d %q %q", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if len(s.messages) != 1 || s.messages[0].Body != "sí, acepto" || s.messages[0].Raw != raw || !s.messages[0].ReceivedAt.Equal(received) {
		t.Errorf("stored %+v", s.messages)
	}
	if diff := cmp.Diff([]string{"inbound stored"}, s.counts); diff != "" {
		t.Error(diff)
	}
}

func TestStatusIsRecordedUnderOurId(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	form := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"delivered"}, "AccountSid": {account}}
	w := serve(door(t, s).Status(), post("/webhooks/twilio/status?a=1&m=0190a0b0-1111-7222-8333-444455556666", form))
	if w.Code != http.StatusOK || len(s.statuses) != 1 || s.statuses[0].ID.String() != "0190a0b0-1111-7222-8333-444455556666" || s.statuses[0].Rank != message.RankDelivered {
		t.Errorf("answer %d, recorded %+v", w.Code, s.statuses)
	}
}

func TestWhatAWebhookMayNotBe(t *testing.T) {
	t.Parallel()
	good := url.Values{"MessageSid": {"SM1"}, "AccountSid": {account}, "From": {"+526671234567"}, "To": {"+525511223344"}, "MessageStatus": {"sent"}}
	with := func(k, v string) url.Values {
		form := url.Values{}
		for key, values := range good {
			form[key] = values
		}
		form.Set(k, v)
		return form
	}
	const path = "/hook"
	edit := func(change func(*http.Request)) *http.Request {
		r := post(path, good)
		change(r)
		return r
	}
	for _, c := range []struct {
		name    string
		request *http.Request
		code    int
		outcome string
	}{
		{"no signature", edit(func(r *http.Request) { r.Header.Del("X-Twilio-Signature") }), 403, twilio.Forged},
		{"wrong signature", edit(func(r *http.Request) { r.Header.Set("X-Twilio-Signature", "AAAA") }), 403, twilio.Forged},
		{"other body", edit(func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(with("Body", "dame todo").Encode())) }), 403, twilio.Forged},
		{"other path", edit(func(r *http.Request) { r.URL.Path = "/other" }), 403, twilio.Forged},
		{"other query", edit(func(r *http.Request) { r.URL.RawQuery = "x=1" }), 403, twilio.Forged},
		{"other account", post(path, with("AccountSid", "AC666")), 403, twilio.Foreign},
		{"GET", edit(func(r *http.Request) { r.Method = http.MethodGet }), 405, twilio.NotPost},
		{"unsigned JSON", edit(func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }), 403, twilio.Forged},
		{"no type", edit(func(r *http.Request) { r.Header.Del("Content-Type") }), 403, twilio.Forged},
		{"signed JSON", signedJSON(), 415, twilio.NotForm},
		{"broken form", edit(func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("a=%zz")) }), 400, twilio.Malformed},
		{"no id", post(path, with("MessageSid", "")), 400, twilio.Malformed},
		{"too large", post(path, with("Body", strings.Repeat("a", twilio.MaxBody))), 413, twilio.TooLarge},
		{"broken off", edit(func(r *http.Request) { r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)) }), 400, twilio.BrokenOff},
	} {
		body, err := io.ReadAll(c.request.Body)
		for hook, pick := range map[string]func(*twilio.Webhooks) http.Handler{"inbound": (*twilio.Webhooks).Inbound, "status": (*twilio.Webhooks).Status} {
			s := &shelf{}
			c.request.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(body)), broken(err)))
			if w := serve(pick(door(t, s)), c.request); w.Code != c.code || w.Body.Len() != 0 {
				t.Errorf("%s, %s: answer %d %q, want %d", c.name, hook, w.Code, w.Body, c.code)
			}
			if len(s.messages)+len(s.statuses) != 0 || !slices.Equal(s.counts, []string{hook + " " + c.outcome}) {
				t.Errorf("%s, %s: stored %d, counted %q", c.name, hook, len(s.messages)+len(s.statuses), s.counts)
			}
		}
	}
}

// broken is a reader that fails with err, or ends if err is nil.
func broken(err error) io.Reader {
	if err == nil {
		return strings.NewReader("")
	}
	return iotest.ErrReader(err)
}

// signedJSON is a request as Twilio signs one that is no form.
func signedJSON() *http.Request {
	const path = "/hook?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Twilio-Signature", twilio.Sign(token, public+path, nil))
	return r
}

func TestWhatIsNotStoredIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	s := &shelf{err: errors.New("database is away")}
	form := url.Values{"MessageSid": {"SM1"}, "AccountSid": {account}, "From": {"+526671234567"}, "MessageStatus": {"sent"}}
	for name, h := range map[string]http.Handler{"inbound": door(t, s).Inbound(), "status": door(t, s).Status()} {
		if w := serve(h, post("/hook", form)); w.Code != http.StatusServiceUnavailable || w.Body.Len() != 0 {
			t.Errorf("%s: answer %d %q", name, w.Code, w.Body)
		}
	}
	s.err = nil
	if w := serve(door(t, s).Inbound(), post("/hook", form)); w.Code != http.StatusOK || len(s.messages) != 1 {
		t.Errorf("second delivery: answer %d, stored %d", w.Code, len(s.messages))
	}
}

func TestStatusThatSaysNothingIsAcknowledged(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	w := serve(door(t, s).Status(), post("/hook", url.Values{"MessageSid": {"SM1"}, "AccountSid": {account}, "MessageStatus": {"pondering"}}))
	if w.Code != http.StatusOK || len(s.statuses) != 0 || !slices.Equal(s.counts, []string{"status ignored"}) {
		t.Errorf("answer %d, recorded %d, counted %q", w.Code, len(s.statuses), s.counts)
	}
}

func TestOnlyMessagesToOurSendersAreTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		senders     []string
		to, service string
		want        bool
	}{
		{"any", nil, "+525511223344", "", true},
		{"our number", []string{"+525511223344"}, "+525511223344", "", true},
		{"our number with the old 1", []string{"+525511223344"}, "whatsapp:+5215511223344", "", true},
		{"our WhatsApp sender", []string{"whatsapp:+525511223344"}, "whatsapp:+525511223344", "", true},
		{"another number", []string{"+525511223344"}, "+525599999999", "", false},
		{"our service", []string{service}, "+525599999999", service, true},
		{"another service", []string{service}, "+525511223344", "MG1", false},
		{"a service, but none is named", []string{service}, "+525511223344", "", true},
		{"a number of ours, another service", []string{service, "+525511223344"}, "+525511223344", "MG1", true},
		{"another number, no service named", []string{service, "+525511223344"}, "+525599999999", "", false},
		{"short code", []string{"72345"}, "72345", "", true},
	} {
		s := &shelf{}
		form := url.Values{"MessageSid": {"SM1"}, "AccountSid": {account}, "From": {"+526671234567"}, "To": {c.to}}
		if c.service != "" {
			form.Set("MessagingServiceSid", c.service)
		}
		w := serve(door(t, s, c.senders...).Inbound(), post("/hook", form))
		if got := w.Code == http.StatusOK; got != c.want || len(s.messages) == 1 != c.want {
			t.Errorf("%s: answer %d, stored %d", c.name, w.Code, len(s.messages))
		}
	}
}

func TestCounterAndAccountAreOptional(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	d := door(t, s)
	d.Account, d.Count = "", nil
	w := serve(d.Inbound(), post("/hook", url.Values{"MessageSid": {"SM1"}, "AccountSid": {"AC1"}, "From": {"+526671234567"}}))
	if w.Code != http.StatusOK || len(s.messages) != 1 {
		t.Errorf("answer %d, stored %d", w.Code, len(s.messages))
	}
}

// One iteration is one signed webhook, verified, parsed and handed over.
func BenchmarkInbound(b *testing.B) {
	v, err := twilio.NewVerifier(public, "", token)
	if err != nil {
		b.Fatal(err)
	}
	h := (&twilio.Webhooks{Verifier: v, Inbox: discard{}, Now: func() time.Time { return received }}).Inbound()
	form := url.Values{"MessageSid": {"SM1"}, "AccountSid": {account}, "From": {"+526671234567"}, "To": {"+525511223344"}, "Body": {"sí, acepto"}, "NumMedia": {"0"}}
	b.ReportAllocs()
	for b.Loop() {
		if w := serve(h, post("/hook", form)); w.Code != http.StatusOK {
			b.Fatalf("answer %d", w.Code)
		}
	}
}

// discard is an Inbox that keeps nothing.
type discard struct{}

func (discard) Accept(context.Context, message.Inbound) error { return nil }
