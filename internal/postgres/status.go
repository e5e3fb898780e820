package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
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

// PinFlows notes the versions that this program runs. A version that was
// published with other content is refused: people may be in the middle of it.
func (s *Store) PinFlows(ctx context.Context, versions []FlowVersion, now time.Time) error {
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error { return pinFlows(ctx, tx, versions, now) })
}

func pinFlows(ctx context.Context, tx pgx.Tx, versions []FlowVersion, now time.Time) error {
	for _, v := range versions {
		var sha string
		err := tx.QueryRow(ctx, `insert into flow_version (flow, version, sha256, source, published_at) values ($1, $2, $3, $4, $5)
			on conflict (flow, version) do update set flow = excluded.flow returning sha256`, v.Flow, v.Version, v.SHA256, v.Source, now).Scan(&sha)
		if err != nil {
			return fmt.Errorf("pin flow %s: %w", v.Flow, err)
		}
		if sha != v.SHA256 {
			return fault.Newf(fault.Conflict, "flow_changed",
				"El flujo %s v%d ya se publicó con otro contenido. Sube su `version:` a %d para no cambiarle la plática a quien está en medio.",
				v.Flow, v.Version, v.Version+1)
		}
	}
	return nil
}

// OldFlows returns the sources of versions that people are still in the middle
// of, besides those given.
func (s *Store) OldFlows(ctx context.Context, current []FlowVersion) ([]FlowVersion, error) {
	rows, _ := s.pool.Query(ctx, `select f.flow, f.version, f.sha256, f.source from flow_version f
		where exists (select from dialogue d where d.flow = f.flow and d.version = f.version and d.status <> 'ended')`)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[FlowVersion])
	if err != nil {
		return nil, away(fmt.Errorf("read flow versions: %w", err))
	}
	return slices.DeleteFunc(all, func(v FlowVersion) bool {
		return slices.ContainsFunc(current, func(c FlowVersion) bool { return c.Flow == v.Flow && c.Version == v.Version })
	}), nil
}

// Quiet waits until no event waits to be handled and no message that is due
// waits to be sent, or until limit has passed. A demo's clock stops there on
// its way.
func (s *Store) Quiet(ctx context.Context, now time.Time, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for {
		var busy bool
		err := s.pool.QueryRow(ctx, `select exists (select from inbox where state = 'pending' and retry_at <= $1)
			or exists (select from outbox where state in ('queued', 'sending') and not_before <= $1)`, now).Scan(&busy)
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
