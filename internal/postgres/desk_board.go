package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// The columns of a case. The last message either way and the person's oldest
// unanswered one are looked up by the indexes of the thread, one chat at a time.
const caseSQL = `
select c.id, c.key, c.person_id, coalesce(p.name, ''), coalesce(dp.name, ''), c.channel, c.address, c.owner, c.agent, coalesce(a.full_name, ''),
       c.queue, c.reason, c.priority, c.epoch, c.queued_at, c.last_wa_in_at, ans.at,
       (select min(i.received_at) from inbox i where i.conversation_id = c.id and i.kind = 'message' and i.received_at > coalesce(ans.at, '-infinity')) as unanswered,
       exists (select from inbox i where i.conversation_id = c.id and i.kind = 'desk' and i.state = 'pending'),
       k.opted_out_at is not null,
       li.id, li.payload, li.secret, li.state, li.received_at, lo.id, lo.body, lo.secret, lo.author, lo.created_at
from conversation c
left join person p on p.id = c.person_id
left join agent a on a.name = c.agent
left join contact k on k.key = c.key
left join lateral (select o.created_at as at from outbox o where o.conversation_id = c.id and o.author <> 'bot' order by o.id desc limit 1) ans on true
left join lateral (select i.id, i.payload, i.secret, i.state, i.received_at from inbox i
    where i.conversation_id = c.id and i.kind = 'message' order by i.id desc limit 1) li on true
left join lateral (select o.id, o.body, o.secret, o.author, o.created_at from outbox o
    where o.conversation_id = c.id and o.state in ('queued', 'sending', 'unknown', 'accepted') order by o.id desc limit 1) lo on true
left join lateral (
    select distributor_id from loan where person_id = c.person_id union all
    select distributor_id from vale where person_id = c.person_id and state not in ('CONVERTED', 'DECLINED', 'EXPIRED', 'CANCELLED', 'REJECTED')
    limit 1) v on true
left join distributor d on d.id = v.distributor_id
left join person dp on dp.id = d.person_id
`

// maxCases bounds a list: nobody works through more at once.
const maxCases = 100

// CasesWaiting lists the chats of a queue, or of all queues if queue is empty,
// as far as the agent may see them: the most urgent first, then who has waited
// longest.
func (s *Store) CasesWaiting(ctx context.Context, agent, queue string) ([]casework.Case, error) {
	return s.cases(ctx, caseSQL+`where c.owner = 'queue' and ($1 = '' or c.queue = $1) and desk_sees($3, c.owner, c.agent, c.queue)
order by c.priority desc, c.queued_at, c.id limit $2`, queue, maxCases, agent)
}

// CasesOf lists the chats that an agent has, those with the oldest unanswered
// message first.
func (s *Store) CasesOf(ctx context.Context, agent string) ([]casework.Case, error) {
	return s.cases(ctx, caseSQL+`where c.owner = 'agent' and c.agent = $1
order by c.priority desc, unanswered nulls last, c.id limit $2`, agent, maxCases)
}

// Case reads one chat, or returns fault.NotFound if there is none or the agent
// may not see it: whoever may not see a chat is not told that it exists.
func (s *Store) Case(ctx context.Context, agent string, id uuid.UUID) (casework.Case, error) {
	all, err := s.cases(ctx, caseSQL+`where c.id = $1 and desk_sees($2, c.owner, c.agent, c.queue)`, id, agent)
	if err == nil && len(all) == 0 {
		return casework.Case{}, fault.New(fault.NotFound, "no_such_chat", "Esa plática no existe.")
	}
	if err != nil {
		return casework.Case{}, err
	}
	return all[0], nil
}

func (s *Store) cases(ctx context.Context, sql string, args ...any) ([]casework.Case, error) {
	rows, _ := s.pool.Query(ctx, sql, args...)
	all, err := pgx.CollectRows(rows, s.scanCase)
	if err != nil {
		return nil, away(fmt.Errorf("list chats: %w", err))
	}
	return all, nil
}

func (s *Store) scanCase(row pgx.CollectableRow) (casework.Case, error) {
	var (
		c      casework.Case
		person optional
		in     inboundRow
		out    letterRow
	)
	err := row.Scan(&c.ID, &c.Key, &person, &c.Name, &c.Distributor, &c.Channel, &c.Address, &c.Owner, &c.Agent, &c.AgentName,
		&c.Queue, &c.Reason, &c.Priority, &c.Epoch, (*instant)(&c.QueuedAt), (*instant)(&c.LastWhatsApp), (*instant)(&c.Answered),
		(*instant)(&c.Unanswered), &c.Returning, &c.OptedOut,
		(*optional)(&in.id), &in.payload, &in.secret, &in.state, (*instant)(&in.at),
		(*optional)(&out.id), &out.body, &out.secret, &out.author, (*instant)(&out.at))
	if err != nil {
		return c, err
	}
	c.Person = uuid.UUID(person)
	if c.Last, err = s.lastOf(in, out, c.Owner); err != nil {
		return c, err
	}
	return c, nil
}

// lastOf picks the later of the last message in and the last message out.
func (s *Store) lastOf(in inboundRow, out letterRow, owner casework.Owner) (casework.Entry, error) {
	switch {
	case in.id == uuid.Nil && out.id == uuid.Nil:
		return casework.Entry{}, nil
	case in.id != uuid.Nil && !out.at.After(in.at):
		return s.inbound(in, owner)
	}
	return s.letter(out)
}

const tallySQL = `
select queue, count(*)::int, min(queued_at) from conversation
where owner = 'queue' and desk_sees($1, owner, agent, queue) group by queue order by queue`

// Queues counts the chats that wait in the queues that the agent works, and
// those that she has.
func (s *Store) Queues(ctx context.Context, agent string) (waiting []casework.Tally, mine int, err error) {
	rows, _ := s.pool.Query(ctx, tallySQL, agent)
	waiting, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t casework.Tally, err error) {
		return t, row.Scan(&t.Queue, &t.Count, (*instant)(&t.Oldest))
	})
	if err != nil {
		return nil, 0, away(fmt.Errorf("count queues: %w", err))
	}
	err = s.pool.QueryRow(ctx, `select count(*)::int from conversation where owner = 'agent' and agent = $1`, agent).Scan(&mine)
	if err != nil {
		return nil, 0, away(fmt.Errorf("count own chats: %w", err))
	}
	return waiting, mine, nil
}

const absentSQL = `
select c.id from conversation c where c.owner = 'agent'
  and not exists (select from agent_session s where s.agent = c.agent and s.expires_at > $1) limit 100`

// ReleaseAbsent puts the chats of agents who have no live session back in their
// queues and returns how many: nobody may wait for somebody who went home. wall
// is the real time, which sessions run on.
func (s *Store) ReleaseAbsent(ctx context.Context, now, wall time.Time) (int, error) {
	rows, _ := s.pool.Query(ctx, absentSQL, wall)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, away(fmt.Errorf("find chats of absent agents: %w", err))
	}
	n := 0
	for _, id := range ids {
		err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			h, err := hold(ctx, tx, id)
			if err != nil || h.Owner != casework.Agent {
				return err
			}
			return s.handBack(ctx, tx, h, casework.Act{Case: id, Agent: h.Agent, At: now, Request: s.newID()}, "desk.absent")
		})
		var gone *fault.Fault
		if err != nil && !errors.As(err, &gone) {
			return n, err
		}
		n++
	}
	return n, nil
}
