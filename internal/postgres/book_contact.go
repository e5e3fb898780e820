package postgres

import (
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func contacts() aggregate[lending.Contact] {
	return aggregate[lending.Contact]{
		kind: lending.KindContact, table: "contact",
		columns: []column{
			{"key", "text", ""}, {"person_id", "uuid", ""},
			{"opted_out_at", "timestamptz", ""}, {"wrong_number_at", "timestamptz", ""},
			{"missed_on", "date", ""}, {"misses", "integer", ""},
			{"doubted_at", "timestamptz", ""}, {"doubt", "text", ""}, {"wrong_answers", "smallint", ""}, {"proven_at", "timestamptz", ""},
			{"user_id", "text", ""}, {"came_from", "text", ""},
		},
		id: func(c lending.Contact) string { return c.Key },
		values: func(_ sealer, c lending.Contact) ([]any, error) {
			return []any{
				c.Key, optional(c.PersonID), instant(c.OptedOut), instant(c.WrongNumber), civil(c.Missed), c.Misses,
				instant(c.Doubted), string(c.Doubt), c.WrongAnswers, instant(c.Proven), c.UserID, c.CameFrom,
			}, nil
		},
		scan: func(_ sealer, row pgx.CollectableRow) (lending.Contact, int64, error) {
			var c lending.Contact
			var rev int64
			err := row.Scan(&c.Key, (*optional)(&c.PersonID), (*instant)(&c.OptedOut), (*instant)(&c.WrongNumber),
				(*civil)(&c.Missed), &c.Misses, (*instant)(&c.Doubted), &c.Doubt, &c.WrongAnswers, (*instant)(&c.Proven), &c.UserID, &c.CameFrom, &rev)
			return c, rev, err
		},
	}
}
