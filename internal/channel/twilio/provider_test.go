package twilio_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/channel/twilio"
	"valebot/internal/message"
)

var ourID = uuid.MustParse("0190a0b0-1111-7222-8333-444455556666")

// provider is a server that answers as told and keeps what it was asked.
type provider struct {
	*httptest.Server
	mu      sync.Mutex
	calls   []call
	remotes map[string]bool // addresses of the connections that calls came by
}

// call is one request that the provider got.
type call struct {
	method, path string
	user, secret string
	query, form  url.Values
}

func newProvider(t *testing.T, answer http.HandlerFunc) *provider {
	t.Helper()
	p := &provider{remotes: map[string]bool{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("the form is broken: %v", err)
		}
		user, secret, _ := r.BasicAuth()
		p.mu.Lock()
		p.calls = append(p.calls, call{r.Method, r.URL.Path, user, secret, r.URL.Query(), r.PostForm})
		p.remotes[r.RemoteAddr] = true
		p.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// only returns the one call that was made.
func (p *provider) only(t *testing.T) call {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) != 1 {
		t.Fatalf("%d calls, want 1", len(p.calls))
	}
	return p.calls[0]
}

// locked is a transport that refuses to leave the test's own server.
type locked struct {
	host string
	next http.RoundTripper
}

func (l locked) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != l.host {
		return nil, fmt.Errorf("refused to call %s", r.URL.Host)
	}
	return l.next.RoundTrip(r)
}

// client returns a client of the provider.
func (p *provider) client(t *testing.T, change func(*twilio.Config)) *twilio.Client {
	t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := twilio.Config{
		API: p.URL, Account: account, Secret: "s3cr3t", StatusURL: "https://bot.example/webhooks/twilio/status",
		HTTP: &http.Client{Transport: locked{u.Host, p.Client().Transport}},
	}
	if change != nil {
		change(&c)
	}
	client, err := twilio.NewClient(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// answer sends a status and a body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // a client that hung up is part of some tests
	}
}

// text is an ordinary SMS of ours.
func text() message.Outbound {
	return message.Outbound{
		ID: ourID, Attempt: 1, From: service, To: message.Address{Channel: message.SMS, Value: "+526671234567"},
		Body: "Tu vale de $3,000 esta autorizado", Validity: 10 * time.Minute,
	}
}
