package postgres

import (
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func requests() aggregate[lending.Request] {
	return aggregate[lending.Request]{
		kind: lending.KindRequest, table: "request",
		columns: []column{
			{"id", "uuid", ""}, {"folio", "text", ""}, {"kind", "text", ""}, {"contact_key", "text", ""}, {"person_id", "uuid", ""},
			{"note", "bytea", ""}, {"opened_at", "timestamptz", ""}, {"due_by", "timestamptz", ""}, {"closed_at", "timestamptz", ""},
			{"decision", "text", ""}, {"reason", "text", ""}, {"cents", "bigint", ""}, {"retry_on", "date", ""},
			{"income_cents", "bigint", ""}, {"income_per", "text", ""}, {"debts_cents", "bigint", ""},
		},
		id: func(r lending.Request) string { return r.ID.String() },
		values: func(s sealer, r lending.Request) ([]any, error) {
			note, err := s.seal("note", r.ID.String(), r.Note)
			return []any{
				r.ID, r.Folio, string(r.Kind), r.ContactKey, r.PersonID,
				note, instant(r.Opened), instant(r.DueBy), instant(r.Closed),
				string(r.Decision), r.Reason, int64(r.Amount), civil(r.RetryOn),
				int64(r.Income.Amount), string(r.Income.Per), int64(r.Debts),
			}, err
		},
		scan: scanRequest,
	}
}

func scanRequest(s sealer, row pgx.CollectableRow) (lending.Request, int64, error) {
	var r lending.Request
	var rev int64
	var note []byte
	err := row.Scan(&r.ID, &r.Folio, &r.Kind, &r.ContactKey, &r.PersonID,
		&note, (*instant)(&r.Opened), (*instant)(&r.DueBy), (*instant)(&r.Closed),
		&r.Decision, &r.Reason, &r.Amount, (*civil)(&r.RetryOn),
		&r.Income.Amount, &r.Income.Per, &r.Debts, &rev)
	if err != nil || note == nil {
		return r, rev, err
	}
	r.Note, err = s.open("note", r.ID.String(), note)
	return r, rev, err
}

// requestsByPerson finds the open requests of people.
func requestsByPerson() lookup {
	return lookup{requests(), "where " + ofPerson + " and closed_at is null order by opened_at, id", ids,
		by(func(r lending.Request) []string { return []string{r.PersonID.String()} })}
}

// loansByDistributor finds the active loans that distributors vouch for.
func loansByDistributor() lookup {
	return lookup{loans(), "where distributor_id = any($1::uuid[]) and state = 'ACTIVE' order by id", ids,
		by(func(l lending.Loan) []string { return []string{l.DistributorID.String()} })}
}
