package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ExpiredVales implements clockwork.Store.
func (s *Store) ExpiredVales(ctx context.Context, now time.Time, limit int) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `select id::text from vale where state in ('AUTHORISED', 'OFFERED') and expires_at <= $1
		order by expires_at limit $2`, now, limit)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, away(fmt.Errorf("list expired vales: %w", err))
	}
	return ids, nil
}

// ClockAhead returns how far a demo's clock was pushed; 0 in production.
func (s *Store) ClockAhead(ctx context.Context) (time.Duration, error) {
	var ms int64
	if err := s.pool.QueryRow(ctx, `select ahead_ms from clock`).Scan(&ms); err != nil {
		return 0, away(fmt.Errorf("read clock: %w", err))
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// PushClock stores how far a demo's clock is pushed. It never goes back.
func (s *Store) PushClock(ctx context.Context, ahead time.Duration) error {
	_, err := s.pool.Exec(ctx, `update clock set ahead_ms = greatest(ahead_ms, $1)`, ahead.Milliseconds())
	if err != nil {
		return away(fmt.Errorf("push clock: %w", err))
	}
	return nil
}

// OfferedVales lists the vales whose dialogues sent any of the messages and that
// are not yet known to be offered.
func (s *Store) OfferedVales(ctx context.Context, messages []uuid.UUID) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `select distinct v.id::text from outbox o join dialogue d on d.id = o.dialogue_id and d.about_kind = 'vale'
		join vale v on v.id = d.about_id::uuid and v.state = 'AUTHORISED' where o.id = any($1)`, messages)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, away(fmt.Errorf("list offered vales: %w", err))
	}
	return ids, nil
}
