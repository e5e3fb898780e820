package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/vault"
)

// RecordedTurn is one turn of a dialogue as it happened.
type RecordedTurn struct {
	At       time.Time
	Event    string // "replied", "elapsed:oferta/4h", "happened:payout.settled" …
	FromStep string
	Heard    string
	Effects  []string
	Reply    *message.Inbound // of a reply; nil if its text is secret
	Secret   bool             // the reply was the answer to a secret question
}

// Recording is the last dialogue of a flow with somebody. It holds what she
// wrote: whoever prints it redacts it first.
type Recording struct {
	Flow    string
	Version int
	Channel message.Channel // on which she wrote last
	Turns   []RecordedTurn
}

// maxRecorded bounds the turns of a recording.
const maxRecorded = 500

// RecordDialogue reads the last dialogue with a contact, of a flow or with "" of any but
// the idle one. That actor read it is written down. fault.NotFound
// "no_conversation" if there is none.
func (s *Store) RecordDialogue(ctx context.Context, key, flow, idle, actor string, now time.Time) (Recording, error) {
	var (
		r            Recording
		conv, dialog uuid.UUID
	)
	err := s.pool.QueryRow(ctx, `select c.id, c.channel, d.id, d.flow, d.version from conversation c join dialogue d on d.conversation_id = c.id
		where c.key = $1 and ($2 = '' or d.flow = $2) and d.flow <> $3 order by d.id desc limit 1`, key, flow, idle).
		Scan(&conv, &r.Channel, &dialog, &r.Flow, &r.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, fault.New(fault.NotFound, "no_conversation", "Con ese teléfono no hay ninguna plática de ese flujo.")
	}
	if err != nil {
		return r, away(fmt.Errorf("find conversation: %w", err))
	}
	rows, _ := s.pool.Query(ctx, `select t.at, t.event, t.from_step, t.heard, t.effects, i.id, i.payload, coalesce(i.secret, false)
		from step_log t left join inbox i on i.id = t.event_id and i.kind = 'message'
		where t.conversation_id = $1 and t.dialogue_id = $2 order by t.id limit $3`, conv, dialog, maxRecorded)
	if r.Turns, err = pgx.CollectRows(rows, s.recordedTurn); err != nil {
		return r, away(fmt.Errorf("read conversation: %w", err))
	}
	return r, s.noteRead(ctx, actor, "flow.record", "conversation", conv.String(), r.Flow, now)
}

func (s *Store) recordedTurn(row pgx.CollectableRow) (t RecordedTurn, err error) {
	var id *uuid.UUID
	var sealed []byte
	if err := row.Scan(&t.At, &t.Event, &t.FromStep, &t.Heard, &t.Effects, &id, &sealed, &t.Secret); err != nil {
		return t, err
	}
	if id == nil || t.Secret {
		return t, nil
	}
	t.Reply = &message.Inbound{}
	return t, openJSON(s.vault, sealed, vault.Place("inbox", "payload", id.String()), t.Reply)
}
