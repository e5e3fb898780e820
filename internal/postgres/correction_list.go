package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
)

// maxSuspense bounds a list: nobody works through more at once.
const maxSuspense = 500

// Suspense lists the deposits in suspense, oldest first, at most 500.
func (s *Store) Suspense(ctx context.Context) ([]casework.Deposit, error) {
	rows, err := s.pool.Query(ctx, `
select id, source, reference, operated_on, cents, value_date, received_at, state, parked
from payment where state in ('UNMATCHED', 'RETURN_REQUESTED') order by received_at, id limit $1`, maxSuspense)
	if err != nil {
		return nil, away(fmt.Errorf("list suspense: %w", err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (casework.Deposit, error) {
		var p casework.Deposit
		err := row.Scan(&p.ID, &p.Source, &p.Reference, (*civil)(&p.Operated), &p.Amount, (*civil)(&p.ValueDate),
			(*instant)(&p.ReceivedAt), &p.State, &p.Reason)
		return p, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("list suspense: %w", err))
	}
	return all, nil
}

// Corrections lists corrections, newest first, at most 500: those that wait for
// a second person, or all.
func (s *Store) Corrections(ctx context.Context, onlyOpen bool) ([]casework.Correction, error) {
	rows, err := s.pool.Query(ctx, `
select c.id, c.folio, c.kind, c.state, coalesce(l.folio, ''), c.cents, c.reason, c.proposed_by, c.decided_by, c.proposed_at, c.decided_at
from correction c left join loan l on l.id = c.loan_id
where not $1 or c.state = 'PROPOSED' order by c.proposed_at desc, c.id desc limit $2`, onlyOpen, maxSuspense)
	if err != nil {
		return nil, away(fmt.Errorf("list corrections: %w", err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (casework.Correction, error) {
		var c casework.Correction
		err := row.Scan(&c.ID, &c.Folio, &c.Kind, &c.State, &c.Loan, &c.Amount, &c.Reason,
			&c.ProposedBy, &c.DecidedBy, (*instant)(&c.Proposed), (*instant)(&c.Decided))
		return c, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("list corrections: %w", err))
	}
	return all, nil
}
