package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

const putAgentSQL = `
insert into agent (name, full_name, password_hash, created_at) values ($1, $2, $3, $4)
on conflict (name) do update set full_name = excluded.full_name, password_hash = excluded.password_hash, disabled_at = null`

// PutAgent adds somebody to the desk, or gives her a new name and password and
// lets her in again. passwordHash is as vault.HashPassword makes it. Fault:
// Invalid with code bad_login.
func (s *Store) PutAgent(ctx context.Context, login, name, passwordHash string, now time.Time) error {
	_, err := s.pool.Exec(ctx, putAgentSQL, login, name, passwordHash, now)
	if violates(err, "agent_name_check") {
		return fault.New(fault.Invalid, "bad_login", "El usuario lleva de 2 a 32 letras minúsculas, números, punto o guion, y empieza con letra.")
	}
	if err != nil {
		return away(fmt.Errorf("write agent: %w", err))
	}
	return nil
}

// SetDuty says what somebody of the desk may see and do, and which queues an
// agent works; none named means all. Faults: Invalid with code bad_role,
// NotFound.
func (s *Store) SetDuty(ctx context.Context, login string, role casework.Role, queues []string) error {
	if !role.Valid() {
		return fault.Newf(fault.Invalid, "bad_role", "El papel %q no existe: agent, supervisor o auditor.", role)
	}
	if queues == nil {
		queues = []string{}
	}
	tag, err := s.pool.Exec(ctx, `update agent set role = $2, queues = $3 where name = $1`, login, role, queues)
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "no_such_agent", "No hay nadie con ese usuario.")
	}
	return away(wrap("set duty of agent", err))
}

// AgentNamed reads an agent by login; ok is false if there is none.
func (s *Store) AgentNamed(ctx context.Context, login string) (p casework.Person, ok bool, err error) {
	err = s.pool.QueryRow(ctx, `select name, full_name, password_hash, disabled_at is not null, role, queues from agent where name = $1`, login).
		Scan(&p.Login, &p.Name, &p.PasswordHash, &p.Disabled, &p.Role, &p.Queues)
	if errors.Is(err, pgx.ErrNoRows) {
		return casework.Person{}, false, nil
	}
	if err != nil {
		return casework.Person{}, false, away(fmt.Errorf("read agent: %w", err))
	}
	return p, true, nil
}

// HasAgents reports whether anybody may sign in at the desk.
func (s *Store) HasAgents(ctx context.Context) (some bool, err error) {
	err = s.pool.QueryRow(ctx, `select exists (select from agent where disabled_at is null)`).Scan(&some)
	return some, away(wrap("count agents", err))
}

// OpenSession keeps a session and forgets those of the past.
func (s *Store) OpenSession(ctx context.Context, one casework.Session) error {
	batch := &pgx.Batch{}
	batch.Queue(`delete from agent_session where expires_at <= $1`, one.Created)
	batch.Queue(`delete from login_try where tat < $1 and isfinite(tat)`, one.Created.Add(-time.Hour))
	batch.Queue(`insert into agent_session (token_hash, agent, csrf, created_at, seen_at, expires_at) values ($1, $2, $3, $4, $4, $5)`,
		one.Hash[:], one.Agent, one.CSRF, one.Created, one.Expires)
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return away(fmt.Errorf("write session: %w", err))
	}
	return nil
}

// Seen rows are written at most once a minute, so that a page that looks for
// news every few seconds costs no writes.
const touchSQL = `
update agent_session s set seen_at = $2, expires_at = $3
where s.token_hash = $1 and s.expires_at > $2 and s.seen_at < $2 - interval '1 minute'`

const sessionSQL = `
select s.agent, a.full_name, a.role, s.csrf, s.created_at, s.expires_at
from agent_session s join agent a on a.name = s.agent
where s.token_hash = $1 and s.expires_at > $2 and a.disabled_at is null`

// SessionOf reads a live session by the hash of its token, and lets it live
// until the given time if moves is true. ok is false if there is none.
func (s *Store) SessionOf(ctx context.Context, hash [32]byte, now, until time.Time, moves bool) (one casework.Session, ok bool, err error) {
	if moves {
		if _, err := s.pool.Exec(ctx, touchSQL, hash[:], now, until); err != nil {
			return one, false, away(fmt.Errorf("touch session: %w", err))
		}
	}
	one.Hash = hash
	err = s.pool.QueryRow(ctx, sessionSQL, hash[:], now).Scan(&one.Agent, &one.Name, &one.Role, &one.CSRF, &one.Created, &one.Expires)
	if errors.Is(err, pgx.ErrNoRows) {
		return casework.Session{}, false, nil
	}
	if err != nil {
		return casework.Session{}, false, away(fmt.Errorf("read session: %w", err))
	}
	return one, true, nil
}

// CloseSession ends a session; one that is gone is no error.
func (s *Store) CloseSession(ctx context.Context, hash [32]byte) error {
	if _, err := s.pool.Exec(ctx, `delete from agent_session where token_hash = $1`, hash[:]); err != nil {
		return away(fmt.Errorf("end session: %w", err))
	}
	return nil
}

// violates reports whether the database refused by the constraint or unique
// index named.
func violates(err error, constraint string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.ConstraintName == constraint
}
