package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/quincena"
	"valebot/internal/vault"
)

// useful is how long an agent's reply is worth sending.
const useful = 6 * time.Hour

// Reply puts an agent's message in the outbox, claiming the chat if nobody has
// it. The same request is sent once. Faults: Conflict with code taken, stale or
// window_closed.
func (s *Store) Reply(ctx context.Context, act casework.Act, text string) error {
	return once(s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		c, err := s.mine(ctx, tx, act)
		if err != nil {
			return err
		}
		to, err := c.Route(act.At)
		if err != nil {
			return err
		}
		if err := s.audit(ctx, tx, act, "desk.reply", "ok", string(to.Channel)); err != nil {
			return err
		}
		return s.post(ctx, tx, c, act, to, text)
	}))
}

// post writes the letter and notes that the contact was written to.
func (s *Store) post(ctx context.Context, tx pgx.Tx, c casework.Case, act casework.Act, to message.Address, text string) error {
	body, segments := casework.Body(text, to.Channel)
	letter := engine.Letter{
		ID: s.newID(), Conversation: c.ID, Author: "agent:" + act.Agent, Epoch: c.Epoch, Lane: message.LaneReply, To: to,
		Content: engine.Content{Text: body}, Hash: sha256.Sum256([]byte(body)), Segments: segments,
		Zone: quincena.Zone(strings.TrimPrefix(c.Key, "tel:+52")).String(), NotBefore: act.At, Expires: act.At.Add(useful), Created: act.At,
	}
	rows := newColumns(letterColumns)
	if err := (&unit{s, tx}).addLetter(rows, letter); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, writeLettersSQL, rows.args()...); err != nil {
		return fmt.Errorf("write reply: %w", err)
	}
	_, err := tx.Exec(ctx, `update conversation set last_out_at = $2, version = version + 1 where id = $1`, c.ID, act.At)
	if err != nil {
		return fmt.Errorf("note reply: %w", err)
	}
	return nil
}

// once takes a form that was sent before as done.
func once(err error) error {
	if violates(err, "audit_desk_once") {
		return nil
	}
	return err
}

// Annotate keeps a note for colleagues. It asks for no claim and is never sent.
func (s *Store) Annotate(ctx context.Context, act casework.Act, text string) error {
	return once(s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := permit(ctx, tx, act); err != nil {
			return err
		}
		if _, err := hold(ctx, tx, act.Case); err != nil {
			return err
		}
		id := s.newID()
		body, err := s.vault.Seal([]byte(text), vault.Place("desk_note", "body", id.String()))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into desk_note (id, conversation_id, agent, body, at) values ($1, $2, $3, $4, $5)`,
			id, act.Case, act.Agent, body, act.At)
		if err != nil {
			return fmt.Errorf("write note: %w", err)
		}
		return s.audit(ctx, tx, act, "desk.note", "ok", "")
	}))
}

// A chat on its way back is not given back twice.
const returnSQL = `
insert into inbox (id, conversation_id, source, source_id, kind, payload, received_at, retry_at)
select $1, $2, 'desk', $3, 'desk', $4, $5, $5
where not exists (select from inbox where conversation_id = $2 and kind = 'desk' and state = 'pending')`

// Return gives a chat back to the bot by an event, which the engine takes like
// any other: the flow that handed it off goes on from there. Faults: Conflict
// with code taken or stale.
func (s *Store) Return(ctx context.Context, act casework.Act, outcome casework.Outcome) error {
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		c, err := s.mine(ctx, tx, act)
		if err != nil {
			return err
		}
		id := s.newID()
		desk := engine.Desk{Agent: act.Agent, Outcome: string(outcome)}
		payload, err := sealJSON(s.vault, desk, vault.Place("inbox", "payload", id.String()))
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, returnSQL, id, c.ID, fmt.Sprintf("%s:%d:%s", c.ID, c.Epoch, act.Request), payload, act.At)
		if err != nil {
			return fmt.Errorf("write return: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return s.audit(ctx, tx, act, "desk.return", "ok", string(outcome))
	})
}
