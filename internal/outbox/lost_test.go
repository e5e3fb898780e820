package outbox

import "testing"

func TestOnlyWhatWasGivenUpIsLost(t *testing.T) {
	t.Parallel()
	lost := map[State]bool{Failed: true, Expired: true, Suppressed: true}
	for _, s := range States() {
		calls := 0
		o := New(nil, nil, nil, Config{Lost: func() { calls++ }})
		o.lost(anyLost([]Verdict{{State: Accepted}, {State: s}}))
		if got := calls == 1; got != lost[s] {
			t.Errorf("%s: told %d times", s, calls)
		}
	}
	New(nil, nil, nil, Config{}).lost(true) // nobody wants to know
}
