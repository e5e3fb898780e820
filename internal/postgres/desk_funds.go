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
	var faults [5]error
	f.Deposits, faults[0] = s.Suspense(ctx)
	f.Corrections, faults[1] = s.Corrections(ctx, true)
	f.Arrears, faults[2] = s.Arrears(ctx)
	f.Relaciones, faults[3] = s.latestRelaciones(ctx)
	f.Vales, faults[4] = s.valesInReview(ctx)
	if err := errors.Join(faults[:]...); err != nil {
		return f, err
	}
	detail := fmt.Sprintf("%d deposits, %d corrections, %d vales, %d relaciones",
		len(f.Deposits), len(f.Corrections), len(f.Vales), len(f.Relaciones))
	return f, s.noteRead(ctx, "agent:"+agent, "desk.funds", "agent", agent, detail, now)
}

// valesInReview lists the vales that wait for a decision, oldest first, at most 500.
func (s *Store) valesInReview(ctx context.Context) ([]casework.Reviewed, error) {
	rows, _ := s.pool.Query(ctx, `
select v.id, v.folio, p.name, dp.name, c.id, v.principal_cents, v.review->>'why', v.accepted_at, coalesce(v.review->>'first', '')
from vale v join person p on p.id = v.person_id join distributor d on d.id = v.distributor_id join person dp on dp.id = d.person_id
left join lateral (select id from conversation where person_id = v.person_id order by id desc limit 1) c on true
where v.state = 'IN_REVIEW' order by v.accepted_at, v.id limit $1`, maxSuspense)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v casework.Reviewed, err error) {
		return v, row.Scan(&v.ID, &v.Folio, &v.Name, &v.Distributor, (*optional)(&v.Case), &v.Amount, &v.Why, (*instant)(&v.Since), &v.First)
	})
	if err != nil {
		return nil, away(fmt.Errorf("list vales in review: %w", err))
	}
	return all, nil
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
