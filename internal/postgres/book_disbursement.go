package postgres

import (
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func disbursements() aggregate[lending.Disbursement] {
	return aggregate[lending.Disbursement]{
		kind: lending.KindDisbursement, table: "disbursement",
		columns: []column{
			{"id", "uuid", ""}, {"loan_id", "uuid", ""}, {"vale_id", "uuid", ""}, {"rail", "text", ""}, {"state", "text", ""},
			{"cents", "bigint", ""}, {"account", "bytea", ""}, {"rastreo", "text", ""}, {"token", "text", ""},
			{"created_at", "timestamptz", ""},
		},
		id: func(d lending.Disbursement) string { return d.ID.String() },
		values: func(s sealer, d lending.Disbursement) ([]any, error) {
			account, err := s.seal("account", d.ID.String(), d.Account)
			return []any{
				d.ID, d.LoanID, d.ValeID, string(d.Rail), string(d.State),
				int64(d.Amount), account, d.Rastreo, d.Token,
				instant(d.Created),
			}, err
		},
		scan: scanDisbursement,
	}
}

func scanDisbursement(s sealer, row pgx.CollectableRow) (lending.Disbursement, int64, error) {
	var d lending.Disbursement
	var rev int64
	var account []byte
	err := row.Scan(&d.ID, &d.LoanID, &d.ValeID, &d.Rail, &d.State,
		&d.Amount, &account, &d.Rastreo, &d.Token,
		(*instant)(&d.Created), &rev)
	if err == nil {
		d.Account, err = s.open("account", d.ID.String(), account)
	}
	return d, rev, err
}

func codes() aggregate[lending.Code] {
	return aggregate[lending.Code]{
		kind: lending.KindCode, table: "withdrawal_code",
		columns: []column{
			{"id", "uuid", ""}, {"state", "text", ""}, {"digits", "bytea", ""}, {"network", "text", ""},
			{"expires_at", "timestamptz", ""}, {"resent", "smallint", ""},
		},
		id: func(c lending.Code) string { return c.ID.String() },
		values: func(s sealer, c lending.Code) ([]any, error) {
			digits, err := s.seal("digits", c.ID.String(), c.Digits)
			return []any{c.ID, string(c.State), digits, c.Network, instant(c.Expires), int16(c.Resent)}, err
		},
		scan: scanCode,
	}
}

func scanCode(s sealer, row pgx.CollectableRow) (lending.Code, int64, error) {
	var c lending.Code
	var rev int64
	var digits []byte
	err := row.Scan(&c.ID, &c.State, &digits, &c.Network, (*instant)(&c.Expires), &c.Resent, &rev)
	if err == nil {
		c.Digits, err = s.open("digits", c.ID.String(), digits)
	}
	return c, rev, err
}
