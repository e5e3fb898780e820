package twilio

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"valebot/internal/message"
)

// MaxBody is the largest webhook that is read, in bytes. A real one has a few KiB.
const MaxBody = 64 << 10

// Outcomes of a webhook, as the counter hook is told them.
const (
	Stored    = "stored"     // 200, durable
	Ignored   = "ignored"    // 200, nothing to store
	Forged    = "forged"     // 403, no valid signature
	Foreign   = "foreign"    // 403, signed, but for another account or sender
	TooLarge  = "too_large"  // 413
	NotPost   = "not_post"   // 405
	NotForm   = "not_form"   // 415
	Malformed = "malformed"  // 400
	Unstored  = "unstored"   // 503, so that Twilio delivers again
	BrokenOff = "broken_off" // 400, the body ended too soon
)

// Webhooks holds what both webhooks need.
type Webhooks struct {
	Verifier *Verifier
	// Account is our AccountSid; webhooks of others are refused. Empty means any.
	Account string
	// Senders are our numbers and Messaging Services; messages to others are
	// refused. Empty means any, and so does a list of services only when a message
	// does not name its service.
	Senders  []string
	Inbox    Inbox
	Receipts Receipts
	// Count is told the hook ("inbound" or "status") and the outcome of every
	// request. It may be nil.
	Count func(hook, outcome string)
	// Now gives the time of receipt.
	Now func() time.Time
}

// Inbound returns the handler of POST /webhooks/twilio/inbound.
func (h *Webhooks) Inbound() http.Handler {
	return h.handler("inbound", func(r *http.Request, form url.Values, raw string) string {
		m, err := ParseInbound(form, raw, h.Now())
		switch {
		case err != nil:
			return Malformed
		case !h.ours(form, m.To):
			return Foreign
		case h.Inbox.Accept(r.Context(), m) != nil:
			return Unstored
		}
		return Stored
	})
}

// Status returns the handler of POST /webhooks/twilio/status.
func (h *Webhooks) Status() http.Handler {
	return h.handler("status", func(r *http.Request, form url.Values, _ string) string {
		s, ok, err := ParseStatus(r.URL.Query(), form, h.Now())
		switch {
		case err != nil:
			return Malformed
		case !h.ourAccount(form):
			return Foreign
		case !ok:
			return Ignored
		case h.Receipts.Record(r.Context(), s) != nil:
			return Unstored
		}
		return Stored
	})
}

func (h *Webhooks) handler(hook string, handle func(*http.Request, url.Values, string) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, raw, outcome := h.read(w, r)
		if outcome == "" {
			outcome = handle(r, form, raw)
		}
		if h.Count != nil {
			h.Count(hook, outcome)
		}
		answer(w, outcome)
	})
}

// read returns the verified form, or the outcome that ends the request.
func (h *Webhooks) read(w http.ResponseWriter, r *http.Request) (form url.Values, raw, outcome string) {
	if r.Method != http.MethodPost {
		return nil, "", NotPost
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, "", TooLarge
	}
	if err != nil {
		return nil, "", BrokenOff
	}
	path, signature := r.URL.EscapedPath(), r.Header.Get("X-Twilio-Signature")
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		if !h.Verifier.VerifyBody(path, body, signature) {
			return nil, "", Forged
		}
		return nil, "", NotForm
	}
	form, err = url.ParseQuery(string(body))
	if err != nil {
		return nil, "", Malformed
	}
	if !h.Verifier.Verify(path, form, signature) {
		return nil, "", Forged
	}
	return form, string(body), ""
}

func (h *Webhooks) ourAccount(form url.Values) bool {
	return h.Account == "" || form.Get("AccountSid") == h.Account
}

// ours reports whether a message came to our account and to one of our senders.
func (h *Webhooks) ours(form url.Values, to message.Address) bool {
	if !h.ourAccount(form) {
		return false
	}
	service := form.Get("MessagingServiceSid")
	if len(h.Senders) == 0 || service != "" && slices.Contains(h.Senders, service) {
		return true
	}
	numbers := 0
	for _, sender := range h.Senders {
		if isService(sender) {
			continue
		}
		numbers++
		if address(sender, to.Channel).Key() == to.Key() {
			return true
		}
	}
	return numbers == 0 && service == ""
}

// answer writes what Twilio expects: an empty TwiML document, so that it sends
// nothing on its own, or a bare status. Replies go through the outbox.
func answer(w http.ResponseWriter, outcome string) {
	switch outcome {
	case Stored, Ignored:
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = io.WriteString(w, "<Response/>") // a broken connection means a redelivery, which is deduplicated
	case NotPost:
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
	case Forged, Foreign:
		w.WriteHeader(http.StatusForbidden)
	case TooLarge:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	case NotForm:
		w.WriteHeader(http.StatusUnsupportedMediaType)
	case Unstored:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}
