package postgres

import (
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func complaints() aggregate[lending.Complaint] {
	return aggregate[lending.Complaint]{
		kind: lending.KindComplaint, table: "complaint",
		columns: []column{
			{"id", "uuid", ""}, {"folio", "text", ""}, {"contact_key", "text", ""}, {"person_id", "uuid", ""}, {"state", "text", ""},
			{"opened_at", "timestamptz", ""}, {"due_by", "timestamptz", ""}, {"answered_at", "timestamptz", ""}, {"closed_at", "timestamptz", ""},
			{"resolution", "bytea", ""},
		},
		id: func(c lending.Complaint) string { return c.ID.String() },
		values: func(s sealer, c lending.Complaint) ([]any, error) {
			resolution, err := s.seal("resolution", c.ID.String(), c.Resolution)
			return []any{
				c.ID, c.Folio, c.ContactKey, optional(c.PersonID), string(c.State),
				instant(c.Opened), instant(c.DueBy), instant(c.Answered), instant(c.Closed),
				resolution,
			}, err
		},
		scan: func(s sealer, row pgx.CollectableRow) (lending.Complaint, int64, error) {
			var c lending.Complaint
			var rev int64
			var resolution []byte
			err := row.Scan(&c.ID, &c.Folio, &c.ContactKey, (*optional)(&c.PersonID), &c.State,
				(*instant)(&c.Opened), (*instant)(&c.DueBy), (*instant)(&c.Answered), (*instant)(&c.Closed), &resolution, &rev)
			if err != nil || resolution == nil {
				return c, rev, err
			}
			c.Resolution, err = s.open("resolution", c.ID.String(), resolution)
			return c, rev, err
		},
	}
}

// complaintsByPerson finds the complaints of people that are not closed.
func complaintsByPerson() lookup {
	return lookup{complaints(), "where " + ofPerson + " and state <> 'CLOSED' order by opened_at, id", ids,
		by(func(c lending.Complaint) []string { return []string{c.PersonID.String()} })}
}
