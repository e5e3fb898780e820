package postgres

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"valebot/internal/ledger"
)

// The lines of an entry lie in its row, as arrays. They travel as one text each,
// since unnest flattens arrays of arrays; no code or owner can hold the
// separator.
const insertEntries = `
insert into ledger_entry (id, at, cause, memo, reverses, hash, accounts, owners, cents)
select u.id, u.at, u.cause, u.memo, u.reverses, u.hash, string_to_array(u.accounts, e'\x1f'), string_to_array(u.owners, e'\x1f'),
       string_to_array(u.cents, e'\x1f')::bigint[]
from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::bytea[], $7::text[], $8::text[], $9::text[])
    with ordinality as u (id, at, cause, memo, reverses, hash, accounts, owners, cents, n)
order by u.n`

// entries queues the entries chained after head, which the caller holds locked:
// the order of seq is the order of the chain.
func (w *writer) entries(head []byte, all []ledger.Entry) error {
	rows := newArrays(9)
	for _, e := range all {
		id, err := entryID(e.ID)
		if err != nil {
			return err
		}
		reverses, err := entryID(e.Reverses)
		if err != nil {
			return err
		}
		lines, err := pack(e.Lines)
		if err != nil {
			return fmt.Errorf("write entry %s: %w", e.ID, err)
		}
		head = ledger.Hash(head, e)
		rows.add([]any{id, instant(e.At), e.Cause, e.Memo, optional(reverses), head, lines.accounts, lines.owners, lines.cents})
	}
	w.batch.Queue(insertEntries, rows.args()...)
	w.batch.Queue("update ledger_head set hash = $1", head)
	return nil
}

// packed are the lines of an entry as they travel: the values of each column,
// with a separator between them.
type packed struct{ accounts, owners, cents string }

const lineSeparator = "\x1f"

// pack refuses an account that would be read back as two.
func pack(lines []ledger.Line) (packed, error) {
	var accounts, owners, cents strings.Builder
	accounts.Grow(len(lines) * 16)
	owners.Grow(len(lines) * 37)
	cents.Grow(len(lines) * 8)
	for i, l := range lines {
		if i > 0 {
			accounts.WriteString(lineSeparator)
			owners.WriteString(lineSeparator)
			cents.WriteString(lineSeparator)
		}
		if strings.Contains(string(l.Account.Code), lineSeparator) || strings.Contains(l.Account.Owner, lineSeparator) {
			return packed{}, fmt.Errorf("account %q of %q holds a separator", l.Account.Code, l.Account.Owner)
		}
		accounts.WriteString(string(l.Account.Code))
		owners.WriteString(l.Account.Owner)
		cents.WriteString(strconv.FormatInt(int64(l.Amount), 10))
	}
	return packed{accounts.String(), owners.String(), cents.String()}, nil
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
