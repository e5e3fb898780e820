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
	"valebot/internal/loan"
)

// maxAccounts bounds a list of distributors.
const maxAccounts = 1000

const accountsSQL = `
select p.name, p.phone, d.id, d.state, d.limit_cents, d.held_cents, d.used_cents, d.branch, d.category, d.points, d.arrears,
       coalesce(d.locked_until > $2, false), coalesce(r.state, 'PAID'), coalesce(r.streak, 0)
from distributor d join person p on p.id = d.person_id
left join lateral (select state, streak from relacion where distributor_id = d.id order by due_on desc, id desc limit 1) r on true
where ($1 = '' or p.phone = $1) and ($3 = '' or d.state = $3) order by p.name, d.id limit $4`

// Accounts lists distributors by name, at most a thousand, for an actor who may
// see all of them, and writes down that they were read. phone (E.164) and state
// narrow the list; "" does not. A phone of no distributor is fault.NotFound.
func (s *Store) Accounts(ctx context.Context, actor, phone string, state loan.DistributorState, now time.Time) ([]casework.Account, error) {
	rows, _ := s.pool.Query(ctx, accountsSQL, phone, now, string(state), maxAccounts)
	all, err := pgx.CollectRows(rows, scanAccount)
	switch {
	case err != nil:
		return nil, away(fmt.Errorf("list distributors: %w", err))
	case phone != "" && len(all) == 0:
		return nil, errNoDistributor
	case phone != "":
		return all, s.noteRead(ctx, actor, "distributor.read", "distributor", all[0].ID.String(), "", now)
	}
	return all, s.noteRead(ctx, actor, "distributor.list", "distributor", "", fmt.Sprintf("%d distributors", len(all)), now)
}

func scanAccount(row pgx.CollectableRow) (a casework.Account, err error) {
	var latest loan.RelacionState
	var streak int
	err = row.Scan(&a.Name, &a.Phone, &a.ID, &a.State, &a.Limit, &a.Held, &a.Used, &a.Branch, &a.Category, &a.Points, &a.Arrears,
		&a.Locked, &latest, &streak)
	a.Available, a.Unpaid = max(a.Limit-a.Held-a.Used, 0), casework.Unpaid(latest, streak)
	return a, err
}

// DistributorID finds the distributor that a person is, or returns fault.NotFound.
func (s *Store) DistributorID(ctx context.Context, person uuid.UUID) (id uuid.UUID, err error) {
	err = s.Read(ctx, func(b *lending.Book) error {
		d, ok, err := b.DistributorOf(person)
		if err == nil && !ok {
			err = errNoDistributor
		}
		id = d.ID
		return err
	})
	return id, err
}

var errNoDistributor = fault.New(fault.NotFound, "no_such_distributor", "Nadie con ese teléfono es distribuidora.")
