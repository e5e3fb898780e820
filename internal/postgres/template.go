package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/channel"
)

const saveTemplatesSQL = `
insert into wa_template (name, language, status, category, quality, buttons, body, updated_at)
select name, language, status, category, quality, buttons, body, $8
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[])
     as u (name, language, status, category, quality, buttons, body)
on conflict (name, language) do update set status = excluded.status, category = excluded.category, quality = excluded.quality,
       buttons = excluded.buttons, body = excluded.body, updated_at = excluded.updated_at`

const dropTemplatesSQL = `
delete from wa_template t where not exists (
    select from unnest($1::text[], $2::text[]) as u (name, language) where u.name = t.name and u.language = t.language)`

// SaveTemplates implements whatsapp.Templates.
func (s *Store) SaveTemplates(ctx context.Context, at time.Time, templates []channel.Template, all bool) error {
	sorted := slices.Clone(templates)
	slices.SortFunc(sorted, func(a, b channel.Template) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Language, b.Language))
	})
	sorted = slices.CompactFunc(sorted, func(a, b channel.Template) bool { return a.Name == b.Name && a.Language == b.Language })
	names, c := newColumns(2), newColumns(7)
	for _, t := range sorted {
		names.add(t.Name, t.Language)
		c.add(t.Name, t.Language, t.Status, t.Category, t.Quality, int16(min(t.Buttons, 10)), t.Body)
	}
	return s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if all {
			args := []any{[]string{}, []string{}}
			if !names.empty() {
				args = names.args()
			}
			if _, err := tx.Exec(ctx, dropTemplatesSQL, args...); err != nil {
				return fmt.Errorf("forget templates: %w", err)
			}
		}
		if c.empty() {
			return nil
		}
		if _, err := tx.Exec(ctx, saveTemplatesSQL, append(c.args(), at)...); err != nil {
			return fmt.Errorf("save templates: %w", err)
		}
		return nil
	})
}

// Templates implements whatsapp.Templates.
func (s *Store) Templates(ctx context.Context) ([]channel.Template, error) {
	rows, _ := s.pool.Query(ctx, `select name, language, status, category, quality, buttons, body from wa_template order by name, language`)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[channel.Template])
	if err != nil {
		return nil, away(fmt.Errorf("read templates: %w", err))
	}
	return all, nil
}
