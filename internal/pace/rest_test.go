package pace_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/pace"
)

func TestRest(t *testing.T) {
	t.Parallel()
	for handled, want := range map[int]time.Duration{
		-1: 0, 0: 0, 1: 0, // nobody who comes alone waits
		2: 400 * time.Microsecond, 11: 4 * time.Millisecond, 51: 20 * time.Millisecond, 95: 20 * time.Millisecond,
		96: 0, 1000: 0, // the next group has gathered already
	} {
		if got := pace.Rest(handled); got != want {
			t.Errorf("after %d: %s, want %s", handled, got, want)
		}
	}
}

// At a steady rate groups settle at some size and stay there: however the first
// one was, nobody waits longer than the bound, and a rate at which items come one
// by one ends without any rest.
func TestRestSettles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		every := time.Duration(rapid.Int64Range(int64(20*time.Microsecond), int64(20*time.Millisecond)).Draw(r, "one every"))
		takes := time.Duration(rapid.Int64Range(0, int64(3*time.Millisecond)).Draw(r, "a group takes"))
		n := rapid.IntRange(1, 500).Draw(r, "the first group")
		var rest time.Duration
		for range 200 {
			rest = pace.Rest(n)
			if rest < 0 || rest > 20*time.Millisecond {
				r.Fatalf("rests %s", rest)
			}
			n = max(1, int((rest+takes)/every))
		}
		if every > 10*time.Millisecond && takes < every && rest > 0 {
			r.Fatalf("one every %s still rests %s", every, rest)
		}
	})
}
