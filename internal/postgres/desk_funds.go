package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
)

// Funds reads the money that waits for a person, for an agent who may decide
// about it. Names of distributors are in it, so reading it is witnessed.
func (s *Store) Funds(ctx context.Context, agent string, now time.Time) (f casework.Funds, err error) {
	var faults [4]error
	f.Deposits, faults[0] = s.Suspense(ctx)
	f.Corrections, faults[1] = s.Corrections(ctx, true)
	f.Arrears, faults[2] = s.Arrears(ctx)
	f.Relaciones, faults[3] = s.latestRelaciones(ctx)
	if err := errors.Join(faults[:]...); err != nil {
		return f, err
	}
	detail := fmt.Sprintf("%d deposits, %d corrections, %d relaciones", len(f.Deposits), len(f.Corrections), len(f.Relaciones))
	return f, s.noteRead(ctx, "agent:"+agent, "desk.funds", "agent", agent, detail, now)
}

// latestRelaciones lists the last relación of each distributor, those that owe
// most first, at most 500.
func (s *Store) latestRelaciones(ctx context.Context) ([]casework.Relacion, error) {
	rows, _ := s.pool.Query(ctx, `
select r.folio, r.reference, p.name, d.branch, r.state, r.due_on, r.total_cents, r.covered_cents
from distributor d join person p on p.id = d.person_id
cross join lateral (select folio, reference, state, due_on, total_cents, covered_cents from relacion
    where distributor_id = d.id order by due_on desc, id desc limit 1) r
order by r.total_cents - r.covered_cents desc, r.folio limit $1`, maxSuspense)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r casework.Relacion, err error) {
		return r, row.Scan(&r.Folio, &r.Reference, &r.Name, &r.Branch, &r.State, (*civil)(&r.Due), &r.Total, &r.Covered)
	})
	if err != nil {
		return nil, away(fmt.Errorf("list latest relaciones: %w", err))
	}
	return all, nil
}
