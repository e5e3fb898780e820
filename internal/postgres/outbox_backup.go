package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/gsm7"
	"valebot/internal/message"
	"valebot/internal/vault"
)

// What the column backup says of a message's SMS.
const (
	backupNone     int16 = 0
	backupPossible int16 = 1
	backupWanted   int16 = 2
	backupDone     int16 = 3
)

// How long a code and a notice may be without a word that they were delivered by
// WhatsApp, before they go by SMS too.
const (
	codeSilence   = 20 * time.Second
	noticeSilence = 10 * time.Minute
)

// Failed ones that another channel may do for; codes and notices of which nothing
// is heard; and what waits for a channel that is diverted, codes and replies
// only. Never promotions or reminders: these have no SMS to go instead.
const backupSQL = `
select o.id, o.conversation_id, c.key, o.body, o.state = 'queued'
from outbox o join conversation c on c.id = o.conversation_id
where o.id in (
    select b.id from outbox b
    where b.backup in (1, 2) and b.settled_at > $1::timestamptz - interval '1 day' and b.channel = 'whatsapp' and b.expires_at > $1
      and (b.backup = 2 and b.state = 'failed'
           or b.state = 'accepted' and b.rank < 6 and (b.lane = 0 and b.settled_at <= $1::timestamptz - $2::interval
                                                       or b.lane = 2 and b.settled_at <= $1::timestamptz - $3::interval))
    union all
    select b.id from outbox b
    where b.settled_at is null and b.ready and b.state = 'queued' and b.lane <= 1 and b.backup = 1 and b.channel = any($4) and b.expires_at > $1)
order by o.id limit $5 for update of o skip locked`

// The SMS is a message of its own, with the place, the author and the epoch of
// the one that it stands in for. The unique key lets there be one.
const backupLetterSQL = `
insert into outbox (id, conversation_id, dialogue_id, author, epoch, lane, message_key, channel, sender, address, body, body_hash, secret,
                    segments, zone, hours, per_day, per_week, state, not_before, expires_at, created_at, parent_id, anyone)
select u.id, o.conversation_id, o.dialogue_id, o.author, o.epoch, o.lane, o.message_key, 'sms', '', u.address, u.body, u.hash, o.secret,
       u.segments, o.zone, o.hours, o.per_day, o.per_week, 'queued', $7, o.expires_at, $7, o.id, o.anyone
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[], $6::smallint[]) as u (id, parent, address, body, hash, segments)
join outbox o on o.id = u.parent
on conflict (parent_id, channel) where parent_id is not null do nothing`

// A question that had not gone out yet is now asked by the SMS: a reply to that
// counts.
const backupQuestionSQL = `
update dialogue d set question = u.id from unnest($1::uuid[], $2::uuid[]) as u (id, parent) where d.question = u.parent`

const backupDoneSQL = `
update outbox set backup = 3, reason = $2,
       state = case when state = 'queued' then 'cancelled' else state end, settled_at = case when state = 'queued' then $3 else settled_at end
where id = any($1)`

// FallBack implements outbox.Store.
func (s *Store) FallBack(ctx context.Context, now time.Time, diverted []message.Channel, limit int) (int, error) {
	channels := []string{}
	for _, ch := range diverted {
		if ch == message.WhatsApp {
			channels = append(channels, string(ch))
		}
	}
	n := 0
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, backupSQL, now, codeSilence, noticeSilence, channels, limit)
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stranded])
		if n = len(all); err != nil || n == 0 {
			return err
		}
		return s.writeBackups(ctx, tx, now, all)
	})
	if err != nil {
		return 0, fmt.Errorf("fall back: %w", err)
	}
	return n, nil
}

// stranded is a message that goes by SMS instead.
type stranded struct {
	ID           uuid.UUID
	Conversation uuid.UUID
	Key          string // of the contact
	Body         []byte
	Queued       bool
}

func (s *Store) writeBackups(ctx context.Context, tx pgx.Tx, now time.Time, all []stranded) error {
	letters, questions := newColumns(6), newColumns(2)
	var sent, without []uuid.UUID
	for _, one := range all {
		row, err := s.backupLetter(one)
		if err != nil {
			return err
		}
		if row == nil {
			without = append(without, one.ID)
			continue
		}
		letters.add(row...)
		sent = append(sent, one.ID)
		if one.Queued {
			questions.add(row[0], one.ID)
		}
	}
	batch := &pgx.Batch{}
	if !letters.empty() {
		batch.Queue(backupLetterSQL, append(letters.args(), now)...)
	}
	if !questions.empty() {
		batch.Queue(backupQuestionSQL, questions.args()...)
	}
	batch.Queue(backupDoneSQL, sent, "no llegó por WhatsApp; se manda por SMS", now)
	batch.Queue(backupDoneSQL, without, "no llegó por WhatsApp y no tiene celular para SMS", now)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write sms: %w", err)
	}
	return nil
}

// backupLetter is the SMS of a message, or nil for somebody without a phone.
func (s *Store) backupLetter(one stranded) ([]any, error) {
	phone, known := strings.CutPrefix(one.Key, "tel:")
	var content engine.Content
	if err := openJSON(s.vault, one.Body, vault.Place("outbox", "body", one.ID.String()), &content); err != nil {
		return nil, err
	}
	if !known || content.SMS == "" {
		return nil, nil
	}
	id := s.newID()
	body, err := sealJSON(s.vault, engine.Content{Text: content.SMS}, vault.Place("outbox", "body", id.String()))
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(content.SMS))
	return []any{id, one.ID, phone, body, hash[:], int16(gsm7.Count(content.SMS).Segments)}, nil
}
