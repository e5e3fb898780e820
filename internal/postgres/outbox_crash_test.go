package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/engine"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// crashEnv asks for more messages than CI has time for; there is a kill for every
// twenty, such as VALEBOT_POSTGRES_TEST_CRASH=20000 for a thousand.
const crashEnv = "VALEBOT_POSTGRES_TEST_CRASH"

var errKilled = errors.New("the process is gone")

// losingProvider is a provider of which answers get lost. It knows what it really took.
type losingProvider struct {
	mu     sync.Mutex
	took   map[uuid.UUID][]string // its ids of each message of ours
	order  map[string][]uuid.UUID // by contact, as taken for the first time
	listed map[uuid.UUID][]outbox.Sent
	hidden map[uuid.UUID]bool // taken and never listed: nobody can know
	serial int
}

func (c *losingProvider) Send(ctx context.Context, m message.Outbound) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err // held up for longer than the time limit: a client takes back what it has not sent yet
	}
	if rand.IntN(100) < 3 {
		return "", errors.New("reset before it was taken")
	}
	c.serial++
	id := fmt.Sprintf("SM%032d", c.serial)
	if len(c.took[m.ID]) == 0 {
		c.order[m.To.Value] = append(c.order[m.To.Value], m.ID)
	}
	c.took[m.ID] = append(c.took[m.ID], id)
	lost := rand.IntN(100) < 15
	if lost && rand.IntN(100) < 5 {
		c.hidden[m.ID] = true
	} else {
		c.listed[m.ID] = append(c.listed[m.ID], outbox.Sent{ProviderID: id})
	}
	if lost {
		return "", errors.New("reset after it was taken")
	}
	return id, nil
}

func (c *losingProvider) Find(_ context.Context, m message.Outbound, _ time.Time) ([]outbox.Sent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.listed[m.ID]), nil
}

// life is one run of the program, which ends in the middle of whatever it does:
// from then on nothing that it asks of the database happens, and what the
// provider answers is lost.
type life struct {
	*Store
	*losingProvider
	left atomic.Int64 // things that it still does
	die  context.CancelFunc
}

// step reports whether the process still lives, before and after each thing.
func (l *life) step() error {
	if l.left.Add(-1) < 0 {
		l.die()
		return errKilled
	}
	return nil
}

func (l *life) Dispatch(ctx context.Context, now time.Time, open []outbox.Head, limit int, lease time.Duration, decide func([]outbox.Candidate) []outbox.Verdict) (int, error) {
	if err := l.step(); err != nil {
		return 0, err
	}
	n, err := l.Store.Dispatch(ctx, now, open, limit, lease, decide)
	return n, errors.Join(err, l.step())
}

func (l *life) Settle(ctx context.Context, now time.Time, verdicts []outbox.Verdict) error {
	if err := l.step(); err != nil {
		return err
	}
	return errors.Join(l.Store.Settle(ctx, now, verdicts), l.step())
}

func (l *life) Lost(ctx context.Context, now, wall time.Time, limit int, lease time.Duration) ([]outbox.Candidate, error) {
	if err := l.step(); err != nil {
		return nil, err
	}
	cs, err := l.Store.Lost(ctx, now, wall, limit, lease)
	return cs, errors.Join(err, l.step())
}

func (l *life) Send(ctx context.Context, m message.Outbound) (string, error) {
	if err := l.step(); err != nil {
		<-ctx.Done() // it never gets there, and nobody is left to hear of it
		return "", err
	}
	id, err := l.losingProvider.Send(ctx, m)
	if dead := l.step(); dead != nil {
		return "", dead
	}
	return id, err
}

// TestKilledSenders has the sender killed again and again, before and after each
// thing that it does, while answers of the provider get lost.
func TestKilledSenders(t *testing.T) {
	t.Parallel()
	total := 400
	if text := os.Getenv(crashEnv); text != "" {
		total, _ = strconv.Atoi(text)
	}
	b := newBench(t)
	b.LookAfter(20*time.Millisecond, 10*time.Millisecond)
	const each = 10
	wanted := map[string][]uuid.UUID{}
	for i := range total / each {
		conv, phone := b.talk(i), fmt.Sprintf("+52667%07d", i)
		var letters []engine.Letter
		for n := range each {
			l := b.letter(conv, fmt.Sprintf("%d/%d", i, n), func(l *engine.Letter) { l.To.Value, l.Expires = phone, b.now.AddDate(1, 0, 0) })
			letters, wanted[phone] = append(letters, l), append(wanted[phone], l.ID)
		}
		b.post(letters...)
	}
	c := &losingProvider{took: map[uuid.UUID][]string{}, order: map[string][]uuid.UUID{}, listed: map[uuid.UUID][]outbox.Sent{}, hidden: map[uuid.UUID]bool{}}
	kills, start := 0, time.Now()
	for b.count("outbox where settled_at is null") > 0 {
		if time.Since(start) > 30*time.Minute {
			t.Fatal("it never ends")
		}
		steps := int64(1) << 40
		if kills < total/20 {
			steps = rand.Int64N(90) + 1
		}
		if b.live(c, steps) {
			kills++
		}
	}
	b.judgeCrashes(c, wanted, kills, total)
}

// live runs one life of so many steps, or until there is nothing left to send,
// and reports whether it was killed.
func (b bench) live(c *losingProvider, steps int64) (killed bool) {
	b.Helper()
	ctx, die := context.WithCancel(context.Background())
	defer die()
	l := &life{Store: b.Store, losingProvider: c, die: die}
	l.left.Store(steps)
	o := outbox.New(l, l, outbox.NewLocal(nil, time.Now), outbox.Config{
		Batch: 32, Workers: 8, Timeout: 50 * time.Millisecond, Lease: 150 * time.Millisecond, Sweep: 20 * time.Millisecond, Hours: "09:00-20:00",
		Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	go func() {
		for ctx.Err() == nil {
			var open bool
			if err := b.pool.QueryRow(ctx, "select exists (select from outbox where settled_at is null)").Scan(&open); err == nil && !open {
				die()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if err := o.Run(ctx); err != nil {
		b.Errorf("run: %v", err)
	}
	return l.left.Load() < 0
}

// judgeCrashes compares what the provider has with what was to be sent.
func (b bench) judgeCrashes(c *losingProvider, wanted map[string][]uuid.UUID, kills, total int) {
	b.Helper()
	lost, given, twice, excused := 0, 0, 0, 0
	for phone, ids := range wanted {
		var sent []uuid.UUID
		for _, id := range ids {
			switch n := len(c.took[id]); {
			case n == 0 && b.standing(id).State == "failed":
				given++ // refused three times, and the desk can see it
				continue
			case n == 0:
				lost++
			case n > 1 && c.hidden[id]:
				excused += n - 1
			case n > 1:
				twice += n - 1
			}
			sent = append(sent, id)
		}
		if !slices.Equal(c.order[phone], sent) {
			b.Errorf("%s got its messages in another order", phone)
		}
	}
	b.Logf("%d messages, %d kills: %d lost, %d sent twice, %d sent twice because the provider had no way to tell, %d given up",
		total, kills, lost, twice, excused, given)
	if lost > 0 || twice > 0 || kills < total/20 {
		b.Errorf("%d lost and %d doubled without need, %d kills", lost, twice, kills)
	}
}
