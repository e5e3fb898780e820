package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

const holdSQL = `
select c.id, c.key, c.channel, c.address, c.owner, c.agent, coalesce(a.full_name, c.agent), c.queue, c.epoch, c.queued_at, c.last_wa_in_at
from conversation c left join agent a on a.name = c.agent where c.id = $1 for update of c`

// hold locks a chat and reads what acts decide by.
func hold(ctx context.Context, tx pgx.Tx, id uuid.UUID) (casework.Case, error) {
	var c casework.Case
	err := tx.QueryRow(ctx, holdSQL, id).Scan(&c.ID, &c.Key, &c.Channel, &c.Address, &c.Owner, &c.Agent, &c.AgentName, &c.Queue, &c.Epoch,
		(*instant)(&c.QueuedAt), (*instant)(&c.LastWhatsApp))
	if errors.Is(err, pgx.ErrNoRows) {
		return c, fault.New(fault.NotFound, "no_such_chat", "Esa plática no existe.")
	}
	if err != nil {
		return c, fmt.Errorf("lock chat: %w", err)
	}
	return c, nil
}

const permitSQL = `
select a.role <> 'auditor', desk_sees(a.name, c.owner, c.agent, c.queue) from agent a, conversation c where a.name = $1 and c.id = $2`

var errReadOnly = fault.New(fault.Denied, "read_only", "Tu usuario solo puede ver: no cambia nada ni contesta.")

// permit refuses an act that the agent's role does not allow, whatever page it
// came from. Faults: Denied with code read_only, NotFound.
func permit(ctx context.Context, tx pgx.Tx, act casework.Act) error {
	var acts, sees bool
	err := tx.QueryRow(ctx, permitSQL, act.Agent, act.Case).Scan(&acts, &sees)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && !sees:
		return fault.New(fault.NotFound, "no_such_chat", "Esa plática no existe.")
	case err != nil:
		return fmt.Errorf("read duty of agent: %w", err)
	case !acts:
		return errReadOnly
	}
	return nil
}

// The epoch stands for who has the chat: a message that arrives meanwhile
// changes the version and must not cost an agent her claim.
const claimSQL = `
update conversation set owner = 'agent', agent = $2, epoch = epoch + 1, version = version + 1
where id = $1 and epoch = $3 and owner <> 'agent'`

// claim takes a chat for an agent, if it is still in the hands in which she saw
// it. won is false if somebody else was first.
func (s *Store) claim(ctx context.Context, tx pgx.Tx, act casework.Act) (won bool, err error) {
	tag, err := tx.Exec(ctx, claimSQL, act.Case, act.Agent, act.Epoch)
	if err != nil {
		return false, fmt.Errorf("claim chat: %w", err)
	}
	outcome := "ok"
	if tag.RowsAffected() == 0 {
		outcome = "taken"
	}
	return outcome == "ok", s.audit(ctx, tx, act, "desk.claim", outcome, "")
}

// taken says to whom a chat was lost.
func taken(c casework.Case) error {
	if c.Owner == casework.Agent {
		return fault.Newf(fault.Conflict, "taken", "%s acaba de tomarlo.", c.AgentName)
	}
	return fault.New(fault.Conflict, "stale", "La plática cambió de manos mientras la veías. Revísala otra vez.")
}

// Claim takes a chat for an agent. One that she has already is no error. Faults:
// Conflict with code taken or stale, NotFound.
func (s *Store) Claim(ctx context.Context, act casework.Act) error {
	var lost error
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		lost = nil
		if err := permit(ctx, tx, act); err != nil {
			return err
		}
		won, err := s.claim(ctx, tx, act)
		if err != nil || won {
			return err
		}
		c, err := hold(ctx, tx, act.Case)
		if err == nil && !has(c, act.Agent) {
			lost = taken(c)
		}
		return err // the lost try is kept in the audit
	})
	return errors.Join(err, lost)
}

func has(c casework.Case, agent string) bool { return c.Owner == casework.Agent && c.Agent == agent }

// mine makes sure that the agent has the locked chat, by claiming it if nobody
// does, and returns it with its epoch of now.
func (s *Store) mine(ctx context.Context, tx pgx.Tx, act casework.Act) (casework.Case, error) {
	if err := permit(ctx, tx, act); err != nil {
		return casework.Case{}, err
	}
	c, err := hold(ctx, tx, act.Case)
	if err != nil || has(c, act.Agent) {
		return c, err
	}
	won, err := s.claim(ctx, tx, act)
	if err != nil {
		return c, err
	}
	if !won {
		return c, taken(c)
	}
	c.Owner, c.Agent, c.Epoch = casework.Agent, act.Agent, c.Epoch+1
	return c, nil
}

// Rows that somebody works on are passed over at first; if nothing else waits,
// they are waited for.
const nextSQL = `
select id, epoch from conversation where owner = 'queue' and ($1 = '' or queue = $1) and desk_sees($2, owner, agent, queue)
  and exists (select from agent a where a.name = $2 and a.role <> 'auditor')
order by priority desc, queued_at, id limit 1 for update`

// ClaimNext takes the chat that is due next, of a queue or of all if queue is
// empty. ok is false if nobody waits.
func (s *Store) ClaimNext(ctx context.Context, act casework.Act, queue string) (id uuid.UUID, ok bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		for _, sql := range []string{nextSQL + " skip locked", nextSQL} {
			err := tx.QueryRow(ctx, sql, queue, act.Agent).Scan(&act.Case, &act.Epoch)
			if errors.Is(err, pgx.ErrNoRows) {
				continue
			}
			if err != nil {
				return fmt.Errorf("find next chat: %w", err)
			}
			id = act.Case
			ok, err = s.claim(ctx, tx, act)
			return err
		}
		return nil
	})
	return id, ok && err == nil, err
}

const handBackSQL = `
update conversation set owner = 'queue', agent = '', epoch = epoch + 1, version = version + 1, queued_at = coalesce(queued_at, $3),
       queue = case when queue = '' then 'general' else queue end, reason = case when reason = '' then 'la dejó pendiente un agente' else reason end
where id = $1 and owner = 'agent' and agent = $2`

// handBack puts a locked chat back in its queue, where it waits since it first came.
func (s *Store) handBack(ctx context.Context, tx pgx.Tx, c casework.Case, act casework.Act, action string) error {
	if _, err := tx.Exec(ctx, handBackSQL, c.ID, act.Agent, act.At); err != nil {
		return fmt.Errorf("put chat back: %w", err)
	}
	return s.audit(ctx, tx, act, action, "ok", "")
}

// Release puts an agent's chat back in its queue. Faults: Conflict with code
// taken or stale if she does not have it.
func (s *Store) Release(ctx context.Context, act casework.Act) error {
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		c, err := hold(ctx, tx, act.Case)
		if err != nil {
			return err
		}
		if !has(c, act.Agent) {
			return taken(c)
		}
		return s.handBack(ctx, tx, c, act, "desk.release")
	})
}

// ReleaseAll puts all chats of an agent back in their queues: the end of a shift.
func (s *Store) ReleaseAll(ctx context.Context, act casework.Act) error {
	rows, _ := s.pool.Query(ctx, `select id from conversation where owner = 'agent' and agent = $1`, act.Agent)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return away(fmt.Errorf("list own chats: %w", err))
	}
	for _, id := range ids {
		act.Case = id
		if err := s.Release(ctx, act); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return nil
}

const auditSQL = `
insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail) values ($1, $2, $3, $4, 'conversation', $5, $6, $7, $8)`

func (s *Store) audit(ctx context.Context, tx pgx.Tx, act casework.Act, action, outcome, detail string) error {
	_, err := tx.Exec(ctx, auditSQL, s.newID(), act.At, "agent:"+act.Agent, action, act.Case.String(), outcome, act.Request.String(), detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// Witness notes that an agent read something of a person: desk.read for a
// thread, desk.reveal for a phone, with the reason that she gave.
func (s *Store) Witness(ctx context.Context, act casework.Act, action, detail string) error {
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.audit(ctx, tx, act, action, "ok", detail)
	})
}
