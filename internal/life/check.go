package life

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
)

// check computes everything again. The error says what does not hold.
func (b *business) check(ctx context.Context) error {
	b.Report.Checks++
	report, err := b.nodes[0].store.Verify(ctx)
	if err != nil {
		return err
	}
	var wrong []string
	for _, d := range report.Differences {
		wrong = append(wrong, fmt.Sprintf("verify %s %s: %s", d.Check, d.Where, d.Text))
	}
	if report.Acceptances != b.accepted {
		wrong = append(wrong, fmt.Sprintf("%d acceptances are sealed, %d happened", report.Acceptances, b.accepted))
	}
	for _, rule := range rules() {
		rows, _ := b.conn.Query(ctx, rule.broken+" limit 5")
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("%s: %w", rule.name, err)
		}
		for _, one := range found {
			wrong = append(wrong, rule.name+": "+one)
		}
	}
	for _, look := range []func(context.Context) ([]string, error){b.checkCash, b.checkSides, b.checkTraces, b.checkArrears, b.checkReplayed} {
		more, err := look(ctx)
		if err != nil {
			return err
		}
		wrong = append(wrong, more...)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong[:min(len(wrong), 20)], "\n"))
	}
	return nil
}

// rule is something that the rows say of each other. The query lists what
// breaks it.
type rule struct{ name, broken string }

func rules() []rule {
	return []rule{
		{"a line holds what is offered and uses what is lent", `
			select d.id::text || ' held ' || held_cents || '/' || coalesce(v.held, 0) || ' used ' || used_cents || '/' || coalesce(v.used, 0)
			from distributor d left join (
				select v.distributor_id, coalesce(sum(v.principal_cents) filter (where v.state not in ('CONVERTED', 'DECLINED', 'EXPIRED', 'CANCELLED', 'REJECTED')), 0) as held,
				       coalesce(sum(v.principal_cents - l.released_cents) filter (where v.state = 'CONVERTED'), 0) as used
				from vale v left join loan l on l.vale_id = v.id group by 1) v on v.distributor_id = d.id
			where held_cents <> coalesce(v.held, 0) or used_cents <> coalesce(v.used, 0) or held_cents + used_cents > limit_cents`},
		{"each vale is a loan at most once, and each loan is of an accepted vale", `
			select l.folio from loan l left join vale v on v.id = l.vale_id
			where v.state is distinct from 'CONVERTED' or v.loan_id <> l.id or v.folio <> l.folio or v.accepted_at is null or v.evidence is null`},
		{"a loan owes just as its state says", `
			select folio || ' ' || state || ' ' || owed_cents from loan
			where state not in ('PENDING_DISBURSEMENT', 'CANCELLED')
			  and ((state in ('SETTLED', 'RECOVERED')) <> (owed_cents = 0) or overdue_cents > owed_cents or (left_count = 0) <> (owed_cents = 0))`},
		{"a rail is asked to pay once for each attempt", `
			select d.id::text || ' ' || count(c.op) from disbursement d left join life_call c on c.disbursement = d.id and c.op in ('issue', 'transfer')
			group by d.id having count(c.op) <> 1`},
		{"money goes out once for a loan that is owed, and not at all for another", `
			select l.folio || ' ' || l.state || ' ' || count(d.id) filter (where d.state = 'SETTLED')
			from loan l join disbursement d on d.loan_id = l.id group by l.folio, l.state
			having count(d.id) filter (where d.state = 'SETTLED') <> case when l.state in ('PENDING_DISBURSEMENT', 'CANCELLED') then 0 else 1 end`},
		{"digits are kept only while they can be used", `
			select id::text || ' ' || state from withdrawal_code where (digits is not null) <> (state in ('ISSUED', 'DELIVERED'))`},
		{"every centavo of a payment is somewhere", `
			select source || ' ' || reference || ' ' || cents || ' ' || placed from (
				select source, reference, state, cents, excess_cents + coalesce((select sum((a->>'amount')::bigint)
				       from jsonb_array_elements(case jsonb_typeof(allocations) when 'array' then allocations else '[]' end) a), 0) as placed
				from payment) p
			where state = 'POSTED' and placed <> cents and not (source in ('quita', 'bonificacion', 'condonacion') and placed < cents)
			   or state <> 'POSTED' and placed <> 0`},
		{"every centavo of a distributor's deposit is in a part of it or in her favour", `
			select d.source || ' ' || d.reference || ' ' || d.cents from relacion_deposit d left join payment p
			       on p.source = d.source and p.reference in (select d.reference || '/' || f from unnest(string_to_array(d.folios, ' ')) f)
			group by d.id having d.cents <> d.excess_cents + coalesce(sum(p.cents), 0)`},
		{"a relación is covered by what its loans have settled of it", `
			select r.folio || ' ' || r.state || ' ' || r.covered_cents || '/' || coalesce(sum((l.listing->>'settled')::bigint), 0)
			from relacion r left join loan l on l.listing->>'relacion' = r.id::text
			where not exists (select from relacion x where x.distributor_id = r.distributor_id and x.due_on > r.due_on)
			group by r.id having r.covered_cents <> coalesce(sum((l.listing->>'settled')::bigint), 0)`},
		{"a distributor whose latest relación is not paid owes, and who owes has one that is not", `
			select d.id::text from distributor d left join lateral (
				select state from relacion r where r.distributor_id = d.id order by due_on desc limit 1) r on true
			where not d.owes and r.state <> 'PAID' or d.arrears and d.state <> 'BLOCKED'
			   or d.owes and not exists (select from relacion r where r.distributor_id = d.id and r.state not in ('PAID', 'CARRIED'))`},
		{"one promise of a loan is open", `select loan_id::text from promise where state = 'OPEN' group by loan_id having count(*) > 1`},
		{"no record is merged into a merged one", `
			select p.id::text from person p left join person k on k.id = p.merged_into
			where p.merged_into is not null and k.merged_into is not null
			   or p.holds <> (select count(*) from person x where x.merged_into = p.id)`},
	}
}

// checkCash compares the cash of the books, money under way included, with what
// came in and went out.
func (b *business) checkCash(ctx context.Context) ([]string, error) {
	var booked, paidOut money.Amount
	err := b.conn.QueryRow(ctx, `select
		coalesce((select sum(cents) from ledger_line where account in ('bank_stp', 'cash_provider', 'code_out', 'disbursement_out')), 0)::bigint,
		coalesce((select sum(cents) from disbursement where state = 'SETTLED'), 0)::bigint`).Scan(&booked, &paidOut)
	if err != nil || booked == b.cash-paidOut {
		return nil, err
	}
	return []string{fmt.Sprintf("the books hold %s of cash, %s came in and %s went out: %s too much", booked, b.cash, paidOut, booked-b.cash+paidOut)}, nil
}

// checkSides holds every account to the side on which it may stand.
func (b *business) checkSides(ctx context.Context) ([]string, error) {
	rows, _ := b.conn.Query(ctx, `select account, owner, sum(cents)::bigint from ledger_line group by 1, 2 having sum(cents) <> 0`)
	balances := map[ledger.Account]money.Amount{}
	var a ledger.Account
	var cents money.Amount
	if _, err := pgx.ForEachRow(rows, []any{&a.Code, &a.Owner, &cents}, func() error { balances[a] = cents; return nil }); err != nil {
		return nil, fmt.Errorf("read balances: %w", err)
	}
	if err := ledger.Check(balances); err != nil {
		return []string{err.Error()}, nil
	}
	return nil, nil
}

// checkTraces holds that every act left its line in the audit.
func (b *business) checkTraces(ctx context.Context) ([]string, error) {
	var left int
	err := b.conn.QueryRow(ctx, `select count(distinct cause) from audit where cause like 'life:%' and outcome <> 'refused'`).Scan(&left)
	if err != nil || left == b.done {
		return nil, err
	}
	return []string{fmt.Sprintf("%d acts left a trace, %d were done", left, b.done)}, nil
}

// checkArrears holds the portfolio by days late against the loans.
func (b *business) checkArrears(ctx context.Context) ([]string, error) {
	buckets, err := b.nodes[1].store.Arrears(ctx)
	if err != nil {
		return nil, err
	}
	var n, loans int
	var sum, owed money.Amount
	for _, one := range buckets {
		n, sum = n+one.Loans, sum+one.Owed
	}
	if err := b.conn.QueryRow(ctx, `select count(*), coalesce(sum(owed_cents), 0)::bigint from loan where state = 'ACTIVE'`).Scan(&loans, &owed); err != nil {
		return nil, fmt.Errorf("add up loans: %w", err)
	}
	if n != loans || sum != owed {
		return []string{fmt.Sprintf("the buckets hold %d loans of %s, there are %d of %s", n, sum, loans, owed)}, nil
	}
	return nil, nil
}

// checkReplayed closes every active loan again for the day up to which its books
// show it: nothing may come of that.
func (b *business) checkReplayed(ctx context.Context) (wrong []string, err error) {
	rows, _ := b.conn.Query(ctx, `select id from loan where state = 'ACTIVE' order by id`)
	all, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list loans: %w", err)
	}
	err = b.nodes[1].store.Read(ctx, func(book *lending.Book) error {
		var missing error
		wrong = nil
		for _, id := range all {
			l, err := book.Loan(id)
			if err != nil {
				missing = err
				continue
			}
			payments, err := book.PaymentsOf(id)
			if err != nil {
				missing = err
				continue
			}
			again := lending.CloseDay(l, payments, l.Position.AsOf)
			if again.Position != l.Position || len(again.Lines) > 0 || l.State != loan.LoanActive {
				wrong = append(wrong, fmt.Sprintf("loan %s stands at %+v, its payments say %+v", l.Folio, l.Position, again.Position))
			}
		}
		return missing
	})
	return wrong, err
}
