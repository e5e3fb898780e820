package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/vault"
)

// writer collects the statements of one Book.
type writer struct {
	vault *vault.Vault
	batch *pgx.Batch
	at    time.Time
	newID func() uuid.UUID
}

// shelves lists all kinds in the order in which every transaction writes and so
// locks them. Parents come before what refers to them.
func shelves() []shelf {
	return []shelf{
		persons(), distributors(), vales(), loans(), disbursements(), codes(),
		payments(), promises(), complaints(), contacts(), requests(),
		cortes(), relaciones(), relacionRows(), deposits(),
		corrections(), referrals(),
	}
}

func shelfOf(kind lending.Kind) (shelf, bool) {
	switch kind {
	case lending.KindPerson:
		return persons(), true
	case lending.KindDistributor:
		return distributors(), true
	case lending.KindVale:
		return vales(), true
	case lending.KindLoan:
		return loans(), true
	case lending.KindDisbursement:
		return disbursements(), true
	case lending.KindCode:
		return codes(), true
	case lending.KindPayment:
		return payments(), true
	case lending.KindPromise:
		return promises(), true
	case lending.KindComplaint:
		return complaints(), true
	case lending.KindContact:
		return contacts(), true
	case lending.KindRequest:
		return requests(), true
	case lending.KindCorte:
		return cortes(), true
	case lending.KindRelacion:
		return relaciones(), true
	case lending.KindRelacionRows:
		return relacionRows(), true
	case lending.KindDeposit:
		return deposits(), true
	case lending.KindCorrection:
		return corrections(), true
	case lending.KindReferral:
		return referrals(), true
	}
	return nil, false
}

// writeBook writes what a Book changed: entities, ledger entries, audit lines,
// and its emits as rows of the inbox. Rail calls are left to the caller, who
// adds jobs to the same transaction. Everything goes in one round trip, or two
// where the ledger moves.
//
// A fault with code "stale" says that others were faster; the transaction is
// lost, and the caller runs everything again from the start. At is the
// turn's time, newID makes UUIDv7.
func writeBook(ctx context.Context, tx pgx.Tx, v *vault.Vault, b *lending.Book, at time.Time, newID func() uuid.UUID) error {
	w := &writer{vault: v, batch: &pgx.Batch{}, at: at, newID: newID}
	for _, one := range shelves() {
		if err := one.save(w, b); err != nil {
			return err
		}
	}
	w.audits(b.Audits)
	w.consents(b.Consents)
	if err := w.emits(b.Emits); err != nil {
		return err
	}
	// The head of the ledger is the hottest lock, so it is taken last.
	var head []byte
	if len(b.Entries) > 0 {
		w.batch.Queue("select hash from ledger_head for update").QueryRow(func(row pgx.Row) error {
			return row.Scan(&head)
		})
	}
	if err := w.send(ctx, tx); err != nil {
		return err
	}
	if len(b.Entries) == 0 {
		return nil
	}
	w.batch = &pgx.Batch{}
	if err := w.entries(head, b.Entries); err != nil {
		return err
	}
	return w.send(ctx, tx)
}

func (w *writer) send(ctx context.Context, tx pgx.Tx) error {
	if w.batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, w.batch).Close(); err != nil {
		return fmt.Errorf("write book: %w", translate(err))
	}
	return nil
}

const insertAudit = `
insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail)
select u.id, $2, u.actor, u.action, u.subject_kind, u.subject_id, u.outcome, u.cause, u.detail
from unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    as u (id, actor, action, subject_kind, subject_id, outcome, cause, detail)`

func (w *writer) audits(all []lending.Audit) {
	if len(all) == 0 {
		return
	}
	c := newArrays(8)
	for _, a := range all {
		c.add([]any{w.newID(), a.Actor, a.Action, string(a.Subject.Kind), a.Subject.ID, a.Outcome, a.Cause, a.Detail})
	}
	w.batch.Queue(insertAudit, c[0], w.at, c[1], c[2], c[3], c[4], c[5], c[6], c[7])
}
