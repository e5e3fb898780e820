package postgres

import (
	"context"
	"fmt"
	"time"
)

// PutAgent adds somebody to the desk, or gives her a new name and password and
// lets her in again. passwordHash is as vault.HashPassword makes it.
func (s *Store) PutAgent(ctx context.Context, login, name, passwordHash string, now time.Time) error {
	_, err := s.pool.Exec(ctx, `
insert into agent (name, full_name, password_hash, created_at) values ($1, $2, $3, $4)
on conflict (name) do update set full_name = excluded.full_name, password_hash = excluded.password_hash, disabled_at = null`,
		login, name, passwordHash, now)
	if err != nil {
		return away(fmt.Errorf("write agent: %w", err))
	}
	return nil
}
