package postgres

import (
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func payments() aggregate[lending.Payment] {
	return aggregate[lending.Payment]{
		kind: lending.KindPayment, table: "payment",
		columns: []column{
			{"id", "uuid", ""}, {"loan_id", "uuid", ""}, {"person_id", "uuid", ""}, {"source", "text", ""}, {"reference", "text", ""},
			{"cents", "bigint", ""}, {"value_date", "date", ""}, {"received_at", "timestamptz", ""}, {"state", "text", ""},
			{"allocations", "jsonb", ""}, {"excess_cents", "bigint", ""},
		},
		id: func(p lending.Payment) string { return p.ID.String() },
		values: func(_ sealer, p lending.Payment) ([]any, error) {
			allocations, err := asJSON(p.Allocations)
			return []any{
				p.ID, p.LoanID, p.PersonID, p.Source, p.Reference,
				int64(p.Amount), civil(p.ValueDate), instant(p.ReceivedAt), string(p.State),
				allocations, int64(p.Excess),
			}, err
		},
		scan: scanPayment,
	}
}

func scanPayment(_ sealer, row pgx.CollectableRow) (lending.Payment, int64, error) {
	var p lending.Payment
	var rev int64
	err := row.Scan(&p.ID, &p.LoanID, &p.PersonID, &p.Source, &p.Reference,
		&p.Amount, (*civil)(&p.ValueDate), (*instant)(&p.ReceivedAt), &p.State,
		&p.Allocations, &p.Excess, &rev)
	return p, rev, err
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
