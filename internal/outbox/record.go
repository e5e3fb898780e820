package outbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/pace"
)

// Report is a provider's status with what it means for us.
type Report struct {
	message.Status
	Retry  time.Time // when to hand the message over again; zero if not
	Rest   time.Time // until when nothing goes to its contact on its channel; zero if that may go on
	Divert bool      // another channel may do, where there is one
}

// told gathers the statuses that callbacks bring while others are being written:
// a provider makes two or three calls for each message, and one commit for each
// would cost more than all the rest of its way.
type told struct {
	mu      sync.Mutex
	waiting []telling
	writing bool
}

// telling is one callback that waits to be stored.
type telling struct {
	statuses []message.Status
	done     chan error
}

// maxTold bounds the callbacks of one commit.
const maxTold = 256

// Record takes provider statuses, as callbacks bring them, and returns once they
// are stored. A failure that may pass is tried again later, if the message is then
// still of use. It needs no Run.
func (o *Outbox) Record(ctx context.Context, statuses ...message.Status) error {
	mine := telling{statuses, make(chan error, 1)}
	o.told.mu.Lock()
	o.told.waiting = append(o.told.waiting, mine)
	lead := !o.told.writing
	o.told.writing = true
	o.told.mu.Unlock()
	if lead {
		go o.writeTold(context.WithoutCancel(ctx))
	}
	select {
	case err := <-mine.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("store statuses: %w", ctx.Err())
	}
}

// writeTold writes until nothing waits.
func (o *Outbox) writeTold(ctx context.Context) {
	for {
		batch := o.told.take()
		if len(batch) == 0 {
			return
		}
		o.record(ctx, batch)
		time.Sleep(pace.Rest(len(batch)))
	}
}

// take returns what waits; with nothing it ends the writing.
func (t *told) take() []telling {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.waiting), maxTold)
	batch := t.waiting[:n:n]
	t.waiting = t.waiting[n:]
	t.writing = n > 0
	return batch
}

// record writes callbacks together, or one by one if the database refuses one of
// them, and tells each how it went.
func (o *Outbox) record(ctx context.Context, batch []telling) {
	var all []message.Status
	for _, one := range batch {
		all = append(all, one.statuses...)
	}
	err := o.recordNow(ctx, all)
	if err != nil && len(batch) > 1 && fault.KindOf(err) != fault.Unavailable {
		for i := range batch {
			o.record(ctx, batch[i:i+1])
		}
		return
	}
	for _, one := range batch {
		one.done <- err
	}
}

func (o *Outbox) recordNow(ctx context.Context, statuses []message.Status) error {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	now := o.cfg.Now()
	reports := make([]Report, len(statuses))
	for i, s := range statuses {
		reports[i].Status = s
		if s.Rank == message.RankFailed && s.Class == message.Defer {
			reports[i].Retry = now.Add(deferral(s.Attempt + 1))
			if s.Hold == message.HoldPair {
				reports[i].Rest = now.Add(pairPause(s.Attempt))
				reports[i].Retry = reports[i].Rest
			}
		}
		reports[i].Divert = s.Rank == message.RankFailed && divertible(s.Class)
	}
	if err := o.store.Record(ctx, now, reports); err != nil {
		return err
	}
	if err := o.slowed(ctx, statuses); err != nil {
		return err
	}
	o.lost(slices.ContainsFunc(statuses, func(s message.Status) bool { return s.Rank == message.RankFailed }))
	o.Wake()
	return nil
}

// recordTime is how long storing statuses may take; the provider tells again.
const recordTime = 10 * time.Second
