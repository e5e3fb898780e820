package postgres

import (
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func referrals() aggregate[lending.Referral] {
	return aggregate[lending.Referral]{
		kind: lending.KindReferral, table: "referral",
		columns: []column{
			{"id", "uuid", ""}, {"word", "text", ""}, {"referrer_id", "uuid", ""}, {"made_at", "timestamptz", ""},
			{"expires_at", "timestamptz", ""}, {"taken_at", "timestamptz", ""}, {"taken_by", "uuid", ""},
		},
		fixed: []string{"word", "referrer_id", "made_at", "expires_at"},
		id:    func(r lending.Referral) string { return r.ID.String() },
		values: func(_ sealer, r lending.Referral) ([]any, error) {
			return []any{r.ID, r.Word, r.ReferrerID, instant(r.Made), instant(r.Expires), instant(r.Taken), optional(r.TakenBy)}, nil
		},
		scan: func(_ sealer, row pgx.CollectableRow) (lending.Referral, int64, error) {
			var r lending.Referral
			var rev int64
			err := row.Scan(&r.ID, &r.Word, &r.ReferrerID, (*instant)(&r.Made), (*instant)(&r.Expires),
				(*instant)(&r.Taken), (*optional)(&r.TakenBy), &rev)
			return r, rev, err
		},
	}
}
