package bench

import (
	"testing"
	"time"

	"valebot/internal/postgres/pgtest"
)

func TestSendRunsToTheEnd(t *testing.T) {
	t.Parallel()
	var told []string
	r, err := Send(t.Context(), SendOptions{
		DatabaseURL: pgtest.Open(t, nil, nil), Messages: 300, Length: 2 * time.Second, Rates: []int{20}, Queued: 500, Codes: 3,
		Progress: func(text string) { told = append(told, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Fast.Count != 300 || r.Fast.Rate <= 0 || len(r.Rates) != 1 || r.Codes.Count != 3 || r.Codes.Failed != 0 || len(told) == 0 {
		t.Errorf("incomplete: %+v", r)
	}
	// How many came within a second is measured and not asserted: on a busy machine
	// those that were let go in two seconds arrive in one. That the rate is kept is
	// proved where time stands still, in outbox and pace.
	if f := r.Rates[0]; f.Allowed != 40 || f.Worst <= 0 {
		t.Errorf("incomplete: %+v", f)
	}
}

func TestRateFigure(t *testing.T) {
	t.Parallel()
	start := time.Now()
	every := func(burst, n int, gap time.Duration) (at []time.Time) {
		for range burst {
			at = append(at, start)
		}
		for i := range n {
			at = append(at, start.Add(time.Duration(i+1)*gap))
		}
		return at
	}
	for name, test := range map[string]struct {
		at      []time.Time
		reached float64
		worst   int
		skipped bool
	}{
		"exact":          {every(10, 100, 100*time.Millisecond), 1, 19, false},
		"half of it":     {every(10, 100, 200*time.Millisecond), 0.5, 14, false},
		"too fast":       {every(10, 100, 50*time.Millisecond), 2, 29, false},
		"too few to say": {every(10, 2, time.Second), 0, 10, true},
		"nothing":        {nil, 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rateFigure(10, test.at)
			if d := f.Reached - test.reached; d > 1e-9 || d < -1e-9 || f.Worst != test.worst || f.Skipped != test.skipped || f.Allowed != 20 {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestSendOptionsComplete(t *testing.T) {
	t.Parallel()
	o := SendOptions{}.complete()
	if o.Messages != 20_000 || o.Length != 10*time.Second || len(o.Rates) != 4 || o.Queued != 100_000 || o.Codes != 50 || o.Progress == nil {
		t.Errorf("%+v", o)
	}
}
