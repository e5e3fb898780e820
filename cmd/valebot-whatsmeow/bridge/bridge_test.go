package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	secret = "secreto-de-prueba-123"
	ana    = "+5216671234567"
)

// fake is WhatsApp as a Client shows it.
type fake struct {
	mu     sync.Mutex
	sent   []string // "to id text"
	err    error
	absent bool
	events []Event
	acks   []bool
	gone   bool
}

func (f *fake) Connect(ctx context.Context, on func(Event) bool) error {
	for _, e := range f.events {
		ok := on(e)
		f.mu.Lock()
		f.acks = append(f.acks, ok)
		f.mu.Unlock()
	}
	if len(f.events) > 0 {
		return nil
	}
	<-ctx.Done()
	return nil
}
func (f *fake) Disconnect()                                      { f.gone = true }
func (f *fake) Paired() bool                                     { return true }
func (f *fake) PairQR(context.Context, func(string)) error       { return nil }
func (f *fake) PairCode(context.Context, string) (string, error) { return "ABCD-1234", nil }
func (f *fake) Reach(context.Context, string) (bool, error)      { return !f.absent, nil }
func (f *fake) Fetch(_ context.Context, id string) ([]byte, string, error) {
	if id != "m1" {
		return nil, "", errors.New("gone")
	}
	return []byte("jpeg"), "image/jpeg", nil
}
func (f *fake) Send(_ context.Context, to, id, text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, to+" "+id+" "+text)
	return f.err
}

// rig is a bridge between a fake and a valebot that keeps what it is told.
type rig struct {
	*Bridge
	t    *testing.T
	fake *fake
	now  time.Time
	dir  string
	mu   sync.Mutex
	told []map[string]any
	code int
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, fake: &fake{}, now: time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC), dir: t.TempDir(), code: 200}
	valebot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		want := "v1=" + digest(secret, q.Header.Get("X-Valebot-Timestamp"), "POST", "/webhooks/gateway", body)
		if q.Header.Get("X-Valebot-Signature") != want {
			t.Error("an event is not signed")
		}
		var e map[string]any
		_ = json.Unmarshal(body, &e)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.code == 200 {
			r.told = append(r.told, e)
		}
		w.WriteHeader(r.code)
	}))
	t.Cleanup(valebot.Close)
	r.Bridge = New(Config{
		Client: r.fake, Secrets: []string{secret}, Events: valebot.URL + "/webhooks/gateway", HTTP: valebot.Client(),
		Now: func() time.Time { return r.now }, Log: slog.New(slog.DiscardHandler),
	})
	r.reopen()
	return r
}

// reopen is a restart.
func (r *rig) reopen() {
	r.t.Helper()
	if r.Journal != nil {
		_ = r.Journal.Close()
	}
	j, err := OpenJournal(r.dir, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Journal, r.next = j, time.Time{}
	r.t.Cleanup(func() { _ = j.Close() })
}

func (r *rig) call(method, path, key, body string) (int, map[string]string, http.Header) {
	r.t.Helper()
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	stamp := strconv.FormatInt(r.now.Unix(), 10)
	q.Header.Set("Idempotency-Key", key)
	q.Header.Set("X-Valebot-Timestamp", stamp)
	q.Header.Set("X-Valebot-Signature", "v1="+digest(secret, stamp, method, path, []byte(body)))
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, q)
	var out map[string]string
	_ = json.Unmarshal(w.Body.Bytes(), &out)
	return w.Code, out, w.Header()
}

func order1(id string, change ...string) string {
	o := fmt.Sprintf(`{"id":%q,"attempt":1,"channel":"whatsapp","to":%q,"text":"hola","lane":"reply"}`, id, ana)
	for i := 0; i < len(change); i += 2 {
		o = strings.Replace(o, change[i], change[i+1], 1)
	}
	return o
}

// hear has Ana write, which opens her window.
func (r *rig) hear() {
	r.t.Helper()
	if !r.take(r.t.Context(), Event{Kind: Said, ID: "in1", From: ana, Text: "hola", At: r.now}) {
		r.t.Fatal("not passed on")
	}
}

func TestMessageIDIsOursAndStable(t *testing.T) {
	t.Parallel()
	id := MessageID("0190a0b0-1111-7222-8333-444455556666")
	if len(id) != 22 || !strings.HasPrefix(id, "3EB0") || strings.ToUpper(id) != id || id != MessageID("0190a0b0-1111-7222-8333-444455556666") || id == MessageID("x") {
		t.Error(id)
	}
}

func TestAnswersOnceAndSlowly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hear()
	status, out, _ := r.call("POST", "/messages", "a:1", order1("a"))
	if status != 202 || out["id"] != MessageID("a") || len(r.fake.sent) != 1 || r.fake.sent[0] != ana+" "+MessageID("a")+" hola" {
		t.Fatalf("%d %v %v", status, out, r.fake.sent)
	}
	if status, again, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 200 || again["id"] != out["id"] || len(r.fake.sent) != 1 {
		t.Errorf("the same key: %d %v", status, r.fake.sent)
	}
	if status, _, _ := r.call("POST", "/messages", "a:1", order1("a", "hola", "adios")); status != 409 {
		t.Errorf("another content: %d", status)
	}
	status, _, header := r.call("POST", "/messages", "b:1", order1("b"))
	if status != 429 || header.Get("Retry-After") != "3" {
		t.Errorf("at once: %d after %s", status, header.Get("Retry-After"))
	}
	r.now = r.now.Add(Gap)
	if status, _, _ := r.call("POST", "/messages", "b:1", order1("b")); status != 202 {
		t.Errorf("after the pause: %d", status)
	}
	if status, out, _ := r.call("GET", "/messages/a:1", "", ""); status != 200 || out["id"] != MessageID("a") {
		t.Errorf("asked: %d %v", status, out)
	}
	if status, _, _ := r.call("GET", "/messages/c:1", "", ""); status != 404 {
		t.Errorf("asked for nothing: %d", status)
	}
}

func TestNeverTheFirstToWrite(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if status, out, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 422 || out["reason"] != "window_closed" {
		t.Errorf("%d %v", status, out)
	}
	r.hear()
	r.now = r.now.Add(Window + time.Minute)
	if status, _, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 422 || len(r.fake.sent) != 0 {
		t.Errorf("a day later: %d, sent %v", status, r.fake.sent)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hear()
	for body, want := range map[string]string{
		order1("a", `"reply"`, `"code"`): "window_closed", order1("a", `"reply"`, `"campaign"`): "window_closed",
		order1("a", `"whatsapp"`, `"sms"`): "not_on_channel", order1("a", "hola", ""): "content", order1("a", `"lane"`, `"file":{},"lane"`): "content",
	} {
		if status, out, _ := r.call("POST", "/messages", "a:1", body); status != 422 || out["reason"] != want {
			t.Errorf("%s: %d %v, want %s", body, status, out, want)
		}
	}
	r.fake.absent = true
	if status, out, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 422 || out["reason"] != "not_on_channel" {
		t.Errorf("absent: %d %v", status, out)
	}
	if status, _, _ := r.call("POST", "/messages", "", order1("a")); status != 400 {
		t.Errorf("without a key: %d", status)
	}
	if len(r.fake.sent) != 0 {
		t.Errorf("sent %v", r.fake.sent)
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, spoil := range map[string]func(*http.Request){
		"no signature": func(q *http.Request) { q.Header.Del("X-Valebot-Signature") },
		"another": func(q *http.Request) {
			q.Header.Set("X-Valebot-Signature", "v1="+digest("otro", "1", "POST", "/messages", nil))
		},
		"old": func(q *http.Request) {
			stamp := strconv.FormatInt(r.now.Add(-6*time.Minute).Unix(), 10)
			q.Header.Set("X-Valebot-Timestamp", stamp)
			q.Header.Set("X-Valebot-Signature", "v1="+digest(secret, stamp, "GET", "/messages/a:1", nil))
		},
	} {
		q := httptest.NewRequest("GET", "/messages/a:1", nil)
		spoil(q)
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, q)
		if w.Code != 403 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// After a crash in the middle of a send the message counts as not sent, and goes
// again under the same id of WhatsApp's.
func TestCrashInTheMiddleOfASend(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hear()
	r.fake.err = errors.New("the line went")
	if status, _, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 504 {
		t.Errorf("no answer: %d", status)
	}
	r.reopen()
	if status, _, _ := r.call("GET", "/messages/a:1", "", ""); status != 404 {
		t.Errorf("begun only: %d", status)
	}
	r.fake.err = nil
	if status, _, _ := r.call("POST", "/messages", "a:2", order1("a", `"attempt":1`, `"attempt":2`)); status != 202 {
		t.Errorf("again: %d", status)
	}
	if len(r.fake.sent) != 2 || r.fake.sent[0] != r.fake.sent[1] {
		t.Errorf("sent %v", r.fake.sent)
	}
	r.reopen()
	if status, _, _ := r.call("POST", "/messages", "a:2", order1("a", `"attempt":1`, `"attempt":2`)); status != 200 || len(r.fake.sent) != 2 {
		t.Errorf("after a restart: %d, sent %v", status, r.fake.sent)
	}
}

func TestOfflineIsNotTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hear()
	r.fake.err = ErrOffline
	if status, _, header := r.call("POST", "/messages", "a:1", order1("a")); status != 429 || header.Get("Retry-After") == "" {
		t.Errorf("%d", status)
	}
	r.fake.err = ErrAbsent
	r.now = r.now.Add(Gap)
	if status, out, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 422 || out["reason"] != "not_on_channel" {
		t.Errorf("%d %v", status, out)
	}
}

// At the first sign of a ban nothing goes any more, also after a restart, until a
// person has looked.
func TestStopsAtASignOfABan(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(r *rig){
		"event": func(r *rig) {
			r.fake.events = []Event{{Kind: Stop, Reason: "temporary ban 101"}}
			if err := r.Run(r.t.Context()); !errors.Is(err, ErrStopped) || !r.fake.gone {
				r.t.Errorf("run: %v, disconnected %t", err, r.fake.gone)
			}
		},
		"463": func(r *rig) {
			r.fake.err = ErrRestricted
			if status, out, _ := r.call("POST", "/messages", "z:1", order1("z")); status != 422 || out["reason"] != "stopped" {
				r.t.Errorf("463: %d %v", status, out)
			}
			r.fake.err = nil
		},
	} {
		r := newRig(t)
		r.hear()
		stop(r)
		before := len(r.fake.sent)
		r.reopen()
		r.now = r.now.Add(Gap)
		if status, out, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 422 || out["reason"] != "stopped" || len(r.fake.sent) != before {
			t.Errorf("%s: %d %v", name, status, out)
		}
		if err := r.Run(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("%s: runs again: %v", name, err)
		}
		if err := r.Journal.Resume(r.now); err != nil {
			t.Fatal(err)
		}
		r.reopen()
		if status, _, _ := r.call("POST", "/messages", "a:1", order1("a")); status != 202 {
			t.Errorf("%s: resumed: %d", name, status)
		}
	}
}

// What valebot did not store is not acknowledged, so that WhatsApp tells it again.
func TestEventsArePassedOnOrNotAcknowledged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.code = 503
	said := Event{Kind: Said, ID: "in1", From: ana, UserID: "123@lid", Name: "Ana", Text: "sí", RepliesTo: "q", MediaType: "image/jpeg", MediaName: "a.jpg", Place: &Place{1, 2}, At: r.now}
	r.fake.events = []Event{said}
	if err := r.Run(t.Context()); err != nil || len(r.fake.acks) != 1 || r.fake.acks[0] {
		t.Errorf("not stored: %v %v", err, r.fake.acks)
	}
	for code, ack := range map[int]bool{200: true, 400: true, 403: false, 500: false} {
		r.code = code
		if r.take(t.Context(), said) != ack {
			t.Errorf("valebot answers %d: acknowledged %t", code, !ack)
		}
	}
	e := r.told[0]
	for key, want := range map[string]any{"event": "message", "id": "in1", "channel": "whatsapp", "from": ana, "user_id": "123@lid", "text": "sí", "replies_to": "q", "at": "2026-03-02T16:00:00Z"} {
		if e[key] != want {
			t.Errorf("%s: %v, want %v", key, e[key], want)
		}
	}
	r.code = 200
	if !r.take(t.Context(), Event{Kind: Said, ID: "in2", From: ana, What: "aside", At: r.now}) || r.told[len(r.told)-1]["kind"] != "aside" {
		t.Error("a reaction is no aside")
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hear()
	r.call("POST", "/messages", "a:1", order1("a"))
	if !r.take(t.Context(), Event{Kind: Delivered, IDs: []string{"3EB0OTRO", MessageID("a")}}) || !r.take(t.Context(), Event{Kind: Read, IDs: []string{MessageID("a")}}) {
		t.Fatal("not passed on")
	}
	var got []string
	for _, e := range r.told[1:] {
		got = append(got, fmt.Sprint(e["message"], e["attempt"], e["status"], e["id"]))
	}
	id := MessageID("a")
	if strings.Join(got, " ") != "a1delivered"+id+" a1read"+id {
		t.Errorf("told %v", got)
	}
	r.code = 503
	if r.take(t.Context(), Event{Kind: Read, IDs: []string{id}}) {
		t.Error("a receipt that was not stored was acknowledged")
	}
}

func TestMedia(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if status, _, header := r.call("GET", "/media/m1", "", ""); status != 200 || header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%d", status)
	}
	if status, _, _ := r.call("GET", "/media/m2", "", ""); status != 404 {
		t.Errorf("gone: %d", status)
	}
}

// The journal forgets in time, survives a line cut off by a crash, and holds no
// text of any message.
func TestJournal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.hear()
	r.call("POST", "/messages", "a:1", order1("a"))
	path := filepath.Join(r.dir, "journal.jsonl")
	raw, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(raw), "hola") {
		t.Errorf("journal %s %v", raw, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, append(raw, `{"taken":{"key":"b:1","sen`...), 0o600); err != nil {
		t.Fatal(err)
	}
	r.reopen()
	if _, ok := r.Journal.ByKey("a:1"); !ok {
		t.Error("forgot a message")
	}
	r.now = r.now.Add(Memory + time.Hour)
	r.reopen()
	if _, ok := r.Journal.ByKey("a:1"); ok || !r.Journal.LastFrom(ana).IsZero() {
		t.Error("remembers for ever")
	}
}
