package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/ledger"
	"valebot/internal/money"
)

// TrialLine is an account of the chart with all that moved on it up to a
// moment. Debits - Credits is its balance.
type TrialLine struct {
	Account ledger.Code
	Owners  int // whose accounts have moved
	Debits  money.Amount
	Credits money.Amount
}

const trialSQL = `
select l.account, count(distinct l.owner),
       coalesce(sum(l.cents) filter (where l.cents > 0), 0)::bigint,
       coalesce(-sum(l.cents) filter (where l.cents < 0), 0)::bigint
from ledger_line l join ledger_entry e on e.id = l.entry_id
where e.at < $1 group by l.account`

// TrialBalance adds up every account of the chart before a moment, in the order
// of the chart; accounts without a movement are there with zeros. The sums of
// debits and credits are equal in any ledger that is sound.
func (s *Store) TrialBalance(ctx context.Context, before time.Time) ([]TrialLine, error) {
	rows, err := s.pool.Query(ctx, trialSQL, before)
	if err != nil {
		return nil, away(fmt.Errorf("read trial balance: %w", err))
	}
	moved, err := pgx.CollectRows(rows, pgx.RowToStructByPos[TrialLine])
	if err != nil {
		return nil, away(fmt.Errorf("read trial balance: %w", err))
	}
	var all []TrialLine
	for _, code := range ledger.Chart() {
		line := TrialLine{Account: code}
		if i := slices.IndexFunc(moved, func(l TrialLine) bool { return l.Account == code }); i >= 0 {
			line = moved[i]
		}
		all = append(all, line)
	}
	return all, nil
}

// OwnerBalance is what stands on one owner's account at a moment. Name is the
// folio of a loan where the owner is one, and the owner's id otherwise.
type OwnerBalance struct {
	Owner   string
	Name    string
	Balance money.Amount // debit +, credit −
}

const ownersSQL = `
select l.owner, coalesce(n.folio, l.owner), sum(l.cents)::bigint
from ledger_line l join ledger_entry e on e.id = l.entry_id
left join loan n on n.id::text = l.owner
where e.at < $1 and l.account = $2 and ($3 = '' or l.owner = $3 or n.folio = $3)
group by l.owner, n.folio having sum(l.cents) <> 0 order by 2 limit $4`

// maxOwners bounds a list of balances.
const maxOwners = 10000

// Balances lists the balances of one account before a moment that are not zero,
// of one owner (an id or the folio of a loan) or of all, at most ten thousand.
func (s *Store) Balances(ctx context.Context, code ledger.Code, owner string, before time.Time) ([]OwnerBalance, error) {
	rows, err := s.pool.Query(ctx, ownersSQL, before, string(code), owner, maxOwners)
	if err != nil {
		return nil, away(fmt.Errorf("read balances: %w", err))
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OwnerBalance])
	if err != nil {
		return nil, away(fmt.Errorf("read balances: %w", err))
	}
	return all, nil
}
