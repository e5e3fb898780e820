package postgres

import (
	"bytes"
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
	"valebot/internal/vault"
)

const writeConversationsSQL = `
update conversation c set person_id = u.person_id, channel = u.channel, address = u.address, owner = u.owner, agent = u.agent, queue = u.queue,
       reason = u.reason, priority = u.priority, epoch = u.epoch, version = c.version + 1, floor = u.floor, queued_at = u.queued_at,
       last_in_at = u.last_in_at, last_wa_in_at = u.last_wa_in_at, last_out_at = u.last_out_at
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::smallint[], $10::int[],
            $11::bigint[], $12::uuid[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[])
     as u (id, person_id, channel, address, owner, agent, queue, reason, priority, epoch, version, floor, queued_at, last_in_at, last_wa_in_at, last_out_at)
where c.id = any($1) and c.id = u.id and case when c.version = u.version then true end`

const writeHandledSQL = `
update inbox i set state = u.state, handled_at = case when u.state = 'pending' then null else $7::timestamptz end,
       heard = u.heard, secret = u.secret, fault = u.fault, attempts = u.attempts, retry_at = coalesce(u.retry_at, i.retry_at)
from unnest($1::uuid[], $2::text[], $3::text[], $4::bool[], $5::text[], $6::smallint[], $8::timestamptz[])
     as u (id, state, heard, secret, fault, attempts, retry_at)
where i.id = any($1) and i.id = u.id and case when i.state = 'pending' then true end`

const writeDialoguesSQL = `
insert into dialogue (id, conversation_id, flow, version, about_kind, about_id, status, step, turn, state, question, trail, priority,
                      started_at, moved_at, ended_at, outcome, inside)
select id, conversation_id, flow, version, about_kind, about_id, status, step, turn, state, question, trail, priority, started_at, moved_at,
       ended_at, outcome, string_to_array(inside, e'\x1f')
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::bytea[],
            $11::uuid[], $12::bytea[], $13::smallint[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::text[], $18::text[])
     as u (id, conversation_id, flow, version, about_kind, about_id, status, step, turn, state, question, trail, priority, started_at, moved_at,
           ended_at, outcome, inside)
on conflict (id) do update set version = excluded.version, status = excluded.status, step = excluded.step, inside = excluded.inside, turn = excluded.turn, state = excluded.state,
    question = excluded.question, trail = excluded.trail, moved_at = excluded.moved_at, ended_at = excluded.ended_at, outcome = excluded.outcome`

const dropTimersSQL = `delete from timer where dialogue_id = any($1)`

const writeTimersSQL = `
insert into timer (dialogue_id, name, conversation_id, turn, due_at)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::int[], $5::timestamptz[])
on conflict (dialogue_id, name) do update set turn = excluded.turn, due_at = excluded.due_at`

const writeLettersSQL = `
insert into outbox (id, conversation_id, dialogue_id, author, epoch, lane, message_key, channel, sender, address, body, body_hash, secret,
                    segments, zone, hours, per_day, per_week, state, not_before, expires_at, created_at, settled_at, ready, backup, template, anyone)
select id, conversation_id, dialogue_id, author, epoch, lane, message_key, channel, '', address, body, body_hash, secret, segments, zone,
       hours, per_day, per_week, state, not_before, expires_at, created_at, case when state = 'queued' then null else created_at end,
       not_before <= created_at, backup, template, anyone
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::smallint[], $7::text[], $8::text[], $9::text[], $10::bytea[],
            $11::bytea[], $12::bool[], $13::smallint[], $14::text[], $15::text[], $16::smallint[], $17::smallint[], $18::text[],
            $19::timestamptz[], $20::timestamptz[], $21::timestamptz[], $22::smallint[], $23::text[], $24::bool[])
     as u (id, conversation_id, dialogue_id, author, epoch, lane, message_key, channel, address, body, body_hash, secret, segments, zone,
           hours, per_day, per_week, state, not_before, expires_at, created_at, backup, template, anyone)`

// Paths and effects travel as one text each, since unnest flattens arrays of
// arrays; neither can hold the separator.
const writeStepsSQL = `
insert into step_log (id, conversation_id, dialogue_id, event_id, flow, version, event, from_step, to_step, path, ways, heard, effects, at)
select id, conversation_id, dialogue_id, event_id, flow, version, event, from_step, to_step, string_to_array(path, e'\x1f'),
       string_to_array(ways, e'\x1f'), heard, string_to_array(effects, e'\x1f'), at
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::timestamptz[])
     as u (id, conversation_id, dialogue_id, event_id, flow, version, event, from_step, to_step, path, ways, heard, effects, at)`

// Write implements engine.Tx: one round trip for the whole group.
func (u *unit) Write(ctx context.Context, changes []engine.Change, at time.Time) error {
	slices.SortFunc(changes, func(a, b engine.Change) int {
		return bytes.Compare(a.Conversation.ID[:], b.Conversation.ID[:])
	})
	batch := &pgx.Batch{}
	queueConversations(batch, changes)
	queueHandled(batch, changes, at)
	if err := u.queueDialogues(batch, changes); err != nil {
		return err
	}
	queueTimers(batch, changes)
	if err := u.queueLetters(batch, changes); err != nil {
		return err
	}
	queueSteps(batch, changes)
	if err := u.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write conversations: %w", err)
	}
	return nil
}

func queueConversations(batch *pgx.Batch, changes []engine.Change) {
	c := newColumns(16)
	for _, change := range changes {
		v := change.Conversation
		c.add(v.ID, null(v.PersonID), string(v.Channel), v.Address, string(v.Owner), v.Agent, v.Queue, v.Reason, int16(v.Priority), v.Epoch,
			v.Version, null(v.Floor), null(v.QueuedAt), null(v.LastIn), null(v.LastWhatsApp), null(v.LastOut))
	}
	want := int64(len(changes))
	batch.Queue(writeConversationsSQL, c.args()...).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != want {
			return fault.New(fault.Conflict, "stale", "La conversación cambió mientras tanto.")
		}
		return nil
	})
}

func queueHandled(batch *pgx.Batch, changes []engine.Change, at time.Time) {
	c := newColumns(7)
	for _, change := range changes {
		for _, h := range change.Handled {
			state := "handled"
			switch {
			case h.Dead:
				state = "dead"
			case !h.Retry.IsZero():
				state = "pending"
			}
			c.add(h.ID, state, h.Heard, h.Secret, h.Fault, int16(h.Attempt), null(h.Retry))
		}
	}
	args := c.args()
	args = append(args[:6:6], at, args[6])
	batch.Queue(writeHandledSQL, args...)
}

func (u *unit) queueDialogues(batch *pgx.Batch, changes []engine.Change) error {
	c := newColumns(18)
	for _, change := range changes {
		for _, d := range change.Dialogues {
			state, err := sealJSON(u.vault, d.State, vault.Place("dialogue", "state", d.ID.String()))
			if err != nil {
				return err
			}
			trail, err := sealJSON(u.vault, d.Trail, vault.Place("dialogue", "trail", d.ID.String()))
			if err != nil {
				return err
			}
			c.add(d.ID, change.Conversation.ID, d.Flow, d.Version, d.About.Kind, d.About.ID, string(d.Status), d.State.Step(), d.Turn, state,
				null(d.Question), trail, int16(d.Priority), d.Started, d.Moved, null(d.Ended), d.Outcome, strings.Join(d.State.Inside(), "\x1f"))
		}
	}
	if !c.empty() {
		batch.Queue(writeDialoguesSQL, c.args()...)
	}
	return nil
}

func queueTimers(batch *pgx.Batch, changes []engine.Change) {
	var dropped []uuid.UUID
	c := newColumns(5)
	for _, change := range changes {
		dropped = append(dropped, change.Dropped...)
		for _, t := range change.Timers {
			c.add(t.Dialogue, t.Name, change.Conversation.ID, t.Turn, t.Due)
		}
	}
	if len(dropped) > 0 {
		batch.Queue(dropTimersSQL, dropped)
	}
	if !c.empty() {
		batch.Queue(writeTimersSQL, c.args()...)
	}
}

func (u *unit) queueLetters(batch *pgx.Batch, changes []engine.Change) error {
	c := newColumns(letterColumns)
	for _, change := range changes {
		for _, l := range change.Letters {
			if err := u.addLetter(c, l); err != nil {
				return err
			}
		}
	}
	if !c.empty() {
		batch.Queue(writeLettersSQL, c.args()...)
	}
	return nil
}

// letterColumns is how many values addLetter adds.
const letterColumns = 24

func (u *unit) addLetter(c *columns, l engine.Letter) error {
	body, err := sealJSON(u.vault, l.Content, vault.Place("outbox", "body", l.ID.String()))
	if err != nil {
		return err
	}
	state := "queued"
	if l.Suggested {
		state = "suggested"
	}
	c.add(l.ID, l.Conversation, null(l.Dialogue), l.Author, l.Epoch, int16(l.Lane), l.Key, string(l.To.Channel), l.To.Value, body,
		l.Hash[:], l.Secret, int16(max(l.Segments, 1)), l.Zone, l.Hours, int16(l.PerDay), int16(l.PerWeek), state, l.NotBefore, l.Expires, l.Created, backupOf(l),
		l.Content.Template, l.Anyone)
	return nil
}

// backupOf marks letters that have an SMS to go instead of them.
func backupOf(l engine.Letter) int16 {
	if l.Content.SMS != "" && l.To.Channel == message.WhatsApp && l.Lane <= message.LaneNotice {
		return backupPossible
	}
	return backupNone
}

func queueSteps(batch *pgx.Batch, changes []engine.Change) {
	c := newColumns(14)
	for _, change := range changes {
		for _, s := range change.Steps {
			c.add(s.ID, change.Conversation.ID, s.Dialogue, s.Event, s.Flow, s.Version, s.Kind, s.From, s.To, joined(s.Path), joined(s.Ways), s.Heard, joined(s.Effects), s.At)
		}
	}
	if !c.empty() {
		batch.Queue(writeStepsSQL, c.args()...)
	}
}
