package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/vault"
)

const commissions = `
select coalesce(d.id::text, b.owner), coalesce(b.due, 0)::bigint, coalesce(d.commission_cents, 0)
from distributor d
full join (select owner, -sum(cents) as due from ledger_line where account = 'distributor_commission_due' group by owner) b on b.owner = d.id::text
order by 1`

// commissions compares what distributors have earned and not used with the
// ledger.
func (r *Report) commissions(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, commissions)
	if err != nil {
		return fmt.Errorf("read commissions: %w", err)
	}
	var who string
	var due, row money.Amount
	_, err = pgx.ForEachRow(rows, []any{&who, &due, &row}, func() error {
		r.compare("commission", who, "la comisión", due, row)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read commissions: %w", err)
	}
	return nil
}

// relaciones holds every relación against its seal and its rows.
func (r *Report) relaciones(ctx context.Context, tx pgx.Tx, v *vault.Vault) error {
	after := uuid.Nil
	for {
		found, err := tx.Query(ctx, relaciones().selecting("where id > $1 order by id limit $2"), after, verifyPage)
		if err != nil {
			return fmt.Errorf("read relaciones: %w", err)
		}
		page, err := valuesOf[lending.Relacion](relaciones().read(v, found))
		if err != nil || len(page) == 0 {
			return err
		}
		ids := make([]uuid.UUID, len(page))
		for i, one := range page {
			ids[i] = one.ID
		}
		found, err = tx.Query(ctx, relacionRows().selecting("where id = any($1::uuid[])"), ids)
		if err != nil {
			return fmt.Errorf("read relaciones: %w", err)
		}
		all, err := valuesOf[lending.RelacionRows](relacionRows().read(v, found))
		if err != nil {
			return err
		}
		rows := map[uuid.UUID][]lending.Row{}
		for _, one := range all {
			rows[one.ID] = one.Rows
		}
		for _, one := range page {
			if !one.Intact(rows[one.ID]) {
				r.add(Difference{Check: "relacion", Where: one.Folio, Row: one.Total, Text: "La relación no coincide con su sello o con la suma de sus renglones: fue cambiada."})
			}
		}
		after = page[len(page)-1].ID
	}
}
