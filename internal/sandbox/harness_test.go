package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"valebot/internal/rail"
)

const (
	account = "AC00000000000000000000000000000001"
	token   = "12345"
	ours    = "+528000000001"
	maria   = "+526670000001"
	ana     = "+526671234567"
	secret  = "secreto-de-prueba-123"
)

// handClock is a clock that only moves when it is told to.
type handClock struct {
	mu  sync.Mutex
	now time.Time
	err error
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) Advance(_ context.Context, to time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.now = to
	}
	return c.err
}

// heard is one webhook that the server got.
type heard struct {
	Path, Query string
	Form        url.Values     // Twilio's
	JSON        map[string]any // the rails'
	Signed      bool
}

// village is a sandbox with a server that listens to it.
type village struct {
	*Sandbox
	t      *testing.T
	clock  *handClock
	web    *httptest.Server // the sandbox
	server *httptest.Server // the server under whose URL webhooks are signed
	heard  chan heard
	mu     sync.Mutex
	answer func(heard) int // nil is 200
}

func open(t *testing.T, change ...func(*Config)) *village {
	t.Helper()
	v := &village{t: t, clock: &handClock{now: time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)}, heard: make(chan heard, 1000)}
	v.server = httptest.NewServer(http.HandlerFunc(v.listen))
	c := Config{
		PublicURL: v.server.URL, TwilioAccount: account, TwilioToken: token, Sender: ours,
		Templates: map[string]string{"HXrecordatorio": "Hola {{1}}, te toca {{2}}."},
		ATMKeys:   rail.Keys{secret}, SPEIKeys: rail.Keys{secret}, PaymentKeys: rail.Keys{secret},
		Clock: v.clock, People: []Person{{Phone: maria, Name: "María López", Role: "distribuidora", Prefill: "VALE 6671234567 3000 8"}, {Phone: ana, Name: "Ana Ruiz", Role: "beneficiaria"}},
		Retry: []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	var err error
	if v.Sandbox, err = New(c); err != nil {
		t.Fatal(err)
	}
	v.web = httptest.NewServer(v.Handler())
	t.Cleanup(func() {
		v.web.CloseClientConnections()
		v.Close()
		v.web.Close()
		v.server.Close()
	})
	return v
}

func (v *village) listen(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h := heard{Path: r.URL.Path, Query: r.URL.RawQuery}
	if r.URL.Path == pathCloud {
		_ = json.Unmarshal(body, &h.JSON)
		h.Signed = r.Header.Get("X-Hub-Signature-256") == "sha256="+hubSum(secret, body)
	} else if strings.HasPrefix(r.URL.Path, "/webhooks/twilio/") {
		h.Form, _ = url.ParseQuery(string(body))
		h.Signed = r.Header.Get("X-Twilio-Signature") == twilioSignature(token, v.PublicURL+r.URL.RequestURI(), h.Form)
	} else {
		_ = json.Unmarshal(body, &h.JSON)
		h.Signed = (rail.Keys{secret}).Verify(r, body, time.Now()) == nil
	}
	v.mu.Lock()
	answer := v.answer
	v.mu.Unlock()
	status := http.StatusOK
	if answer != nil {
		status = answer(h)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"status":"stored"}`)
	v.heard <- h
}

func hubSum(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (v *village) answers(how func(heard) int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answer = how
}

// next waits for the next webhook.
func (v *village) next() heard {
	v.t.Helper()
	select {
	case h := <-v.heard:
		if !h.Signed {
			v.t.Errorf("%s is not signed", h.Path)
		}
		return h
	case <-v.t.Context().Done():
	case <-time.After(2 * time.Minute):
	}
	v.t.Fatal("no webhook came")
	return heard{}
}

// quiet asserts that everything under way is over and nothing more came.
func (v *village) quiet() {
	v.t.Helper()
	v.Close()
	select {
	case h := <-v.heard:
		v.t.Errorf("unexpected webhook %+v", h)
	default:
	}
}

// call sends JSON to the page's API and decodes its answer.
func (v *village) call(method, path string, in, out any) int {
	v.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.web.URL+path, bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return v.do(r, out)
}

func (v *village) do(r *http.Request, out any) int {
	v.t.Helper()
	res, err := v.web.Client().Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			v.t.Fatalf("%s %s answered %d %q: %v", r.Method, r.URL.Path, res.StatusCode, body, err)
		}
	}
	return res.StatusCode
}

// rest makes a call to the Twilio stand-in as the server would.
func (v *village) rest(form url.Values) (*http.Response, map[string]any, error) {
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost,
		v.web.URL+"/sandbox/twilio/2010-04-01/Accounts/"+account+"/Messages.json", strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(account, token)
	res, err := v.web.Client().Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	var out map[string]any
	err = json.NewDecoder(res.Body).Decode(&out)
	return res, out, err
}

func (v *village) callback(id string) string {
	return v.server.URL + "/webhooks/twilio/status?a=1&m=" + id
}

// sms is the form of an ordinary message to Ana.
func (v *village) sms(body string, more ...string) url.Values {
	form := url.Values{"To": {ana}, "From": {ours}, "Body": {body}, "StatusCallback": {v.callback("m1")}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

func (v *village) messages(number string) []Message {
	for _, p := range v.phones.views(shownPhones) {
		if p.Phone == number {
			return p.Messages
		}
	}
	return nil
}

// until waits for news until a condition holds.
func (v *village) until(holds func() bool) {
	v.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		_, more, _ := v.feed.since(v.feed.last())
		if holds() {
			return
		}
		select {
		case <-more:
		case <-deadline:
			v.t.Fatal("never came true")
		}
	}
}
