package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/pace"
	"valebot/internal/vault"
)

const openConversationsSQL = `
insert into conversation (id, key, channel, address, created_at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict (key) do nothing`

// A statement of its own, so that it sees conversations that others opened
// while the one before it waited. Rows go in by their unique key, so that two
// batches with the same messages wait for each other only one way round.
const acceptSQL = `
insert into inbox (id, conversation_id, source, source_id, kind, payload, received_at, retry_at)
select u.id, c.id, u.source, u.source_id, u.kind, u.payload, u.received_at, u.received_at
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::timestamptz[])
     as u (id, key, source, source_id, kind, payload, received_at)
join conversation c on c.key = u.key
order by u.source, u.source_id, u.id
on conflict (source, source_id) do nothing`

// Arrival is something that came for a contact through the one door.
type Arrival struct {
	Key        string // of the contact
	Channel    message.Channel
	Address    string
	Source     string
	SourceID   string
	Kind       engine.EventKind
	Payload    any // written as JSON, encrypted
	ReceivedAt time.Time
}

// Arrive stores arrivals, each at most once, and opens conversations for
// contacts that have none. It returns how many were new.
func (s *Store) Arrive(ctx context.Context, arrivals []Arrival) (int, error) {
	if len(arrivals) == 0 {
		return 0, nil
	}
	batch, err := s.arriving(arrivals)
	if err != nil {
		return 0, err
	}
	var fresh int64
	batch.QueuedQueries[1].Exec(func(tag pgconn.CommandTag) error {
		fresh = tag.RowsAffected()
		return nil
	})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return 0, away(fmt.Errorf("store arrivals: %w", err))
	}
	return int(fresh), nil
}

func (s *Store) arriving(arrivals []Arrival) (*pgx.Batch, error) {
	sorted := slices.Clone(arrivals)
	slices.SortStableFunc(sorted, func(a, b Arrival) int { return strings.Compare(a.Key, b.Key) })
	convs := newColumns(5)
	for i, a := range sorted {
		if i == 0 || sorted[i-1].Key != a.Key {
			convs.add(s.newID(), a.Key, string(a.Channel), a.Address, a.ReceivedAt)
		}
	}
	rows := newColumns(7)
	for _, a := range arrivals {
		id := s.newID()
		payload, err := sealJSON(s.vault, a.Payload, vault.Place("inbox", "payload", id.String()))
		if err != nil {
			return nil, err
		}
		rows.add(id, a.Key, a.Source, a.SourceID, string(a.Kind), payload, a.ReceivedAt)
	}
	files, err := s.mediaOf(arrivals)
	if err != nil {
		return nil, err
	}
	batch := &pgx.Batch{}
	batch.Queue(openConversationsSQL, convs.args()...)
	batch.Queue(acceptSQL, rows.args()...)
	if !files.empty() {
		batch.Queue(addMediaSQL, files.args()...)
	}
	return batch, nil
}

// Intake stores inbound messages, many callers in one commit: one commit per
// message is the limit of the machine, and whoever waits while another batch is
// being written goes in the next one.
type Intake struct {
	store  *Store
	queue  chan waiting
	notify func()
}

type waiting struct {
	arrival Arrival
	done    chan error
}

// maxIntake bounds the messages of one commit.
const maxIntake = 256

// NewIntake returns an intake; notify is called after each commit.
func NewIntake(s *Store, notify func()) *Intake {
	return &Intake{store: s, queue: make(chan waiting, 4*maxIntake), notify: notify}
}

// Accept stores one message and returns once it is durable. A message that was
// stored before is not stored again, and is no error.
func (in *Intake) Accept(ctx context.Context, m message.Inbound) error {
	w := waiting{done: make(chan error, 1), arrival: Arrival{
		Key: m.From.Key(), Channel: m.From.Channel, Address: m.From.Value, Source: m.Provider,
		SourceID: m.Account + ":" + m.ProviderID, Kind: engine.MessageEvent, Payload: m, ReceivedAt: m.ReceivedAt,
	}}
	select {
	case in.queue <- w:
	case <-ctx.Done():
		return fmt.Errorf("wait to store message: %w", ctx.Err())
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("store message: %w", ctx.Err())
	}
}

// Run writes batches until ctx ends.
func (in *Intake) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case w := <-in.queue:
			batch := in.gather(w)
			in.write(ctx, batch)
			time.Sleep(pace.Rest(len(batch))) // under load, so that the next one is large too
		}
	}
}

func (in *Intake) gather(first waiting) []waiting {
	batch := []waiting{first}
	for len(batch) < maxIntake {
		select {
		case w := <-in.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

func (in *Intake) write(ctx context.Context, batch []waiting) {
	arrivals := make([]Arrival, len(batch))
	for i, w := range batch {
		arrivals[i] = w.arrival
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := in.store.Arrive(ctx, arrivals)
	if err != nil && len(batch) > 1 && fault.KindOf(err) != fault.Unavailable {
		// One that the database refuses must not take the others with it.
		for i := range batch {
			in.write(ctx, batch[i:i+1])
		}
		return
	}
	for _, w := range batch {
		w.done <- err
	}
	in.notify()
}

// The subquery is materialised: as a part of the join it could be run again and
// lock others than it did before.
const fireSQL = `
with due as materialized (
    select dialogue_id, name from timer where due_at <= $1 order by due_at, dialogue_id limit $2 for update skip locked)
delete from timer t using due where t.dialogue_id = due.dialogue_id and t.name = due.name
returning t.dialogue_id, t.name, t.conversation_id, t.turn, t.due_at`

const firedSQL = `
insert into inbox (id, conversation_id, source, source_id, kind, payload, received_at, retry_at)
select id, conversation_id, 'timer', source_id, 'timer', payload, received_at, received_at
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::timestamptz[]) as u (id, conversation_id, source_id, payload, received_at)
on conflict (source, source_id) do nothing`

// Fire turns up to limit timers that are due into events and returns how many.
func (s *Store) Fire(ctx context.Context, now time.Time, limit int) (int, error) {
	fired := 0
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		type due struct {
			engine.Timer
			conv uuid.UUID
		}
		rows, _ := tx.Query(ctx, fireSQL, now, limit)
		timers, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d due, err error) {
			return d, row.Scan(&d.Dialogue, &d.Name, &d.conv, &d.Turn, &d.Due)
		})
		fired = len(timers)
		if err != nil || fired == 0 {
			return err
		}
		slices.SortFunc(timers, func(a, b due) int { return a.Due.Compare(b.Due) })
		c := newColumns(5)
		for _, t := range timers {
			id := s.newID()
			payload, err := sealJSON(s.vault, t.Timer, vault.Place("inbox", "payload", id.String()))
			if err != nil {
				return err
			}
			c.add(id, t.conv, fmt.Sprintf("%s:%s:%d:%d", t.Dialogue, t.Name, t.Turn, t.Due.UnixMilli()), payload, now)
		}
		_, err = tx.Exec(ctx, firedSQL, c.args()...)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("fire timers: %w", err)
	}
	return fired, nil
}

// NextTimer returns when the next timer is due; ok is false if there is none.
func (s *Store) NextTimer(ctx context.Context) (due time.Time, ok bool, err error) {
	var at *time.Time
	if err := s.pool.QueryRow(ctx, `select min(due_at) from timer`).Scan(&at); err != nil {
		return time.Time{}, false, fmt.Errorf("read next timer: %w", err)
	}
	return deref(at), at != nil, nil
}
