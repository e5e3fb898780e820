package postgres

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/ledger"
	"valebot/internal/money"
)

// Report is what verifying the ledger found. No differences: all is well.
type Report struct {
	Entries      int // entries read
	Differences  []Difference
	Distributors int // lines of credit compared
	Loans        int // loans compared
	Deposits     int // deposits in suspense and saldos a favor compared
	Acceptances  int // acceptances compared with their seals
}

// Difference is one thing that does not agree with another.
type Difference struct {
	Check  string // chain, balance, line, owed, position, suspense, credit, terms or acceptance
	Where  string // folio of the loan, id of the distributor, number of the entry
	Ledger money.Amount
	Row    money.Amount // what the row of the distributor or loan says, or its payments
	Text   string       // Spanish, for the operator
}

// Verify reads the whole ledger in order and computes everything again: the
// chain of hashes, the sum of every entry, every credit line (limit = available
// + held + used, and each as its row says), and what every loan owes, replayed
// from its rows and payments. It reads one snapshot, so it may run while others
// write; it changes nothing. Time grows with the ledger, memory does not.
func (s *Store) Verify(ctx context.Context) (Report, error) {
	var r Report
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		r = Report{}
		if err := r.chain(ctx, tx); err != nil {
			return err
		}
		if err := r.lines(ctx, tx); err != nil {
			return err
		}
		if err := r.commissions(ctx, tx); err != nil {
			return err
		}
		if err := r.relaciones(ctx, tx, s.vault); err != nil {
			return err
		}
		if err := r.owed(ctx, tx, s.vault); err != nil {
			return err
		}
		if err := r.held(ctx, tx); err != nil {
			return err
		}
		return r.accepted(ctx, tx, s.vault)
	})
	if err != nil {
		return r, away(fmt.Errorf("verify ledger: %w", err))
	}
	return r, nil
}

const allEntries = `
select seq, id, at, cause, memo, reverses, hash, accounts, owners, cents from ledger_entry order by seq`

// chain streams all entries. After a broken link it goes on from the hash that
// is kept, so that one change is one difference.
func (r *Report) chain(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, allEntries)
	if err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	defer rows.Close()
	var prev []byte
	for rows.Next() {
		one, err := scanLinked(rows)
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		prev = r.link(prev, one)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	var head []byte
	if err := tx.QueryRow(ctx, "select hash from ledger_head").Scan(&head); err != nil {
		return fmt.Errorf("read head: %w", err)
	}
	if !bytes.Equal(head, prev) {
		r.add(Difference{Check: "chain", Where: "último", Text: "Faltan asientos al final de la cadena."})
	}
	return nil
}

// linked is an entry with its place in the chain.
type linked struct {
	seq   int64
	entry ledger.Entry
	hash  []byte
}

func scanLinked(rows pgx.Rows) (linked, error) {
	var one linked
	var id uuid.UUID
	var at time.Time
	var reverses optional
	var accounts, owners []string
	var cents []int64
	err := rows.Scan(&one.seq, &id, &at, &one.entry.Cause, &one.entry.Memo, &reverses, &one.hash, &accounts, &owners, &cents)
	if err != nil {
		return one, err
	}
	if len(accounts) != len(cents) || len(owners) != len(cents) {
		return one, fmt.Errorf("entry %d has %d accounts, %d owners and %d amounts", one.seq, len(accounts), len(owners), len(cents))
	}
	one.entry.ID, one.entry.At = id.String(), at.UTC()
	if uuid.UUID(reverses) != uuid.Nil {
		one.entry.Reverses = uuid.UUID(reverses).String()
	}
	one.entry.Lines = make([]ledger.Line, len(cents))
	for i, amount := range cents {
		one.entry.Lines[i] = ledger.Line{Account: ledger.Account{Code: ledger.Code(accounts[i]), Owner: owners[i]}, Amount: money.Amount(amount)}
	}
	return one, nil
}

// link checks one entry against the hash before it and returns its own.
func (r *Report) link(prev []byte, one linked) []byte {
	r.Entries++
	where := fmt.Sprintf("asiento %d", one.seq)
	if !bytes.Equal(ledger.Hash(prev, one.entry), one.hash) {
		r.add(Difference{Check: "chain", Where: where, Text: "El asiento no coincide con su sello: fue cambiado, o falta el anterior."})
	}
	var sum money.Amount
	for _, l := range one.entry.Lines {
		sum += l.Amount
	}
	if sum != 0 || len(one.entry.Lines) == 0 {
		r.add(Difference{Check: "balance", Where: where, Ledger: sum, Text: fmt.Sprintf("El asiento no cuadra: sobran %s.", sum)})
	}
	return one.hash
}

func (r *Report) add(d Difference) { r.Differences = append(r.Differences, d) }

const creditLines = `
with book as (
    select owner,
           coalesce(-sum(cents) filter (where account = 'line_limit'), 0)::bigint as lim,
           coalesce(sum(cents) filter (where account = 'line_available'), 0)::bigint as available,
           coalesce(sum(cents) filter (where account = 'line_hold'), 0)::bigint as held,
           coalesce(sum(cents) filter (where account = 'line_used'), 0)::bigint as used
    from ledger_line where account in ('line_limit', 'line_available', 'line_hold', 'line_used') group by owner
)
select coalesce(d.id::text, b.owner),
       coalesce(b.lim, 0), coalesce(b.available, 0), coalesce(b.held, 0), coalesce(b.used, 0),
       coalesce(d.limit_cents, 0), coalesce(d.held_cents, 0), coalesce(d.used_cents, 0)
from distributor d full join book b on b.owner = d.id::text
order by 1`

// lines compares every credit line with the ledger, amount by amount.
func (r *Report) lines(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, creditLines)
	if err != nil {
		return fmt.Errorf("read credit lines: %w", err)
	}
	var who string
	var book ledger.LineState
	var limit, held, used money.Amount
	scans := []any{&who, &book.Limit, &book.Available, &book.Held, &book.Used, &limit, &held, &used}
	_, err = pgx.ForEachRow(rows, scans, func() error {
		r.Distributors++
		r.compare("line", who, "el límite", book.Limit, limit)
		r.compare("line", who, "lo apartado", book.Held, held)
		r.compare("line", who, "lo usado", book.Used, used)
		r.compare("line", who, "lo disponible", book.Available, limit-held-used)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read credit lines: %w", err)
	}
	return nil
}

func (r *Report) compare(check, where, what string, book, row money.Amount) {
	if book == row {
		return
	}
	r.add(Difference{
		Check: check, Where: where, Ledger: book, Row: row,
		Text: fmt.Sprintf("En los asientos, %s es %s; en el registro, %s.", what, book, row),
	})
}
