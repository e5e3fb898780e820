package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/vault"
)

// What a page of the desk shows, boiled down to a few bytes: a page is out of
// date exactly if its pulse is another one. One statement serves all pages that
// are open, however many agents look at them.
const (
	pulseBoardSQL = `
select coalesce(md5(string_agg(concat_ws(' ', id, version, owner, agent, queue), ',' order by id)), '') from conversation where owner <> 'bot'`
	pulseChatSQL = `
select c.id, md5(concat_ws('|', c.version, c.owner, c.agent, i.sum, o.sum, n.id, u.id, l.sum, v.sum, r.sum, d.sum))
from unnest($1::uuid[]) q (id) join conversation c on c.id = q.id
left join lateral (select string_agg(concat_ws(' ', t.id, t.state, t.heard), ',') sum from
    (select id, state, heard || coalesce((select string_agg(m.state, '') from media m where m.source = inbox.source and m.source_id = inbox.source_id), '') as heard
     from inbox where conversation_id = c.id and kind in ('message', 'desk') order by id desc limit 20) t) i on true
left join lateral (select string_agg(concat_ws(' ', t.id, t.state, t.rank), ',') sum from
    (select id, state, rank from outbox where conversation_id = c.id order by id desc limit 60) t) o on true
left join lateral (select id from desk_note where conversation_id = c.id order by id desc limit 1) n on true
left join lateral (select id from audit where subject_kind = 'conversation' and subject_id = c.id::text
    and action not in ('desk.read', 'desk.reply', 'desk.note') order by id desc limit 1) u on true
left join lateral (select string_agg(concat_ws(' ', id, rev), ',' order by id) sum from loan where person_id = c.person_id) l on true
left join lateral (select string_agg(concat_ws(' ', id, rev), ',' order by id) sum from vale where person_id = c.person_id) v on true
left join lateral (select string_agg(concat_ws(' ', id, rev), ',' order by id) sum from request where person_id = c.person_id and closed_at is null) r on true
left join lateral (select string_agg(agent, ',' order by agent) sum from desk_draft where conversation_id = c.id and at > $2) d on true`
)

// Pulse boils down what the list of chats and some open chats show now. writing
// is since when, in real time, a draft says that somebody writes. A chat that
// does not exist is not in the answer.
func (s *Store) Pulse(ctx context.Context, chats []uuid.UUID, writing time.Time) (board string, open map[uuid.UUID]string, err error) {
	if err := s.pool.QueryRow(ctx, pulseBoardSQL).Scan(&board); err != nil {
		return "", nil, away(fmt.Errorf("feel pulse of board: %w", err))
	}
	open = make(map[uuid.UUID]string, len(chats))
	if len(chats) == 0 {
		return board, open, nil
	}
	rows, _ := s.pool.Query(ctx, pulseChatSQL, chats, writing)
	var id uuid.UUID
	var sum string
	_, err = pgx.ForEachRow(rows, []any{&id, &sum}, func() error {
		open[id] = sum
		return nil
	})
	if err != nil {
		return "", nil, away(fmt.Errorf("feel pulse of chats: %w", err))
	}
	return board, open, nil
}

const draftSQL = `
insert into desk_draft (conversation_id, agent, body, at) select c.id, a.name, $3, $4 from conversation c, agent a
where c.id = $1 and a.name = $2 and a.role <> 'auditor' and desk_sees(a.name, c.owner, c.agent, c.queue)
on conflict (conversation_id, agent) do update set body = excluded.body, at = excluded.at where desk_draft.at < excluded.at`

// KeepDraft keeps what an agent has written so far; an empty text forgets it. wall
// is the real time: what arrives late replaces nothing newer.
func (s *Store) KeepDraft(ctx context.Context, chat uuid.UUID, agent, text string, wall time.Time) error {
	if text == "" {
		_, err := s.pool.Exec(ctx, `delete from desk_draft where conversation_id = $1 and agent = $2 and at <= $3`, chat, agent, wall)
		return away(wrap("forget draft", err))
	}
	body, err := s.vault.Seal([]byte(text), draftPlace(chat, agent))
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, draftSQL, chat, agent, body, wall)
	return away(wrap("keep draft", err))
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func draftPlace(chat uuid.UUID, agent string) string {
	return vault.Place("desk_draft", "body", chat.String()+":"+agent)
}

// Drafts reads who has a draft in a chat, the newest first. Only that of the
// agent who asks is opened.
func (s *Store) Drafts(ctx context.Context, chat uuid.UUID, agent string) ([]casework.Draft, error) {
	rows, _ := s.pool.Query(ctx, `
select d.agent, a.full_name, d.body, d.at from desk_draft d join agent a on a.name = d.agent
where d.conversation_id = $1 order by d.at desc limit 20`, chat)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d casework.Draft, err error) {
		var body []byte
		if err := row.Scan(&d.Agent, &d.Name, &body, (*instant)(&d.At)); err != nil || d.Agent != agent {
			return d, err
		}
		plain, err := s.vault.Open(body, draftPlace(chat, agent))
		d.Text = string(plain)
		return d, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("read drafts: %w", err))
	}
	return all, nil
}
