// Package rail is the signed HTTP dialogue with whoever moves money for us: it
// signs and makes calls to an issuer, and checks and receives the events that
// the issuer sends back. What is said in the dialogue belongs to the packages
// of the single rails.
//
// Callers may not assume that a call without an answer did nothing: such an
// error wraps ErrUnknown, and only a look-up may follow it. Nor may they assume
// that an event comes once, or in order.
package rail

import (
	"context"
	"errors"
)

// Actions is where the events of a rail go. Do returns nil only once the event
// is stored; a *fault.Fault of kind Invalid, NotFound, Conflict, Denied or
// Limited refuses it for good, any other error asks the sender to try again.
type Actions interface {
	Do(ctx context.Context, name string, with map[string]any) error
}

// Errors that calls wrap, by what the caller may do next.
var (
	// ErrUnknown: no answer, or one that cannot be read. The issuer may have
	// acted. Look the same id up; never ask again under another.
	ErrUnknown = errors.New("outcome unknown")
	// ErrRefused: the issuer did not take the call itself (wrong secret, wrong
	// address). Nothing was done; a person has to mend the configuration.
	ErrRefused = errors.New("call refused")
	// ErrBusy: the issuer asks to come back later. Nothing was done.
	ErrBusy = errors.New("issuer busy")
	// ErrAbsent: the issuer has never heard of the id. The same request may be
	// sent again under the same id.
	ErrAbsent = errors.New("not known to the issuer")
)

// MaxBody is the largest body that either side reads, in bytes.
const MaxBody = 64 << 10
