package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// operation is one measured thing done by one phone; it returns how long the
// part that counts took.
type operation func(ctx context.Context, p *phone) (time.Duration, error)

// patience is how long an operation may take before it counts as failed.
const patience = 30 * time.Second

// saturate has every phone do its operation again and again for a while, and
// returns how long that took with the last answers.
func (r *rig) saturate(ctx context.Context, length time.Duration, op operation, t *tally) time.Duration {
	var wg sync.WaitGroup
	start := time.Now()
	for i := range r.phones {
		wg.Go(func() {
			for time.Since(start) < length && ctx.Err() == nil {
				r.once(ctx, &r.phones[i], time.Now(), op, t)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// pace starts operations at a steady rate, whether or not earlier ones have
// ended. An operation that must wait for a free phone is measured from when it
// was to start, so that a slow moment is not hidden.
func (r *rig) pace(ctx context.Context, length time.Duration, rate float64, op operation) Figure {
	if rate <= 0 {
		return Figure{}
	}
	free := make(chan *phone, len(r.phones))
	for i := range r.phones {
		free <- &r.phones[i]
	}
	var (
		wg    sync.WaitGroup
		tally tally
		start = time.Now()
		step  = time.Duration(float64(time.Second) / rate)
	)
	for due := start; due.Sub(start) < length && ctx.Err() == nil; due = due.Add(step) {
		time.Sleep(time.Until(due))
		p := <-free
		wg.Go(func() {
			r.once(ctx, p, due, op, &tally)
			free <- p
		})
	}
	wg.Wait()
	return tally.figure(time.Since(start))
}

func (r *rig) once(ctx context.Context, p *phone, due time.Time, op operation, t *tally) {
	waited := time.Since(due)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	took, err := op(ctx, p)
	if err != nil {
		r.problem.Store(&err)
	}
	t.add(waited+took, err)
}

// trouble is the last problem of an operation.
func (r *rig) trouble() error {
	if err := r.problem.Load(); err != nil {
		return *err
	}
	return errors.New("nothing was done")
}

// tally gathers latencies.
type tally struct {
	mu     sync.Mutex
	took   []time.Duration
	failed int
}

func (t *tally) add(took time.Duration, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failed++
		return
	}
	t.took = append(t.took, took)
}

func (t *tally) figure(length time.Duration) Figure {
	slices.Sort(t.took)
	f := Figure{Count: len(t.took), Failed: t.failed, Rate: float64(len(t.took)) / length.Seconds()}
	if f.Count > 0 {
		f.P50, f.P99, f.Worst = quantile(t.took, 50), quantile(t.took, 99), t.took[f.Count-1]
	}
	return f
}

// quantile is the smallest value that at least percent of the sorted ones do
// not exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
