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
	heavy   []heavy[T]
	id      func(T) string
	// values returns what a row holds, in the order of columns. One that is costly
	// to encode may be later.
	values func(sealer, T) ([]any, error)
	// scan reads a row: the columns in their order, then rev.
	scan func(sealer, pgx.CollectableRow) (T, int64, error)
}

// heavy are columns that are not written again while same says that they are as
// they were.
type heavy[T any] struct {
	columns []string
	same    func(old, now T) bool
}

// later is a value that is made where it is sent.
type later func() (string, error)

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
// that never change, and the heavy ones that are as they were. Shape has a bit
// for each group of heavy columns that is left out.
func (a aggregate[T]) changing(shape int) []int {
	left := slices.Clone(a.fixed)
	for i, h := range a.heavy {
		if shape&(1<<i) != 0 {
			left = append(left, h.columns...)
		}
	}
	var some []int
	for i, c := range a.columns {
		if i == 0 || !slices.Contains(left, c.name) {
			some = append(some, i)
		}
	}
	return some
}

// shape says which heavy columns of a record are as they were loaded.
func (a aggregate[T]) shape(record *lending.Record, now T) int {
	old, ok := record.Old.(T)
	if !ok {
		return 0
	}
	shape := 0
	for i, h := range a.heavy {
		if h.same(old, now) {
			shape |= 1 << i
		}
	}
	return shape
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
	changed := b.Changed(a.kind)
	if len(changed) == 0 {
		return nil
	}
	inserts, updates := newArrays(len(a.columns)), make([]update, 1<<len(a.heavy))
	for shape := range updates {
		some := a.changing(shape)
		updates[shape] = update{some, newArrays(len(some) + 1)}
	}
	s := sealer{w.vault, a.table}
	for _, key := range changed {
		record := b.At(key)
		value, ok := record.Value.(T)
		if !ok {
			return fmt.Errorf("write %s: the book holds a %T", a.kind, record.Value)
		}
		row, err := a.values(s, value)
		if err == nil && record.Rev != 0 {
			err = updates[a.shape(record, value)].add(row, record.Rev)
		} else if err == nil {
			inserts.add(row)
			err = inserts.settle()
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", a.kind, err)
		}
	}
	a.queue(w, inserts, updates)
	return nil
}

// update are rows of which the same columns change.
type update struct {
	columns []int
	rows    arrays
}

func (u update) add(row []any, rev int64) error {
	sent := make([]any, 0, len(u.columns)+1)
	for _, at := range u.columns {
		sent = append(sent, row[at])
	}
	u.rows.add(append(sent, rev))
	return u.rows.settle()
}

func (a aggregate[T]) queue(w *writer, inserts arrays, updates []update) {
	var keys []any
	for _, u := range updates {
		keys = append(keys, u.rows[0]...)
	}
	if len(keys) > 1 {
		w.batch.Queue(a.locking(), keys)
	}
	for _, u := range updates {
		if n := u.rows.rows(); n > 0 {
			w.batch.Queue(a.updating(u.columns), u.rows.args()...).Exec(a.wrote(n))
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

// settle makes what the last row left for later.
func (c arrays) settle() error {
	for i := range c {
		last := len(c[i]) - 1
		if make, ok := c[i][last].(later); ok {
			text, err := make()
			if err != nil {
				return err
			}
			c[i][last] = text
		}
	}
	return nil
}

func (c arrays) rows() int { return len(c[0]) }

func (c arrays) args() []any {
	args := make([]any, len(c))
	for i := range c {
		args[i] = c[i]
	}
	return args
}
