package postgres

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
)

func cortes() aggregate[lending.Corte] {
	return aggregate[lending.Corte]{
		kind: lending.KindCorte, table: "corte",
		columns: []column{
			{"id", "uuid", ""}, {"branch", "text", ""}, {"seq", "integer", ""}, {"state", "text", ""}, {"from_day", "date", ""},
			{"to_day", "date", ""}, {"cut_on", "date", ""}, {"enforceable_on", "date", ""}, {"early_by", "date", ""},
		},
		fixed: []string{"branch", "seq", "from_day", "to_day", "cut_on", "enforceable_on", "early_by"},
		id:    func(c lending.Corte) string { return c.ID.String() },
		values: func(_ sealer, c lending.Corte) ([]any, error) {
			return []any{
				c.ID, c.Branch, c.Seq, string(c.State), civil(c.From),
				civil(c.To), civil(c.CutOn), civil(c.Enforceable), civil(c.EarlyBy),
			}, nil
		},
		scan: func(_ sealer, row pgx.CollectableRow) (c lending.Corte, rev int64, err error) {
			err = row.Scan(&c.ID, &c.Branch, &c.Seq, &c.State, (*civil)(&c.From),
				(*civil)(&c.To), (*civil)(&c.CutOn), (*civil)(&c.Enforceable), (*civil)(&c.EarlyBy), &rev)
			return c, rev, err
		},
	}
}

func relaciones() aggregate[lending.Relacion] {
	return aggregate[lending.Relacion]{
		kind: lending.KindRelacion, table: "relacion",
		columns: []column{
			{"id", "uuid", ""}, {"corte_id", "uuid", ""}, {"distributor_id", "uuid", ""}, {"folio", "text", ""}, {"reference", "text", ""},
			{"issued_at", "timestamptz", ""}, {"due_on", "date", ""}, {"enforceable_on", "date", ""}, {"early_by", "date", ""},
			{"total_cents", "bigint", ""}, {"commission_cents", "bigint", ""}, {"earned_cents", "bigint", ""}, {"points", "integer", ""},
			{"limit_cents", "bigint", ""}, {"available_cents", "bigint", ""}, {"streak", "integer", ""}, {"previous_id", "uuid", ""},
			{"seal", "text", ""}, {"state", "text", ""}, {"covered_cents", "bigint", ""}, {"late", "boolean", ""},
		},
		fixed: []string{
			"corte_id", "distributor_id", "folio", "reference", "issued_at", "due_on", "enforceable_on", "early_by", "total_cents", "commission_cents",
			"earned_cents", "points", "limit_cents", "available_cents", "streak", "previous_id", "seal",
		},
		id: func(r lending.Relacion) string { return r.ID.String() },
		values: func(_ sealer, r lending.Relacion) ([]any, error) {
			return []any{
				r.ID, r.CorteID, r.DistributorID, r.Folio, r.Reference,
				instant(r.Issued), civil(r.Due), civil(r.Enforceable), civil(r.EarlyBy),
				int64(r.Total), int64(r.Commission), int64(r.Earned), r.Points,
				int64(r.Limit), int64(r.Available), r.Streak, optional(r.Previous),
				r.Seal, string(r.State), int64(r.Covered), r.Late,
			}, nil
		},
		scan: scanRelacion,
	}
}

func scanRelacion(_ sealer, row pgx.CollectableRow) (r lending.Relacion, rev int64, err error) {
	err = row.Scan(&r.ID, &r.CorteID, &r.DistributorID, &r.Folio, &r.Reference,
		(*instant)(&r.Issued), (*civil)(&r.Due), (*civil)(&r.Enforceable), (*civil)(&r.EarlyBy),
		&r.Total, &r.Commission, &r.Earned, &r.Points,
		&r.Limit, &r.Available, &r.Streak, (*optional)(&r.Previous),
		&r.Seal, &r.State, &r.Covered, &r.Late, &rev)
	return r, rev, err
}

func relacionRows() aggregate[lending.RelacionRows] {
	return aggregate[lending.RelacionRows]{
		kind: lending.KindRelacionRows, table: "relacion_rows",
		columns: []column{{"id", "uuid", ""}, {"rows", "jsonb", ""}},
		id:      func(r lending.RelacionRows) string { return r.ID.String() },
		values: func(_ sealer, r lending.RelacionRows) ([]any, error) {
			rows, err := asJSON(r.Rows)
			return []any{r.ID, rows}, err
		},
		scan: func(_ sealer, row pgx.CollectableRow) (r lending.RelacionRows, rev int64, err error) {
			err = row.Scan(&r.ID, &r.Rows, &rev)
			return r, rev, err
		},
	}
}

func deposits() aggregate[lending.Deposit] {
	return aggregate[lending.Deposit]{
		kind: lending.KindDeposit, table: "relacion_deposit",
		columns: []column{
			{"id", "uuid", ""}, {"relacion_id", "uuid", ""}, {"distributor_id", "uuid", ""}, {"source", "text", ""}, {"reference", "text", ""},
			{"cents", "bigint", ""}, {"value_date", "date", ""}, {"received_at", "timestamptz", ""}, {"state", "text", ""},
			{"excess_cents", "bigint", ""}, {"folios", "text", ""},
		},
		fixed: []string{"relacion_id", "distributor_id", "source", "reference", "cents", "value_date", "received_at"},
		id:    func(d lending.Deposit) string { return d.ID.String() },
		values: func(_ sealer, d lending.Deposit) ([]any, error) {
			return []any{
				d.ID, d.RelacionID, d.DistributorID, d.Source, d.Reference,
				int64(d.Amount), civil(d.ValueDate), instant(d.ReceivedAt), string(d.State),
				int64(d.Excess), strings.Join(d.Folios, " "),
			}, nil
		},
		scan: func(_ sealer, row pgx.CollectableRow) (d lending.Deposit, rev int64, err error) {
			var folios string
			err = row.Scan(&d.ID, &d.RelacionID, &d.DistributorID, &d.Source, &d.Reference,
				&d.Amount, (*civil)(&d.ValueDate), (*instant)(&d.ReceivedAt), &d.State,
				&d.Excess, &folios, &rev)
			d.Folios = strings.Fields(folios)
			return d, rev, err
		},
	}
}

// relacionLookup is how cortes, relaciones and their deposits are found.
func relacionLookup(kind lending.Kind) lookup {
	switch kind {
	case lending.KindCorteByBranch:
		return lookup{cortes(), "where (branch, seq) in (select branch, max(seq) from corte where branch = any($1::text[]) group by branch)", texts,
			by(func(c lending.Corte) []string { return []string{c.Branch} })}
	case lending.KindRelacionBy:
		return lookup{relaciones(), `where id in (select last.id from unnest($1::uuid[]) as u (id) cross join lateral
			(select r.id from relacion r where r.distributor_id = u.id order by r.due_on desc limit 1) last)`, ids,
			by(func(r lending.Relacion) []string { return []string{r.DistributorID.String()} })}
	case lending.KindRelacionByReference:
		return lookup{relaciones(), "where reference = any($1::text[]) or folio = any($1::text[])", texts,
			by(func(r lending.Relacion) []string { return []string{r.Reference, r.Folio} })}
	}
	if kind == lending.KindDepositsBy {
		return lookup{deposits(), "where distributor_id = any($1::uuid[]) order by received_at, id", ids,
			by(func(d lending.Deposit) []string { return []string{d.DistributorID.String()} })}
	}
	return lookup{deposits(), "where (source, reference) in (select * from unnest($1::text[], $2::text[]))", sourceAndReference,
		by(func(d lending.Deposit) []string { return []string{d.Source + "|" + d.Reference} })}
}
