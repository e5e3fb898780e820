package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ArmFigure is how many people heard an arm of a test, and how many of them then
// wanted to leave or complained.
type ArmFigure struct {
	Arm   string // a or b
	Heard int
	Bad   int
}

// ArmStop is an arm that nobody hears any more.
type ArmStop struct {
	Test string
	ArmFigure
	Above int // percent
	At    time.Time
}

// regret is how long after the message what a person writes counts against it.
const regret = 3 * 24 * time.Hour

const armFiguresSQL = `
with heard as (
    select s.conversation_id, right(e, 1) as arm, min(s.id::text)::uuid as first, min(s.at) as at
    from step_log s, unnest(s.effects) e where s.at >= $2 and e in ('arm ' || $1 || ':a', 'arm ' || $1 || ':b') group by 1, 2)
select h.arm, count(*), count(*) filter (where exists (
    select from step_log b where b.conversation_id = h.conversation_id and b.id >= h.first and b.at < h.at + $4 and b.heard = any($3)))
from heard h group by 1 order by 1`

// ArmFigures counts, since a moment, the people who heard each arm of a test and
// those who wrote one of some interrupts within three days.
func (s *Store) ArmFigures(ctx context.Context, test string, since time.Time, interrupts []string) ([]ArmFigure, error) {
	heard := make([]string, len(interrupts))
	for i, name := range interrupts {
		heard[i] = "interrupt:" + name
	}
	rows, _ := s.pool.Query(ctx, armFiguresSQL, test, since, heard, regret)
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ArmFigure])
	if err != nil {
		return nil, away(fmt.Errorf("count arms: %w", err))
	}
	return out, nil
}

// StopArm stops an arm for good, once, writes it down and tells the nodes. It
// returns false if it was stopped before.
func (s *Store) StopArm(ctx context.Context, stop ArmStop) (fresh bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `insert into flow_arm_stop (test, arm, heard, bad, above, stopped_at) values ($1, $2, $3, $4, $5, $6)
			on conflict do nothing`, stop.Test, stop.Arm, stop.Heard, stop.Bad, stop.Above, stop.At)
		if fresh = tag.RowsAffected() == 1; err != nil || !fresh {
			return err
		}
		_, err = tx.Exec(ctx, `insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail)
			values ($1, $2, 'guard', 'flow.arm_stopped', 'flow', $3, 'ok', $4, $5)`, s.newID(), stop.At, stop.Test+":"+stop.Arm, s.newID().String(),
			fmt.Sprintf("%d of %d, above %d %%", stop.Bad, stop.Heard, stop.Above))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `select pg_notify($1, 'arm')`, flowsChannel)
		return err
	})
	if err != nil {
		return false, away(fmt.Errorf("stop arm %s:%s: %w", stop.Test, stop.Arm, err))
	}
	return fresh, nil
}

// StoppedArms lists the arms that nobody hears any more, by test.
func (s *Store) StoppedArms(ctx context.Context) ([]ArmStop, error) {
	rows, _ := s.pool.Query(ctx, `select test, arm, heard, bad, above, stopped_at from flow_arm_stop order by test, arm`)
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a ArmStop, err error) {
		return a, row.Scan(&a.Test, &a.Arm, &a.Heard, &a.Bad, &a.Above, &a.At)
	})
	if err != nil {
		return nil, away(fmt.Errorf("read stopped arms: %w", err))
	}
	return out, nil
}
