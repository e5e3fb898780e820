package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/lending"
)

// The chat of a complaint or a request, and who has it. Whoever may not see the
// chat does not see what was asked in it, unless it is for a queue of hers.
const (
	petitionJoin = `
left join person p on p.id = x.person_id
left join conversation c on c.key = x.contact_key
left join agent a on a.name = c.agent
where (c.id is null or desk_sees($1, c.owner, c.agent, c.queue) or exists (select from agent v where v.name = $1 and `
	complaintQueue = `'quejas' = any (v.queues))) `
	requestQueue   = `case x.kind when 'arco' then 'privacidad' when 'fraude' then 'fraude' when 'comprobante' then 'pagos' when 'alta' then 'altas'
    else 'general' end = any (v.queues))) `
)

// closedFor is how long a closed complaint stays on the board.
const closedFor = 30 * 24 * time.Hour

const complaintsSQL = `
select x.id, c.id, x.folio, coalesce(p.name, ''), x.state, x.opened_at, x.due_by, x.answered_at, x.closed_at, coalesce(a.full_name, '')
from complaint x` + petitionJoin + complaintQueue

// Complaints lists the complaints that are open or were closed lately, as far as
// the agent may see them, the most pressing first. What was answered is not
// among it.
func (s *Store) Complaints(ctx context.Context, agent string, now time.Time) ([]casework.Complaint, error) {
	rows, _ := s.pool.Query(ctx, complaintsSQL+`and (x.state <> 'CLOSED' or x.closed_at > $2)
order by x.state = 'CLOSED', x.due_by, x.id limit 500`, agent, now.Add(-closedFor))
	all, err := pgx.CollectRows(rows, scanComplaint)
	if err != nil {
		return nil, away(fmt.Errorf("list complaints: %w", err))
	}
	return all, nil
}

func scanComplaint(row pgx.CollectableRow) (q casework.Complaint, err error) {
	return q, row.Scan(&q.ID, (*optional)(&q.Case), &q.Folio, &q.Name, &q.State, (*instant)(&q.Opened), (*instant)(&q.DueBy),
		(*instant)(&q.Answered), (*instant)(&q.Closed), &q.Agent)
}

// ComplaintAt reads one complaint with what it was answered with; fault.NotFound
// if there is none or the agent may not see it. Reading it is witnessed.
func (s *Store) ComplaintAt(ctx context.Context, agent string, id uuid.UUID, now time.Time) (casework.Complaint, error) {
	rows, _ := s.pool.Query(ctx, complaintsSQL+`and x.id = $2`, agent, id)
	q, err := pgx.CollectExactlyOneRow(rows, scanComplaint)
	if err != nil {
		return q, one(err, "no_such_complaint", "Esa queja no existe.")
	}
	var sealed []byte
	if err := s.pool.QueryRow(ctx, `select resolution from complaint where id = $1`, id).Scan(&sealed); err != nil {
		return q, away(fmt.Errorf("read resolution: %w", err))
	}
	if sealed != nil {
		if q.Resolution, err = (sealer{s.vault, "complaint"}).open("resolution", id.String(), sealed); err != nil {
			return q, err
		}
	}
	return q, s.noteRead(ctx, "agent:"+agent, "desk.complaint", "complaint", id.String(), "", now)
}

// one turns a row that is not there into a refusal.
func one(err error, code, text string) error {
	if err == pgx.ErrNoRows {
		return fault.New(fault.NotFound, code, text)
	}
	return away(fmt.Errorf("read one: %w", err))
}

const requestsSQL = `
select x.id, c.id, x.person_id, x.folio, x.kind, coalesce(p.name, ''), x.opened_at, x.due_by, x.decision, x.reason, x.cents, x.retry_on, coalesce(a.full_name, '')
from request x` + petitionJoin + requestQueue + `and x.closed_at is null `

// Requests lists what people asked for and nobody has closed, of one kind or of
// all for "", by deadline. What they said is not among it.
func (s *Store) Requests(ctx context.Context, agent string, kind lending.RequestKind) ([]casework.Request, error) {
	rows, _ := s.pool.Query(ctx, requestsSQL+`and ($2 = '' or x.kind = $2) order by x.due_by, x.id limit 500`, agent, kind)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r casework.Request, err error) {
		return r, row.Scan(&r.ID, (*optional)(&r.Case), &r.Person, &r.Folio, &r.Kind, &r.Name, (*instant)(&r.Opened), (*instant)(&r.DueBy),
			&r.Decision, &r.Reason, &r.Amount, (*civil)(&r.RetryOn), &r.Agent)
	})
	if err != nil {
		return nil, away(fmt.Errorf("list requests: %w", err))
	}
	return all, nil
}

// Petitions counts open requests by kind, and the complaints that no person has
// answered yet with the first of their deadlines.
func (s *Store) Petitions(ctx context.Context, agent string) (requests []casework.KindTally, complaints casework.KindTally, err error) {
	all, err := s.Requests(ctx, agent, "")
	if err != nil {
		return nil, complaints, err
	}
	at := map[lending.RequestKind]int{}
	for _, r := range all {
		i, known := at[r.Kind]
		if !known {
			i = len(requests)
			at[r.Kind] = i
			requests = append(requests, casework.KindTally{Kind: r.Kind, DueBy: r.DueBy})
		}
		requests[i].Count++
	}
	rows, _ := s.pool.Query(ctx, complaintsSQL+`and x.state = 'OPEN' order by x.due_by`, agent)
	open, err := pgx.CollectRows(rows, scanComplaint)
	if complaints.Count = len(open); len(open) > 0 {
		complaints.DueBy = open[0].DueBy
	}
	return requests, complaints, away(wrap("count complaints", err))
}
