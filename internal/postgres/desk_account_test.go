package postgres

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/loan"
)

// The list says of a distributor what the panel of her chat says, and who read
// it is noted.
func TestAccounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	panel, err := b.Panel(t.Context(), w.maria.ID, "tel:"+w.maria.Phone, b.now)
	b.must(err)
	want := []casework.Account{{Name: w.maria.Name, Phone: w.maria.Phone, Line: *panel.Line}}
	for _, state := range []loan.DistributorState{"", w.distributor.State} {
		got, err := b.Accounts(t.Context(), "cli:luis", "", state, b.now)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("state %q (-want +got):\n%s %v", state, diff, err)
		}
	}
	got, err := b.Accounts(t.Context(), "cli:luis", w.maria.Phone, "", b.now)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("by phone (-want +got):\n%s %v", diff, err)
	}
	if got, err := b.Accounts(t.Context(), "cli:luis", "", loan.DistributorClosed, b.now); len(got) != 0 || err != nil {
		t.Errorf("closed: %v %v", got, err)
	}
	for _, phone := range []string{w.ana.Phone, "+520000000000", "' or true --"} {
		if got, err := b.Accounts(t.Context(), "cli:luis", phone, "", b.now); fault.CodeOf(err) != "no_such_distributor" || got != nil {
			t.Errorf("%s: %v %v", phone, got, err)
		}
	}
	var lists, reads int
	b.must(b.pool.QueryRow(t.Context(), `select count(*) filter (where action = 'distributor.list'),
		count(*) filter (where action = 'distributor.read' and subject_id = $1) from audit where actor = 'cli:luis'`, w.distributor.ID.String()).Scan(&lists, &reads))
	if lists != 3 || reads != 1 {
		t.Errorf("%d lists and %d readings in the audit, want 3 and 1", lists, reads)
	}
}

func TestDistributorID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	if id, err := b.DistributorID(t.Context(), w.maria.ID); id != w.distributor.ID || err != nil {
		t.Errorf("María's: %s %v", id, err)
	}
	for _, person := range []uuid.UUID{w.ana.ID, uuid.New()} {
		if _, err := b.DistributorID(t.Context(), person); fault.CodeOf(err) != "no_such_distributor" {
			t.Errorf("%s: %v", person, err)
		}
	}
}
