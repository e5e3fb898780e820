package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/ledger"
)

const insertEntries = `
insert into ledger_entry (id, at, cause, memo, reverses, hash)
select u.id, u.at, u.cause, u.memo, u.reverses, u.hash
from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::bytea[])
    with ordinality as u (id, at, cause, memo, reverses, hash, n)
order by u.n`

const insertLines = `
insert into ledger_line (entry_id, n, account, owner, cents)
select u.entry_id, u.n, u.account, u.owner, u.cents
from unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::bigint[]) as u (entry_id, n, account, owner, cents)`

// entries queues the entries chained after head, which the caller holds locked:
// the order of seq is the order of the chain.
func (w *writer) entries(head []byte, all []ledger.Entry) error {
	if err := w.chain(head, all); err != nil {
		return err
	}
	lines := newArrays(5)
	for _, e := range all {
		id, err := entryID(e.ID)
		if err != nil {
			return err
		}
		for n, line := range e.Lines {
			lines.add([]any{id, int16(n), string(line.Account.Code), line.Account.Owner, int64(line.Amount)})
		}
	}
	w.batch.Queue(insertLines, lines.args()...)
	return nil
}

// chain queues the entries without their lines, which must follow.
func (w *writer) chain(head []byte, all []ledger.Entry) error {
	rows := newArrays(6)
	for _, e := range all {
		id, err := entryID(e.ID)
		if err != nil {
			return err
		}
		reverses, err := entryID(e.Reverses)
		if err != nil {
			return err
		}
		head = ledger.Hash(head, e)
		rows.add([]any{id, instant(e.At), e.Cause, e.Memo, optional(reverses), head})
	}
	w.batch.Queue(insertEntries, rows.args()...)
	w.batch.Queue("update ledger_head set hash = $1", head)
	return nil
}

// copyLines writes the lines of an entry that has thousands: COPY fills whole
// pages at a time.
func copyLines(ctx context.Context, tx pgx.Tx, e ledger.Entry) error {
	id, err := entryID(e.ID)
	if err != nil {
		return err
	}
	row := make([]any, 5)
	lines := pgx.CopyFromSlice(len(e.Lines), func(n int) ([]any, error) {
		l := e.Lines[n]
		row[0], row[1], row[2], row[3], row[4] = [16]byte(id), int16(n), string(l.Account.Code), l.Account.Owner, int64(l.Amount)
		return row, nil
	})
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"ledger_line"}, []string{"entry_id", "n", "account", "owner", "cents"}, lines); err != nil {
		return fmt.Errorf("write ledger: %w", translate(err))
	}
	return nil
}

// entryID reads an entry's id; an empty one is uuid.Nil. Only the canonical
// form is taken, because the hash covers the text and the table keeps the number.
func entryID(text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil || id.String() != text {
		return uuid.Nil, fmt.Errorf("write ledger: %q is not the id of an entry", text)
	}
	return id, nil
}
