// Package local runs a private PostgreSQL from the binaries of this machine, so
// that the program works with nothing configured.
//
// The cluster lives in one directory, listens on a unix socket only, and ends
// with the process that started it, however that process ends. A second process
// that names the same directory becomes a client of the first. Data is never
// deleted, and a directory that this package did not make is never touched.
//
// Callers may not assume that they own the server (see Server.Owned), that it
// outlives its owner, or that it can be reached from another user or machine.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	superuser = "valebot"
	database  = "valebot"

	// attachPatience bounds the wait for another process's server to answer:
	// longer than a start, and than most recoveries after a crash.
	attachPatience = time.Minute
	pollEvery      = 10 * time.Millisecond
)

// Options says where the cluster lives and how it is run.
type Options struct {
	// Dir is the cluster's own directory; it is made with mode 0700 when absent.
	Dir string
	// Log hears of starts, restarts and stops. Nil means silence.
	Log *slog.Logger
	// Settings are added to the server's settings, and win over ours.
	Settings map[string]string
	// Binaries is the directory of postgres and initdb. Empty means: search.
	Binaries string
}

// Server is a running cluster, ours or another process's.
type Server struct {
	url   string
	owned bool
	log   *slog.Logger

	quit     chan struct{} // closed by Stop
	done     chan struct{} // closed when the server is gone for good
	err      error         // set before done closes
	stopOnce sync.Once
	stopCtx  context.Context //nolint:containedctx // hands Stop's deadline to the supervisor
	release  func()
}

// Start runs the cluster in o.Dir, making it first where it does not exist, and
// returns once it answers. Where another process of ours already runs it, Start
// connects to that one instead. Errors that an operator can repair are faults
// with a Spanish sentence: postgres_missing, postgres_version,
// postgres_directory, postgres_socket.
func Start(ctx context.Context, o Options) (*Server, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h, err := openHome(o.Dir)
	if err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, attachPatience)
	defer cancel()
	for {
		lock, err := tryLock(h.lock, exclusive)
		if err != nil {
			return nil, err
		}
		if lock != nil {
			return startOwned(ctx, h, o, log, lock)
		}
		if st, err := h.readState(); err == nil && ping(wait, st.URL) == nil {
			log.Info("using the private postgres of another process", slog.Int("owner", st.Owner))
			return attached(st.URL, log), nil
		}
		if err := pause(wait, pollEvery); err != nil {
			return nil, fmt.Errorf("wait for the process that holds %s: %w", h.root, err)
		}
	}
}

func attached(url string, log *slog.Logger) *Server {
	return &Server{url: url, log: log, quit: make(chan struct{}), done: make(chan struct{}), release: func() {}}
}

func startOwned(ctx context.Context, h home, o Options, log *slog.Logger, lock *os.File) (*Server, error) {
	c, p, err := bringUp(ctx, h, o.Binaries, merge(durable(), o.Settings))
	if err == nil {
		err = h.writeState(state{URL: h.url(database), Owner: os.Getpid(), Postmaster: p.pid})
		if err != nil {
			err = errors.Join(err, p.stop(ctx))
		}
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	log.Info("private postgres answers", slog.String("dir", h.root), slog.Int("pid", p.pid))
	s := &Server{
		url: h.url(database), owned: true, log: log,
		quit: make(chan struct{}), done: make(chan struct{}),
		release: func() { h.leave(); lock.Close() },
	}
	go s.supervise(c, p)
	return s, nil
}

// URL returns the address of the database for pgx and psql, over the socket.
func (s *Server) URL() string { return s.url }

// Owned reports whether this process started the server. When it did not, the
// server goes away when its owner does.
func (s *Server) Owned() bool { return s.owned }

// Done is closed once an owned server is gone for good: stopped, or dead and
// not to be brought back. It never closes for a server of another process.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err says, once Done is closed, why the server is gone; nil after a Stop.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop ends an owned server: open transactions are rolled back, everything
// committed is on disk. When ctx ends first the server is ended at once, which
// costs a short recovery at the next start and no committed row. Stop leaves a
// server of another process alone. It may be called more than once.
func (s *Server) Stop(ctx context.Context) error {
	if !s.owned {
		s.stopOnce.Do(s.release)
		return nil
	}
	s.stopOnce.Do(func() {
		s.stopCtx = ctx
		close(s.quit)
	})
	<-s.done
	return s.err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
