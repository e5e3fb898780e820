package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/vault"
)

// The vales that were accepted, with the seal that the chain holds and the
// message that offered them. A vale without a seal was accepted elsewhere, and
// came into these books by import.
const acceptedSQL = `
select v.id, v.folio, v.person_id, v.quote, v.terms_hash, v.evidence, coalesce(s.seal, ''), l.quote, l.terms_hash
from vale v
left join loan l on l.id = v.loan_id
left join lateral (
    select split_part(e.memo, ' ', 5) as seal from ledger_entry e
    where split_part(e.memo, ' ', 3) = v.folio and e.memo like 'línea usada % aceptación %' order by e.seq limit 1) s on true
where v.id > $1 and v.accepted_at is not null order by v.id limit $2`

// accepted is one accepted vale as its row has it, nothing of it believed.
type accepted struct {
	vale      lending.Vale
	seal      string
	evidence  []byte // encrypted
	loanQuote *loan.Quote
	loanTerms *string
}

// accepted checks every accepted vale: that its terms and rows are those that
// were hashed, and its evidence that which the chain has sealed.
func (r *Report) accepted(ctx context.Context, tx pgx.Tx, v *vault.Vault) error {
	after := uuid.Nil
	for {
		rows, err := tx.Query(ctx, acceptedSQL, after, verifyPage)
		if err != nil {
			return fmt.Errorf("read acceptances: %w", err)
		}
		page, err := pgx.CollectRows(rows, scanAccepted)
		if err != nil {
			return fmt.Errorf("read acceptances: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		texts, err := offerTexts(ctx, tx, v, page)
		if err != nil {
			return err
		}
		for _, one := range page {
			r.compareAccepted(v, one, texts)
		}
		after = page[len(page)-1].vale.ID
	}
}

func scanAccepted(row pgx.CollectableRow) (accepted, error) {
	var one accepted
	v := &one.vale
	err := row.Scan(&v.ID, &v.Folio, &v.PersonID, &v.Quote, &v.TermsHash, &one.evidence, &one.seal, &one.loanQuote, &one.loanTerms)
	return one, err
}

func (r *Report) compareAccepted(v *vault.Vault, one accepted, texts map[string]string) {
	folio := one.vale.Folio
	if one.vale.Quote.Terms.Hash() != one.vale.TermsHash || !one.vale.Quote.Intact() {
		r.add(Difference{Check: "terms", Where: folio, Text: "Las condiciones del vale no son las que se ofrecieron."})
	}
	if q := one.loanQuote; q != nil && (q.Terms.Hash() != *one.loanTerms || !q.Intact()) {
		r.add(Difference{Check: "terms", Where: folio, Text: "Las condiciones del crédito no son las que se acordaron."})
	}
	if one.seal == "" {
		return
	}
	r.Acceptances++
	evidence, err := openEvidence(v, one.vale.ID, one.evidence)
	one.vale.Evidence = evidence
	if err != nil || one.vale.AcceptanceSeal() != one.seal {
		r.add(Difference{Check: "acceptance", Where: folio, Text: "La evidencia de la aceptación no coincide con su sello en los asientos: fue cambiada."})
		return
	}
	if text, ok := texts[evidence.Offer]; ok && text != evidence.OfferHash {
		r.add(Difference{Check: "acceptance", Where: folio, Text: "El texto guardado de la oferta no es el que se mandó."})
	}
}

func openEvidence(v *vault.Vault, id uuid.UUID, sealed []byte) (lending.Evidence, error) {
	var e lending.Evidence
	plain, err := sealer{v, "vale"}.open("evidence", id.String(), sealed)
	if err != nil || plain == "" {
		return e, err
	}
	return e, json.Unmarshal([]byte(plain), &e)
}

// offerTexts are the hashes of the texts that the outbox keeps of the offers of
// a page, by message id. A message that is not kept any more is left out; one
// that cannot be opened hashes like nothing.
func offerTexts(ctx context.Context, tx pgx.Tx, v *vault.Vault, page []accepted) (map[string]string, error) {
	var offers []string
	for _, one := range page {
		if e, err := openEvidence(v, one.vale.ID, one.evidence); err == nil && e.Offer != "" {
			offers = append(offers, e.Offer)
		}
	}
	rows, err := tx.Query(ctx, "select id, body from outbox where id = any($1::uuid[])", ids(offers)[0])
	if err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	texts := map[string]string{}
	var id uuid.UUID
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &body}, func() error {
		var content engine.Content
		if openJSON(v, body, vault.Place("outbox", "body", id.String()), &content) != nil {
			texts[id.String()] = "unreadable"
			return nil
		}
		sum := sha256.Sum256([]byte(content.Text))
		texts[id.String()] = hex.EncodeToString(sum[:])
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	return texts, nil
}
