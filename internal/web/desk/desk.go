// Package desk is the agents' web desk at /mesa: who waits for a person and
// why, the chat, the answer, and giving the chat back to the bot.
//
// Callers may not assume that a page is up to date when it is read: whatever an
// agent does names the version that she saw, and a second claim is refused.
package desk

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Store is what the desk needs of the database.
type Store interface {
	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
}

// Passwords verifies and hashes passwords of agents.
type Passwords interface {
	VerifyPassword(encoded, password string) bool
	HashPassword(password string) string
}

// Config is how a desk works.
type Config struct {
	Store     Store
	Wake      func() // tells the engine and the outbox that there may be work
	Now       func() time.Time
	Passwords Passwords
	PublicURL string // decides whether the cookie needs https
	Log       *slog.Logger
}

// Desk serves the pages.
type Desk struct{ cfg Config }

// New makes a desk.
func New(cfg Config) (*Desk, error) { return &Desk{cfg: cfg}, nil }

// Handler serves /mesa and everything below it.
func (d *Desk) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := d.cfg.Store.Ping(r.Context()); err != nil {
			http.Error(w, "La mesa no está disponible.", http.StatusServiceUnavailable)
			return
		}
		http.Error(w, "La mesa se está preparando.", http.StatusServiceUnavailable)
	})
}
