package app

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what Twilio signs with
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The world outside, written a second time and from the documents alone, so
// that a mistake in the program's own signatures or stand-ins cannot hide.

const (
	worldAccount = "AC0123456789abcdef0123456789abcdef"
	worldToken   = "token-de-prueba-0001"
	worldSecret  = "secreto-de-prueba-123"
	worldSender  = "+525550000000"
)

// text is one message that reached a phone.
type text struct {
	sid  string
	own  string // the program's own id of the message, from its callback
	to   string
	body string
	at   time.Time
}

// code is one withdrawal code at the issuer.
type code struct {
	id, digits, status string
	cents              int64
}

// world is the provider, the issuer, the bank and everybody's phones.
type world struct {
	web    *httptest.Server
	client *http.Client
	base   atomic.Value // string: where the program listens
	done   chan struct{}

	mu     sync.Mutex
	texts  []text
	news   map[string]chan text // by phone
	codes  map[string]*code
	asked  int // calls for a new code
	silent bool
	listed []map[string]any // what the list holds besides, when it is asked for all
	delay  func()           // before the provider answers; may be nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{client: &http.Client{Timeout: patience}, news: map[string]chan text{}, codes: map[string]*code{}, done: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /twilio/2010-04-01/Accounts/"+worldAccount+"/Messages.json", w.take)
	mux.HandleFunc("GET /twilio/2010-04-01/Accounts/"+worldAccount+"/Messages.json", w.list)
	mux.HandleFunc("POST /atm/codes", w.issue)
	mux.HandleFunc("GET /atm/codes/{id}", w.lookUp)
	mux.HandleFunc("POST /spei/transfers", w.transfer)
	w.web = httptest.NewServer(mux)
	t.Cleanup(func() { close(w.done); w.web.CloseClientConnections(); w.web.Close() })
	return w
}

// url is where a path of the program is just now. Before it has told, it is where
// nobody listens.
func (w *world) url(path string) string {
	if base, ok := w.base.Load().(string); ok {
		return base + path
	}
	return "http://" + nowhere + path
}

// phone returns the queue of messages to a phone.
func (w *world) phone(number string) chan text {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.news[number] == nil {
		w.news[number] = make(chan text, 1000)
	}
	return w.news[number]
}

func (w *world) take(rw http.ResponseWriter, r *http.Request) {
	if _, password, _ := r.BasicAuth(); password != worldToken || r.ParseForm() != nil {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	callback, _ := url.Parse(r.PostForm.Get("StatusCallback"))
	m := text{sid: newSID(), own: callback.Query().Get("m"), to: r.PostForm.Get("To"), body: r.PostForm.Get("Body"), at: time.Now()}
	queue := w.phone(strings.TrimPrefix(m.to, "whatsapp:"))
	w.mu.Lock()
	w.texts = append(w.texts, m)
	delay := w.delay
	w.mu.Unlock()
	queue <- m
	if delay != nil {
		delay()
	}
	rw.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(rw).Encode(m.resource())
}

func (m text) resource() map[string]any {
	return map[string]any{
		"sid": m.sid, "status": "queued", "direction": "outbound-api", "body": m.body, "to": m.to, "from": worldSender,
		"date_created": m.at.UTC().Format(time.RFC1123Z), "error_code": nil,
	}
}

func (w *world) list(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := []map[string]any{}
	if r.URL.Query().Get("To") == "" {
		found = append(found, w.listed...)
	}
	for _, m := range slices.Backward(w.texts) {
		if m.to == r.URL.Query().Get("To") {
			found = append(found, m.resource())
		}
	}
	_ = json.NewEncoder(rw).Encode(map[string]any{"messages": found, "next_page_uri": nil})
}

// issue is the issuer: it takes the request, and tells of the code later.
func (w *world) issue(rw http.ResponseWriter, r *http.Request) {
	body, ok := railBody(rw, r)
	if !ok {
		return
	}
	id, _ := body["id"].(string)
	cents, _ := body["amount_centavos"].(float64)
	w.mu.Lock()
	defer w.mu.Unlock()
	if had := w.codes[id]; had != nil {
		rw.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(rw).Encode(had.state())
		return
	}
	c := &code{id: id, digits: newDigits(), status: "issued", cents: int64(cents)}
	w.codes[id] = c
	w.asked++
	if !w.silent {
		go w.event("/webhooks/atm", c.event("code.issued"))
	}
	rw.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(rw).Encode(map[string]any{"id": id, "status": "pending"})
}

func (c *code) state() map[string]any {
	return map[string]any{"id": c.id, "status": c.status, "code": c.digits, "network": "BBVA", "expires_at": time.Now().Add(ahead() + 72*time.Hour).UTC().Format(time.RFC3339)}
}

func (c *code) event(name string) map[string]any {
	event := c.state()
	delete(event, "status")
	event["event"] = name
	return event
}

func (w *world) lookUp(rw http.ResponseWriter, r *http.Request) {
	if _, ok := railBody(rw, r); !ok {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.codes[r.PathValue("id")]
	if c == nil {
		rw.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(rw).Encode(c.state())
}

// finish ends a code and tells the program so.
func (w *world) finish(digits, status string) bool {
	w.mu.Lock()
	var c *code
	for _, one := range w.codes {
		if one.digits == digits && one.status == "issued" {
			c = one
		}
	}
	if c != nil {
		c.status = status
	}
	w.mu.Unlock()
	if c == nil {
		return false
	}
	go w.event("/webhooks/atm", map[string]any{"event": "code." + status, "id": c.id})
	return true
}

// transfer is the bank: the transfer settles at once.
func (w *world) transfer(rw http.ResponseWriter, r *http.Request) {
	body, ok := railBody(rw, r)
	if !ok {
		return
	}
	go w.event("/webhooks/spei", map[string]any{"event": "transfer.settled", "id": body["id"], "rastreo": body["rastreo"]})
	rw.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(rw).Encode(map[string]any{"id": body["id"], "status": "accepted"})
}

// railBody reads a call of the program and checks its signature.
func railBody(rw http.ResponseWriter, r *http.Request) (map[string]any, bool) {
	body, _ := io.ReadAll(r.Body)
	want := "v1=" + railSum(r.Header.Get("X-Valebot-Timestamp"), r.Method, r.URL.RequestURI(), body)
	if !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Valebot-Signature"))) {
		rw.WriteHeader(http.StatusForbidden)
		return nil, false
	}
	var fields map[string]any
	_ = json.Unmarshal(body, &fields)
	return fields, true
}

func railSum(timestamp, method, path string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(worldSecret))
	fmt.Fprintf(mac, "%s.%s.%s.%s", timestamp, method, path, body)
	return hex.EncodeToString(mac.Sum(nil))
}

// event tells the program something about money until it has stored it.
func (w *world) event(path string, fields map[string]any) {
	w.insist(func() int { return w.tell(path, fields) })
}

// tell makes one signed rail call and returns the status; 0 if nobody answered.
func (w *world) tell(path string, fields map[string]any) int {
	body, _ := json.Marshal(fields)
	r, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, w.url(path), bytes.NewReader(body))
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Valebot-Timestamp", stamp)
	r.Header.Set("X-Valebot-Signature", "v1="+railSum(stamp, http.MethodPost, path, body))
	return w.do(r)
}

func (w *world) do(r *http.Request) int {
	res, err := w.client.Do(r)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// insist repeats a delivery until it is answered with something final.
func (w *world) insist(deliver func() int) {
	for {
		if status := deliver(); status != 0 && status < 500 {
			return
		}
		select {
		case <-w.done:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// inbound is the form of an SMS.
func inbound(sid, from, body string) url.Values {
	return url.Values{
		"MessageSid": {sid}, "SmsSid": {sid}, "AccountSid": {worldAccount}, "ApiVersion": {"2010-04-01"}, "From": {from}, "To": {worldSender},
		"Body": {body}, "NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"},
	}
}

// post delivers a form with the right signature and returns the status.
func (w *world) post(path string, form url.Values) int {
	return w.postSigned(path, form, twilioSum(worldPublic+path, form))
}

func (w *world) postSigned(path string, form url.Values, signature string) int {
	r, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, w.url(path), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if signature != "" {
		r.Header.Set("X-Twilio-Signature", signature)
	}
	return w.do(r)
}

// twilioSum is what Twilio's documents say: HMAC-SHA1 of the URL followed by
// every field's name and value, sorted by name, in base64.
func twilioSum(link string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(worldToken))
	_, _ = io.WriteString(mac, link)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		_, _ = io.WriteString(mac, name+form.Get(name))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// write sends an SMS from a phone, as often as it takes.
func (w *world) write(from, body string) {
	form := inbound(newSID(), from, body)
	w.insist(func() int { return w.post(inboundPath, form) })
}

func newSID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return "SM" + hex.EncodeToString(b[:])
}

func newDigits() string {
	var b [12]byte
	_, _ = rand.Read(b[:])
	for i := range b {
		b[i] = '0' + b[i]%10
	}
	return string(b[:])
}
