package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/vault"
)

// inboundRow and letterRow are a message as stored, on its way to an entry. In a
// join that found none, id is uuid.Nil and the pointers are nil.
type inboundRow struct {
	id      uuid.UUID
	payload []byte
	secret  *bool
	state   *string
	heard   string
	at      time.Time
}

type letterRow struct {
	id       uuid.UUID
	dialogue optional
	body     []byte
	secret   *bool
	author   *string
	channel  message.Channel
	state    string
	reason   string
	rank     message.Rank
	epoch    int
	at       time.Time
}

// inbound makes an entry of a message of the person. While the bot has the chat
// and has not read it, nobody knows yet whether it answers a secret question, so
// its text is kept back.
func (s *Store) inbound(r inboundRow, owner casework.Owner) (casework.Entry, error) {
	e := casework.Entry{ID: r.id, At: r.at, Kind: casework.In, Heard: r.heard, Secret: deref(r.secret), Pending: deref(r.state) == "pending"}
	if e.Pending && owner == casework.Bot {
		e.Secret = true
	}
	var in message.Inbound
	if err := openJSON(s.vault, r.payload, vault.Place("inbox", "payload", r.id.String()), &in); err != nil {
		return e, err
	}
	e.What = in.Kind
	if !e.Secret {
		e.Text = casework.Veil(in.Body, r.heard)
	}
	return e, nil
}

func (s *Store) letter(r letterRow) (casework.Entry, error) {
	e := casework.Entry{
		ID: r.id, At: r.at, Kind: casework.Out, Author: strings.TrimPrefix(deref(r.author), "agent:"), Secret: deref(r.secret),
		Channel: r.channel, Dialogue: uuid.UUID(r.dialogue), State: r.state, Reason: r.reason, Rank: r.rank,
	}
	if e.Secret {
		return e, nil
	}
	var content engine.Content
	if err := openJSON(s.vault, r.body, vault.Place("outbox", "body", r.id.String()), &content); err != nil {
		return e, err
	}
	e.Text = content.Text
	return e, nil
}

const (
	threadInSQL = `
select id, payload, secret, state, heard, received_at from inbox
where conversation_id = $1 and kind = 'message' order by id desc limit $2`
	threadOutSQL = `
select o.id, o.dialogue_id, o.body, o.secret, coalesce(a.full_name, o.author), o.channel, o.state, o.reason, o.rank, o.epoch, o.created_at
from outbox o left join agent a on 'agent:' || a.name = o.author
where o.conversation_id = $1 order by o.id desc limit $2`
	threadNoteSQL = `
select n.id, a.full_name, n.body, n.at from desk_note n join agent a on a.name = n.agent
where n.conversation_id = $1 order by n.id desc limit $2`
	threadStepSQL = `
select dialogue_id, at, flow, event, from_step, to_step, path, heard, effects from step_log
where conversation_id = $1 order by id desc limit $2`
	threadAuditSQL = `
select u.id, u.at, coalesce(a.full_name, u.actor), u.action, u.detail from audit u left join agent a on 'agent:' || a.name = u.actor
where u.subject_kind = 'conversation' and u.subject_id = $1::uuid::text and u.action like 'desk.%'
  and u.action not in ('desk.read', 'desk.reply', 'desk.note') and u.outcome = 'ok' order by u.id desc limit $2`
)

// Thread reads the last lines of a chat, in the order of time, with the steps of
// the flows that it went through. limit bounds each kind of line.
func (s *Store) Thread(ctx context.Context, c casework.Case, limit int) (thread []casework.Entry, steps []casework.Step, err error) {
	batch := &pgx.Batch{}
	for _, sql := range []string{threadInSQL, threadOutSQL, threadNoteSQL, threadStepSQL, threadAuditSQL} {
		batch.Queue(sql, c.ID, limit)
	}
	results := s.pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	scans := []func(pgx.CollectableRow) (casework.Entry, error){s.threadIn(c.Owner), s.threadOut(c), s.threadNote}
	for _, scan := range scans {
		if thread, err = appendRows(results, thread, scan); err != nil {
			return nil, nil, away(fmt.Errorf("read thread: %w", err))
		}
	}
	if steps, err = appendRows(results, steps, scanStep); err != nil {
		return nil, nil, away(fmt.Errorf("read steps: %w", err))
	}
	if thread, err = appendRows(results, thread, scanAudit); err != nil {
		return nil, nil, away(fmt.Errorf("read audit of thread: %w", err))
	}
	casework.Sort(thread)
	reverse(steps)
	return thread, steps, nil
}

func appendRows[T any](results pgx.BatchResults, to []T, scan pgx.RowToFunc[T]) ([]T, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	return pgx.AppendRows(to, rows, scan)
}

func reverse[T any](list []T) {
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
}

func (s *Store) threadIn(owner casework.Owner) func(pgx.CollectableRow) (casework.Entry, error) {
	return func(row pgx.CollectableRow) (casework.Entry, error) {
		var r inboundRow
		if err := row.Scan(&r.id, &r.payload, &r.secret, &r.state, &r.heard, (*instant)(&r.at)); err != nil {
			return casework.Entry{}, err
		}
		return s.inbound(r, owner)
	}
}

// threadOut shows a message of the bot that still waits and belongs to an epoch
// that is over as what it will be: cancelled by the sender.
func (s *Store) threadOut(c casework.Case) func(pgx.CollectableRow) (casework.Entry, error) {
	return func(row pgx.CollectableRow) (casework.Entry, error) {
		var r letterRow
		err := row.Scan(&r.id, &r.dialogue, &r.body, &r.secret, &r.author, &r.channel, &r.state, &r.reason, &r.rank, &r.epoch, (*instant)(&r.at))
		if err != nil {
			return casework.Entry{}, err
		}
		e, err := s.letter(r)
		if e.Author == "bot" && e.State == "queued" && r.epoch < c.Epoch && !e.Secret {
			e.State, e.Reason = "cancelled", "tomada por una persona"
		}
		return e, err
	}
}

func (s *Store) threadNote(row pgx.CollectableRow) (casework.Entry, error) {
	e := casework.Entry{Kind: casework.Note}
	var body []byte
	if err := row.Scan(&e.ID, &e.Author, &body, (*instant)(&e.At)); err != nil {
		return e, err
	}
	plain, err := s.vault.Open(body, vault.Place("desk_note", "body", e.ID.String()))
	if err != nil {
		return e, fmt.Errorf("decrypt note: %w", err)
	}
	e.Text = string(plain)
	return e, nil
}

func scanStep(row pgx.CollectableRow) (casework.Step, error) {
	var st casework.Step
	err := row.Scan(&st.Dialogue, (*instant)(&st.At), &st.Flow, &st.Event, &st.From, &st.To, &st.Path, &st.Heard, &st.Effects)
	return st, err
}

func scanAudit(row pgx.CollectableRow) (casework.Entry, error) {
	e := casework.Entry{Kind: casework.Fact}
	var name, action, detail string
	err := row.Scan(&e.ID, (*instant)(&e.At), &name, &action, &detail)
	e.Text = deed(name, action, detail)
	return e, err
}

// deed says in Spanish what an agent did with a chat.
func deed(name, action, detail string) string {
	switch action {
	case "desk.claim":
		return name + " tomó la plática"
	case "desk.release":
		return name + " la regresó a la fila"
	case "desk.absent":
		return "Volvió a la fila porque " + name + " ya no está"
	case "desk.return":
		if detail == string(casework.Resolved) {
			return name + " la resolvió y la devolvió al bot"
		}
		return name + " la devolvió al bot"
	case "desk.act":
		return name + ": " + detail
	case "desk.reveal":
		return name + " vio el teléfono completo: " + detail
	}
	return name + ": " + action
}
