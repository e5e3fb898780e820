package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/ledger"
	"valebot/internal/money"
)

// The balance of a moment is that of the entries before it, whatever came
// later; debits and credits are equal at every moment.
func TestBalancesAtAMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b) // entries a second apart
	for _, tt := range []struct {
		seconds      int
		limit, owed  money.Amount
		capital      []OwnerBalance
		movedAtLeast int
	}{
		{0, 0, 0, nil, 0},
		{1, -20000_00, 0, nil, 2},
		{3, -20000_00, 0, nil, 4},
		{4, -20000_00, 2625_00, []OwnerBalance{{w.loan.ID.String(), "V-00017", 2625_00}}, 6},
		{9, -20000_00, 2625_00, []OwnerBalance{{w.loan.ID.String(), "V-00017", 2625_00}}, 9},
	} {
		at := b.now.Add(time.Duration(tt.seconds) * time.Second)
		all, err := b.TrialBalance(t.Context(), at)
		b.must(err)
		if len(all) != len(ledger.Chart()) {
			t.Fatalf("%d accounts of %d", len(all), len(ledger.Chart()))
		}
		var debits, credits money.Amount
		moved := 0
		for _, line := range all {
			debits, credits = debits+line.Debits, credits+line.Credits
			if line.Owners > 0 {
				moved++
			}
			if balance := line.Debits - line.Credits; line.Account == ledger.LineLimit && balance != tt.limit || line.Account == ledger.LoanCapital && balance != tt.owed {
				t.Errorf("after %d s %s is %s", tt.seconds, line.Account, balance)
			}
		}
		if debits != credits || moved < tt.movedAtLeast {
			t.Errorf("after %d s: debits %s, credits %s, %d accounts moved", tt.seconds, debits, credits, moved)
		}
		for _, owner := range []string{"", "V-00017", w.loan.ID.String()} {
			got, err := b.Balances(t.Context(), ledger.LoanCapital, owner, at)
			b.must(err)
			if diff := cmp.Diff(tt.capital, got); diff != "" && len(got)+len(tt.capital) > 0 {
				t.Errorf("after %d s, owner %q (-want +got):\n%s", tt.seconds, owner, diff)
			}
		}
	}
	if got, err := b.Balances(t.Context(), ledger.LoanCapital, "V-99999", b.now.Add(time.Hour)); err != nil || len(got) != 0 {
		t.Errorf("an unknown folio has %v, %v", got, err)
	}
}
