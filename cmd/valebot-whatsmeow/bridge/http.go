package bridge

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Bounds of the protocol.
const (
	maxBody   = 64 << 10
	tolerance = 5 * time.Minute
	patience  = 8 * time.Second // of one send; valebot waits for ten
)

// Handler answers valebot's calls.
func (b *Bridge) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /messages", b.signed(b.post))
	mux.HandleFunc("GET /messages/{key}", b.signed(b.get))
	mux.HandleFunc("GET /media/{id}", b.signed(b.media))
	return mux
}

func (b *Bridge) signed(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil || !b.verify(r, body) {
			say(w, http.StatusForbidden, map[string]string{"status": "unsigned"})
			return
		}
		next(w, r, body)
	}
}

// verify checks the signature of valebot's gateway protocol.
func (b *Bridge) verify(r *http.Request, body []byte) bool {
	stamp := r.Header.Get("X-Valebot-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || b.Now().Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	matched := false
	for given := range strings.SplitSeq(r.Header.Get("X-Valebot-Signature"), ",") {
		for _, secret := range b.Secrets {
			want := "v1=" + digest(secret, stamp, r.Method, r.URL.RequestURI(), body)
			matched = hmac.Equal([]byte(strings.TrimSpace(given)), []byte(want)) || matched
		}
	}
	return matched
}

func digest(secret, stamp, method, path string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s.%s.", stamp, method, path)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// order is a message as valebot hands it over.
type order struct {
	ID      string `json:"id"`
	Attempt int    `json:"attempt"`
	Channel string `json:"channel"`
	To      string `json:"to"`
	Text    string `json:"text"`
	Lane    string `json:"lane"`
	File    any    `json:"file"`
}

func (b *Bridge) post(w http.ResponseWriter, r *http.Request, body []byte) {
	key := r.Header.Get("Idempotency-Key")
	var o order
	if json.Unmarshal(body, &o) != nil || key == "" || o.ID == "" {
		say(w, http.StatusBadRequest, map[string]string{"status": "malformed"})
		return
	}
	b.sending.Lock()
	defer b.sending.Unlock()
	sum := sha256.Sum256(body)
	if t, ok := b.Journal.ByKey(key); ok {
		switch {
		case t.Sum != hex.EncodeToString(sum[:]):
			say(w, http.StatusConflict, map[string]string{"reason": "duplicate"})
			return
		case t.Sent:
			say(w, http.StatusOK, map[string]string{"id": t.Message, "status": "sent"})
			return
		}
	}
	if reason := b.refuses(o); reason != "" {
		say(w, http.StatusUnprocessableEntity, map[string]string{"reason": reason})
		return
	}
	if wait := b.next.Sub(b.Now()); wait > 0 {
		later(w, wait)
		return
	}
	b.send(r.Context(), w, Taken{Key: key, Sum: hex.EncodeToString(sum[:]), ID: o.ID, Attempt: o.Attempt, Message: MessageID(o.ID), At: b.Now()}, o)
}

// refuses is why a message does not go this way at all, or "".
func (b *Bridge) refuses(o order) string {
	switch {
	case b.Journal.Stopped() != "":
		return "stopped"
	case o.Channel != "whatsapp":
		return "not_on_channel"
	case o.Text == "" || o.File != nil:
		return "content"
	case o.Lane == "code" || o.Lane == "campaign":
		return "window_closed" // another channel may do
	case b.Now().Sub(b.Journal.LastFrom(o.To)) > Window:
		return "window_closed" // never the first to write
	}
	return ""
}

// send hands one message over. That it is being sent is written down before, so
// that after a crash nobody takes it for sent.
func (b *Bridge) send(ctx context.Context, w http.ResponseWriter, t Taken, o order) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if ok, err := b.Client.Reach(ctx, o.To); err != nil {
		later(w, 10*time.Second)
		return
	} else if !ok {
		say(w, http.StatusUnprocessableEntity, map[string]string{"reason": "not_on_channel"})
		return
	}
	if err := b.Journal.Take(t); err != nil {
		b.Log.Error("journal", "err", err)
		say(w, http.StatusInsufficientStorage, map[string]string{"status": "error"})
		return
	}
	b.next = b.Now().Add(Gap)
	err := b.Client.Send(ctx, o.To, t.Message, o.Text)
	switch {
	case err == nil:
		t.Sent = true
		if err := b.Journal.Take(t); err != nil {
			b.Log.Error("journal", "err", err) // it went; at worst it is asked about
		}
		say(w, http.StatusAccepted, map[string]string{"id": t.Message, "status": "sent"})
	case errors.Is(err, ErrOffline):
		later(w, 10*time.Second)
	case errors.Is(err, ErrAbsent):
		say(w, http.StatusUnprocessableEntity, map[string]string{"reason": "not_on_channel"})
	case errors.Is(err, ErrRestricted):
		b.halt("restricted: " + err.Error())
		say(w, http.StatusUnprocessableEntity, map[string]string{"reason": "stopped"})
	default:
		b.Log.Warn("send without an answer", "err", err)
		say(w, http.StatusGatewayTimeout, map[string]string{"status": "unknown"})
	}
}

// get says whether a key was sent. One that was only begun counts as not: it
// goes again under the same id.
func (b *Bridge) get(w http.ResponseWriter, r *http.Request, _ []byte) {
	if t, ok := b.Journal.ByKey(r.PathValue("key")); ok && t.Sent {
		say(w, http.StatusOK, map[string]string{"id": t.Message, "status": "sent"})
		return
	}
	say(w, http.StatusNotFound, map[string]string{"status": "unknown"})
}

func (b *Bridge) media(w http.ResponseWriter, r *http.Request, _ []byte) {
	content, kind, err := b.Client.Fetch(r.Context(), r.PathValue("id"))
	if err != nil {
		say(w, http.StatusNotFound, map[string]string{"status": "gone"})
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(content) // valebot asks again
}

// later says that a message was not taken and when to come back.
func later(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	say(w, http.StatusTooManyRequests, map[string]string{"reason": "too_fast"})
}

func say(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a caller that left asks again
}

// tell posts one event and reports whether valebot is done with it: it stored it,
// or will never take it.
func (b *Bridge) tell(ctx context.Context, event map[string]any) bool {
	body, err := json.Marshal(event)
	if err != nil {
		return true // text of WhatsApp's always encodes
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Events, bytes.NewReader(body))
	if err != nil {
		return false
	}
	stamp := strconv.FormatInt(b.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Valebot-Timestamp", stamp)
	r.Header.Set("X-Valebot-Signature", "v1="+digest(b.Secrets[0], stamp, r.Method, r.URL.RequestURI(), body))
	res, err := b.HTTP.Do(r)
	if err != nil {
		b.Log.Warn("valebot does not answer")
		return false
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return true
	}
	b.Log.Warn("valebot did not take an event", "status", res.StatusCode)
	return false
}
