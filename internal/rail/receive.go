package rail

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"valebot/internal/fault"
)

// ErrMalformed says that a signed body does not say what the protocol asks for.
// The sender gets 400 and should not send it again.
var ErrMalformed = errors.New("malformed event")

// Receiver checks what issuers send before anybody looks at it.
type Receiver struct {
	Keys Keys
	Now  func() time.Time // the wall's time
	Log  *slog.Logger
	// Count is told how each request ended: stored, unsigned, malformed,
	// refused or failed. It may be nil.
	Count func(result string)
}

// Handler answers POSTs with a signed JSON body: 200 once event returned nil,
// which is once it is stored; 403 unsigned, with nothing looked at; 400, 405,
// 413 and 415 for what is no event; 409 or 422 where the state refuses it for
// good; 503 where it could not be stored, so that the sender tries again.
func (rc Receiver) Handler(event func(ctx context.Context, body []byte) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, status := rc.admit(w, r)
		if status != http.StatusOK {
			rc.finish(w, status, "", http.StatusText(status))
			return
		}
		err := event(r.Context(), body)
		if err == nil {
			rc.finish(w, http.StatusOK, "", "")
			return
		}
		status = statusOf(err)
		rc.Log.WarnContext(r.Context(), "rail event not stored", "path", r.URL.Path, "status", status, "error", err)
		rc.finish(w, status, codeOf(err), textOf(err))
	})
}

// admit reads and checks a request; status is 200 if its body may be looked at.
func (rc Receiver) admit(w http.ResponseWriter, r *http.Request) (body []byte, status int) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		return nil, http.StatusRequestEntityTooLarge
	}
	if err != nil {
		return nil, http.StatusBadRequest
	}
	if rc.Keys.Verify(r, body, rc.Now()) != nil {
		return nil, http.StatusForbidden
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, http.StatusUnsupportedMediaType
	}
	return body, http.StatusOK
}

// answer is what a sender of events gets to read.
type answer struct {
	Status string `json:"status"` // "stored" or "error"
	Code   string `json:"code,omitempty"`
	Text   string `json:"text,omitempty"`
}

func (rc Receiver) finish(w http.ResponseWriter, status int, code, text string) {
	if rc.Count != nil {
		rc.Count(resultOf(status))
	}
	out := answer{Status: "stored"}
	if status != http.StatusOK {
		out = answer{Status: "error", Code: code, Text: text}
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(out); err != nil {
		rc.Log.Debug("answer not written", "error", err) // the sender left; it will ask again
	}
}

func resultOf(status int) string {
	switch status {
	case http.StatusOK:
		return "stored"
	case http.StatusForbidden:
		return "unsigned"
	case http.StatusConflict, http.StatusUnprocessableEntity, http.StatusNotFound:
		return "refused"
	case http.StatusServiceUnavailable:
		return "failed"
	}
	return "malformed"
}

func statusOf(err error) int {
	if errors.Is(err, ErrMalformed) {
		return http.StatusBadRequest
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Invalid, fault.Denied, fault.Limited:
		return http.StatusUnprocessableEntity
	}
	return http.StatusServiceUnavailable
}

func codeOf(err error) string {
	if errors.Is(err, ErrMalformed) {
		return "malformed"
	}
	return fault.CodeOf(err)
}

// textOf never quotes a malformed event: its error may name what was in it.
func textOf(err error) string {
	if errors.Is(err, ErrMalformed) {
		return "The body is not an event of this protocol."
	}
	return fault.TextOf(err)
}
