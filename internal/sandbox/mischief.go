package sandbox

import (
	"io"
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
