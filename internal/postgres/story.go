package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Happening is one thing that happened inside: a step of a dialogue or an entry
// of the ledger. It holds no text of anybody.
type Happening struct {
	Seq   int64 // microseconds of the product's clock
	At    time.Time
	Kind  string // step or entry
	Phone string // whose conversation; "" for entries
	Flow  string
	Text  string
	Moves []Move
}

// Move is one line of a ledger entry, in centavos: debit +, credit −.
type Move struct {
	Account string `json:"account"`
	Cents   int64  `json:"cents"`
}

const happenings = `
select (extract(epoch from at) * 1000000)::bigint as seq, at, kind, key, flow, text, moves, tie from (
    select s.at, 'step' as kind, c.key, s.flow, array_to_string(s.path, ' → ') as text, null::jsonb as moves, s.id::text as tie
    from step_log s join conversation c on c.id = s.conversation_id
    where s.at > to_timestamp($1::float8 / 1000000)
    union all
    select e.at, 'entry', '', '', e.memo,
           (select jsonb_agg(jsonb_build_object('account', l.account, 'cents', l.cents) order by l.n) from ledger_line l where l.entry_id = e.id),
           e.id::text
    from ledger_entry e where e.at > to_timestamp($1::float8 / 1000000)
) x`

const happenedSQL = happenings + ` order by at, tie limit $2`

// latestSQL is the same, of the last ones.
const latestSQL = `select * from (` + happenings + ` order by at desc, tie desc limit $2) last order by at, tie`

// Happened lists what happened after seq, oldest first. A seq below zero asks
// for the latest. Two that happened in the same microsecond share a seq.
func (s *Store) Happened(ctx context.Context, seq int64, limit int) ([]Happening, error) {
	query := happenedSQL
	if seq < 0 {
		query, seq = latestSQL, 0
	}
	rows, _ := s.pool.Query(ctx, query, seq, limit)
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Happening, err error) {
		var key, tie string
		err = row.Scan(&h.Seq, &h.At, &h.Kind, &key, &h.Flow, &h.Text, &h.Moves, &tie)
		h.Phone, _ = strings.CutPrefix(key, "tel:")
		return h, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("read what happened: %w", err))
	}
	return out, nil
}
