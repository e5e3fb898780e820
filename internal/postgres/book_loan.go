package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/loan"
)

func loans() aggregate[lending.Loan] {
	return aggregate[lending.Loan]{
		kind: lending.KindLoan, table: "loan",
		columns: []column{
			{"id", "uuid", ""}, {"vale_id", "uuid", ""}, {"folio", "text", ""},
			{"person_id", "uuid", ""}, {"distributor_id", "uuid", ""}, {"state", "text", ""},
			{"quote", "jsonb", ""}, {"terms_hash", "text", ""}, {"reference", "text", ""},
			{"active_on", "date", ""}, {"replanned_at", "timestamptz", ""}, {"released_cents", "bigint", ""},
			{"as_of", "date", ""}, {"next_n", "integer", ""}, {"next_due", "date", ""}, {"next_cents", "bigint", ""},
			{"owed_cents", "bigint", ""}, {"overdue_cents", "bigint", ""}, {"days_late", "integer", ""}, {"left_count", "integer", ""},
			{"reward", "jsonb", ""}, {"commission_cents", "bigint", ""}, {"points", "integer", ""}, {"listing", "jsonb", ""},
			{"wake_on", "date", ""},
		},
		fixed: []string{"vale_id", "folio", "distributor_id", "reference"},
		// Both lie outside the row, so that writing them writes two rows and an index.
		heavy: []heavy[lending.Loan]{
			{[]string{"quote", "terms_hash", "reward"}, func(old, now lending.Loan) bool {
				return old.TermsHash == now.TermsHash && len(old.Quote.Rows) == len(now.Quote.Rows)
			}},
			{[]string{"listing"}, func(old, now lending.Loan) bool { return sameListing(old.Listing, now.Listing) }},
		},
		id:     func(l lending.Loan) string { return l.ID.String() },
		values: loanValues,
		scan:   scanLoan,
	}
}

func loanValues(_ sealer, l lending.Loan) ([]any, error) {
	quote := later(func() (string, error) { return asJSON(l.Quote) })
	reward := later(func() (string, error) { return asJSON(l.Reward) })
	listing := later(func() (string, error) { return asJSON(l.Listing) })
	p := l.Position
	return []any{
		l.ID, l.ValeID, l.Folio,
		l.PersonID, l.DistributorID, string(l.State),
		quote, l.TermsHash, l.Reference,
		civil(l.Active), instant(l.Replanned), int64(l.Released),
		civil(p.AsOf), p.NextN, civil(p.NextDue), int64(p.NextAmount),
		int64(p.Owed), int64(p.Overdue), p.DaysLate, p.Left,
		reward, int64(l.Commission), l.Points, listing,
		civil(l.Wake()),
	}, nil
}

func sameListing(a, b lending.Listing) bool {
	return a.Relacion == b.Relacion && a.Terms == b.Terms && a.Settled == b.Settled && slices.Equal(a.Rows, b.Rows)
}

func scanLoan(_ sealer, row pgx.CollectableRow) (lending.Loan, int64, error) {
	var l lending.Loan
	var rev int64
	var quote *loan.Quote // null where the caller knows the plan
	p := &l.Position
	err := row.Scan(&l.ID, &l.ValeID, &l.Folio,
		&l.PersonID, &l.DistributorID, &l.State,
		&quote, &l.TermsHash, &l.Reference,
		(*civil)(&l.Active), (*instant)(&l.Replanned), &l.Released,
		(*civil)(&p.AsOf), &p.NextN, (*civil)(&p.NextDue), &p.NextAmount,
		&p.Owed, &p.Overdue, &p.DaysLate, &p.Left,
		&l.Reward, &l.Commission, &l.Points, &l.Listing,
		new(civil), &rev)
	if quote != nil {
		l.Quote = *quote
	}
	return l, rev, err
}
