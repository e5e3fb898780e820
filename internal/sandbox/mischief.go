package sandbox

import (
	"bytes"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"time"
)

// misbehave does what the menu asks of a message provider before it takes a
// message, and reports whether that was the answer. say speaks the provider's
// own dialect.
func misbehave(w http.ResponseWriter, r *http.Request, menu *Menu, sleep func(time.Duration) bool, say func(http.ResponseWriter, Mischief)) bool {
	if menu.take(TwilioSlow) && !sleep(2*time.Second) {
		return true
	}
	if menu.take(TwilioHang) {
		<-r.Context().Done()
		return true
	}
	for _, what := range []Mischief{Twilio500, TwilioBusy, TwilioOptOut} {
		if menu.take(what) {
			say(w, what)
			return true
		}
	}
	return false
}

// finish answers that a message was taken, well or as the menu asks.
func finish(w http.ResponseWriter, menu *Menu, well func()) {
	switch {
	case menu.take(TwilioCut):
		panic(http.ErrAbortHandler) // the documented way to cut a connection
	case menu.take(TwilioHTML):
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>502</title><h1>Bad gateway</h1>")
	case menu.take(TwilioJSON):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"sid":"SM0123`)
	default:
		well()
	}
}

// Weather is a transport that loses the way to a provider when the menu says so:
// its name is not found, or its certificate has expired. No connection is made
// then, as when it really happens.
func (m *Menu) Weather(next http.RoundTripper) http.RoundTripper { return weather{m, next} }

type weather struct {
	menu *Menu
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (w weather) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case w.menu.take(NetworkNoName):
		return nil, &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}
	case w.menu.take(NetworkExpired):
		return nil, x509.CertificateInvalidError{Reason: x509.Expired, Detail: "the provider's certificate has expired"}
	}
	return w.next.RoundTrip(r)
}

// early tells a status of a message before its hand-over was answered, and of
// one that was never sent.
func (s *Sandbox) early(t Text) {
	if s.menu.take(StatusEarly) {
		s.status(t, "delivered", 0)
	}
	if s.menu.take(StatusUnknown) {
		stranger := t
		stranger.SID, stranger.Opaque = s.idFor(channelOf(t.To)), "0190a0b0-0000-7000-8000-000000000000"
		stranger.Callback = s.PublicURL + pathStatus + "?a=1&m=" + stranger.Opaque
		s.run(func() { s.status(stranger, "delivered", 0) })
	}
}

// disturb does what the menu asks for before the delivery of a phone's message.
// now is false if the message itself waits for the next one; after is to be run
// once this one was delivered, or was put aside.
func (s *Sandbox) disturb(hook webhook, m Message) (now bool, after func()) {
	if s.menu.take(WebhookTwice) {
		s.run(func() { s.deliver(hook) })
	}
	for what, spoil := range map[Mischief]func(*http.Request, []byte) []byte{WebhookForged: forge, WebhookCut: half, WebhookHuge: bloat} {
		if s.menu.take(what) {
			s.deliver(spoiled(hook, spoil))
		}
	}
	switch {
	case s.menu.take(WebhookReordered):
		return false, s.putAside(func() {
			if s.persist(func() bool { return s.deliver(hook) }) {
				s.arrived(m, "delivered")
			}
		})
	case s.menu.take(WebhookReplayed):
		return true, s.putAside(func() { s.deliver(hook) })
	}
	return true, s.putAside(nil)
}

// putAside keeps a delivery until after the next message, and returns the one
// that was kept until now.
func (s *Sandbox) putAside(next func()) (kept func()) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	kept, s.kept = s.kept, next
	if kept == nil {
		return func() {}
	}
	return kept
}

// spoiled is a webhook whose request is changed after it was signed.
func spoiled(hook webhook, spoil func(*http.Request, []byte) []byte) webhook {
	return func() (*http.Request, error) {
		r, err := hook()
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = spoil(r, body)
		r.Body, r.ContentLength, r.GetBody = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
		return r, nil
	}
}

// forge replaces the signature, whichever it is.
func forge(r *http.Request, body []byte) []byte {
	for name, forged := range map[string]string{
		"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "X-Hub-Signature-256": "sha256=00", "X-Valebot-Signature": "v1=00",
	} {
		if r.Header.Get(name) != "" {
			r.Header.Set(name, forged)
		}
	}
	return body
}

func half(_ *http.Request, body []byte) []byte { return body[:len(body)/2] }

func bloat(_ *http.Request, body []byte) []byte {
	return append(body, bytes.Repeat([]byte(" "), 4<<20)...)
}
