package channeltest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"valebot/internal/message"
)

func receive(t *testing.T, a Adapter) {
	s := &Shelf{}
	body := "sí, acepto – ¿cuándo? 🌮"
	w := Serve(a.Door(s), a.Inbound(t, "id-1", a.To.Value, body))
	if w.Code != http.StatusOK {
		t.Fatalf("answered %d", w.Code)
	}
	got := s.Messages()
	if len(got) != 1 {
		t.Fatalf("%d messages stored", len(got))
	}
	m := got[0]
	if m.Body != body || m.Kind != message.Text || m.ProviderID != "id-1" || m.From.Key() != a.To.Key() || m.From.Channel != a.To.Channel {
		t.Errorf("stored %q of kind %s, id %q, from %s", m.Body, m.Kind, m.ProviderID, m.From)
	}
	if m.Provider == "" || m.Account == "" || m.Raw == "" || m.ReceivedAt.IsZero() {
		t.Errorf("incomplete: provider %q, account %q, raw %d bytes, at %s", m.Provider, m.Account, len(m.Raw), m.ReceivedAt)
	}
}

// dedupe: the key by which the inbox knows a message is the same each time it comes.
func dedupe(t *testing.T, a Adapter) {
	s := &Shelf{}
	door := a.Door(s)
	for range 3 {
		if w := Serve(door, a.Inbound(t, "id-1", a.To.Value, "hola")); w.Code != http.StatusOK {
			t.Fatalf("answered %d", w.Code)
		}
	}
	if w := Serve(door, a.Inbound(t, "id-2", a.To.Value, "hola")); w.Code != http.StatusOK {
		t.Fatalf("answered %d", w.Code)
	}
	keys := map[string]int{}
	for _, m := range s.Messages() {
		keys[m.Provider+"|"+m.Account+"|"+m.ProviderID]++
	}
	if len(keys) != 2 {
		t.Errorf("keys %v, want one for each message", keys)
	}
}

func order(t *testing.T, a Adapter) {
	s := &Shelf{}
	door := a.Door(s)
	for i := range 10 {
		Serve(door, a.Inbound(t, fmt.Sprint("id-", i), a.To.Value, fmt.Sprint("mensaje ", i)))
	}
	got := s.Messages()
	if len(got) != 10 {
		t.Fatalf("%d messages", len(got))
	}
	for i, m := range got {
		if m.Body != fmt.Sprint("mensaje ", i) {
			t.Errorf("place %d holds %q", i, m.Body)
		}
	}
}

// notStored: what could not be stored is not answered 200, and is stored when it
// comes again.
func notStored(t *testing.T, a Adapter) {
	s := &Shelf{}
	door := a.Door(s)
	s.Fail(errors.New("the database is away"))
	if w := Serve(door, a.Inbound(t, "id-1", a.To.Value, "hola")); w.Code < 500 {
		t.Errorf("answered %d to what was not stored", w.Code)
	}
	if r := a.Status(t, "id-9", uuid.New(), 1, message.RankDelivered, 0); Serve(door, r).Code < 500 {
		t.Error("a status that was not stored was answered as if it were")
	}
	s.Fail(nil)
	if w := Serve(door, a.Inbound(t, "id-1", a.To.Value, "hola")); w.Code != http.StatusOK || len(s.Messages()) != 1 {
		t.Errorf("the second delivery: %d, %d stored", w.Code, len(s.Messages()))
	}
}

func forged(t *testing.T, a Adapter) {
	s := &Shelf{}
	door := a.Door(s)
	for name, spoil := range map[string]func(*http.Request){
		"signature": a.Forge,
		"body": func(r *http.Request) {
			rewrite(t, r, func(b []byte) []byte { return bytes.Replace(b, []byte("hola"), []byte("hula"), 1) })
		},
		"appended": func(r *http.Request) { rewrite(t, r, func(b []byte) []byte { return append(b, ' ') }) },
	} {
		r := a.Inbound(t, "id-1", a.To.Value, "hola")
		spoil(r)
		if w := Serve(door, r); w.Code != http.StatusForbidden {
			t.Errorf("%s: answered %d, want 403", name, w.Code)
		}
	}
	r := a.Status(t, "id-9", uuid.New(), 1, message.RankDelivered, 0)
	a.Forge(r)
	if w := Serve(door, r); w.Code != http.StatusForbidden {
		t.Errorf("status: answered %d, want 403", w.Code)
	}
	if len(s.Messages())+len(s.Statuses()) != 0 {
		t.Error("something forged was stored")
	}
}

// rewrite changes the body of a request and nothing else.
func rewrite(t *testing.T, r *http.Request, change func([]byte) []byte) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	body = change(body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// truncated: a connection that ends in the middle, and a body cut by a proxy.
func truncated(t *testing.T, a Adapter) {
	s := &Shelf{}
	door := a.Door(s)
	cutShort := a.Inbound(t, "id-1", a.To.Value, "hola")
	rewrite(t, cutShort, func(b []byte) []byte { return b[:len(b)/2] })
	if w := Serve(door, cutShort); w.Code < 400 {
		t.Errorf("half a body was answered %d", w.Code)
	}
	broken := a.Inbound(t, "id-1", a.To.Value, "hola")
	broken.Body = io.NopCloser(io.MultiReader(strings.NewReader("half"), failing{}))
	if w := Serve(door, broken); w.Code < 400 {
		t.Errorf("a broken connection was answered %d", w.Code)
	}
	if len(s.Messages()) != 0 {
		t.Error("half a message was stored")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func oversized(t *testing.T, a Adapter) {
	s := &Shelf{}
	r := a.Inbound(t, "id-1", a.To.Value, "hola")
	rewrite(t, r, func(b []byte) []byte { return append(b, bytes.Repeat([]byte(" "), a.MaxBody)...) })
	if w := Serve(a.Door(s), r); w.Code != http.StatusRequestEntityTooLarge || len(s.Messages()) != 0 {
		t.Errorf("answered %d, stored %d", w.Code, len(s.Messages()))
	}
}

func method(t *testing.T, a Adapter) {
	genuine := a.Inbound(t, "id-1", a.To.Value, "hola")
	r := httptest.NewRequest(http.MethodDelete, genuine.URL.String(), nil)
	if w := Serve(a.Door(&Shelf{}), r); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("answered %d", w.Code)
	}
}

// statuses come twice, out of order and for messages that nobody knows; each is
// told with what ties it to its message.
func statuses(t *testing.T, a Adapter) {
	s := &Shelf{}
	door := a.Door(s)
	id := uuid.MustParse("0190a0b0-1111-7222-8333-444455556666")
	var want []message.Rank
	for _, rank := range []message.Rank{message.RankDelivered, message.RankSent, message.RankRead, message.RankDelivered} {
		r := a.Status(t, "id-9", id, 2, rank, 0)
		if r == nil {
			continue
		}
		want = append(want, rank)
		if w := Serve(door, r); w.Code != http.StatusOK {
			t.Errorf("%d: answered %d", rank, w.Code)
		}
	}
	got := s.Statuses()
	if len(got) != len(want) {
		t.Fatalf("%d statuses, want %d", len(got), len(want))
	}
	for i, g := range got {
		if g.Rank != want[i] || g.ID != id || g.Attempt != 2 || g.ProviderID != "id-9" || g.Class != "" {
			t.Errorf("status %d: %+v", i, g)
		}
	}
	stranger := a.Status(t, "id-77", uuid.Nil, 0, message.RankDelivered, 0)
	if w := Serve(door, stranger); w.Code != http.StatusOK {
		t.Errorf("a stranger's status: answered %d, which asks for it for ever", w.Code)
	}
}

func failure(t *testing.T, a Adapter) {
	s := &Shelf{}
	Serve(a.Door(s), a.Status(t, "id-9", uuid.New(), 1, message.RankFailed, a.Failure))
	got := s.Statuses()
	if len(got) != 1 || got[0].Rank != message.RankFailed || got[0].Class != a.FailureClass || got[0].Code != a.Failure {
		t.Errorf("recorded %+v, want class %s", got, a.FailureClass)
	}
}
