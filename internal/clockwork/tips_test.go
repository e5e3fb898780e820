package clockwork

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"valebot/internal/fault"
)

// tipped are the loans that were offered a tip, in order.
func (b *bench) tipped() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, act := range b.acts {
		if strings.Contains(act, "tip.offer") {
			out = append(out, act)
		}
	}
	return out
}

// TestTipsOnceADay: everybody is gone through in batches, and then nobody is
// looked for until the next day.
func TestTipsOnceADay(t *testing.T) {
	t.Parallel()
	now := monday
	b := newBench(func(_ *bench, c *Config) { c.Now = func() time.Time { return now } })
	b.dials.tips = []string{"a", "b", "c", "d"}
	for range 3 {
		if _, err := b.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(b.tipped()); got != 4 {
		t.Errorf("%d tips: %v", got, b.tipped())
	}
	if want := []string{"2026-03-02 2026-03-07 2026-03-11"}; !slices.Equal(slices.Compact(slices.Clone(b.looks)), want) || len(b.looks) != 3 {
		t.Errorf("looked %v", b.looks)
	}
	b.dials.tips, now = []string{"e"}, now.AddDate(0, 0, 1)
	if _, err := b.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(b.tipped()); got != 5 {
		t.Errorf("%d tips the next day", got)
	}
}

// TestTipThatFails: one loan keeps no other from its tip; a database that is
// away ends the tick, and nobody is noted as told.
func TestTipThatFails(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.dials.tips, b.fails["a"] = []string{"a", "b"}, errors.New("broken")
	if _, err := b.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(b.tipped()); got != 1 || len(b.dials.tips) != 0 {
		t.Errorf("%d tips, %v left", got, b.dials.tips)
	}
	b = newBench()
	b.dials.tips, b.fails["a"] = []string{"a", "b"}, fault.New(fault.Unavailable, "database_away", "La base no responde.")
	if _, err := b.Tick(t.Context()); err == nil || len(b.dials.tips) != 2 {
		t.Errorf("database away: %v, %v left", err, b.dials.tips)
	}
	b = newBench()
	b.tipsFail = errors.New("no list")
	if _, err := b.Tick(t.Context()); err == nil {
		t.Error("a list that cannot be read is no error")
	}
}
