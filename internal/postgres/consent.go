package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

// The standing of each contact follows by a trigger.
const insertConsents = `
insert into consent_entry (id, at, contact_key, channel, purpose, granted, source, evidence, actor)
select u.id, $2, u.contact_key, u.channel, u.purpose, u.granted, u.source, u.evidence, u.actor
from unnest($1::uuid[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::text[], $8::text[], $9::text[])
     as u (id, contact_key, purpose, granted, source, evidence, actor, channel)
order by u.contact_key, u.purpose, u.id`

func (w *writer) consents(all []lending.Consent) {
	if len(all) == 0 {
		return
	}
	c := newArrays(8)
	for _, one := range all {
		c.add([]any{w.newID(), one.Contact, string(one.Purpose), one.Granted, "message", one.Evidence, one.Actor, one.Channel})
	}
	w.batch.Queue(insertConsents, c[0], w.at, c[1], c[2], c[3], c[4], c[5], c[6], c[7])
}

// Consented notes what a contact said outside of a conversation, such as on
// paper: evidence names the document. It writes an audit row.
func (s *Store) Consented(ctx context.Context, one lending.Consent, now time.Time) error {
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into consent_entry (id, at, contact_key, purpose, granted, source, evidence, actor)
			values ($1, $2, $3, $4, $5, 'file', $6, $7)`, s.newID(), now, one.Contact, string(one.Purpose), one.Granted, one.Evidence, one.Actor)
		if err != nil {
			return fmt.Errorf("note consent: %w", err)
		}
		detail := fmt.Sprintf("%s: %t (%s)", one.Purpose, one.Granted, one.Evidence)
		return s.note(ctx, tx, now, one.Actor, "contact.consent", "contact", one.Contact, detail)
	})
}

// note writes an audit row of something done from the command line.
func (s *Store) note(ctx context.Context, tx pgx.Tx, now time.Time, actor, action, kind, id, detail string) error {
	_, err := tx.Exec(ctx, `insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail)
		values ($1, $2, $3, $4, $5, $6, 'ok', 'cli', $7)`, s.newID(), now, actor, action, kind, id, detail)
	if err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}

// REUS is a list of the public register of those who want no advertising by
// financial entities.
type REUS struct {
	File   string
	SHA256 [32]byte
	Phones []string // +52 and ten digits, each once
	Actor  string
}

// ImportedREUS says what an import changed.
type ImportedREUS struct {
	Count, Added, Removed int
}

// ImportREUS puts a list in place of the one before it. From then on no
// promotion goes to the phones on it; reminders and notices do, which the
// register does not cover.
func (s *Store) ImportREUS(ctx context.Context, list REUS, now time.Time) (ImportedREUS, error) {
	done := ImportedREUS{Count: len(list.Phones)}
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		removed, err := tx.Exec(ctx, `delete from reus where not phone = any($1)`, list.Phones)
		if err != nil {
			return fmt.Errorf("clear register: %w", err)
		}
		added, err := tx.Exec(ctx, `insert into reus (phone) select phone from unnest($1::text[]) as u (phone) order by phone on conflict do nothing`, list.Phones)
		if err != nil {
			return fmt.Errorf("write register: %w", err)
		}
		done.Added, done.Removed = int(added.RowsAffected()), int(removed.RowsAffected())
		_, err = tx.Exec(ctx, `insert into reus_list (sha256, file, at, actor, count) values ($1, $2, $3, $4, $5)
			on conflict (one) do update set sha256 = excluded.sha256, file = excluded.file, at = excluded.at, actor = excluded.actor, count = excluded.count`,
			hex.EncodeToString(list.SHA256[:]), list.File, now, list.Actor, len(list.Phones))
		if err != nil {
			return fmt.Errorf("note register: %w", err)
		}
		detail := fmt.Sprintf("%s: %d, %d nuevos, %d fuera", list.File, done.Count, done.Added, done.Removed)
		return s.note(ctx, tx, now, list.Actor, "reus.import", "reus", hex.EncodeToString(list.SHA256[:8]), detail)
	})
	if err != nil {
		return ImportedREUS{}, fmt.Errorf("import register: %w", err)
	}
	return done, nil
}

// REUSAge returns when the register was last imported; ok is false if it never was.
func (s *Store) REUSAge(ctx context.Context) (at time.Time, ok bool, err error) {
	err = s.pool.QueryRow(ctx, `select at from reus_list`).Scan(&at)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return time.Time{}, false, nil
	case err != nil:
		return time.Time{}, false, away(fmt.Errorf("read register: %w", err))
	}
	return at, true, nil
}

// Contacted is one line of a contact log: a message either way, or what was said
// about being written to.
type Contacted struct {
	At       time.Time `json:"at"`
	What     string    `json:"what"` // "sale", "entra" or "consentimiento"
	Channel  string    `json:"channel,omitempty"`
	Purpose  string    `json:"purpose,omitempty"` // of what goes out: service, reminder or marketing
	Author   string    `json:"author,omitempty"`
	Message  string    `json:"message,omitempty"`  // key, never the text
	State    string    `json:"state,omitempty"`    // what became of it
	Reason   string    `json:"reason,omitempty"`   // Spanish
	Provider string    `json:"provider,omitempty"` // the provider's id
	SentAt   time.Time `json:"sent_at,omitzero"`
	Local    string    `json:"local,omitempty"` // hour of sending in the person's own zone, HH:MM
}

const contactLogSQL = `
select * from (
    select o.created_at as at, 'sale' as what, o.channel, case when o.lane = 4 then 'marketing' when o.lane = 3 then 'reminder' else 'service' end as purpose,
           o.author, o.message_key, case when o.rank >= 7 then 'read' when o.rank >= 6 then 'delivered' else o.state end as state, o.reason,
           coalesce(o.provider_id, '') as provider, o.sending_at, coalesce(to_char(o.sending_at at time zone o.zone, 'HH24:MI'), '') as local, o.id
    from outbox o join conversation c on c.id = o.conversation_id
    where c.key = $1 and o.created_at >= $2 and o.created_at < $3 and o.state <> 'suggested'
    union all
    select i.received_at, 'entra', '', '', '', case when i.secret then 'secreto' else i.heard end, i.state, '', i.source_id, null, '', i.id
    from inbox i join conversation c on c.id = i.conversation_id
    where c.key = $1 and i.kind = 'message' and i.received_at >= $2 and i.received_at < $3
    union all
    select e.at, 'consentimiento', e.channel, e.purpose, e.actor, case when e.granted then 'acepta' else 'no quiere' end, e.source, '', e.evidence, null, '', e.id
    from consent_entry e where e.contact_key = $1 and e.at >= $2 and e.at < $3) log
order by at, id limit 10001`

// ContactLog returns everything that passed between us and a contact from one
// instant to another, for answering a complaint, and writes an audit row with
// who asked and why. It holds no texts. More than ten thousand lines are refused.
func (s *Store) ContactLog(ctx context.Context, key string, from, to, now time.Time, actor, why string) ([]Contacted, error) {
	var log []Contacted
	err := s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, contactLogSQL, key, from, to)
		var err error
		if log, err = pgx.CollectRows(rows, scanContacted); err != nil {
			return fmt.Errorf("read contact log: %w", err)
		}
		if len(log) > 10_000 {
			return fault.New(fault.Invalid, "log_too_long", "Son más de diez mil renglones: pide menos días.")
		}
		return s.note(ctx, tx, now, actor, "contact.log", "contact", key, why)
	})
	return log, err
}

func scanContacted(row pgx.CollectableRow) (Contacted, error) {
	var c Contacted
	var sent *time.Time
	var id [16]byte
	err := row.Scan(&c.At, &c.What, &c.Channel, &c.Purpose, &c.Author, &c.Message, &c.State, &c.Reason, &c.Provider, &sent, &c.Local, &id)
	c.SentAt = deref(sent)
	return c, err
}
