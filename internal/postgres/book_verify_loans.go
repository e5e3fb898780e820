package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/vault"
)

// verifyPage is how many loans are replayed at a time.
const verifyPage = 1000

// receivables are the accounts on which a loan is owed.
const receivables = `('loan_capital', 'loan_interest', 'loan_mora', 'fee_receivable', 'iva_receivable')`

const booked = `
select l.id::text, coalesce(sum(e.cents), 0)::bigint
from loan l left join ledger_line e on e.owner = l.id::text and e.account in ` + receivables + `
where l.id = any($1::uuid[]) group by l.id`

const ownerless = `
select e.owner, sum(e.cents)::bigint from ledger_line e
where e.account in ` + receivables + ` and not exists (select from loan l where l.id::text = e.owner)
group by e.owner order by 1`

// owed replays every loan from its rows and payments, and compares what comes
// out with the ledger and with the position that is kept for reading.
func (r *Report) owed(ctx context.Context, tx pgx.Tx, v *vault.Vault) error {
	after := uuid.Nil
	for {
		page, err := loansAfter(ctx, tx, v, after)
		if err != nil {
			return fmt.Errorf("read loans: %w", err)
		}
		if len(page) == 0 {
			return r.ownerless(ctx, tx)
		}
		if err := r.replay(ctx, tx, v, page); err != nil {
			return err
		}
		after = page[len(page)-1].ID
	}
}

func loansAfter(ctx context.Context, tx pgx.Tx, v *vault.Vault, after uuid.UUID) ([]lending.Loan, error) {
	rows, err := tx.Query(ctx, loans().selecting("where id > $1 order by id limit $2"), after, verifyPage)
	if err != nil {
		return nil, err
	}
	return valuesOf[lending.Loan](loans().read(v, rows))
}

func valuesOf[T any](all []found, err error) ([]T, error) {
	values := make([]T, len(all))
	for i, one := range all {
		values[i] = one.value.(T)
	}
	return values, err
}

func (r *Report) replay(ctx context.Context, tx pgx.Tx, v *vault.Vault, page []lending.Loan) error {
	ids := make([]uuid.UUID, len(page))
	for i, l := range page {
		ids[i] = l.ID
	}
	rows, err := tx.Query(ctx, payments().selecting("where loan_id = any($1::uuid[]) order by value_date, received_at, id"), ids)
	if err != nil {
		return fmt.Errorf("read payments: %w", err)
	}
	all, err := valuesOf[lending.Payment](payments().read(v, rows))
	if err != nil {
		return fmt.Errorf("read payments: %w", err)
	}
	paid := map[uuid.UUID][]lending.Payment{}
	for _, p := range all {
		paid[p.LoanID] = append(paid[p.LoanID], p)
	}
	inLedger, err := amounts(ctx, tx, booked, ids)
	if err != nil {
		return err
	}
	for _, l := range page {
		r.Loans++
		receivable, outstanding := l.Receivable(paid[l.ID])
		r.compare("owed", l.Folio, "lo que se debe", inLedger[l.ID.String()], receivable)
		if l.Position.Owed != outstanding {
			r.add(Difference{
				Check: "position", Where: l.Folio, Ledger: outstanding, Row: l.Position.Owed,
				Text: fmt.Sprintf("Según sus pagos quedan por pagar %s; en el registro, %s.", outstanding, l.Position.Owed),
			})
		}
	}
	return nil
}

// ownerless reports what is owed on loans that do not exist.
func (r *Report) ownerless(ctx context.Context, tx pgx.Tx) error {
	orphans, err := amounts(ctx, tx, ownerless)
	if err != nil {
		return err
	}
	for owner, amount := range orphans {
		r.compare("owed", owner, "lo que se debe", amount, 0)
	}
	return nil
}

// amounts reads rows of an owner and centavos.
func amounts(ctx context.Context, tx pgx.Tx, sql string, args ...any) (map[string]money.Amount, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("add up ledger: %w", err)
	}
	sums := map[string]money.Amount{}
	var owner string
	var sum money.Amount
	_, err = pgx.ForEachRow(rows, []any{&owner, &sum}, func() error {
		sums[owner] = sum
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("add up ledger: %w", err)
	}
	return sums, nil
}
