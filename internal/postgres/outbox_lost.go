package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/clockwork"
)

// The message that offers a vale is the first of its dialogue. Once anything
// else of the dialogue arrived, or may, the offer is not lost.
const lostOffersSQL = `
select v.id::text, k.opted_out_at is not null
from outbox o
join conversation c on c.id = o.conversation_id
join dialogue d on d.id = o.dialogue_id and d.about_kind = 'vale'
join vale v on v.id = case when d.about_kind = 'vale' then d.about_id::uuid end
     and c.person_id = (select coalesce(p.merged_into, p.id) from person p where p.id = v.person_id) and v.state in ('AUTHORISED', 'OFFERED')
left join contact k on k.key = c.key
where o.given_up and o.lane < 3 and o.settled_at > $1 and o.backup <> 2
  and not exists (select from outbox x where x.conversation_id = o.conversation_id and x.dialogue_id = o.dialogue_id
      and (x.id < o.id or x.state in ('queued', 'sending', 'unknown', 'accepted')))
order by o.settled_at limit $2`

// LostOffers implements clockwork.Store.
func (s *Store) LostOffers(ctx context.Context, since time.Time, limit int) ([]clockwork.LostOffer, error) {
	rows, _ := s.pool.Query(ctx, lostOffersSQL, since, limit)
	offers, err := pgx.CollectRows(rows, pgx.RowToStructByPos[clockwork.LostOffer])
	if err != nil {
		return nil, away(fmt.Errorf("list lost offers: %w", err))
	}
	return offers, nil
}

// A loan has one live attempt, so a code's message belongs to the attempt that
// lived when it was written. The event of a code that was told of has its key
// for ever. Ids grow with time: a later one is a later message.
const lostCodesSQL = `
select distinct d.id::text
from outbox o
join conversation c on c.id = o.conversation_id
join loan l on l.person_id in (select p.id from person p where p.id = c.person_id or p.merged_into = c.person_id) and l.state = 'PENDING_DISBURSEMENT'
join disbursement d on d.loan_id = l.id and d.rail = 'atm' and d.state = 'ACCEPTED' and d.created_at <= o.created_at
join withdrawal_code w on w.id = d.id and w.state in ('ISSUED', 'DELIVERED')
where o.given_up and o.lane < 3 and o.lane = 0 and o.secret and o.settled_at > $1 and o.backup <> 2
  and not exists (select from outbox x where x.conversation_id = o.conversation_id and x.lane = 0 and x.id > o.id
      and x.state in ('queued', 'sending', 'unknown', 'accepted'))
  and not exists (select from inbox e where e.source = 'core' and e.source_id = 'code.undelivered:' || d.id::text)
limit $2`

// LostCodes implements clockwork.Store.
func (s *Store) LostCodes(ctx context.Context, since time.Time, limit int) ([]string, error) {
	rows, _ := s.pool.Query(ctx, lostCodesSQL, since, limit)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, away(fmt.Errorf("list lost codes: %w", err))
	}
	return ids, nil
}
