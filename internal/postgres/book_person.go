package postgres

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/quincena"
)

func persons() aggregate[lending.Person] {
	return aggregate[lending.Person]{
		kind: lending.KindPerson, table: "person",
		columns: []column{
			{"id", "uuid", ""}, {"phone", "text", ""}, {"name", "text", ""}, {"birth", "bytea", ""},
			{"limit_cents", "bigint", ""}, {"blocked", "boolean", ""}, {"segment", "text", ""}, {"language", "text", ""},
			{"paid_count", "integer", ""}, {"broken", "integer", ""}, {"verify_fails", "integer", ""},
			{"locked_until", "timestamptz", ""}, {"created_at", "timestamptz", ""}, {"merged_into", "uuid", ""}, {"holds", "integer", ""}, {"reach", "text", ""},
		},
		id: func(p lending.Person) string { return p.ID.String() },
		values: func(s sealer, p lending.Person) ([]any, error) {
			birth, err := s.seal("birth", p.ID.String(), p.Birth.String())
			return []any{
				p.ID, p.Phone, p.Name, birth,
				int64(p.Limit), p.Blocked, p.Segment, p.Language,
				p.PaidCount, p.Broken, p.VerifyFails,
				instant(p.LockedUntil), instant(p.Created), optional(p.MergedInto), p.Holds, p.Reach,
			}, err
		},
		scan: scanPerson,
	}
}

func scanPerson(s sealer, row pgx.CollectableRow) (lending.Person, int64, error) {
	var p lending.Person
	var rev int64
	var birth []byte
	err := row.Scan(&p.ID, &p.Phone, &p.Name, &birth,
		&p.Limit, &p.Blocked, &p.Segment, &p.Language,
		&p.PaidCount, &p.Broken, &p.VerifyFails,
		(*instant)(&p.LockedUntil), (*instant)(&p.Created), (*optional)(&p.MergedInto), &p.Holds, &p.Reach, &rev)
	if err != nil || birth == nil {
		return p, rev, err
	}
	text, err := s.open("birth", p.ID.String(), birth)
	if err != nil {
		return p, rev, err
	}
	if p.Birth, err = quincena.ParseDate(text); err != nil {
		// The parser's error would quote the date.
		return p, rev, fmt.Errorf("read birth of %s: not a date", p.ID)
	}
	return p, rev, nil
}
