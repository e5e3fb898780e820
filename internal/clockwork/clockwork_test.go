package clockwork

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/quincena"
)

// monday is eleven o'clock of a Monday in the capital.
var monday = time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)

// dials is a Store in memory: timers by due time.
type dials struct {
	mu     sync.Mutex
	offers []LostOffer
	codes  []string
	timers []time.Time
	vales  map[string]time.Time // expiry
	fail   error

	tips     []string // loans whose people wait for a tip
	looks    []string
	tipsFail error
}

func (d *dials) Fire(_ context.Context, now time.Time, limit int) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	d.timers = slices.DeleteFunc(d.timers, func(due time.Time) bool {
		if due.After(now) || n == limit {
			return false
		}
		n++
		return true
	})
	return n, d.fail
}

func (d *dials) NextTimer(context.Context) (time.Time, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.timers) == 0 {
		return time.Time{}, false, nil
	}
	return slices.MinFunc(d.timers, time.Time.Compare), true, nil
}

func (d *dials) ExpiredVales(_ context.Context, now time.Time, limit int) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for id, at := range d.vales {
		if !at.After(now) && len(out) < limit {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (d *dials) LostOffers(context.Context, time.Time, int) ([]LostOffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.offers, d.fail
}

func (d *dials) LostCodes(context.Context, time.Time, int) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.codes, d.fail
}

func (d *dials) TipLoans(_ context.Context, today, from, until quincena.Date, limit int) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks = append(d.looks, today.String()+" "+from.String()+" "+until.String())
	return slices.Clone(d.tips[:min(limit, len(d.tips))]), d.tipsFail
}

func (d *dials) Tipped(_ context.Context, loans []string, _ quincena.Date) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tips = slices.DeleteFunc(d.tips, func(id string) bool { return slices.Contains(loans, id) })
	return nil
}

// bench is a clockwork over dials.
type bench struct {
	*Clockwork
	*dials
	log   bytes.Buffer
	mu    sync.Mutex
	acts  []string
	wakes int
	fails map[string]error // by the id acted on
}

func newBench(change ...func(*bench, *Config)) *bench {
	b := &bench{dials: &dials{vales: map[string]time.Time{}}, fails: map[string]error{}}
	cfg := Config{
		Now: func() time.Time { return monday }, Log: slog.New(slog.NewTextHandler(&b.log, nil)), Batch: 3, Sweep: time.Minute, Act: b.act,
		NewDay: func(context.Context, quincena.Date) error { return nil },
		Wake:   func() { b.mu.Lock(); defer b.mu.Unlock(); b.wakes++ },
	}
	for _, f := range change {
		f(b, &cfg)
	}
	b.Clockwork = New(b.dials, cfg)
	return b
}

func (b *bench) act(_ context.Context, actor, cause, name string, with map[string]any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range with {
		if err := b.fails[id.(string)]; err != nil {
			return err
		}
	}
	b.acts = append(b.acts, fmt.Sprint(actor, " ", name, " ", cause))
	return nil
}

func (b *bench) tick(t *testing.T) time.Duration {
	t.Helper()
	wait, err := b.Tick(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func TestTickFiresWhatIsDueInBatches(t *testing.T) {
	t.Parallel()
	b := newBench()
	for range 7 {
		b.dials.timers = append(b.dials.timers, monday)
	}
	b.dials.timers = append(b.dials.timers, monday.Add(10*time.Second))
	if wait := b.tick(t); wait != 10*time.Second {
		t.Errorf("it waits %s for the next timer", wait)
	}
	if len(b.dials.timers) != 1 || b.wakes != 3 {
		t.Errorf("%d timers are left, the engine was woken %d times", len(b.dials.timers), b.wakes)
	}
}

func TestTickSleepsNoLongerThanASweep(t *testing.T) {
	t.Parallel()
	for name, timers := range map[string][]time.Time{"no timer": nil, "a far one": {monday.Add(time.Hour)}} {
		b := newBench()
		b.dials.timers = timers
		if wait := b.tick(t); wait != time.Minute {
			t.Errorf("%s: it waits %s", name, wait)
		}
		if b.wakes != 0 {
			t.Errorf("%s: the engine was woken for nothing", name)
		}
	}
}

func TestTickClosesVales(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.dials.vales = map[string]time.Time{
		"v1": monday.Add(-time.Hour), "v2": monday.Add(-59 * time.Minute), "v3": monday.Add(-2 * time.Hour),
	}
	b.fails["v1"] = errors.New("no")
	b.tick(t)
	if diff := cmp.Diff([]string{"clockwork vale.release expire:v3"}, b.acts); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(b.log.String(), "vale=v1") {
		t.Errorf("nobody hears of the one that failed: %s", b.log.String())
	}
}

func TestTickAsksForEachDayOnce(t *testing.T) {
	t.Parallel()
	now := monday
	fail := errors.New("away")
	var asked []string
	b := newBench(func(_ *bench, cfg *Config) {
		cfg.Now = func() time.Time { return now }
		cfg.NewDay = func(_ context.Context, day quincena.Date) error {
			asked = append(asked, day.String())
			return fail
		}
	})
	if _, err := b.Tick(t.Context()); !errors.Is(err, fail) {
		t.Errorf("a day that cannot be asked for: %v", err)
	}
	fail = nil
	for _, later := range []time.Duration{0, time.Hour, 12 * time.Hour, 13 * time.Hour, 7 * 24 * time.Hour} {
		now = monday.Add(later)
		if _, err := b.Tick(t.Context()); err != nil {
			t.Error(err)
		}
	}
	// Eleven at night in the capital is still Monday; what failed is asked again.
	want := []string{"2026-03-02", "2026-03-02", "2026-03-03", "2026-03-09"}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("days asked for:\n%s", diff)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		b := newBench(func(_ *bench, c *Config) { c.Now = func() time.Time { return monday.Add(time.Since(start)) } })
		b.dials.timers = []time.Time{monday.Add(10 * time.Second)}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		left := func() int {
			synctest.Wait()
			b.dials.mu.Lock()
			defer b.dials.mu.Unlock()
			return len(b.dials.timers)
		}
		set := func(after time.Duration, fail error) {
			b.dials.mu.Lock()
			b.dials.timers, b.fail = []time.Time{monday.Add(time.Since(start) + after)}, fail
			b.dials.mu.Unlock()
			b.Wake()
			b.Wake()
		}
		time.Sleep(10*time.Second - 1)
		if left() != 1 {
			t.Error("it fired too early")
		}
		time.Sleep(time.Nanosecond)
		if left() != 0 {
			t.Error("it did not fire at its time")
		}
		set(5*time.Second, nil) // sooner than the sweep it sleeps for
		time.Sleep(5 * time.Second)
		if left() != 0 {
			t.Error("it did not hear of a new timer")
		}
		set(time.Second, errors.New("the database is away"))
		time.Sleep(10 * time.Second)
		set(time.Second, nil)
		time.Sleep(3 * time.Second)
		if left() != 0 || !strings.Contains(b.log.String(), "away") {
			t.Error("it did not go on after an error")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func TestTickTellsOfWhatDidNotArrive(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.offers = []LostOffer{{Vale: "v1"}, {Vale: "v2", OptedOut: true}, {Vale: "v3"}}
	b.codes = []string{"d1", "d2"}
	b.fails["v1"], b.fails["d1"] = errors.New("no such vale"), errors.New("no such attempt")
	b.tick(t)
	want := []string{
		"clockwork vale.undelivered lost:v2", "clockwork vale.undelivered lost:v3", "clockwork code.undelivered lost:d2",
	}
	if diff := cmp.Diff(want, b.acts); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
	if log := b.log.String(); !strings.Contains(log, "no such vale") || !strings.Contains(log, "no such attempt") {
		t.Errorf("log: %s", log)
	}
}
