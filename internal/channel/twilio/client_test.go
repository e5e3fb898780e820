package twilio_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/channel/twilio"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

var _ outbox.Sender = (*twilio.Client)(nil)

func TestSendSpeaksTheDocumentedForm(t *testing.T) {
	t.Parallel()
	created, _ := recorded(t, "message_created.json")
	p := newProvider(t, answer(http.StatusCreated, created))
	sid, err := p.client(t, nil).Send(t.Context(), text())
	if err != nil || sid != "SM0123456789abcdef0123456789abcdef" {
		t.Fatalf("Send = %q, %v", sid, err)
	}
	want := call{
		method: http.MethodPost, path: "/2010-04-01/Accounts/" + account + "/Messages.json", user: account, secret: "s3cr3t",
		query: url.Values{}, form: url.Values{
			"To": {"+526671234567"}, "MessagingServiceSid": {service}, "Body": {"Tu vale de $3,000 esta autorizado"},
			"StatusCallback": {"https://bot.example/webhooks/twilio/status?a=1&m=0190a0b0-1111-7222-8333-444455556666"},
			"ValidityPeriod": {"600"}, "SmartEncoded": {"false"},
		},
	}
	if diff := cmp.Diff(want, p.only(t), cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// fields sends a message and returns the form that the provider got.
func fields(t *testing.T, m message.Outbound, change func(*twilio.Config)) url.Values {
	t.Helper()
	p := newProvider(t, answer(http.StatusCreated, `{"sid":"SM1","status":"queued"}`))
	if _, err := p.client(t, change).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return p.only(t).form
}

func TestFieldsOfASend(t *testing.T) {
	t.Parallel()
	choices := []message.Choice{{ID: "q:si", Label: "Sí, acepto"}, {ID: "q:no", Label: "No"}}
	whatsapp := func(change func(*message.Outbound)) message.Outbound {
		m := message.Outbound{From: "+525511223344", To: message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, Body: "¿Aceptas?"}
		change(&m)
		return m
	}
	for _, c := range []struct {
		name    string
		message message.Outbound
		config  func(*twilio.Config)
		want    url.Values
	}{
		{"WhatsApp text", whatsapp(func(*message.Outbound) {}), nil,
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "Body": {"¿Aceptas?"}}},
		{"sender with its prefix", whatsapp(func(m *message.Outbound) { m.From = "whatsapp:+525511223344" }), nil,
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "Body": {"¿Aceptas?"}}},
		{"user without a number", whatsapp(func(m *message.Outbound) { m.To.Value = "MX.1a"; m.Validity = time.Millisecond }), nil,
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:MX.1a"}, "Body": {"¿Aceptas?"}, "ValidityPeriod": {"1"}}},
		{"choices as text", whatsapp(func(m *message.Outbound) { m.Choices = choices }), nil,
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "Body": {"¿Aceptas?\n\n1. Sí, acepto\n2. No"}}},
		{"choices as buttons", whatsapp(func(m *message.Outbound) { m.Choices = choices }), func(c *twilio.Config) { c.Buttons = map[int]string{2: "HXtwo"} },
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "ContentSid": {"HXtwo"},
				"ContentVariables": {`{"1":"¿Aceptas?","2":"Sí, acepto","3":"q:si","4":"No","5":"q:no"}`}}},
		{"template", whatsapp(func(m *message.Outbound) {
			m.Template, m.Variables, m.Choices = "HXvale", map[string]string{"1": "Ana\n  María\t", "2": "$3,000"}, choices
			m.Validity = 20 * time.Hour
		}), nil,
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "ContentSid": {"HXvale"},
				"ContentVariables": {`{"1":"Ana María","2":"$3,000"}`}, "ValidityPeriod": {"36000"}}},
		{"template without variables", whatsapp(func(m *message.Outbound) { m.Template = "HXhola" }), nil,
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "ContentSid": {"HXhola"}}},
		{"template by our name", whatsapp(func(m *message.Outbound) { m.Template, m.Choices = "vale_oferta_v1", choices }),
			func(c *twilio.Config) { c.Templates = map[string]string{"vale_oferta_v1": "HXoferta"} },
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "ContentSid": {"HXoferta"}}},
		{"template that is not configured", whatsapp(func(m *message.Outbound) { m.Template = "vale_oferta_v1" }), nil,
			url.Values{"From": {"whatsapp:+525511223344"}, "To": {"whatsapp:+5216671234567"}, "Body": {"¿Aceptas?"}}},
		{"SMS takes no template", message.Outbound{From: "72345", To: message.Address{Channel: message.SMS, Value: "+526671234567"}, Body: "hola", Template: "HX1"}, nil,
			url.Values{"From": {"72345"}, "To": {"+526671234567"}, "Body": {"hola"}, "SmartEncoded": {"false"}}},
		{"choices on SMS are in the text", message.Outbound{From: "72345", To: message.Address{Channel: message.SMS, Value: "+526671234567"}, Body: "SI o NO", Choices: choices}, nil,
			url.Values{"From": {"72345"}, "To": {"+526671234567"}, "Body": {"SI o NO"}, "SmartEncoded": {"false"}}},
		{"no status URL", text(), func(c *twilio.Config) { c.StatusURL = "" },
			url.Values{"MessagingServiceSid": {service}, "To": {"+526671234567"}, "Body": {text().Body}, "SmartEncoded": {"false"}, "ValidityPeriod": {"600"}}},
	} {
		if diff := cmp.Diff(c.want, fields(t, c.message, c.config)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

func TestAKeySignsInInsteadOfTheAccount(t *testing.T) {
	t.Parallel()
	p := newProvider(t, answer(http.StatusCreated, `{"sid":"SM1"}`))
	if _, err := p.client(t, func(c *twilio.Config) { c.Key = "SK1" }).Send(t.Context(), text()); err != nil {
		t.Fatal(err)
	}
	if got := p.only(t); got.user != "SK1" || !strings.Contains(got.path, account) {
		t.Errorf("user %q, path %q", got.user, got.path)
	}
}

// failure sends a message that must fail.
func failure(t *testing.T, c *twilio.Client, ctx context.Context) *message.SendError {
	t.Helper()
	_, err := c.Send(ctx, text())
	var e *message.SendError
	if !errors.As(err, &e) {
		t.Fatalf("error %v is no SendError", err)
	}
	for _, secret := range []string{"667123", "s3cr3t", "vale de", "not a valid phone"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows %q: %v", secret, err)
		}
	}
	return e
}

func TestRefusalsAreClassed(t *testing.T) {
	t.Parallel()
	file := func(name string) string { s, _ := recorded(t, name); return s }
	const html = "<html><body><h1>503 Service Unavailable</h1></body></html>"
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   message.SendError
	}{
		{"invalid number", 400, file("error_invalid_to.json"), message.SendError{Class: message.BadNumber, Code: 21211}},
		{"unsubscribed", 400, file("error_unsubscribed.json"), message.SendError{Class: message.OptedOut, Code: 21610}},
		{"wrong token", 401, file("error_auth.json"), message.SendError{Class: message.Config, Code: 20003}},
		{"too many", 429, file("error_too_many.json"), message.SendError{Class: message.Safe, Code: 20429}},
		{"too many, no JSON", 429, html, message.SendError{Class: message.Safe}},
		{"503 in HTML", 503, html, message.SendError{Class: message.Ambiguous}},
		{"500 with a known code", 500, `{"code":21610}`, message.SendError{Class: message.Ambiguous, Code: 21610}},
		{"502, empty", 502, "", message.SendError{Class: message.Ambiguous}},
		{"request timeout", 408, "", message.SendError{Class: message.Ambiguous}},
		{"201 in HTML", 201, html, message.SendError{Class: message.Ambiguous}},
		{"200, empty", 200, "", message.SendError{Class: message.Ambiguous}},
		{"201 without a message", 201, `{"status":"queued"}`, message.SendError{Class: message.Ambiguous}},
		{"not found", 404, `{"code":20404}`, message.SendError{Class: message.Config, Code: 20404}},
		{"forbidden by a proxy", 403, html, message.SendError{Class: message.Config}},
		{"redirect", 302, "", message.SendError{Class: message.Config}},
		{"unknown code", 400, `{"code":29999}`, message.SendError{Class: message.Fatal, Code: 29999}},
		{"bad request without a code", 400, html, message.SendError{Class: message.Fatal}},
		{"window closed", 400, `{"code":63016}`, message.SendError{Class: message.Switch, Code: 63016}},
	} {
		p := newProvider(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://evil.example/")
			answer(c.status, c.body)(w, r)
		})
		got := failure(t, p.client(t, nil), t.Context())
		if got.Class != c.want.Class || got.Code != c.want.Code || got.HTTP != c.status {
			t.Errorf("%s: %s, code %d, HTTP %d; want %s, %d, %d", c.name, got.Class, got.Code, got.HTTP, c.want.Class, c.want.Code, c.status)
		}
		p.only(t) // tried exactly once, and never elsewhere
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"3": 3 * time.Second, "": 0, "-1": 0, "soon": 0, "99999999999": 10 * time.Minute, "99999999999999999999": 0, "999999": 10 * time.Minute} {
		p := newProvider(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", value)
			answer(http.StatusTooManyRequests, "")(w, r)
		})
		if got := failure(t, p.client(t, nil), t.Context()).RetryAfter; got != want {
			t.Errorf("Retry-After %q: %s, want %s", value, got, want)
		}
	}
}

func TestAMessageBornFailedSaysWhy(t *testing.T) {
	t.Parallel()
	p := newProvider(t, answer(http.StatusCreated, `{"sid":"SM1","status":"failed","error_code":30034}`))
	sid, err := p.client(t, nil).Send(t.Context(), text())
	if sid != "SM1" || message.ClassOf(err) != message.Config {
		t.Errorf("Send = %q, %v", sid, err)
	}
}

func TestOutcomesWithoutAnAnswerAreToldApart(t *testing.T) {
	t.Parallel()
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close() // the point is that nothing was answered
		}
	}
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"sid":`)) // and no more
	}
	for name, h := range map[string]http.HandlerFunc{"hung up": hangUp, "broken off": half} {
		p := newProvider(t, h)
		if got := failure(t, p.client(t, nil), t.Context()); got.Class != message.Ambiguous {
			t.Errorf("%s: %s", name, got.Class)
		}
		p.only(t)
	}
}

func TestATimeoutAfterConnectingIsAmbiguous(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	p := newProvider(t, func(http.ResponseWriter, *http.Request) {
		cancel() // the caller gives up while the provider works
		<-release
	})
	defer close(release)
	got := failure(t, p.client(t, nil), ctx)
	if got.Class != message.Ambiguous || !errors.Is(got, context.Canceled) {
		t.Errorf("%s: %v", got.Class, got)
	}
}

func TestWithoutAConnectionNothingWasSent(t *testing.T) {
	t.Parallel()
	p := newProvider(t, answer(http.StatusCreated, ""))
	refused := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("connection refused")
	}}}
	got := failure(t, p.client(t, func(c *twilio.Config) { c.HTTP = refused }), t.Context())
	if got.Class != message.Safe {
		t.Errorf("connection refused: %s", got.Class)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if got := failure(t, p.client(t, nil), cancelled); got.Class != message.Safe {
		t.Errorf("cancelled before: %s", got.Class)
	}
}

func TestAMessageWithoutSenderOrRecipientIsNotSent(t *testing.T) {
	t.Parallel()
	p := newProvider(t, answer(http.StatusCreated, `{"sid":"SM1"}`))
	for _, m := range []message.Outbound{{From: service}, {To: message.Address{Channel: message.SMS, Value: "+526671234567"}}} {
		if _, err := p.client(t, nil).Send(t.Context(), m); message.ClassOf(err) != message.Fatal {
			t.Errorf("Send: %v", err)
		}
	}
	if len(p.calls) != 0 {
		t.Errorf("%d calls", len(p.calls))
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	p := newProvider(t, answer(http.StatusBadRequest, `{"code":21211}`))
	c := p.client(t, func(c *twilio.Config) { c.HTTP = nil })
	for range 5 {
		failure(t, c, t.Context())
	}
	if len(p.remotes) != 1 {
		t.Errorf("%d connections for 5 sends in a row", len(p.remotes))
	}
}

func TestNewClientReportsAllProblems(t *testing.T) {
	t.Parallel()
	_, err := twilio.NewClient(twilio.Config{API: "ftp://x", Account: "x", StatusURL: "/status"})
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("error %v, want 4 lines", err)
	}
	if _, err := twilio.NewClient(twilio.Config{Account: account, Secret: "x"}); err != nil {
		t.Errorf("defaults: %v", err)
	}
}

func TestNoIdMeansNoCallback(t *testing.T) {
	t.Parallel()
	m := text()
	m.ID = uuid.Nil
	if got := fields(t, m, nil); got.Has("StatusCallback") {
		t.Errorf("callback %q", got.Get("StatusCallback"))
	}
}

// One iteration is one message; the provider answers in the same process.
func BenchmarkSend(b *testing.B) {
	server := httptest.NewServer(answer(http.StatusCreated, `{"sid":"SM1","status":"queued"}`))
	defer server.Close()
	c, err := twilio.NewClient(twilio.Config{API: server.URL, Account: account, Secret: "s"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Send(b.Context(), text()); err != nil {
				b.Error(err)
			}
		}
	})
}
