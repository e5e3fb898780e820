package whatsapp

import (
	"context"
	"crypto/hmac"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// MaxBody is the largest webhook that is read, in bytes: Meta's own limit.
const MaxBody = 3 << 20

// Outcomes of a webhook, as the counter hook is told them.
const (
	Stored    = "stored"     // 200, everything in it is durable
	Ignored   = "ignored"    // 200, nothing in it for us
	Greeted   = "greeted"    // 200, the handshake
	Forged    = "forged"     // 403, no valid signature or verify token
	TooLarge  = "too_large"  // 413
	NotPost   = "not_post"   // 405
	Malformed = "malformed"  // 400
	Unstored  = "unstored"   // 503, so that Meta delivers again
	BrokenOff = "broken_off" // 400, the body ended too soon
)

// Webhook is the one door of the Cloud API: GET for the handshake, POST for
// everything that happens.
type Webhook struct {
	Secrets     []string // app secrets: two while one is being changed
	VerifyToken string   // ours, as typed into Meta's console; "" refuses every handshake
	PhoneID     string   // our number; changes for others are passed over. "" takes all
	Inbox       Inbox
	Receipts    Receipts
	Registry    *Registry // may be nil
	// Count is told the hook ("whatsapp") and the outcome of every request. It may be nil.
	Count func(hook, outcome string)
	Now   func() time.Time
	Log   *slog.Logger
}

// ServeHTTP implements http.Handler.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var outcome string
	switch r.Method {
	case http.MethodGet:
		outcome = h.greet(w, r)
	case http.MethodPost:
		outcome = h.receive(w, r)
	default:
		outcome = NotPost
	}
	if h.Count != nil {
		h.Count("whatsapp", outcome)
	}
	answer(w, outcome)
}

// greet answers the handshake with its challenge.
func (h *Webhook) greet(w http.ResponseWriter, r *http.Request) string {
	q := r.URL.Query()
	ours := h.VerifyToken != "" && hmac.Equal([]byte(q.Get("hub.verify_token")), []byte(h.VerifyToken))
	challenge := q.Get("hub.challenge")
	if q.Get("hub.mode") != "subscribe" || !ours || len(challenge) > 200 {
		return Forged
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff") // it repeats what it was given
	_, _ = io.WriteString(w, challenge)                 // a broken connection is tried again
	return Greeted
}

func (h *Webhook) receive(w http.ResponseWriter, r *http.Request) string {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return TooLarge
	}
	if err != nil {
		return BrokenOff
	}
	if !signed(h.Secrets, r.Header.Get(HeaderSignature), body) {
		return Forged
	}
	d, err := Parse(body, h.PhoneID, h.Now())
	if err != nil {
		return Malformed
	}
	for _, notice := range d.Notices {
		h.Log.WarnContext(r.Context(), "whatsapp tells", "notice", notice)
	}
	if d.Broken > 0 || d.Foreign > 0 {
		h.Log.WarnContext(r.Context(), "whatsapp webhook in part passed over", "broken", d.Broken, "foreign", d.Foreign)
	}
	return h.store(r.Context(), d)
}

// store keeps everything, in order, or says that it did not. What was stored of a
// webhook that failed in the middle is there already when it comes again.
func (h *Webhook) store(ctx context.Context, d Delivery) string {
	if len(d.Messages)+len(d.Statuses)+len(d.Templates) == 0 {
		return Ignored
	}
	for _, m := range d.Messages {
		if h.Inbox.Accept(ctx, m) != nil {
			return Unstored
		}
	}
	if len(d.Statuses) > 0 && h.Receipts.Record(ctx, d.Statuses...) != nil {
		return Unstored
	}
	if h.Registry != nil && h.Registry.Apply(ctx, d.Templates) != nil {
		return Unstored
	}
	return Stored
}

func answer(w http.ResponseWriter, outcome string) {
	switch outcome {
	case Stored, Ignored:
		w.WriteHeader(http.StatusOK)
	case Greeted: // written already
	case NotPost:
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case Forged:
		w.WriteHeader(http.StatusForbidden)
	case TooLarge:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	case Unstored:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}
