package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// maxSuspense bounds a list: nobody works through more at once.
const maxSuspense = 500

// Suspended is a deposit that nobody has placed yet, or one that waits to be
// sent back. It holds no secret: what the payer wrote is read one deposit at a
// time, where the reading is noted.
type Suspended struct {
	ID         uuid.UUID
	Source     string
	Reference  string
	Operated   quincena.Date // zero where the source has no day of its own
	Amount     money.Amount
	ValueDate  quincena.Date
	ReceivedAt time.Time
	State      loan.PaymentState
	Reason     string // code: no_such_loan, ambiguous, loan_not_active, payment_before_loan, unapplied
}

// Suspense lists the deposits in suspense, oldest first, at most 500.
func (s *Store) Suspense(ctx context.Context) ([]Suspended, error) {
	rows, err := s.pool.Query(ctx, `
select id, source, reference, operated_on, cents, value_date, received_at, state, parked
from payment where state in ('UNMATCHED', 'RETURN_REQUESTED') order by received_at, id limit $1`, maxSuspense)
	if err != nil {
		return nil, away(fmt.Errorf("list suspense: %w", err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Suspended, error) {
		var p Suspended
		err := row.Scan(&p.ID, &p.Source, &p.Reference, (*civil)(&p.Operated), &p.Amount, (*civil)(&p.ValueDate),
			(*instant)(&p.ReceivedAt), &p.State, &p.Reason)
		return p, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("list suspense: %w", err))
	}
	return all, nil
}

// CorrectionLine is a correction as it is listed, without its evidence.
type CorrectionLine struct {
	ID         uuid.UUID
	Folio      string
	Kind       lending.CorrectionKind
	State      lending.CorrectionState
	Loan       string // folio; "" where no loan changes
	Amount     money.Amount
	Reason     string
	ProposedBy string
	DecidedBy  string
	Proposed   time.Time
	Decided    time.Time // zero while nobody has decided
}

// Corrections lists corrections, newest first, at most 500: those that wait for
// a second person, or all.
func (s *Store) Corrections(ctx context.Context, onlyOpen bool) ([]CorrectionLine, error) {
	rows, err := s.pool.Query(ctx, `
select c.id, c.folio, c.kind, c.state, coalesce(l.folio, ''), c.cents, c.reason, c.proposed_by, c.decided_by, c.proposed_at, c.decided_at
from correction c left join loan l on l.id = c.loan_id
where not $1 or c.state = 'PROPOSED' order by c.proposed_at desc, c.id desc limit $2`, onlyOpen, maxSuspense)
	if err != nil {
		return nil, away(fmt.Errorf("list corrections: %w", err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (CorrectionLine, error) {
		var c CorrectionLine
		err := row.Scan(&c.ID, &c.Folio, &c.Kind, &c.State, &c.Loan, &c.Amount, &c.Reason,
			&c.ProposedBy, &c.DecidedBy, (*instant)(&c.Proposed), (*instant)(&c.Decided))
		return c, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("list corrections: %w", err))
	}
	return all, nil
}
