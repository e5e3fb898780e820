package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"valebot/internal/money"
)

// What the lender holds for others: each deposit in suspense is what its row
// says, and each saldo a favor is what payments and deposits on relaciones left over, less what was used
// and refunded.
const heldSQL = `
with book as (
    select account, owner, -sum(cents)::bigint as cents from ledger_line
    where account in ('unmatched_in', 'saldo_a_favor') group by account, owner having sum(cents) <> 0
), suspense as (
    select id::text as owner, 'depósito ' || source || ' ' || reference as name,
           case when state in ('UNMATCHED', 'RETURN_REQUESTED') then cents else 0 end as cents
    from payment where parked <> '' or id::text in (select owner from book where account = 'unmatched_in')
), moves as (
    select person_id, excess_cents - case when source = 'saldo' then cents else 0 end as cents
    from payment where state = 'POSTED' and (excess_cents <> 0 or source = 'saldo')
    union all
    select d.person_id, x.excess_cents from relacion_deposit x join distributor d on d.id = x.distributor_id
    where x.state = 'POSTED' and x.excess_cents <> 0
    union all
    select person_id, -cents from correction where kind = 'reembolso' and state = 'DONE'
), credit as (
    select person_id::text as owner, sum(cents)::bigint as cents from moves group by person_id
)
select 'suspense', coalesce(s.name, b.owner), coalesce(b.cents, 0), coalesce(s.cents, 0)
from (select * from book where account = 'unmatched_in') b full join suspense s using (owner)
union all
select 'credit', owner, coalesce(b.cents, 0), coalesce(c.cents, 0)
from (select * from book where account = 'saldo_a_favor') b full join credit c using (owner)
order by 1 desc, 2`

func (r *Report) held(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, heldSQL)
	if err != nil {
		return fmt.Errorf("read what is held: %w", err)
	}
	var check, where string
	var book, row money.Amount
	_, err = pgx.ForEachRow(rows, []any{&check, &where, &book, &row}, func() error {
		if book != 0 || row != 0 {
			r.Deposits++
		}
		what := "lo que está por identificar"
		if check == "credit" {
			what = "el saldo a favor"
		}
		r.compare(check, where, what, book, row)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what is held: %w", err)
	}
	return nil
}
