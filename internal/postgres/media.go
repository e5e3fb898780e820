package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/channel"
	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/vault"
)

const addMediaSQL = `
insert into media (id, source, source_id, ordinal, ref, retry_at, created_at)
select id, source, source_id, ordinal, ref, at, at
from unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::bytea[], $6::timestamptz[]) as u (id, source, source_id, ordinal, ref, at)
order by source, source_id, ordinal
on conflict (source, source_id, ordinal) do nothing`

// mediaOf gathers the files of messages, which are fetched later.
func (s *Store) mediaOf(arrivals []Arrival) (*columns, error) {
	c := newColumns(6)
	for _, a := range arrivals {
		m, ok := a.Payload.(message.Inbound)
		if !ok {
			continue
		}
		for i, file := range m.Media {
			id := s.newID()
			ref, err := sealJSON(s.vault, file, vault.Place("media", "ref", id.String()))
			if err != nil {
				return nil, err
			}
			c.add(id, a.Source, a.SourceID, int16(i), ref, a.ReceivedAt)
		}
	}
	return c, nil
}

// MediaWanted is a file that is to be fetched.
type MediaWanted struct {
	ID       uuid.UUID
	Provider string
	File     message.Media
	Tries    int // before this one
	Since    time.Time
}

// The next look is set before the file is fetched: who dies over it leaves it to
// the next one.
const wantMediaSQL = `
with due as materialized (
    select id from media where state = 'waiting' and retry_at <= $1 order by retry_at, id limit $2 for update skip locked)
update media m set tries = m.tries + 1, retry_at = $1::timestamptz + $3::interval from due where m.id = due.id
returning m.id, m.source, m.ref, m.tries - 1, m.created_at`

// WantMedia takes up to limit files whose turn it is. Whoever takes them has
// lease to say what became of them, else they come up again.
func (s *Store) WantMedia(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]MediaWanted, error) {
	rows, _ := s.pool.Query(ctx, wantMediaSQL, now, limit, lease)
	wanted, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w MediaWanted, err error) {
		var ref []byte
		if err := row.Scan(&w.ID, &w.Provider, &ref, &w.Tries, &w.Since); err != nil {
			return w, err
		}
		return w, openJSON(s.vault, ref, vault.Place("media", "ref", w.ID.String()), &w.File)
	})
	if err != nil {
		return nil, away(fmt.Errorf("list files to fetch: %w", err))
	}
	return wanted, nil
}

// KeepMedia stores a file that was fetched, encrypted.
func (s *Store) KeepMedia(ctx context.Context, id uuid.UUID, f channel.File, now time.Time) error {
	sealed, err := s.vault.Seal(f.Content, vault.Place("media", "content", id.String()))
	if err != nil {
		return fmt.Errorf("encrypt file: %w", err)
	}
	_, err = s.pool.Exec(ctx, `update media set state = 'stored', content = $2, content_type = $3, size = $4, settled_at = $5 where id = $1 and state = 'waiting'`,
		id, sealed, f.ContentType, len(f.Content), now)
	if err != nil {
		return away(fmt.Errorf("store file: %w", err))
	}
	return nil
}

// MissMedia says when a file is to be tried again, or with a zero time that it
// cannot be had, for a reason that the desk shows.
func (s *Store) MissMedia(ctx context.Context, id uuid.UUID, again time.Time, reason string, now time.Time) error {
	sql, args := `update media set retry_at = $2 where id = $1 and state = 'waiting'`, []any{id, again}
	if again.IsZero() {
		sql, args = `update media set state = 'gone', reason = $2, settled_at = $3 where id = $1 and state = 'waiting'`, []any{id, reason, now}
	}
	if _, err := s.pool.Exec(ctx, sql, args...); err != nil {
		return away(fmt.Errorf("note missed file: %w", err))
	}
	return nil
}

// MediaEntry is a file of a message, as a list shows it.
type MediaEntry struct {
	ID          uuid.UUID
	Message     uuid.UUID // the row of inbox that it came with
	State       string    // waiting, stored or gone
	ContentType string
	Size        int // bytes
	Reason      string
}

// MediaOf lists the files that came in a conversation, oldest first, at most limit
// of the latest. It shows nothing of their content.
func (s *Store) MediaOf(ctx context.Context, conversation uuid.UUID, limit int) ([]MediaEntry, error) {
	rows, _ := s.pool.Query(ctx, `
select m.id, i.id, m.state, m.content_type, m.size, m.reason
from inbox i join media m on m.source = i.source and m.source_id = i.source_id
where i.conversation_id = $1 order by i.id desc, m.ordinal desc limit $2`, conversation, limit)
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[MediaEntry])
	if err != nil {
		return nil, away(fmt.Errorf("list files: %w", err))
	}
	reverse(entries)
	return entries, nil
}

const readMediaSQL = `
select m.content, m.content_type, i.conversation_id from media m join inbox i on i.source = m.source and i.source_id = m.source_id
where m.id = $1 and m.state = 'stored'`

// ReadMedia opens a file for an actor ("agent:luis") and writes down that it was
// read. fault.NotFound "media_absent" if there is none to be had.
func (s *Store) ReadMedia(ctx context.Context, actor string, id uuid.UUID, now time.Time) (channel.File, error) {
	var f channel.File
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var sealed []byte
		var conversation uuid.UUID
		err := tx.QueryRow(ctx, readMediaSQL, id).Scan(&sealed, &f.ContentType, &conversation)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "media_absent", "Ese archivo no está.")
		}
		if err != nil {
			return fmt.Errorf("read file: %w", err)
		}
		_, err = tx.Exec(ctx, `insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail)
			values ($1, $2, $3, 'media.read', 'conversation', $4, 'ok', '', $5)`, s.newID(), now, actor, conversation.String(), id.String())
		if err != nil {
			return fmt.Errorf("audit reading of file: %w", err)
		}
		f.Content, err = s.vault.Open(sealed, vault.Place("media", "content", id.String()))
		return err
	})
	if err != nil {
		return channel.File{}, err
	}
	return f, nil
}

// ReadTo returns how far a provider's lists were read; zero for never.
func (s *Store) ReadTo(ctx context.Context, provider string) (time.Time, error) {
	var at time.Time
	err := s.pool.QueryRow(ctx, `select read_to from poll_mark where provider = $1`, provider).Scan(&at)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, away(fmt.Errorf("read mark: %w", err))
	}
	return at, nil
}

// MarkRead remembers how far a provider's lists were read. It never goes back.
func (s *Store) MarkRead(ctx context.Context, provider string, to time.Time) error {
	_, err := s.pool.Exec(ctx, `insert into poll_mark (provider, read_to) values ($1, $2)
		on conflict (provider) do update set read_to = greatest(poll_mark.read_to, excluded.read_to)`, provider, to)
	if err != nil {
		return away(fmt.Errorf("write mark: %w", err))
	}
	return nil
}
