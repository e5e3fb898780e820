// Package channeltest is the conformance suite of channel adapters: whatever the
// provider, a message is received once, in order and only if it is genuine; a
// status moves what it may; a send says truly whether the provider may have the
// message; and nothing personal is in an error.
//
// Each adapter gives the suite its wire forms, written down apart from the
// adapter's own code, so that a misreading of the protocol cannot hide.
package channeltest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/message"
	"valebot/internal/outbox"
)

// Adapter is what the suite needs to know about one adapter.
type Adapter struct {
	// Door returns the handler of the adapter's webhooks, which stores on the shelf.
	Door func(s *Shelf) http.Handler
	// Inbound returns a fresh genuine webhook with a text of a person.
	Inbound func(t *testing.T, id, from, body string) *http.Request
	// Status returns a fresh genuine webhook about a message of ours. A code of 0
	// is no error. nil says that this rank is not told on this channel.
	Status func(t *testing.T, providerID string, id uuid.UUID, attempt int, rank message.Rank, code int) *http.Request
	// Forge spoils the signature of a genuine webhook.
	Forge func(r *http.Request)
	// MaxBody is the largest webhook that is read, in bytes.
	MaxBody int
	// Failure is an error code whose class is FailureClass.
	Failure      int
	FailureClass message.Class

	// Client returns the sender for a provider at base, going out by way.
	Client func(t *testing.T, base string, way http.RoundTripper, timeout time.Duration) outbox.Sender
	// From and To are a sender of ours and a person's address on this channel.
	From string
	To   message.Address
	// Taken is the provider's answer to a message that it took.
	Taken func(id string) (status int, body string)
	// Busy and Down are its answers when it is asked too much and when it fails.
	Busy, Down Answer
	// OptedOut is its answer for a person who stopped us; nil if it has none.
	OptedOut *Answer
	// Shown returns the texts and the labels that the person will see, from a
	// request as it went out.
	Shown func(t *testing.T, r Request) []string
	// Longest is the longest body that goes out, in characters.
	Longest int
}

// Answer is an answer of a provider.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// Run runs the whole suite.
func Run(t *testing.T, a Adapter) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Adapter){
		"receive": receive, "dedupe": dedupe, "order": order, "not stored": notStored, "forged": forged, "truncated": truncated, "oversized": oversized,
		"method": method, "statuses": statuses, "failure": failure, "sent": sent, "choices": choices, "length": length, "answers": answers,
		"cut": cut, "hang": hang, "refused": refused, "redirect": redirect,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, a)
		})
	}
}

// Shelf is an Inbox and a Receipts that keeps what it gets, or fails.
type Shelf struct {
	mu       sync.Mutex
	err      error
	messages []message.Inbound
	statuses []message.Status
}

// Accept keeps a message.
func (s *Shelf) Accept(_ context.Context, m message.Inbound) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.messages = append(s.messages, m)
	}
	return s.err
}

// Record keeps statuses.
func (s *Shelf) Record(_ context.Context, all ...message.Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.statuses = append(s.statuses, all...)
	}
	return s.err
}

// Fail makes the shelf refuse everything with an error; nil makes it take again.
func (s *Shelf) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Messages returns what was kept.
func (s *Shelf) Messages() []message.Inbound {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]message.Inbound(nil), s.messages...)
}

// Statuses returns what was kept.
func (s *Shelf) Statuses() []message.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]message.Status(nil), s.statuses...)
}

// Request is a request as the provider got it.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

// Provider is a server that answers as told and keeps what it was asked.
type Provider struct {
	*httptest.Server
	mu       sync.Mutex
	requests []Request
}

// NewProvider starts a provider. It ends with the test.
func NewProvider(t *testing.T, answer http.HandlerFunc) *Provider {
	t.Helper()
	p := &Provider{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read request: %v", err)
		}
		p.mu.Lock()
		p.requests = append(p.requests, Request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), string(body)})
		p.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(func() { p.CloseClientConnections(); p.Close() })
	return p
}

// Requests returns what the provider was asked.
func (p *Provider) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// Only returns the one request that was made.
func (p *Provider) Only(t *testing.T) Request {
	t.Helper()
	all := p.Requests()
	if len(all) != 1 {
		t.Fatalf("%d requests, want 1", len(all))
	}
	return all[0]
}

// Way returns a transport that refuses to leave the provider's own host.
func (p *Provider) Way(t *testing.T) http.RoundTripper {
	t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return Locked{u.Host, p.Client().Transport}
}

// Locked is a transport that refuses to leave one host: a test that would call a
// real provider fails instead.
type Locked struct {
	Host string
	Next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (l Locked) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != l.Host {
		return nil, fmt.Errorf("refused to call %s", r.URL.Host)
	}
	return l.Next.RoundTrip(r)
}

// Say returns a handler that gives one answer.
func Say(a Answer) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for name, values := range a.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(a.Status)
		_, _ = io.WriteString(w, a.Body) // a client that hung up is part of some tests
	}
}

// Serve gives a request to a handler.
func Serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// text is an ordinary message to the adapter's person.
func (a Adapter) text() message.Outbound {
	return message.Outbound{
		ID: uuid.MustParse("0190a0b0-1111-7222-8333-444455556666"), Attempt: 2, From: a.From, To: a.To,
		Body: "Tu vale de $3,000 esta autorizado", Lane: message.LaneReply, Segments: 1, Validity: 10 * time.Minute,
	}
}

// spill reports what of a message shows in a text that goes to the log.
func spill(text string, m message.Outbound) string {
	for _, secret := range []string{m.Body, strings.TrimPrefix(m.To.Value, "+"), "s3cr3t"} {
		if secret != "" && strings.Contains(text, secret) {
			return secret
		}
	}
	return ""
}
