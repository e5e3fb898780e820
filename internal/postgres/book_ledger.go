package postgres

import (
	"fmt"

	"github.com/google/uuid"

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
	rows, lines := newArrays(6), newArrays(5)
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
		for n, line := range e.Lines {
			lines.add([]any{id, int16(n), string(line.Account.Code), line.Account.Owner, int64(line.Amount)})
		}
	}
	w.batch.Queue(insertEntries, rows.args()...)
	w.batch.Queue(insertLines, lines.args()...)
	w.batch.Queue("update ledger_head set hash = $1", head)
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
