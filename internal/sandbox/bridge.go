package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"valebot/internal/message"
	"valebot/internal/rail"
)

// pathGateway is the server's webhook for gateways.
const pathGateway = "/webhooks/gateway"

// GatewayConfig makes one channel go by the reference gateway.
type GatewayConfig struct {
	Keys    rail.Keys
	Channel message.Channel
}

// byGateway reports whether a channel goes by the reference gateway.
func (s *Sandbox) byGateway(c message.Channel) bool {
	return s.Gateway != nil && s.Gateway.Channel == c
}

// bridge is the reference gateway of docs/gateway.md: a small program that takes
// messages once by their key and tells what became of them.
type bridge struct {
	*Sandbox
	mu    sync.Mutex
	taken map[string]held // by key
	order []string        // keys, oldest first
}

// held is a message as the gateway remembers it: what it was, to know a key that
// comes with another content, and how it stands.
type held struct {
	sum  [sha256.Size]byte
	text Text
}

// maxHeld bounds what the gateway remembers.
const maxHeld = 20000

func (s *Sandbox) bridge() http.Handler {
	b := &bridge{Sandbox: s, taken: map[string]held{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /messages", b.guard(b.take))
	mux.HandleFunc("GET /messages/{key}", b.guard(b.tell))
	mux.HandleFunc("GET /media/{id}", b.guard(func(w http.ResponseWriter, r *http.Request, _ []byte) { serveSample(w, r.PathValue("id")) }))
	return mux
}

// guard lets signed calls through, with their body.
func (b *bridge) guard(next func(http.ResponseWriter, *http.Request, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, rail.MaxBody))
		if err != nil || b.Gateway.Keys.Verify(r, body, time.Now()) != nil {
			answerJSON(w, http.StatusForbidden, map[string]string{"status": "error"})
			return
		}
		next(w, r, body)
	}
}

// bridgeMessage is a message as the server hands it over.
type bridgeMessage struct {
	ID      string           `json:"id"`
	Attempt int              `json:"attempt"`
	Channel message.Channel  `json:"channel"`
	To      string           `json:"to"`
	Text    string           `json:"text"`
	Choices []message.Choice `json:"choices"`
}

func (b *bridge) take(w http.ResponseWriter, r *http.Request, body []byte) {
	key := r.Header.Get(rail.HeaderIdempotency)
	var in bridgeMessage
	if json.Unmarshal(body, &in) != nil || key == "" || in.ID == "" {
		answerJSON(w, http.StatusBadRequest, map[string]string{"status": "error"})
		return
	}
	if misbehave(w, r, b.menu, b.sleep, bridgeDialect) {
		return
	}
	if reason := in.refused(b.Gateway.Channel); reason != "" {
		answerJSON(w, http.StatusUnprocessableEntity, map[string]string{"reason": reason})
		return
	}
	h, fresh, same := b.keep(key, body, in)
	switch {
	case !same:
		answerJSON(w, http.StatusConflict, map[string]string{"reason": "duplicate"})
		return
	case !fresh:
		answerJSON(w, http.StatusOK, map[string]string{"id": h.text.SID, "status": "accepted"})
		return
	case !b.menu.take(TwilioLoses):
		b.show(h.text)
		b.early(h.text)
		b.run(func() { b.live(h.text, b.status) })
	}
	finish(w, b.menu, func() { answerJSON(w, http.StatusAccepted, map[string]string{"id": h.text.SID, "status": "accepted"}) })
}

// refused is why a message will never be taken, or "".
func (in bridgeMessage) refused(channel message.Channel) string {
	switch {
	case in.Channel != channel:
		return "not_on_channel"
	case !plausible(wireAddress(channel, in.To)):
		return "bad_number"
	case in.Text == "" || len([]rune(in.Text)) > 4096:
		return "content"
	}
	return ""
}

func wireAddress(channel message.Channel, to string) string {
	if channel == message.WhatsApp {
		return "whatsapp:" + to
	}
	return to
}

// keep remembers a message under its key. fresh is false if it was there, same is
// false if it was there as another message.
func (b *bridge) keep(key string, body []byte, in bridgeMessage) (h held, fresh, same bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := sha256.Sum256(body)
	if h, ok := b.taken[key]; ok {
		return h, false, h.sum == sum
	}
	h = held{sum, Text{
		SID: sid("g"), To: wireAddress(in.Channel, in.To), From: wireAddress(in.Channel, b.Sender), Body: in.Text, Choices: in.Choices, At: b.Clock.Now(),
		Status: "queued", Segments: 1, Via: viaGateway, Opaque: in.ID, Attempt: in.Attempt,
	}}
	b.taken[key], b.order = h, append(b.order, key)
	if len(b.order) > maxHeld {
		delete(b.taken, b.order[0])
		b.order = b.order[1:]
	}
	return h, true, true
}

func (b *bridge) tell(w http.ResponseWriter, r *http.Request, _ []byte) {
	b.mu.Lock()
	h, ok := b.taken[r.PathValue("key")]
	b.mu.Unlock()
	if !ok {
		answerJSON(w, http.StatusNotFound, map[string]string{"status": "unknown"})
		return
	}
	answerJSON(w, http.StatusOK, map[string]string{"id": h.text.SID, "status": "accepted"})
}

// bridgeDialect is how the gateway says what the menu asks for.
func bridgeDialect(w http.ResponseWriter, what Mischief) {
	switch what {
	case Twilio500:
		answerJSON(w, http.StatusInternalServerError, map[string]string{"status": "error"})
	case TwilioBusy:
		w.Header().Set("Retry-After", "1")
		answerJSON(w, http.StatusTooManyRequests, map[string]string{"reason": "too_fast"})
	case TwilioOptOut:
		answerJSON(w, http.StatusUnprocessableEntity, map[string]string{"reason": "opted_out"})
	}
}

// gatewayStatus delivers a status event.
func (s *Sandbox) gatewayStatus(t Text, status string, code int) {
	if status == "undelivered" {
		status = "failed"
	}
	event := map[string]any{"event": "status", "id": t.SID, "message": t.Opaque, "attempt": t.Attempt, "status": status}
	if code != 0 {
		event["reason"] = map[int]string{30003: "unreachable", 63016: "window_closed"}[code]
	}
	hook := s.gatewayHook(event)
	s.persist(func() bool { return s.deliver(hook) })
}

// gatewayInbound is the event of a phone's message.
func (s *Sandbox) gatewayInbound(m Message, d Draft) map[string]any {
	event := map[string]any{
		"event": "message", "id": m.ID, "channel": m.Channel, "from": m.Phone, "to": s.Sender, "text": m.Body, "name": s.phones.nameOf(m.Phone),
		"at": m.At.UTC().Format(time.RFC3339),
	}
	if d.Tap != "" {
		event["tap"], event["replies_to"] = d.Tap, d.RepliesA
	}
	if kind, file := mediaTypes[d.Media]; file {
		event["media"] = []map[string]any{{"id": d.Media + m.ID, "content_type": kind}}
	}
	if d.Media == "location" {
		event["place"] = map[string]any{"latitude": 24.8091, "longitude": -107.3940}
	}
	return event
}

// gatewayHook is an event, signed at the moment that it leaves.
func (s *Sandbox) gatewayHook(event map[string]any) webhook {
	body, err := json.Marshal(event)
	if err != nil {
		panic("sandbox: event cannot be encoded: " + err.Error()) // our own types only
	}
	return func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.via(s.PublicURL+pathGateway), bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/json")
		s.Gateway.Keys.Sign(r, body, s.wall())
		return r, nil
	}
}

// wall is the time that a gateway signs with; its clock may have jumped.
func (s *Sandbox) wall() time.Time {
	if s.menu.take(ClockJumps) {
		return time.Now().Add(-time.Hour)
	}
	return time.Now()
}
