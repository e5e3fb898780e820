package app

import (
	"context"
	"sync/atomic"
	"time"

	"valebot/internal/postgres"
	"valebot/internal/quincena"
)

// Clock is the product's clock. In production it is the real one. A demo may
// push it forward; how far is kept in the database, so that a restart goes on
// at the same moment.
type Clock struct {
	store *postgres.Store
	ahead atomic.Int64 // nanoseconds
}

func newClock(ctx context.Context, store *postgres.Store) (*Clock, error) {
	ahead, err := store.ClockAhead(ctx)
	if err != nil {
		return nil, err
	}
	c := &Clock{store: store}
	c.ahead.Store(int64(ahead))
	return c, nil
}

// Now is the product's time, in UTC and to the microsecond, which is what the
// database keeps.
func (c *Clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.ahead.Load())).UTC().Truncate(time.Microsecond)
}

// push moves the clock forward to a moment, never back.
func (c *Clock) push(ctx context.Context, to time.Time) error {
	ahead := time.Duration(c.ahead.Load()) + to.Sub(c.Now())
	if ahead <= time.Duration(c.ahead.Load()) {
		return nil
	}
	if err := c.store.PushClock(ctx, ahead); err != nil {
		return err
	}
	c.ahead.Store(int64(ahead))
	return nil
}

// Zone is the lender's time zone, for printing business times.
func Zone() *time.Location { return quincena.Central() }
