package postgres

import (
	"fmt"

	"github.com/google/uuid"

	"valebot/internal/lending"
	"valebot/internal/vault"
)

// What the core says to a person's conversation goes through the same door as
// her messages. The first event for somebody who never wrote opens her
// conversation, by SMS, which reaches every phone.
const insertConversation = `
insert into conversation (id, key, person_id, channel, address, created_at)
select u.id, 'tel:' || coalesce(m.phone, q.phone), coalesce(m.id, q.id), 'sms', coalesce(m.phone, q.phone), $3
from unnest($1::uuid[], $2::uuid[]) as u (id, person_id)
join person q on q.id = u.person_id
left join person m on m.id = q.merged_into
where coalesce(m.reach, q.reach) = '' and not exists (select from conversation c where c.key = 'tel:' || coalesce(m.phone, q.phone))
order by 5
on conflict (key) do nothing`

// An event for a person that does not exist has no conversation, and the null
// refuses it.
const insertEmit = `
insert into inbox (id, conversation_id, source, source_id, kind, payload, received_at, retry_at)
select u.id, c.id, 'core', u.key, u.kind, u.payload, $6, $6
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[]) as u (id, person_id, key, kind, payload)
left join person q on q.id = u.person_id
left join person m on m.id = q.merged_into
left join conversation c on c.key = coalesce(nullif(coalesce(m.reach, q.reach), ''), 'tel:' || coalesce(m.phone, q.phone))
on conflict (source, source_id) do nothing`

const insertEmitTo = `
insert into inbox (id, conversation_id, source, source_id, kind, payload, received_at, retry_at)
select u.id, u.thread, 'core', u.key, u.kind, u.payload, $6, $6
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[]) as u (id, thread, key, kind, payload)
on conflict (source, source_id) do nothing`

func (w *writer) emits(all []lending.Emit) error { return w.emitsTo(all, nil) }

// emitsTo queues events. Threads holds the conversations that the caller knows,
// by person: they need not be looked up.
func (w *writer) emitsTo(all []lending.Emit, threads map[uuid.UUID]uuid.UUID) error {
	known, others, people := newArrays(5), newArrays(5), newArrays(2)
	seen := map[uuid.UUID]bool{}
	for _, e := range all {
		id := w.newID()
		payload, err := sealJSON(w.vault, e, vault.Place("inbox", "payload", id.String()))
		if err != nil {
			return fmt.Errorf("write event %s: %w", e.Name, err)
		}
		kind := "core"
		if e.Token != "" {
			kind = "outcome"
		}
		if thread := threads[e.PersonID]; thread != uuid.Nil {
			known.add([]any{id, thread, e.Key, kind, payload})
			continue
		}
		others.add([]any{id, e.PersonID, e.Key, kind, payload})
		if !seen[e.PersonID] {
			seen[e.PersonID] = true
			people.add([]any{w.newID(), e.PersonID})
		}
	}
	if len(others[0]) > 0 {
		w.batch.Queue(insertConversation, people[0], people[1], w.at)
		w.batch.Queue(insertEmit, others[0], others[1], others[2], others[3], others[4], w.at)
	}
	if len(known[0]) > 0 {
		w.batch.Queue(insertEmitTo, known[0], known[1], known[2], known[3], known[4], w.at)
	}
	return nil
}
