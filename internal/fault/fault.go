// Package fault names the few kinds of failure that code may tell apart.
//
// An expected refusal carries a kind, a stable code for programs and a plain
// Spanish sentence for people. Everything that has no kind is Internal: people
// then see a generic sentence and only the log sees the detail. Callers may not
// compare error texts; they ask KindOf and CodeOf.
package fault

import (
	"errors"
	"fmt"
)

// Kind is one of the closed set of failures. The set only grows.
type Kind int

// The kinds, and what a caller does about each.
const (
	Internal    Kind = iota // a bug or a broken dependency: log, retry with backoff, then a person
	Invalid                 // the input is wrong: tell the sender what and where
	NotFound                // what was named does not exist
	Conflict                // the state does not allow it, or the same key came with other content
	Denied                  // the actor may not do it
	Limited                 // a limit of money, rate or tries was reached: later or less
	Unavailable             // a dependency is away: retry by age and backoff
)

var names = [...]string{"internal", "invalid", "not_found", "conflict", "denied", "limited", "unavailable"}

// String returns the kind's lower-case name, as used in logs and metrics.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(names) {
		return names[Internal]
	}
	return names[k]
}

// Fault is an expected failure.
type Fault struct {
	Kind  Kind
	Code  string // stable, lower_snake_case, for programs
	Text  string // plain Spanish, for people; holds no personal data
	cause error
}

// New makes a fault. Code is stable for programs; text is plain Spanish for people.
func New(kind Kind, code, text string) *Fault {
	return &Fault{Kind: kind, Code: code, Text: text}
}

// Newf is New with a formatted text.
func Newf(kind Kind, code, format string, args ...any) *Fault {
	return New(kind, code, fmt.Sprintf(format, args...))
}

// Because returns a copy of the fault with the cause that the log should show.
func (f *Fault) Because(cause error) *Fault {
	c := *f
	c.cause = cause
	return &c
}

// Error returns the code and the text, and the cause where there is one.
func (f *Fault) Error() string {
	if f.cause != nil {
		return f.Code + ": " + f.Text + ": " + f.cause.Error()
	}
	return f.Code + ": " + f.Text
}

// Unwrap returns the cause, or nil.
func (f *Fault) Unwrap() error { return f.cause }

// Is reports whether target is a fault with the same code, so that a fault
// declared as a variable can be tested with errors.Is after Because.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code
}

// KindOf returns the kind of the first fault in err's chain, or Internal.
func KindOf(err error) Kind {
	if f := find(err); f != nil {
		return f.Kind
	}
	return Internal
}

// CodeOf returns the code of the first fault in err's chain, or "internal".
func CodeOf(err error) string {
	if f := find(err); f != nil {
		return f.Code
	}
	return "internal"
}

// TextOf returns what a person may read about err: the fault's Spanish text, or
// a generic sentence, since an unknown error may hold what must not be shown.
func TextOf(err error) string {
	if f := find(err); f != nil {
		return f.Text
	}
	return "Algo falló de nuestro lado. Inténtalo otra vez en unos minutos."
}

func find(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}
