package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"valebot/internal/quincena"
)

// Who agreed comes first: they are few. Nobody gets a tip who left, whose number
// is somebody else's, who is late with any vale, or who waits for the answer to
// a complaint.
const tipLoansSQL = `
select distinct on (p.id) l.id::text
from (select distinct contact_key from consent where purpose = 'marketing' and granted) k
join person p on p.phone = substr(k.contact_key, 5)
join loan l on l.person_id = p.id and l.state = 'ACTIVE' and l.next_due between $2::date and $3::date
left join contact x on x.key = k.contact_key
left join conversation c on c.key = k.contact_key
where k.contact_key like 'tel:%' and not p.blocked and x.opted_out_at is null and x.wrong_number_at is null
  and consents(k.contact_key, coalesce(c.channel, 'sms'), 'marketing')
  and not exists (select from tip t where t.person_id = p.id and t.told_on >= date_trunc('month', $1::date))
  and not exists (select from complaint q where q.person_id = p.id and q.state <> 'CLOSED')
  and not exists (select from loan o where o.person_id = p.id and o.state = 'ACTIVE' and o.overdue_cents > 0)
order by p.id, l.next_due, l.id limit $4`

// TipLoans implements clockwork.Store.
func (s *Store) TipLoans(ctx context.Context, today, from, until quincena.Date, limit int) ([]string, error) {
	rows, _ := s.pool.Query(ctx, tipLoansSQL, today.String(), from.String(), until.String(), limit)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, away(fmt.Errorf("list loans for tips: %w", err))
	}
	return ids, nil
}

// Tipped implements clockwork.Store.
func (s *Store) Tipped(ctx context.Context, loans []string, today quincena.Date) error {
	_, err := s.pool.Exec(ctx, `
insert into tip (person_id, told_on) select distinct person_id, $2::date from loan where id = any($1::uuid[]) order by person_id
on conflict (person_id) do update set told_on = excluded.told_on`, loans, today.String())
	return away(wrap("note tips", err))
}
