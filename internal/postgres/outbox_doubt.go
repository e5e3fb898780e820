package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/vault"
)

const refusedSQL = `
select o.id, c.id, c.person_id, o.channel from outbox o join conversation c on c.id = o.conversation_id
where (o.id = $1::uuid or ($1::uuid is null and o.provider_id = $2)) and c.person_id is not null limit 1`

const refusalSQL = `
insert into inbox (id, conversation_id, source, source_id, kind, payload, received_at, retry_at)
values ($1, $2, 'outbox', $3, 'core', $4, $5, $5)
on conflict (source, source_id) do nothing`

// doubtReported is doubtRefused for what providers report later.
func (s *Store) doubtReported(ctx context.Context, tx pgx.Tx, now time.Time, reports []outbox.Report) error {
	for _, r := range reports {
		if r.Class != message.Changed {
			continue
		}
		if err := s.doubtRefused(ctx, tx, now, r.ID, r.ProviderID); err != nil {
			return err
		}
	}
	return nil
}

// doubtRefused tells the conversation of a message, once for each message, that
// the provider refused it since somebody else may be behind the address (Cloud
// API, error 137000). What follows is the core's to say, as for every other cause
// of doubt. A message that is unknown, or went to nobody we know, tells nothing.
func (s *Store) doubtRefused(ctx context.Context, tx pgx.Tx, now time.Time, id uuid.UUID, providerID string) error {
	var letter, thread, person uuid.UUID
	var channel string
	err := tx.QueryRow(ctx, refusedSQL, null(id), providerID).Scan(&letter, &thread, &person, &channel)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find whose address is refused: %w", err)
	}
	event, key := s.newID(), letter.String()+":refused"
	emit := lending.Emit{Key: key, PersonID: person, Name: lending.EventIdentityRefused, Data: map[string]any{"canal": channel}}
	payload, err := sealJSON(s.vault, emit, vault.Place("inbox", "payload", event.String()))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, refusalSQL, event, thread, key, payload, now); err != nil {
		return fmt.Errorf("tell of a refused address: %w", err)
	}
	return nil
}
