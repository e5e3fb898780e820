// Package postgres holds all SQL of the product, by hand, one file per
// aggregate. State changes are UPDATEs that name the old state or revision and
// check the row count; work is claimed with FOR UPDATE SKIP LOCKED; rows are
// locked and written in one global order: conversation, person, distributor,
// vale, loan, ledger. Driver errors and rows stop here.
//
// Business times come from the caller; only leases use the database's clock.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/vault"
)

// Jobs puts rail calls in the job queue, in the caller's transaction.
type Jobs func(ctx context.Context, tx pgx.Tx, calls []lending.RailCall) error

// Store is the database.
type Store struct {
	pool  *pgxpool.Pool
	vault *vault.Vault
	newID func() uuid.UUID
	jobs  Jobs
	plans *plans

	lookFirst, lookAgain time.Duration // LookAfter
}

// Open connects to the database at url. It does not migrate.
func Open(ctx context.Context, url string, v *vault.Vault, newID func() uuid.UUID) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database url: %w", err)
	}
	cfg.MaxConns = max(cfg.MaxConns, 16)
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "valebot"
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		speakUUID(conn)
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fault.New(fault.Unavailable, "database_away", "No hay conexión con la base de datos.").Because(err)
	}
	return &Store{pool: pool, vault: v, newID: newID, jobs: refuseJobs, plans: &plans{}, lookFirst: lookFirst, lookAgain: lookAgain}, nil
}

// refuseJobs stands until UseJobs: a rail call that nobody would make is an error.
func refuseJobs(_ context.Context, _ pgx.Tx, calls []lending.RailCall) error {
	if len(calls) == 0 {
		return nil
	}
	return fault.New(fault.Internal, "no_rail", "no hay a quién pedir el pago")
}

// UseJobs says how rail calls are queued. Call it before the first transaction.
func (s *Store) UseJobs(jobs Jobs) { s.jobs = jobs }

// Pool is the connection pool, for the job queue.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Close returns all connections.
func (s *Store) Close() { s.pool.Close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// Writable reports whether the database takes a write and keeps it: one that
// answers may be a standby, read only, or out of room. It returns the
// database's clock.
func (s *Store) Writable(ctx context.Context) (now time.Time, err error) {
	if err := s.pool.QueryRow(ctx, `update clock set ahead_ms = ahead_ms returning clock_timestamp()`).Scan(&now); err != nil {
		return now, away(fmt.Errorf("write to database: %w", err))
	}
	return now, nil
}

// TemplateStates counts the WhatsApp templates by what Meta says of them.
func (s *Store) TemplateStates(ctx context.Context) (map[string]int, error) {
	rows, err := s.pool.Query(ctx, `select status, count(*) from wa_template group by status`)
	if err != nil {
		return nil, away(fmt.Errorf("count templates: %w", err))
	}
	states := map[string]int{}
	var status string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&status, &n}, func() error { states[status] = n; return nil })
	return states, err
}

// serializationTries is how often a transaction is run that the database could
// not serialise.
const serializationTries = 3

// InTx implements engine.Store.
func (s *Store) InTx(ctx context.Context, do func(ctx context.Context, tx engine.Tx) error) error {
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return do(ctx, &unit{Store: s, tx: tx})
	})
}

// tx runs do in a transaction at READ COMMITTED, which the row locks and
// revisions are made for.
func (s *Store) tx(ctx context.Context, do func(ctx context.Context, tx pgx.Tx) error) error {
	var err error
	for range serializationTries {
		if err = s.once(ctx, do); !unserialised(err) {
			return err
		}
	}
	return err
}

func (s *Store) once(ctx context.Context, do func(ctx context.Context, tx pgx.Tx) error) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return away(fmt.Errorf("begin: %w", err))
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(ctx) // after a commit there is nothing to roll back
	}()
	if err := do(ctx, tx); err != nil {
		return away(err)
	}
	if err := tx.Commit(ctx); err != nil {
		return away(fmt.Errorf("commit: %w", err))
	}
	return nil
}

// away marks errors of the connection as Unavailable, so that an outage is not
// counted against the work that met it.
func away(err error) error {
	var known *fault.Fault
	var db *pgconn.PgError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.As(err, &db):
		switch db.Code[:2] {
		case "08", "53", "57": // connection, resources, operator intervention
			return fault.New(fault.Unavailable, "database_away", "La base de datos no responde.").Because(err)
		}
		return err
	case errors.Is(err, lending.ErrMissing), errors.Is(err, context.Canceled):
		return err
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return fault.New(fault.Unavailable, "database_away", "La base de datos no responde.").Because(err)
	}
	return err
}

// unserialised reports a serialisation failure or a deadlock.
func unserialised(err error) bool {
	var db *pgconn.PgError
	return errors.As(err, &db) && (db.Code == "40001" || db.Code == "40P01")
}

// unit is one transaction as the engine sees it.
type unit struct {
	*Store
	tx pgx.Tx
}

// Fetch implements engine.Tx.
func (u *unit) Fetch(ctx context.Context, book *lending.Book, keys []lending.Key) error {
	return fetch(ctx, u.tx, u.Store, book, keys)
}

// WriteBook implements engine.Tx.
func (u *unit) WriteBook(ctx context.Context, book *lending.Book, at time.Time) error {
	if err := writeBook(ctx, u.tx, u.vault, book, at, u.newID); err != nil {
		return err
	}
	if len(book.Calls) == 0 {
		return nil
	}
	return u.jobs(ctx, u.tx, book.Calls)
}
