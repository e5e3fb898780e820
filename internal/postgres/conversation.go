package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/vault"
)

const conversationColumns = `
c.id, c.key, c.person_id, c.channel, c.address, c.owner, c.agent, c.queue, c.reason, c.priority, c.epoch, c.version, c.floor,
c.queued_at, c.last_in_at, c.last_wa_in_at, c.last_out_at`

// dueSQL picks and locks conversations with something due, the longest
// waiting first. It looks at more events than there is room for, since one
// conversation may have several and another worker may hold those that come
// first. The limit counts only what was locked.
const dueSQL = `
select ` + conversationColumns + `
from (select conversation_id, min(id::text) as first from (
          select conversation_id, id from inbox where state = 'pending' and retry_at <= $1 order by retry_at, id limit $2 * 8) due
      group by conversation_id) d
join conversation c on c.id = d.conversation_id
order by d.first limit $2 for update of c skip locked`

const lockSQL = `select ` + conversationColumns + ` from conversation c where c.id = $1 for update skip locked`

const eventsSQL = `
select id, conversation_id, source_id, kind, payload, received_at, retry_at, attempts
from inbox where conversation_id = any($1) and state = 'pending' order by id`

// The laterals with "offset 0" keep the planner from joining whole tables: its
// plan is made while they are small and kept while they grow, which made this
// the dearest statement of a turn by far.
const dialoguesSQL = `
select d.id, d.conversation_id, d.flow, d.version, d.about_kind, d.about_id, d.status, d.step, d.turn, d.state, d.question, d.trail,
       d.priority, d.started_at, d.moved_at, o.sending_at, coalesce(o.state = 'queued', false), coalesce(o.provider_id, ''),
       coalesce(encode(o.body_hash, 'hex'), '')
from unnest($1::uuid[]) as wanted (id)
cross join lateral (select * from dialogue x where x.conversation_id = wanted.id and x.status <> 'ended' offset 0) d
left join lateral (select * from outbox x where x.id = d.question offset 0) o on true
order by d.id`

// maxEvents bounds the events of one conversation in one transaction.
const maxEvents = 16

// putOffSQL lets later events wait for the first one of their conversation, which
// waits for another try; otherwise they would be looked at again and again, in
// the place of conversations that could go on.
const putOffSQL = `
update inbox i set retry_at = u.retry_at from unnest($1::uuid[], $2::timestamptz[]) as u (id, retry_at)
where i.conversation_id = u.id and i.state = 'pending' and i.retry_at < u.retry_at`

// maxLooks bounds how often Claim looks again because all that it found must wait.
const maxLooks = 8

// Claim implements engine.Tx.
func (u *unit) Claim(ctx context.Context, now time.Time, limit int, only uuid.UUID) ([]engine.Conversation, error) {
	sql, args := dueSQL, []any{now, limit}
	if only != uuid.Nil {
		sql, args = lockSQL, []any{only}
	}
	for range maxLooks {
		rows, _ := u.tx.Query(ctx, sql, args...)
		convs, err := pgx.CollectRows(rows, scanConversation)
		if err != nil {
			return nil, fmt.Errorf("lock conversations: %w", err)
		}
		if len(convs) == 0 {
			return nil, nil
		}
		ready, err := u.fill(ctx, convs, now)
		if err != nil || len(ready) > 0 || only != uuid.Nil {
			return ready, err
		}
	}
	return nil, nil
}

// fill reads the pending events and open dialogues of locked conversations, in
// one round trip, and leaves out those whose first event must still wait.
func (u *unit) fill(ctx context.Context, convs []engine.Conversation, now time.Time) ([]engine.Conversation, error) {
	at := make(map[uuid.UUID]*engine.Conversation, len(convs))
	ids := make([]uuid.UUID, len(convs))
	for i := range convs {
		at[convs[i].ID], ids[i] = &convs[i], convs[i].ID
	}
	if err := u.read(ctx, ids, at); err != nil {
		return nil, err
	}
	ready, waiting := convs[:0], newColumns(2)
	for _, c := range convs {
		switch {
		case len(c.Events) == 0:
		case c.Events[0].RetryAt.After(now):
			waiting.add(c.ID, c.Events[0].RetryAt)
		default:
			ready = append(ready, c)
		}
	}
	if waiting.empty() {
		return ready, nil
	}
	if _, err := u.tx.Exec(ctx, putOffSQL, waiting.args()...); err != nil {
		return nil, fmt.Errorf("put off events: %w", err)
	}
	return ready, nil
}

func (u *unit) read(ctx context.Context, ids []uuid.UUID, at map[uuid.UUID]*engine.Conversation) error {
	batch := &pgx.Batch{}
	batch.Queue(eventsSQL, ids)
	batch.Queue(dialoguesSQL, ids)
	results := u.tx.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	if err := u.readEvents(results, at); err != nil {
		return err
	}
	return u.readDialogues(results, at)
}

func (u *unit) readEvents(results pgx.BatchResults, at map[uuid.UUID]*engine.Conversation) error {
	rows, err := results.Query()
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	var (
		ev      engine.Event
		conv    uuid.UUID
		payload []byte
	)
	_, err = pgx.ForEachRow(rows, []any{&ev.ID, &conv, &ev.SourceID, &ev.Kind, &payload, &ev.ReceivedAt, &ev.RetryAt, &ev.Attempts}, func() error {
		c := at[conv]
		if c == nil || len(c.Events) >= maxEvents {
			return nil
		}
		one := ev
		one.Err = openEvent(u.vault, &one, payload)
		c.Events = append(c.Events, one)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}

func (u *unit) readDialogues(results pgx.BatchResults, at map[uuid.UUID]*engine.Conversation) error {
	rows, err := results.Query()
	if err != nil {
		return fmt.Errorf("read dialogues: %w", err)
	}
	var (
		d            engine.Dialogue
		conv         uuid.UUID
		step         string
		state, trail []byte
		question     *uuid.UUID
		sendingAt    *time.Time
	)
	scans := []any{&d.ID, &conv, &d.Flow, &d.Version, &d.About.Kind, &d.About.ID, &d.Status, &step, &d.Turn, &state, &question, &trail,
		&d.Priority, &d.Started, &d.Moved, &sendingAt, &d.Asked.Queued, &d.Asked.ProviderID, &d.Asked.Hash}
	_, err = pgx.ForEachRow(rows, scans, func() error {
		one := d
		one.State, one.Trail = flow.State{}, engine.Trail{}
		one.Question, one.Asked.SendingAt = deref(question), deref(sendingAt)
		err := errors.Join(
			openJSON(u.vault, state, vault.Place("dialogue", "state", d.ID.String()), &one.State),
			openJSON(u.vault, trail, vault.Place("dialogue", "trail", d.ID.String()), &one.Trail))
		c := at[conv]
		c.Dialogues, c.Err = append(c.Dialogues, one), errors.Join(c.Err, err)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read dialogues: %w", err)
	}
	return nil
}

func scanConversation(row pgx.CollectableRow) (engine.Conversation, error) {
	var (
		c                               engine.Conversation
		person, floor                   *uuid.UUID
		queued, lastIn, lastWA, lastOut *time.Time
	)
	err := row.Scan(&c.ID, &c.Key, &person, &c.Channel, &c.Address, &c.Owner, &c.Agent, &c.Queue, &c.Reason, &c.Priority, &c.Epoch,
		&c.Version, &floor, &queued, &lastIn, &lastWA, &lastOut)
	c.PersonID, c.Floor = deref(person), deref(floor)
	c.QueuedAt, c.LastIn, c.LastWhatsApp, c.LastOut = deref(queued), deref(lastIn), deref(lastWA), deref(lastOut)
	return c, err
}

// openEvent decrypts an event's payload into the field that its kind names.
func openEvent(v *vault.Vault, ev *engine.Event, sealed []byte) error {
	place := vault.Place("inbox", "payload", ev.ID.String())
	switch ev.Kind {
	case engine.MessageEvent:
		ev.Message = &message.Inbound{}
		return openJSON(v, sealed, place, ev.Message)
	case engine.CoreEvent, engine.OutcomeEvent, engine.BeginEvent:
		ev.Core = &lending.Emit{}
		return openJSON(v, sealed, place, ev.Core)
	case engine.TimerEvent:
		ev.Timer = &engine.Timer{}
		return openJSON(v, sealed, place, ev.Timer)
	case engine.DeskEvent:
		ev.Desk = &engine.Desk{}
		return openJSON(v, sealed, place, ev.Desk)
	}
	return fmt.Errorf("event kind %q is not known", ev.Kind)
}

// openJSON decrypts sealed and reads it as JSON.
func openJSON(v *vault.Vault, sealed []byte, place string, into any) error {
	plain, err := v.Open(sealed, place)
	if err != nil {
		return fmt.Errorf("decrypt %s: %w", place, err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("read %s: %w", place, err)
	}
	return nil
}

// sealJSON writes value as JSON and encrypts it.
func sealJSON(v *vault.Vault, value any, place string) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", place, err)
	}
	return v.Seal(plain, place)
}

// deref returns what p points to, or the zero value.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// null returns a pointer to value, or nil if it is zero: SQL's null.
func null[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
