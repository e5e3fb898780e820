package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"valebot/internal/lending"
	"valebot/internal/loan"
)

// machine is a state machine of the loan core, as the trigger of its table
// names it, and the state in which its life begins.
type machine struct {
	name, start string
	rows        []loan.Transition
}

func machines() []machine {
	return []machine{
		{"vale", string(loan.ValeDraft), loan.ValeTransitions()},
		{"loan", string(loan.LoanPendingDisbursement), loan.LoanTransitions()},
		{"disbursement", string(loan.DisbursementCreated), loan.DisbursementTransitions()},
		{"code", string(loan.CodeRequested), loan.CodeTransitions()},
		{"payment", string(loan.PaymentReceived), loan.PaymentTransitions()},
		{"promise", string(loan.PromiseOpen), loan.PromiseTransitions()},
		{"distributor", string(loan.DistributorApplicant), loan.DistributorTransitions()},
		{"corte", string(loan.CorteOpen), loan.CorteTransitions()},
		{"relacion", string(loan.RelacionGenerated), loan.RelacionTransitions()},
		{"correction", string(lending.CorrectionProposed), lending.CorrectionTransitions()},
	}
}

// pairs returns what the database may see of a machine: from a state, every
// state that one transaction can reach. An action may pass through several
// states at once (accepting a vale converts it), and then only the last is
// written. From is empty where a row may start.
func (m machine) pairs() [][2]string {
	next := map[string][]string{"": {m.start}}
	for _, t := range m.rows {
		next[t.Source] = append(next[t.Source], t.Destination)
	}
	var all [][2]string
	for from := range next {
		for to := range reach(next, from) {
			if to != from {
				all = append(all, [2]string{from, to})
			}
		}
	}
	return all
}

func reach(next map[string][]string, from string) map[string]bool {
	seen := map[string]bool{}
	todo := slices.Clone(next[from])
	for len(todo) > 0 {
		state := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[state] {
			seen[state] = true
			todo = append(todo, next[state]...)
		}
	}
	return seen
}

const syncTransitions = `
with wanted as (
    select * from unnest($1::text[], $2::text[], $3::text[]) as u (machine, from_state, to_state)
), gone as (
    delete from transition t where not exists (
        select from wanted w where (w.machine, w.from_state, w.to_state) = (t.machine, t.from_state, t.to_state))
)
insert into transition (machine, from_state, to_state)
select machine, from_state, to_state from wanted
on conflict do nothing`

// seedTransitions makes the table transition hold exactly what the program's
// state machines allow. Rows that the program does not know are removed.
func seedTransitions(ctx context.Context, tx pgx.Tx) error {
	rows := newArrays(3)
	for _, m := range machines() {
		for _, pair := range m.pairs() {
			rows.add([]any{m.name, pair[0], pair[1]})
		}
	}
	if _, err := tx.Exec(ctx, syncTransitions, rows.args()...); err != nil {
		return fmt.Errorf("write transitions: %w", err)
	}
	return nil
}
