package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/flow"
	"valebot/internal/vault"
)

// peopleBatch is how many conversations are moved or handed over in one
// transaction: they are locked meanwhile.
const peopleBatch = 200

// movableSQL locks conversations whose dialogue of a flow waits for an answer
// in another version. The bot must have the chat, and nothing may wait to be
// handled: a reply to the question that is open belongs to that question.
const movableSQL = `
select c.id, d.id, d.version, d.turn, d.state from conversation c join dialogue d on d.conversation_id = c.id
where d.id > $1 and d.flow = $2 and d.version <> $3 and d.status in ('asking', 'parked') and c.owner = 'bot'
  and not exists (select from inbox i where i.conversation_id = c.id and i.state = 'pending')
order by d.id limit $4 for update of c`

const moveDialoguesSQL = `
update dialogue d set version = $1, step = u.step, inside = '{}', turn = u.turn, state = u.state, status = 'parked', question = null, moved_at = $2
from unnest($3::uuid[], $4::text[], $5::int[], $6::bytea[]) as u (id, step, turn, state) where d.id = any($3) and d.id = u.id`

const freeFloorSQL = `
update conversation set version = version + 1, floor = case when floor = any($2::uuid[]) then null else floor end where id = any($1::uuid[])`

const wakeMovedSQL = `
insert into inbox (id, conversation_id, source, source_id, kind, payload, received_at, retry_at)
select id, conversation_id, 'flows', id::text, 'timer', payload, $1, $1
from unnest($2::uuid[], $3::uuid[], $4::bytea[]) as u (id, conversation_id, payload)`

// movable is a dialogue that may be moved.
type movable struct {
	conversation, dialogue uuid.UUID
	version, turn          int
	sealed                 []byte
}

// Adopter places a state in the current version of its flow; false leaves the
// dialogue where it is.
type Adopter func(flow.State) (flow.State, bool)

// MoveDialogues moves dialogues that wait for an answer to another version of
// their flow, where their question is asked anew; wake the engine afterwards. It
// returns how many moved. It may be repeated, and stop half-way.
func (s *Store) MoveDialogues(ctx context.Context, name string, version int, adopt Adopter, now time.Time) (int, error) {
	total, after := 0, uuid.Nil
	for {
		var seen, moved int
		last := after
		err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			rows, _ := tx.Query(ctx, movableSQL, last, name, version, peopleBatch)
			found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m movable, err error) {
				err = row.Scan(&m.conversation, &m.dialogue, &m.version, &m.turn, &m.sealed)
				return m, err
			})
			if err != nil || len(found) == 0 {
				seen = 0
				return err
			}
			seen, last = len(found), found[len(found)-1].dialogue
			moved, err = s.move(ctx, tx, found, version, adopt, now)
			return err
		})
		if err != nil || seen == 0 {
			return total, away(err)
		}
		total, after = total+moved, last
	}
}

func (s *Store) move(ctx context.Context, tx pgx.Tx, found []movable, version int, adopt Adopter, now time.Time) (int, error) {
	dialogues, wakes := newColumns(4), newColumns(3)
	var convs, ids []uuid.UUID
	for _, m := range found {
		state, ok := s.adopted(m, adopt)
		if !ok {
			continue
		}
		sealed, err := sealJSON(s.vault, state, vault.Place("dialogue", "state", m.dialogue.String()))
		if err != nil {
			return 0, err
		}
		wake := s.newID()
		payload, err := sealJSON(s.vault, engine.Timer{Dialogue: m.dialogue, Name: "movida", Turn: m.turn + 1, Due: now}, vault.Place("inbox", "payload", wake.String()))
		if err != nil {
			return 0, err
		}
		dialogues.add(m.dialogue, state.Step(), m.turn+1, sealed)
		wakes.add(wake, m.conversation, payload)
		convs, ids = append(convs, m.conversation), append(ids, m.dialogue)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	batch := &pgx.Batch{}
	batch.Queue(moveDialoguesSQL, append([]any{version, now}, dialogues.args()...)...)
	batch.Queue(freeFloorSQL, convs, ids)
	batch.Queue(dropTimersSQL, ids)
	batch.Queue(wakeMovedSQL, append([]any{now}, wakes.args()...)...)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("move dialogues: %w", err)
	}
	return len(ids), nil
}

// adopted opens the state of a dialogue and places it. A state that cannot be
// read stays where it is: its next turn reports it.
func (s *Store) adopted(m movable, adopt Adopter) (flow.State, bool) {
	var state flow.State
	if err := openJSON(s.vault, m.sealed, vault.Place("dialogue", "state", m.dialogue.String()), &state); err != nil {
		return state, false
	}
	return adopt(state)
}

const handOverSQL = `
update conversation c set owner = 'queue', queue = 'cambios', reason = $4, priority = 1, queued_at = $5, epoch = epoch + 1, version = version + 1
where c.id in (
    select c2.id from conversation c2 join dialogue d on d.conversation_id = c2.id
    where d.flow = $1 and d.version <> $2 and d.status in ('asking', 'waiting', 'parked') and d.step = $3 and c2.owner = 'bot'
    order by c2.id limit $6 for update of c2)`

// HandOverDialogues gives the chats of people who wait in a step of other
// versions to the desk's queue "cambios", and returns how many. Their dialogues
// go on in their own version when a person gives them back.
func (s *Store) HandOverDialogues(ctx context.Context, name string, version int, step, reason string, now time.Time) (int, error) {
	total := 0
	for {
		tag, err := s.pool.Exec(ctx, handOverSQL, name, version, step, reason, now, peopleBatch)
		if err != nil {
			return total, away(fmt.Errorf("hand over dialogues: %w", err))
		}
		total += int(tag.RowsAffected())
		if tag.RowsAffected() < peopleBatch {
			return total, nil
		}
	}
}
