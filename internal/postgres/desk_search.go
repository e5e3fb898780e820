package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/mexid"
	"valebot/internal/money"
)

// Every search ends in chats, so that who may not see a chat finds nothing of
// whom it is with. A person without a chat is found by supervisors and auditors.
const hitTail = `
left join conversation c on c.key = coalesce(nullif(p.reach, ''), 'tel:' || p.phone)
where desk_sees($1, coalesce(c.owner, 'bot'), coalesce(c.agent, ''), coalesce(c.queue, '')) `

const peopleSQL = `select 'Persona', p.name, p.phone, '', 0::bigint, c.id, '' from person p` + hitTail

const (
	byPhoneSQL = peopleSQL + `and p.phone = $2 limit 20`
	byTailSQL  = peopleSQL + `and p.phone like '%' || $2 order by p.name, p.id limit 20`
	byNameSQL  = peopleSQL + `and (select bool_and(translate(lower(p.name), 'áéíóúüñ', 'aeiouun') like '%' || w || '%') from unnest($2::text[]) w)
order by p.name, p.id limit 20`
	byAmountSQL = `
select 'Pago', l.folio, p.phone, p.name, y.cents, c.id, '' from payment y join loan l on l.id = y.loan_id join person p on p.id = l.person_id` + hitTail +
		`and y.cents = $2 order by y.received_at desc limit 20`
	byFolioSQL = `
select 'Vale', v.folio, p.phone, p.name, v.principal_cents, c.id, '' from vale v join person p on p.id = v.person_id` + hitTail + `and v.folio = $2
union all
select 'Queja', q.folio, p.phone, p.name, 0, c.id, '/mesa/quejas/' || q.id from complaint q join person p on p.id = q.person_id` + hitTail + `and q.folio = $2
union all
select 'Solicitud', r.folio, p.phone, p.name, r.cents, c.id, '' from request r join person p on p.id = r.person_id` + hitTail + `and r.folio = $2
union all
select 'Relación', r.folio, p.phone, p.name, r.total_cents, c.id, '' from relacion r join distributor d on d.id = r.distributor_id
join person p on p.id = d.person_id` + hitTail + `and r.folio = $2`
)

// Search finds people, vales, complaints, requests and payments, as far as the
// agent may see them. What was looked for is not written down; that somebody
// looked, for what kind of thing, is.
func (s *Store) Search(ctx context.Context, agent string, q casework.Query, now time.Time) ([]casework.Hit, error) {
	if q.Empty() {
		return nil, nil
	}
	sql, arg := searchFor(q)
	rows, _ := s.pool.Query(ctx, sql, agent, arg)
	hits, err := pgx.CollectRows(rows, scanHit)
	if err != nil {
		return nil, away(fmt.Errorf("search: %w", err))
	}
	return hits, s.noteRead(ctx, "agent:"+agent, "desk.search", "search", q.Kind(), fmt.Sprintf("%d hits", len(hits)), now)
}

func searchFor(q casework.Query) (sql string, arg any) {
	switch {
	case q.Phone != "":
		return byPhoneSQL, q.Phone
	case q.Tail != "":
		return byTailSQL, q.Tail
	case q.Folio != "":
		return byFolioSQL, q.Folio
	case q.Amount != 0:
		return byAmountSQL, int64(q.Amount)
	}
	return byNameSQL, q.Words
}

// scanHit masks the phone, of which its end tells people of one name apart.
func scanHit(row pgx.CollectableRow) (h casework.Hit, err error) {
	var phone, name string
	var cents int64
	if err := row.Scan(&h.What, &h.Title, &phone, &name, &cents, (*optional)(&h.Case), &h.Link); err != nil {
		return h, err
	}
	var notes []string
	if name != "" {
		notes = append(notes, name)
	}
	if cents != 0 {
		notes = append(notes, money.Amount(cents).String())
	}
	h.Note = strings.Join(append(notes, mexid.Phone(phone).Mask()), " · ")
	return h, nil
}
