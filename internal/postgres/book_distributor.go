package postgres

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func distributors() aggregate[lending.Distributor] {
	return aggregate[lending.Distributor]{
		kind: lending.KindDistributor, table: "distributor",
		columns: []column{
			{"id", "uuid", ""}, {"person_id", "uuid", ""}, {"state", "text", ""},
			{"limit_cents", "bigint", ""}, {"held_cents", "bigint", ""}, {"used_cents", "bigint", ""},
			// unnest flattens an array of arrays, so each list travels as its text.
			{"terms", "text", "integer[]"},
			{"pin_hash", "text", ""}, {"pin_fails", "integer", ""}, {"locked_until", "timestamptz", ""},
			{"branch", "text", ""}, {"category", "text", ""}, {"commission_cents", "bigint", ""}, {"points", "integer", ""}, {"arrears", "boolean", ""}, {"owes", "boolean", ""},
		},
		fixed: []string{"person_id"},
		id:    func(d lending.Distributor) string { return d.ID.String() },
		values: func(_ sealer, d lending.Distributor) ([]any, error) {
			terms := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(d.Terms), "[]")), ",")
			return []any{
				d.ID, d.PersonID, string(d.State),
				int64(d.Limit), int64(d.Held), int64(d.Used),
				"{" + terms + "}",
				d.PINHash, d.PINFails, instant(d.LockedUntil),
				cmp.Or(d.Branch, lending.MainBranch), d.Category, int64(d.Commission), d.Points, d.Arrears, d.Owes,
			}, nil
		},
		scan: scanDistributor,
	}
}

func scanDistributor(_ sealer, row pgx.CollectableRow) (lending.Distributor, int64, error) {
	var d lending.Distributor
	var rev int64
	err := row.Scan(&d.ID, &d.PersonID, &d.State,
		&d.Limit, &d.Held, &d.Used,
		&d.Terms,
		&d.PINHash, &d.PINFails, (*instant)(&d.LockedUntil),
		&d.Branch, &d.Category, &d.Commission, &d.Points, &d.Arrears, &d.Owes, &rev)
	return d, rev, err
}
