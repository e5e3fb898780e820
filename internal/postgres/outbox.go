package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/outbox"
	"valebot/internal/vault"
)

const candidateColumns = `
o.id, o.conversation_id, o.author, o.epoch, c.epoch, o.lane, o.channel, o.address, o.body, o.segments, o.zone, o.hours, o.per_day, o.per_week,
k.opted_out_at is not null, k.doubted_at is not null and not o.anyone, k.wrong_number_at is not null, o.expires_at, o.attempt, o.sending_at, coalesce(o.provider_id, ''), o.finds,
c.last_wa_in_at, o.backup = 1, o.stopped`

// A message waits while another of its contact is in flight, and behind those
// written before it: replies and notices keep their order, and so do messages
// of one lane; a reminder that waits lets what is more urgent pass. One that
// was put back for up to a minute (pacing, a provider that asked to wait) keeps
// its place; one that waits longer (the night, a deferral) does not. Codes wait
// for nobody.
//
// Each open queue gives its first messages, by an index that holds only what is
// due, however many wait behind; the first of those, by the lane that they have
// risen to, are locked. Twice as many are looked at as there is room for, since
// another node may hold those that come first. What is read of a message is read
// with its lock, since it may have changed until then.
//
// Every row is found by its key: the laterals keep the planner from joining whole
// tables, since its plan is made while they are small and kept while they grow.
// What only reminders and campaigns are asked is read only for them.
const dispatchSQL = `
with pick as materialized (
    select first.id, first.risen
    from unnest($3::text[], $4::smallint[]) as open (channel, lane)
    cross join lateral (
        select q.id, q.vft,
               case when open.lane > 2 then greatest(2, open.lane - floor(extract(epoch from $1::timestamptz - q.created_at) / $5)) else open.lane end as risen
        from outbox q
        where q.settled_at is null and q.ready and q.state = 'queued' and q.channel = open.channel and q.lane = open.lane and q.not_before <= $1
          and (open.lane = 0 or not exists (
              select from outbox e where e.conversation_id = q.conversation_id and e.id <> q.id and e.lane > 0 and e.settled_at is null
              and (e.state in ('sending', 'unknown')
                   or e.state = 'queued' and e.id < q.id and (e.lane < 3 or e.lane <= q.lane) and e.not_before <= $1 + interval '1 minute')))
        order by q.vft, q.id limit $2 * 2) first
    order by risen, first.vft, first.id limit $2 * 2),
held as materialized (
    select pick.risen, o.*
    from pick cross join lateral (select x.* from outbox x where x.id = pick.id and x.state = 'queued' for update skip locked) o
    limit $2)
select ` + candidateColumns + `,
       case when o.lane >= 2 then consents(c.key, o.channel, case o.lane when 2 then 'service' when 3 then 'reminder' else 'marketing' end) end,
       o.lane = 4 and exists (select from reus r where r.phone = substr(c.key, 5)),
       o.lane >= 3 and exists (select from dialogue d join loan l on l.id = case when d.about_kind = 'pago' then d.about_id::uuid end
            where d.id = o.dialogue_id and (l.owed_cents = 0 or l.next_due > ($1::timestamptz at time zone o.zone)::date + 3
              and exists (select from payment p where p.loan_id = l.id and p.received_at > o.created_at))),
       case when o.lane >= 3 then (` + sentSinceSQL + `interval '1 day') else 0 end,
       case when o.lane >= 3 then (` + sentSinceSQL + `interval '7 days') else 0 end
from held o
cross join lateral (select * from conversation x where x.id = o.conversation_id offset 0) c
left join lateral (select * from contact x where x.key = c.key offset 0) k on true
order by o.risen, o.vft, o.id`

// Reminders and campaigns that went to the contact, by an index of what was
// settled when; nothing is settled before it is sent.
const sentSinceSQL = `
select count(*) from outbox r where r.conversation_id = o.conversation_id and r.lane >= 3 and (r.settled_at is null or r.settled_at > $1 - interval '7 days')
       and r.state in ('sending', 'unknown', 'accepted') and r.sending_at > $1::timestamptz - `

// Messages whose time has come join their queue, a bounded number at a time: in
// the morning there may be a million.
const unparkSQL = `
update outbox set ready = true where id in (
    select id from outbox where parked and not_before <= $1 order by not_before limit 2000 for update skip locked)`

// A message that goes back in the queue was not taken by the provider: no reply
// can be an answer to it yet, so it was not handed over after all.
//
// Here and in the engine's updates, "any" finds the rows by their key whatever
// the planner believes of a table that has just begun to grow, and the "case"
// keeps it from believing that hardly a row will be left, which would have it go
// through all new values again for each row.
const moveSQL = `
update outbox o set state = u.state, reason = u.reason, attempt = u.attempt, error_code = u.code, finds = u.finds,
       not_before = case when u.state = 'sending' then o.not_before else coalesce(u.not_before, o.not_before) end, ready = u.state <> 'unknown' and coalesce(u.not_before, o.not_before) <= $10,
       backup = case when u.divert and o.backup = 1 then 2 else o.backup end,
       provider_id = case when u.state = 'sending' then null else coalesce(nullif(u.provider_id, ''), o.provider_id) end,
       rank = case u.state when 'sending' then 0 when 'accepted' then greatest(o.rank, 1::smallint) else o.rank end,
       stopped = o.stopped and u.state <> 'sending',
       sending_at = case u.state when 'sending' then $10 when 'queued' then null else o.sending_at end,
       flight = case u.state when 'sending' then $13::uuid end,
       lease_until = case u.state when 'unknown' then now() + case when u.finds > 0 then $12::interval else $11::interval end end,
       settled_at = case when u.state in ('queued', 'sending', 'unknown') then null else $10::timestamptz end
from unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::int[], $6::smallint[], $7::timestamptz[], $8::text[], $14::bool[])
     as u (id, state, reason, attempt, code, finds, not_before, provider_id, divert)
where o.id = any($1) and o.id = u.id and case when o.state = any($9) then true end`

const settleSQL = `
with moved as (` + moveSQL + `
returning ` + billedColumns + `, $10::timestamptz as now)` + costSQL + `
where m.state = 'accepted' on conflict do nothing`

// What a sender takes at once it holds together: one row with a lease, in place
// of a lease in each message, which would have to be in an index.
const flySQL = `insert into outbox_flight (id, lease_until, messages) values ($1, now() + $2::interval, $3)`

// How long an unknown message rests before it is looked up, and before it is
// looked up again: the provider's list may lag behind what it took.
const (
	lookFirst = 60 * time.Second
	lookAgain = 30 * time.Second
)

// Dispatch implements outbox.Store.
func (s *Store) Dispatch(ctx context.Context, now time.Time, open []outbox.Head, limit int, lease time.Duration,
	decide func([]outbox.Candidate) []outbox.Verdict,
) (int, error) {
	channels, lanes := make([]string, len(open)), make([]int16, len(open))
	for i, h := range open {
		channels[i], lanes[i] = string(h.Channel), int16(h.Lane)
	}
	n := 0
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(unparkSQL, now)
		var cs []outbox.Candidate
		batch.Queue(dispatchSQL, now, limit, channels, lanes, outbox.Ageing.Seconds()).Query(func(rows pgx.Rows) (err error) {
			cs, err = pgx.CollectRows(rows, s.scanDispatched)
			return err
		})
		err := tx.SendBatch(ctx, batch).Close()
		if n = len(cs); err != nil || n == 0 {
			return err
		}
		return s.mark(ctx, tx, now, lease, decide(cs))
	})
	if err != nil {
		return 0, fmt.Errorf("dispatch: %w", err)
	}
	return n, nil
}

// Settle implements outbox.Store.
func (s *Store) Settle(ctx context.Context, now time.Time, verdicts []outbox.Verdict) error {
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		args := s.movement(now, uuid.Nil, verdicts, "sending", "unknown")
		if args == nil {
			return nil
		}
		if _, err := tx.Exec(ctx, settleSQL, args...); err != nil {
			return fmt.Errorf("settle messages: %w", err)
		}
		return s.noteBlocked(ctx, tx, now, verdicts)
	})
}

// noteBlocked remembers who stopped us at the provider, and behind whose address
// somebody else may be.
func (s *Store) noteBlocked(ctx context.Context, tx pgx.Tx, now time.Time, verdicts []outbox.Verdict) error {
	for _, v := range verdicts {
		if v.Changed {
			if err := s.doubtRefused(ctx, tx, now, v.ID, ""); err != nil {
				return err
			}
		}
		if !v.Blocked {
			continue
		}
		if _, err := tx.Exec(ctx, blockedSQL, v.ID, "", now); err != nil {
			return fmt.Errorf("note blocked contact: %w", err)
		}
	}
	return nil
}

// LookAfter changes how long an unknown message rests before it is looked up the
// first time, and again; the defaults suit real providers. Call it before the
// first message is sent.
func (s *Store) LookAfter(first, again time.Duration) { s.lookFirst, s.lookAgain = first, again }

// mark commits what was decided about queued messages. Those to be sent are held
// together until lease has passed.
func (s *Store) mark(ctx context.Context, tx pgx.Tx, now time.Time, lease time.Duration, verdicts []outbox.Verdict) error {
	var taken []uuid.UUID
	for _, v := range verdicts {
		if v.State == outbox.Sending {
			taken = append(taken, v.ID)
		}
	}
	flight, batch := s.newID(), &pgx.Batch{}
	if len(taken) > 0 {
		batch.Queue(flySQL, flight, lease, taken)
	}
	if args := s.movement(now, flight, verdicts, "queued"); args != nil {
		batch.Queue(moveSQL, args...)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("mark messages: %w", err)
	}
	return nil
}

// movement is what moveSQL asks for, to move messages from one of the states named
// to what the verdicts say; nil if there are none. One that a callback settled
// meanwhile stays as it is.
func (s *Store) movement(now time.Time, flight uuid.UUID, verdicts []outbox.Verdict, from ...string) []any {
	c := newColumns(9)
	for _, v := range verdicts {
		c.add(v.ID, string(v.State), v.Reason, int16(v.Attempt), int32(v.Code), int16(v.Finds), null(v.NotBefore), v.ProviderID, v.Divert)
	}
	if c.empty() {
		return nil
	}
	args := c.args()
	return append(args[:8:8], from, now, s.lookFirst, s.lookAgain, null(flight), args[8])
}

// The messages of a sender that did not come back in time are unknown, and due to
// be looked up. The update waits for whoever is just settling one of them: a
// message that were passed over here would be looked for by nobody any more.
const strandedSQL = `
with gone as (
    delete from outbox_flight f using (
        select id from outbox_flight where lease_until < now() order by lease_until limit 100 for update skip locked) due
    where f.id = due.id returning f.id, f.messages)
update outbox o set state = 'unknown', stopped = true, ready = false, flight = null, lease_until = now() - interval '1 microsecond'
from (select g.id as flight, m.id from gone g cross join lateral unnest(g.messages) as m (id) order by m.id) held
where o.id = held.id and o.flight = held.flight and o.state = 'sending'`

const lostSQL = `
with lost as (
    select id from outbox where lease_until < now() order by lease_until limit $1 for update skip locked)
update outbox o set lease_until = now() + $2::interval
from lost, conversation c left join contact k on k.key = c.key
where o.id = lost.id and o.state = 'unknown' and c.id = o.conversation_id
returning ` + candidateColumns + `, null::boolean, false, false, 0, 0`

// Lost implements outbox.Store.
func (s *Store) Lost(ctx context.Context, _, _ time.Time, limit int, lease time.Duration) (cs []outbox.Candidate, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(strandedSQL)
		batch.Queue(lostSQL, limit, lease).Query(func(rows pgx.Rows) (err error) {
			cs, err = pgx.CollectRows(rows, s.scanDispatched)
			return err
		})
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("find lost messages: %w", err)
	}
	return cs, nil
}

func (s *Store) scanDispatched(row pgx.CollectableRow) (outbox.Candidate, error) {
	var (
		c         outbox.Candidate
		author    string
		body      []byte
		sendingAt *time.Time
		provider  string
		lastWA    *time.Time
		agreed    *bool
	)
	err := row.Scan(&c.ID, &c.Conversation, &author, &c.Epoch, &c.Current, &c.Lane, &c.To.Channel, &c.To.Value, &body, &c.Segments, &c.Zone,
		&c.Hours, &c.PerDay, &c.PerWeek, &c.OptedOut, &c.Unproven, &c.WrongNumber, &c.Expires, &c.Attempt, &sendingAt, &provider, &c.Finds,
		&lastWA, &c.HasBackup, &c.Stopped, &agreed, &c.Registered, &c.Paid, &c.SentDay, &c.SentWeek)
	if err != nil {
		return c, err
	}
	c.WindowFrom, c.Agreed = deref(lastWA), agreement(agreed)
	c.ByBot, c.SendingAt = author == "bot", deref(sendingAt)
	var content engine.Content
	if err := openJSON(s.vault, body, vault.Place("outbox", "body", c.ID.String()), &content); err != nil {
		return c, err
	}
	c.Body, c.Choices, c.Template, c.Variables = content.Text, content.Choices, content.Template, content.Variables
	return c, nil
}

func agreement(said *bool) outbox.Agreement {
	switch {
	case said == nil:
		return outbox.Unasked
	case *said:
		return outbox.Granted
	}
	return outbox.Withdrawn
}

// Linked implements outbox.Store.
func (s *Store) Linked(ctx context.Context, providerIDs []string) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `select provider_id from outbox where provider_id = any($1)`, providerIDs)
	linked, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, away(fmt.Errorf("read linked messages: %w", err))
	}
	return linked, nil
}

// NextDue implements outbox.Store.
func (s *Store) NextDue(ctx context.Context, now time.Time) (due time.Time, ok bool, err error) {
	var at *time.Time
	err = s.pool.QueryRow(ctx, `select min(not_before) from outbox where parked and not_before > $1`, now).Scan(&at)
	if err != nil {
		return time.Time{}, false, away(fmt.Errorf("read next message: %w", err))
	}
	return deref(at), at != nil, nil
}
