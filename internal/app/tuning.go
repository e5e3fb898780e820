package app

import (
	"cmp"
	"net/http"
	"time"
)

// Tuning is what no operator sets: benchmarks lift limits with it, and tests
// that kill the program shorten its patience. The zero value is production.
type Tuning struct {
	// Unpaced lets messages go as fast as the provider takes them.
	Unpaced bool
	// AcceptOnly stores what comes in and does nothing with it.
	AcceptOnly bool
	// Transport carries calls to message providers; nil is one of each client's own.
	Transport http.RoundTripper
	// Lease is how long a sender may hold a message; 0 is 30 s.
	Lease time.Duration
	// Timeout is how long one hand-over may take; 0 is 10 s. It is less than Lease.
	Timeout time.Duration
	// LookAgain is the rest of an unknown message between two look-ups at the
	// provider; 0 is what the store thinks right for real providers.
	LookAgain time.Duration
	// Sweep is how often lost messages are looked for; 0 is 5 s.
	Sweep time.Duration
	// Recheck is how long a rail may stay silent before it is asked; 0 is 30 s.
	Recheck time.Duration
}

// http is the client for message providers, nil for the usual ones.
func (t Tuning) http() *http.Client {
	if t.Transport == nil {
		return nil
	}
	return &http.Client{Transport: t.Transport}
}

func (t Tuning) lease() time.Duration   { return cmp.Or(t.Lease, 30*time.Second) }
func (t Tuning) timeout() time.Duration { return cmp.Or(t.Timeout, 10*time.Second) }
func (t Tuning) sweep() time.Duration   { return cmp.Or(t.Sweep, 5*time.Second) }
func (t Tuning) recheck() time.Duration { return cmp.Or(t.Recheck, 30*time.Second) }
