package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/quincena"
	"valebot/internal/statement"
)

// Branches implements clockwork.CorteStore.
func (s *Store) Branches(ctx context.Context) ([]string, error) {
	return s.list(ctx, "list branches", `select distinct branch from distributor where state <> 'APPLICANT' order by 1`)
}

// Corte implements clockwork.CorteStore.
func (s *Store) Corte(ctx context.Context, id string) (found lending.Corte, err error) {
	err = s.Read(ctx, func(b *lending.Book) error {
		parsed, err := uuid.Parse(id)
		if err != nil {
			return err
		}
		found, err = b.Corte(parsed)
		return err
	})
	return found, err
}

// DistributorsToCut implements clockwork.CorteStore.
func (s *Store) DistributorsToCut(ctx context.Context, corte, after string, limit int) ([]string, error) {
	return s.list(ctx, "list distributors to cut", `select d.id::text from distributor d join corte c on c.id = $1::uuid and c.branch = d.branch
		where d.id > coalesce(nullif($2, ''), '00000000-0000-0000-0000-000000000000')::uuid
		  and exists (select from loan l where l.distributor_id = d.id and l.state = 'ACTIVE')
		  and not exists (select from relacion r where r.corte_id = c.id and r.distributor_id = d.id)
		order by d.id limit $3`, corte, after, limit)
}

// LateRelaciones implements clockwork.CorteStore.
func (s *Store) LateRelaciones(ctx context.Context, today quincena.Date, after string, limit int) ([]string, error) {
	return s.list(ctx, "list late relaciones", `select id::text from relacion where state in ('GENERATED', 'PARTIAL') and enforceable_on < $1
		and id > coalesce(nullif($2, ''), '00000000-0000-0000-0000-000000000000')::uuid order by id limit $3`, civil(today), after, limit)
}

func (s *Store) list(ctx context.Context, what, query string, args ...any) ([]string, error) {
	rows, _ := s.pool.Query(ctx, query, args...)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, away(fmt.Errorf("%s: %w", what, err))
	}
	return all, nil
}

// CorteOutlook is what cutting a branch today would meet.
type CorteOutlook struct {
	Branch       string `json:"branch"`
	To           string `json:"last_to"` // end of the latest period; "" if there was none
	State        string `json:"last_state"`
	Distributors int    `json:"distributors"` // with active loans
	Late         int    `json:"late"`         // relaciones to be noted as late
}

// CorteOutlook reads what cutting would meet, per branch, and changes nothing.
func (s *Store) CorteOutlook(ctx context.Context, today quincena.Date) ([]CorteOutlook, error) {
	rows, _ := s.pool.Query(ctx, `
		select b.branch, coalesce(c.to_day::text, ''), coalesce(c.state, ''),
		    (select count(*) from distributor d where d.branch = b.branch and exists (select from loan l where l.distributor_id = d.id and l.state = 'ACTIVE')),
		    (select count(*) from relacion r join distributor d on d.id = r.distributor_id
		     where d.branch = b.branch and r.state in ('GENERATED', 'PARTIAL') and r.enforceable_on < $1)
		from (select distinct branch from distributor) b
		left join lateral (select to_day, state from corte where branch = b.branch order by seq desc limit 1) c on true order by 1`, civil(today))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CorteOutlook])
	if err != nil {
		return nil, away(fmt.Errorf("read outlook of cortes: %w", err))
	}
	return all, nil
}

// Statement reads a relación by its payment reference or folio, for a person who
// is named in the audit: clients' names are in it.
func (s *Store) Statement(ctx context.Context, actor, reference string, now time.Time) (found statement.Statement, err error) {
	err = s.Read(ctx, func(b *lending.Book) error {
		r, ok, err := b.RelacionByReference(reference)
		switch {
		case err != nil:
			return err
		case !ok:
			return fault.New(fault.NotFound, "no_such_relacion", "No hay una relación con esa referencia.")
		}
		rows, err1 := b.RelacionRows(r.ID)
		corte, err2 := b.Corte(r.CorteID)
		d, err3 := b.Distributor(r.DistributorID)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		who, err := b.Person(d.PersonID)
		found = statement.Statement{Name: who.Name, Branch: corte.Branch, Relacion: r, Rows: rows.Rows}
		return err
	})
	if err != nil {
		return found, err
	}
	return found, s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		w := &writer{batch: &pgx.Batch{}, at: now, newID: s.newID}
		w.audits([]lending.Audit{{
			Actor: actor, Action: "relacion.read", Subject: lending.Key{Kind: lending.KindRelacion, ID: found.Relacion.ID.String()}, Outcome: "ok",
			Cause: "read:" + found.Relacion.Folio,
		}})
		return w.send(ctx, tx)
	})
}

// Arrears are the numbers of the portfolio by bucket of days late, as of the last
// day close: bucket 0 is on time.
func (s *Store) Arrears(ctx context.Context) ([]lending.ArrearsBucket, error) {
	rows, _ := s.pool.Query(ctx, `
		select b.n, coalesce(b.from_day, 0), count(l.id), coalesce(sum(l.owed_cents), 0)::bigint, coalesce(sum(l.overdue_cents), 0)::bigint,
		       count(distinct l.distributor_id)
		from (select 0 as n, 0 as from_day union all select ord, day from unnest($1::int[]) with ordinality as u (day, ord)) b
		left join loan l on l.state = 'ACTIVE' and width_bucket(l.days_late, $1::int[]) = b.n
		group by b.n, b.from_day order by b.n`, loan.Buckets())
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a lending.ArrearsBucket, err error) {
		err = row.Scan(&a.Bucket, &a.From, &a.Loans, &a.Owed, &a.Overdue, &a.Distributors)
		return a, err
	})
	if err != nil {
		return nil, away(fmt.Errorf("read arrears: %w", err))
	}
	return all, nil
}
