package postgres

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

func vales() aggregate[lending.Vale] {
	return aggregate[lending.Vale]{
		kind: lending.KindVale, table: "vale",
		columns: []column{
			{"id", "uuid", ""}, {"folio", "text", ""}, {"distributor_id", "uuid", ""}, {"person_id", "uuid", ""},
			{"state", "text", ""}, {"principal_cents", "bigint", ""}, {"quote", "jsonb", ""}, {"terms_hash", "text", ""},
			{"expires_at", "timestamptz", ""}, {"authorised_at", "timestamptz", ""}, {"accepted_at", "timestamptz", ""},
			{"evidence", "bytea", ""}, {"loan_id", "uuid", ""}, {"reward", "jsonb", ""}, {"review", "jsonb", ""},
		},
		id:     func(v lending.Vale) string { return v.ID.String() },
		values: valeValues,
		scan:   scanVale,
	}
}

func valeValues(s sealer, v lending.Vale) ([]any, error) {
	quote, err1 := asJSON(v.Quote)
	reward, err2 := asJSON(v.Reward)
	review, err3 := asJSON(v.Review)
	err := errors.Join(err1, err2, err3)
	if err != nil {
		return nil, err
	}
	evidence := ""
	if v.Evidence != (lending.Evidence{}) {
		if evidence, err = asJSON(v.Evidence); err != nil {
			return nil, err
		}
	}
	sealed, err := s.seal("evidence", v.ID.String(), evidence)
	return []any{
		v.ID, v.Folio, v.DistributorID, v.PersonID,
		string(v.State), int64(v.Quote.Terms.Principal), quote, v.TermsHash,
		instant(v.Expires), instant(v.AuthorisedAt), instant(v.AcceptedAt),
		sealed, optional(v.LoanID), reward, review,
	}, err
}

// withQuote gives a vale its plan, which must lend what the column says.
func withQuote(v lending.Vale, q loan.Quote) (lending.Vale, error) {
	if v.Quote.Terms.Principal != q.Terms.Principal {
		return v, fmt.Errorf("vale %s: principal is not that of its terms", v.Folio)
	}
	v.Quote = q
	return v, nil
}

func scanVale(s sealer, row pgx.CollectableRow) (lending.Vale, int64, error) {
	var v lending.Vale
	var rev, principal int64
	var evidence []byte
	var quote *loan.Quote // null where the caller knows the plan
	err := row.Scan(&v.ID, &v.Folio, &v.DistributorID, &v.PersonID,
		&v.State, &principal, &quote, &v.TermsHash,
		(*instant)(&v.Expires), (*instant)(&v.AuthorisedAt), (*instant)(&v.AcceptedAt),
		&evidence, (*optional)(&v.LoanID), &v.Reward, &v.Review, &rev)
	if err != nil {
		return v, rev, err
	}
	// The column stands for the plan until that is known.
	v.Quote.Terms.Principal = money.Amount(principal)
	if quote != nil {
		if v, err = withQuote(v, *quote); err != nil {
			return v, rev, err
		}
	}
	text, err := s.open("evidence", v.ID.String(), evidence)
	if err != nil || text == "" {
		return v, rev, err
	}
	if err := json.Unmarshal([]byte(text), &v.Evidence); err != nil {
		return v, rev, fmt.Errorf("decode evidence of %s: %w", v.Folio, err)
	}
	return v, rev, nil
}
