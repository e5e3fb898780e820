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

// What the ledger shows as owed, by loan, in the order of loan ids: read side by
// side with the loans, so that the ledger is added up once and nothing of it is
// held in memory.
const booked = `
declare booked no scroll cursor for
select owner, sum(cents)::bigint from ledger_line where account in ` + receivables + ` group by owner order by owner collate "C"`

// owed replays every loan from its rows and payments, and compares what comes
// out with the ledger and with the position that is kept for reading.
func (r *Report) owed(ctx context.Context, tx pgx.Tx, v *vault.Vault) error {
	if _, err := tx.Exec(ctx, booked); err != nil {
		return fmt.Errorf("add up ledger: %w", err)
	}
	after, book := uuid.Nil, &bookedLoans{}
	for {
		page, err := loansAfter(ctx, tx, v, after)
		if err != nil {
			return fmt.Errorf("read loans: %w", err)
		}
		if len(page) == 0 {
			break
		}
		if err := r.replay(ctx, tx, v, page, book); err != nil {
			return err
		}
		after = page[len(page)-1].ID
	}
	if err := book.upTo(ctx, tx, afterAll, r.ownerless); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "close booked"); err != nil {
		return fmt.Errorf("add up ledger: %w", err)
	}
	return nil
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

func (r *Report) replay(ctx context.Context, tx pgx.Tx, v *vault.Vault, page []lending.Loan, book *bookedLoans) error {
	ids := make([]uuid.UUID, len(page))
	inLedger := make(map[string]money.Amount, len(page))
	for i, l := range page {
		ids[i], inLedger[l.ID.String()] = l.ID, 0
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
	err = book.upTo(ctx, tx, page[len(page)-1].ID.String(), func(owner string, cents money.Amount) {
		if _, ok := inLedger[owner]; !ok {
			r.ownerless(owner, cents)
			return
		}
		inLedger[owner] = cents
	})
	if err != nil {
		return err
	}
	for _, l := range page {
		r.loan(l, paid[l.ID], inLedger[l.ID.String()])
	}
	return nil
}

// loan compares one loan with what the ledger shows of it.
func (r *Report) loan(l lending.Loan, paid []lending.Payment, inLedger money.Amount) {
	r.Loans++
	receivable, outstanding := l.Receivable(paid)
	r.compare("owed", l.Folio, "lo que se debe", inLedger, receivable)
	if l.Position.Owed != outstanding {
		r.add(Difference{
			Check: "position", Where: l.Folio, Ledger: outstanding, Row: l.Position.Owed,
			Text: fmt.Sprintf("Según sus pagos quedan por pagar %s; en el registro, %s.", outstanding, l.Position.Owed),
		})
	}
}

// ownerless reports what is owed on a loan that does not exist.
func (r *Report) ownerless(owner string, cents money.Amount) {
	r.compare("owed", owner, "lo que se debe", cents, 0)
}

// afterAll is after every text, since no text of UTF-8 has this byte.
const afterAll = "\xff"

// bookedLoans walks the cursor of booked.
type bookedLoans struct {
	owners []string
	cents  []money.Amount
	done   bool
}

// upTo tells every owner up to last, in the order of bytes.
func (b *bookedLoans) upTo(ctx context.Context, tx pgx.Tx, last string, tell func(owner string, cents money.Amount)) error {
	for {
		for len(b.owners) > 0 && b.owners[0] <= last {
			tell(b.owners[0], b.cents[0])
			b.owners, b.cents = b.owners[1:], b.cents[1:]
		}
		if len(b.owners) > 0 || b.done {
			return nil
		}
		if err := b.fetch(ctx, tx); err != nil {
			return fmt.Errorf("add up ledger: %w", err)
		}
	}
}

func (b *bookedLoans) fetch(ctx context.Context, tx pgx.Tx) error {
	// Not prepared: the cursor is there in this transaction alone.
	rows, err := tx.Query(ctx, fmt.Sprintf("fetch %d from booked", verifyPage), pgx.QueryExecModeDescribeExec)
	if err != nil {
		return err
	}
	b.owners, b.cents = nil, nil
	var owner string
	var cents money.Amount
	_, err = pgx.ForEachRow(rows, []any{&owner, &cents}, func() error {
		b.owners, b.cents = append(b.owners, owner), append(b.cents, cents)
		return nil
	})
	b.done = len(b.owners) < verifyPage
	return err
}
