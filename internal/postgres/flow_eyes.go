package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
)

// mustWait reports whether a change waits for a second person: its author asked
// for that, or it is the rule of the house. What ran before waits for nobody;
// drafts, which come into force as they are saved, are refused under the rule:
// fault.Denied "four_eyes".
func mustWait(ctx context.Context, q querier, p Proposal) (bool, error) {
	required, err := fourEyes(ctx, q)
	switch {
	case err != nil || !required:
		return p.FourEyes, err
	case p.Kind == Drafted:
		return false, fault.New(fault.Denied, "four_eyes", "Aquí cada cambio de los flujos lo aprueba otra persona: no se usan borradores al guardar. Arranca sin --watch y publica.")
	}
	return p.FourEyes || p.Kind == Published, nil
}

func fourEyes(ctx context.Context, q querier) (required bool, err error) {
	err = q.QueryRow(ctx, `select required from flow_four_eyes order by id desc limit 1`).Scan(&required)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, fmt.Errorf("read whether flows need four eyes: %w", err)
	}
	return required, nil
}

// FourEyes reports whether every publication waits for a second person.
func (s *Store) FourEyes(ctx context.Context) (bool, error) {
	required, err := fourEyes(ctx, s.pool)
	return required, away(err)
}

// RequireFourEyes makes it the rule that publications wait for a second person,
// or no more. What waits stays waiting. It returns false if that was the rule
// already. by is noted here and in the audit.
func (s *Store) RequireFourEyes(ctx context.Context, required bool, by string, at time.Time) (changed bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockFlows(ctx, tx, 0); err != nil {
			return err
		}
		before, err := fourEyes(ctx, tx)
		if changed = before != required; err != nil || !changed {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into flow_four_eyes (required, by, at) values ($1, $2, $3)`, required, by, at); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into audit (id, at, actor, action, subject_kind, subject_id, outcome, cause, detail)
			values ($1, $2, $3, 'flow.four_eyes', 'flow', '', 'ok', $4, $5)`, s.newID(), at, by, s.newID().String(), fmt.Sprint(required))
		return err
	})
	if err != nil {
		return false, away(fmt.Errorf("change the rule of four eyes: %w", err))
	}
	return changed, nil
}
