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

	"valebot/internal/message"
	"valebot/internal/outbox"
)

// A status finds its message by our own id, or by the provider's where it does
// not bring ours. Ranks only grow; a failure counts only below "delivered". A
// failure that may pass queues the message again, at most twice and while it is
// of use; a code once, since without it its owner has no way to her money. What is
// told of an earlier hand-over than the last counts no more, but until the next
// one it does: a message that was given up too early is then not sent twice.
// Whoever reports on a message has taken it, so it is billed, whatever its fate.
//
// One statement takes at most one status of a message: of two it would take
// either. About "any" and "case" see moveSQL.
const (
	recordHeadSQL = `
with moved as (
update outbox o set
    rank = u.rank,
    provider_id = coalesce(o.provider_id, nullif(u.provider_id, '')),
    error_code = case when u.rank = 5 then u.code else o.error_code end,
    reason = case when ` + againSQL + ` then 'no llegó; se intenta otra vez' when u.rank = 5 then 'el proveedor avisó que no llegó' else '' end,
    state = case when ` + againSQL + ` then 'queued' when u.rank = 5 then 'failed' else 'accepted' end,
    not_before = case when ` + againSQL + ` then u.retry else o.not_before end,
    ready = not ` + againSQL + `,
    flight = null,
    backup = case when u.divert and o.backup = 1 then 2 when u.rank >= 6 and o.backup < 3 then 0 else o.backup end,
    sending_at = case when ` + againSQL + ` then null else coalesce(o.sending_at, $1) end,
    settled_at = case when ` + againSQL + ` then null else coalesce(o.settled_at, $1::timestamptz) end,
    lease_until = null
from unnest($2::uuid[], $3::text[], $4::smallint[], $5::int[], $6::timestamptz[], $7::smallint[], $8::bool[])
     as u (id, provider_id, rank, code, retry, attempt, divert)
where `
	recordTailSQL = ` and case when
  (o.state in ('sending', 'unknown', 'accepted', 'failed') or o.state = 'queued' and o.attempt > 0) and u.rank > o.rank
  and (u.attempt = 0 or u.attempt = o.attempt) and coalesce(nullif(u.provider_id, '') = o.provider_id, true) then true end
returning ` + billedColumns + `, $1::timestamptz as now)` + costSQL + `
where not exists (select from message_cost c where c.message_id = m.id and c.attempt = m.attempt) on conflict do nothing`

	recordByIDSQL         = recordHeadSQL + `o.id = any($2) and o.id = u.id` + recordTailSQL
	recordByProviderIDSQL = recordHeadSQL + `o.provider_id = any($3) and o.provider_id = u.provider_id` + recordTailSQL

	againSQL = `(u.rank = 5 and u.retry is not null and o.attempt < case o.lane when 0 then 2 else 3 end and o.expires_at > u.retry)`
)

// A person who blocked us at the provider is not written to again. That she did
// is kept once, with the message that told us.
const blockedSQL = `
with who as (
    select c.key, c.person_id, o.id from outbox o join conversation c on c.id = o.conversation_id
    where o.id = $1::uuid or ($1::uuid is null and o.provider_id = $2)),
said as (
    insert into consent_entry (id, at, contact_key, purpose, granted, source, evidence, actor)
    select gen_random_uuid(), $3, who.key, p.purpose, false, 'provider', 'outbox:' || who.id::text, 'provider'
    from who cross join unnest(array['marketing', 'reminder', 'service']) as p (purpose)
    where not exists (select from contact k where k.key = who.key and k.opted_out_at is not null))
insert into contact (key, person_id, opted_out_at)
select key, person_id, $3 from who
on conflict (key) do update set opted_out_at = coalesce(contact.opted_out_at, excluded.opted_out_at), rev = contact.rev + 1`

// A contact rests on one channel: what waits for it there waits a little longer.
const restSQL = `
update outbox q set not_before = $3, ready = false
from outbox o
where (o.id = $1::uuid or ($1::uuid is null and o.provider_id = $2))
  and q.conversation_id = o.conversation_id and q.channel = o.channel and q.state = 'queued' and q.not_before < $3`

// Record implements outbox.Store.
func (s *Store) Record(ctx context.Context, now time.Time, reports []outbox.Report) error {
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, round := range roundsOf(reports) {
			queueRecords(batch, recordByIDSQL, now, round.ours)
			queueRecords(batch, recordByProviderIDSQL, now, round.theirs)
		}
		for _, r := range reports {
			if !r.Rest.IsZero() {
				batch.Queue(restSQL, null(r.ID), r.ProviderID, r.Rest)
			}
			if r.Class == message.OptedOut {
				batch.Queue(blockedSQL, null(r.ID), r.ProviderID, now)
			}
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		return s.doubtReported(ctx, tx, now, reports)
	})
	if err != nil {
		return fmt.Errorf("record statuses: %w", err)
	}
	return nil
}

// round is a set of reports with at most one about each message, as far as their
// ids tell: those that bring our id, and those that bring the provider's alone,
// each sorted.
type round struct{ ours, theirs []outbox.Report }

// roundsOf parts reports so that those about one message come in their order.
func roundsOf(reports []outbox.Report) (rounds []round) {
	type key struct {
		id       uuid.UUID
		provider string
	}
	times := map[key]int{}
	for _, r := range reports {
		k := key{id: r.ID}
		if r.ID == uuid.Nil {
			k.provider = r.ProviderID
		}
		n := times[k]
		times[k]++
		if n == len(rounds) {
			rounds = append(rounds, round{})
		}
		if r.ID != uuid.Nil {
			rounds[n].ours = append(rounds[n].ours, r)
		} else {
			rounds[n].theirs = append(rounds[n].theirs, r)
		}
	}
	for _, one := range rounds {
		slices.SortFunc(one.ours, func(a, b outbox.Report) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		slices.SortFunc(one.theirs, func(a, b outbox.Report) int { return strings.Compare(a.ProviderID, b.ProviderID) })
	}
	return rounds
}

func queueRecords(batch *pgx.Batch, sql string, now time.Time, reports []outbox.Report) {
	c := newColumns(7)
	for _, r := range reports {
		c.add(r.ID, r.ProviderID, int16(r.Rank), int32(r.Code), null(r.Retry), int16(r.Attempt), r.Divert)
	}
	if !c.empty() {
		batch.Queue(sql, append([]any{now}, c.args()...)...)
	}
}

// ChannelsOf implements outbox.Store.
func (s *Store) ChannelsOf(ctx context.Context, statuses []message.Status) ([]message.Channel, error) {
	ids, providers := make([]uuid.UUID, len(statuses)), make([]string, len(statuses))
	for i, one := range statuses {
		ids[i], providers[i] = one.ID, one.ProviderID
	}
	rows, _ := s.pool.Query(ctx, `select distinct channel from outbox where id = any($1) or provider_id = any($2) order by channel`, ids, providers)
	channels, err := pgx.CollectRows(rows, pgx.RowTo[message.Channel])
	if err != nil {
		return nil, away(fmt.Errorf("read channels of messages: %w", err))
	}
	return channels, nil
}
