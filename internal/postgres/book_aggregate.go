package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"valebot/internal/lending"
	"valebot/internal/vault"
)

// column is one column of an aggregate's table.
type column struct {
	name string
	kind string // SQL type of one value as it is sent
	cast string // SQL type of the column, where it is not kind
}

// aggregate says how one kind of entity lies in its table. The three statements
// that every kind needs (read, insert many, update many) are put together from
// the same list of columns, so that they cannot disagree about the order.
type aggregate[T any] struct {
	kind    lending.Kind
	table   string
	columns []column // the key first; rev is not among them
	fixed   []string // columns that never change once the row is there
	heavy   []string // columns that are not written again while same says so
	same    func(old, now T) bool
	id      func(T) string
	// values returns what a row holds, in the order of columns.
	values func(sealer, T) ([]any, error)
	// scan reads a row: the columns in their order, then rev.
	scan func(sealer, pgx.CollectableRow) (T, int64, error)
}

// found is one row read.
type found struct {
	key   lending.Key
	value any
	rev   int64
}

// shelf is an aggregate of any entity.
type shelf interface {
	selecting(rest string) string
	read(v *vault.Vault, rows pgx.Rows) ([]found, error)
	save(w *writer, b *lending.Book) error
	keyIsUUID() bool
}

func (a aggregate[T]) keyIsUUID() bool { return a.columns[0].kind == "uuid" }

func (a aggregate[T]) names(prefix string) string {
	var s strings.Builder
	for i, c := range a.columns {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(prefix)
		s.WriteString(c.name)
	}
	return s.String()
}

// selecting returns the query of all columns with the rest given.
func (a aggregate[T]) selecting(rest string) string {
	return "select " + a.names("") + ", rev from " + a.table + " " + rest
}

// inserting returns the insert of many rows, one array per column.
func (a aggregate[T]) inserting() string {
	return "insert into " + a.table + " (" + a.names("") + ") select " + a.taken() + " from " + a.unnest("")
}

// updating returns the update of some columns of many rows, each only if its
// revision is still the one that was read. Columns that never change are left
// out even where their value would be the same: while others are at the row,
// naming a column of a unique key would lock out whoever refers to the row.
func (a aggregate[T]) updating(some []int) string {
	key := a.columns[0].name
	columns := make([]column, len(some))
	var set strings.Builder
	for i, at := range some {
		columns[i] = a.columns[at]
		if at > 0 {
			set.WriteString(columns[i].name + " = " + columns[i].taken() + ", ")
		}
	}
	sent := aggregate[T]{columns: columns}
	return "update " + a.table + " t set " + set.String() + "rev = t.rev + 1 from " + sent.unnest("bigint") +
		" where t." + key + " = u." + key + " and t.rev = u.was"
}

// changing lists the places of the columns that an update writes: all but those
// that never change, and without the heavy ones if they are as they were.
func (a aggregate[T]) changing(light bool) []int {
	var some []int
	for i, c := range a.columns {
		if i == 0 || !slices.Contains(a.fixed, c.name) && !(light && slices.Contains(a.heavy, c.name)) {
			some = append(some, i)
		}
	}
	return some
}

// locking returns the statement that locks rows in the order of their keys, as
// an update of many rows does not promise to: two transactions that lock the
// same rows in different orders would stop each other.
func (a aggregate[T]) locking() string {
	c := a.columns[0]
	return fmt.Sprintf("select from %s where %s = any($1::%s[]) order by %s for no key update", a.table, c.name, c.kind, c.name)
}

func (c column) taken() string {
	if c.cast == "" {
		return "u." + c.name
	}
	return "u." + c.name + "::" + c.cast
}

func (a aggregate[T]) taken() string {
	all := make([]string, len(a.columns))
	for i, c := range a.columns {
		all[i] = c.taken()
	}
	return strings.Join(all, ", ")
}

// unnest returns the arrays as a table u; with rev given, also the revisions as u.was.
func (a aggregate[T]) unnest(rev string) string {
	args := make([]string, 0, len(a.columns)+1)
	for i, c := range a.columns {
		args = append(args, fmt.Sprintf("$%d::%s[]", i+1, c.kind))
	}
	names := a.names("")
	if rev != "" {
		args = append(args, fmt.Sprintf("$%d::%s[]", len(args)+1, rev))
		names += ", was"
	}
	return "unnest(" + strings.Join(args, ", ") + ") as u (" + names + ")"
}

// read collects rows of selecting.
func (a aggregate[T]) read(v *vault.Vault, rows pgx.Rows) ([]found, error) {
	s := sealer{v, a.table}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (found, error) {
		value, rev, err := a.scan(s, row)
		if err != nil {
			return found{}, fmt.Errorf("read %s: %w", a.kind, err)
		}
		return found{lending.Key{Kind: a.kind, ID: a.id(value)}, value, rev}, nil
	})
}

// save queues the writes of all changed entities of the kind, sorted by key.
func (a aggregate[T]) save(w *writer, b *lending.Book) error {
	inserts := newArrays(len(a.columns))
	some := [2][]int{a.changing(false), a.changing(true)}
	updates := [2]arrays{newArrays(len(some[0]) + 1), newArrays(len(some[1]) + 1)}
	s := sealer{w.vault, a.table}
	for _, key := range b.Changed(a.kind) {
		record := b.At(key)
		value, ok := record.Value.(T)
		if !ok {
			return fmt.Errorf("write %s: the book holds a %T", a.kind, record.Value)
		}
		row, err := a.values(s, value)
		if err != nil {
			return fmt.Errorf("write %s: %w", a.kind, err)
		}
		if record.Rev == 0 {
			inserts.add(row)
			continue
		}
		shape := 0
		if old, ok := record.Old.(T); ok && a.same != nil && a.same(old, value) {
			shape = 1
		}
		sent := make([]any, 0, len(row)+1)
		for _, at := range some[shape] {
			sent = append(sent, row[at])
		}
		updates[shape].add(append(sent, record.Rev))
	}
	a.queue(w, inserts, updates, some)
	return nil
}

func (a aggregate[T]) queue(w *writer, inserts arrays, updates [2]arrays, some [2][]int) {
	if updates[0].rows()+updates[1].rows() > 1 {
		w.batch.Queue(a.locking(), slices.Concat(updates[0][0], updates[1][0]))
	}
	for shape, rows := range updates {
		if rows.rows() > 0 {
			w.batch.Queue(a.updating(some[shape]), rows.args()...).Exec(a.wrote(rows.rows()))
		}
	}
	if inserts.rows() > 0 {
		w.batch.Queue(a.inserting(), inserts.args()...).Exec(a.wrote(inserts.rows()))
	}
}

// wrote refuses a statement that did not change all rows: somebody else did.
func (a aggregate[T]) wrote(want int) func(pgconn.CommandTag) error {
	return func(tag pgconn.CommandTag) error {
		if got := tag.RowsAffected(); got != int64(want) {
			return errStale.Because(fmt.Errorf("write %s: %d of %d rows still had their revision", a.kind, got, want))
		}
		return nil
	}
}

// arrays are the columns of rows to be written, one array each.
type arrays [][]any

func newArrays(columns int) arrays { return make(arrays, columns) }

func (c arrays) add(row []any) {
	for i, value := range row {
		if id, ok := value.(uuid.UUID); ok {
			value = [16]byte(id) // which pgx sends as it is, and not as text
		}
		c[i] = append(c[i], value)
	}
}

func (c arrays) rows() int { return len(c[0]) }

func (c arrays) args() []any {
	args := make([]any, len(c))
	for i := range c {
		args[i] = c[i]
	}
	return args
}
