package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/message"
)

// LaneCount is how many messages of a lane are in a state.
type LaneCount struct {
	Lane  message.Lane
	State string
	Count int64
}

// Waiting counts messages by lane and state (settled ones only of the last
// day) and the events that wait to be handled.
func (s *Store) Waiting(ctx context.Context, now time.Time) (counts []LaneCount, pending int64, err error) {
	rows, _ := s.pool.Query(ctx, `select lane, state, count(*) from outbox
		where settled_at is null or settled_at > $1 group by lane, state`, now.Add(-24*time.Hour))
	counts, err = pgx.CollectRows(rows, pgx.RowToStructByPos[LaneCount])
	if err != nil {
		return nil, 0, away(fmt.Errorf("count messages: %w", err))
	}
	if err := s.pool.QueryRow(ctx, `select count(*) from inbox where state = 'pending'`).Scan(&pending); err != nil {
		return nil, 0, away(fmt.Errorf("count events: %w", err))
	}
	return counts, pending, nil
}

// FlowVersion is one published version of a flow.
type FlowVersion struct {
	Flow    string
	Version int
	SHA256  string
	Source  string
}

// Quiet waits until no event waits to be handled, no message that is due waits to
// be sent and no job is due or under way (a day is closed by one, a rail called),
// or until limit has passed. A demo's clock stops there on its way.
func (s *Store) Quiet(ctx context.Context, now time.Time, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for {
		var busy bool
		err := s.pool.QueryRow(ctx, `select exists (select from inbox where state = 'pending' and retry_at <= $1)
			or exists (select from outbox where settled_at is null and state in ('queued', 'sending') and not_before <= $1)
			or exists (select from river_job where state in ('available', 'running'))`, now).Scan(&busy)
		if err != nil {
			return away(fmt.Errorf("look whether all is quiet: %w", err))
		}
		if !busy || time.Now().After(deadline) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
