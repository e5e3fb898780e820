package postgres

import (
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func corrections() aggregate[lending.Correction] {
	return aggregate[lending.Correction]{
		kind: lending.KindCorrection, table: "correction",
		columns: []column{
			{"id", "uuid", ""}, {"folio", "text", ""}, {"kind", "text", ""}, {"state", "text", ""},
			{"person_id", "uuid", ""}, {"loan_id", "uuid", ""}, {"payment_id", "uuid", ""},
			{"cents", "bigint", ""}, {"on_day", "date", ""}, {"reason", "text", ""}, {"evidence", "bytea", ""},
			{"proposed_by", "text", ""}, {"decided_by", "text", ""}, {"proposed_at", "timestamptz", ""}, {"decided_at", "timestamptz", ""},
		},
		id: func(c lending.Correction) string { return c.ID.String() },
		values: func(s sealer, c lending.Correction) ([]any, error) {
			evidence, err := s.seal("evidence", c.ID.String(), c.Evidence)
			return []any{
				c.ID, c.Folio, string(c.Kind), string(c.State),
				optional(c.PersonID), optional(c.LoanID), optional(c.PaymentID),
				int64(c.Amount), civil(c.On), c.Reason, evidence,
				c.ProposedBy, c.DecidedBy, instant(c.Proposed), instant(c.Decided),
			}, err
		},
		scan: scanCorrection,
	}
}

func scanCorrection(s sealer, row pgx.CollectableRow) (lending.Correction, int64, error) {
	var c lending.Correction
	var rev int64
	var evidence []byte
	err := row.Scan(&c.ID, &c.Folio, &c.Kind, &c.State,
		(*optional)(&c.PersonID), (*optional)(&c.LoanID), (*optional)(&c.PaymentID),
		&c.Amount, (*civil)(&c.On), &c.Reason, &evidence,
		&c.ProposedBy, &c.DecidedBy, (*instant)(&c.Proposed), (*instant)(&c.Decided), &rev)
	if err != nil {
		return c, rev, err
	}
	c.Evidence, err = s.open("evidence", c.ID.String(), evidence)
	return c, rev, err
}

// correctionsByPerson finds all corrections about the money of people.
func correctionsByPerson() lookup {
	return lookup{corrections(), "where person_id = any($1::uuid[]) order by proposed_at, id", ids,
		by(func(c lending.Correction) []string { return []string{c.PersonID.String()} })}
}

func correctionByFolio() lookup {
	return lookup{corrections(), "where folio = any($1::text[])", texts,
		by(func(c lending.Correction) []string { return []string{c.Folio} })}
}
