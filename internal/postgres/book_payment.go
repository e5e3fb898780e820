package postgres

import (
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func payments() aggregate[lending.Payment] {
	return aggregate[lending.Payment]{
		kind: lending.KindPayment, table: "payment",
		columns: []column{
			{"id", "uuid", ""}, {"loan_id", "uuid", ""}, {"person_id", "uuid", ""}, {"source", "text", ""}, {"reference", "text", ""},
			{"operated_on", "date", ""}, {"written", "bytea", ""}, {"cents", "bigint", ""}, {"value_date", "date", ""},
			{"received_at", "timestamptz", ""}, {"matched_at", "timestamptz", ""}, {"state", "text", ""}, {"parked", "text", ""},
			{"allocations", "jsonb", ""}, {"excess_cents", "bigint", ""},
		},
		id: func(p lending.Payment) string { return p.ID.String() },
		values: func(s sealer, p lending.Payment) ([]any, error) {
			written, err1 := sealWritten(s, p)
			allocations, err2 := asJSON(p.Allocations)
			return []any{
				p.ID, optional(p.LoanID), optional(p.PersonID), p.Source, p.Reference,
				civil(p.Operated), written, int64(p.Amount), civil(p.ValueDate),
				instant(p.ReceivedAt), instant(p.MatchedAt), string(p.State), p.Parked,
				allocations, int64(p.Excess),
			}, errors.Join(err1, err2)
		},
		scan: scanPayment,
	}
}

func scanPayment(s sealer, row pgx.CollectableRow) (lending.Payment, int64, error) {
	var p lending.Payment
	var rev int64
	var written []byte
	err := row.Scan(&p.ID, (*optional)(&p.LoanID), (*optional)(&p.PersonID), &p.Source, &p.Reference,
		(*civil)(&p.Operated), &written, &p.Amount, (*civil)(&p.ValueDate),
		(*instant)(&p.ReceivedAt), (*instant)(&p.MatchedAt), &p.State, &p.Parked,
		&p.Allocations, &p.Excess, &rev)
	if err != nil || written == nil {
		return p, rev, err
	}
	plain, err := s.open("written", p.ID.String(), written)
	if err == nil {
		err = json.Unmarshal([]byte(plain), &p.Written)
	}
	return p, rev, err
}

// sealWritten encrypts what the payer gave; nothing is null.
func sealWritten(s sealer, p lending.Payment) ([]byte, error) {
	if p.Written == (lending.Written{}) {
		return nil, nil
	}
	plain, err := asJSON(p.Written)
	if err != nil {
		return nil, err
	}
	return s.seal("written", p.ID.String(), plain)
}

// paymentsByPerson finds all payments that count or counted for the loans of
// people.
func paymentsByPerson() lookup {
	return lookup{payments(), "where person_id = any($1::uuid[]) order by value_date, received_at, id", ids,
		by(func(p lending.Payment) []string { return []string{p.PersonID.String()} })}
}

func promises() aggregate[lending.Promise] {
	return aggregate[lending.Promise]{
		kind: lending.KindPromise, table: "promise",
		columns: []column{
			{"id", "uuid", ""}, {"loan_id", "uuid", ""}, {"person_id", "uuid", ""}, {"state", "text", ""},
			{"on_day", "date", ""}, {"cents", "bigint", ""}, {"made_at", "timestamptz", ""},
		},
		id: func(p lending.Promise) string { return p.ID.String() },
		values: func(_ sealer, p lending.Promise) ([]any, error) {
			return []any{
				p.ID, p.LoanID, p.PersonID, string(p.State),
				civil(p.Date), int64(p.Amount), instant(p.Made),
			}, nil
		},
		scan: scanPromise,
	}
}

func scanPromise(_ sealer, row pgx.CollectableRow) (lending.Promise, int64, error) {
	var p lending.Promise
	var rev int64
	err := row.Scan(&p.ID, &p.LoanID, &p.PersonID, &p.State,
		(*civil)(&p.Date), &p.Amount, (*instant)(&p.Made), &rev)
	return p, rev, err
}
