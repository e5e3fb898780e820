// Package clockwork makes things happen when their time has come: timers of
// dialogues, the close of the day with its reminders, the cortes of the
// distributors, vales that nobody answered, the tip of the month. It sleeps until
// the next one is due and can be woken; it keeps nothing in memory that a crash
// could lose.
package clockwork

import (
	"context"
	"log/slog"
	"time"

	"valebot/internal/lending"
	"valebot/internal/quincena"
)

// Store is what the clockwork needs of the database.
type Store interface {
	// Fire turns up to limit timers due at now into events.
	Fire(ctx context.Context, now time.Time, limit int) (int, error)
	// NextTimer returns when the next timer is due.
	NextTimer(ctx context.Context) (due time.Time, ok bool, err error)
	// ExpiredVales lists vales that are offered, not answered and past their date.
	ExpiredVales(ctx context.Context, now time.Time, limit int) ([]string, error)
	// LostOffers lists offers that still hold a line and whose message ended
	// undelivered since an instant, with nothing after it that did arrive.
	LostOffers(ctx context.Context, since time.Time, limit int) ([]LostOffer, error)
	// LostCodes lists the disbursements whose live withdrawal code ended
	// undelivered since an instant and of which nobody was told yet.
	LostCodes(ctx context.Context, since time.Time, limit int) ([]string, error)
	// TipLoans lists, of people who agreed to advice and got none this month, one
	// loan each that is on time and falls due between two days.
	TipLoans(ctx context.Context, today, from, until quincena.Date, limit int) ([]string, error)
	// Tipped notes that the borrowers of the loans got their tip.
	Tipped(ctx context.Context, loans []string, today quincena.Date) error
}

// LostOffer is an offer that did not reach its beneficiary, and why.
type LostOffer struct {
	Vale     string
	OptedOut bool // she wants no messages; otherwise the message could not be delivered
}

// Act runs a named action, outside of any dialogue.
type Act func(ctx context.Context, actor, cause, name string, with map[string]any) error

// Config is how the clockwork works.
type Config struct {
	Now    func() time.Time
	Log    *slog.Logger
	Batch  int
	Sweep  time.Duration // the longest sleep
	Wake   func()        // tells the engine that there are events
	Act    Act
	NewDay func(ctx context.Context, day quincena.Date) error // asks for the close of a business day
}

// Clockwork is the product's alarm clock.
type Clockwork struct {
	store  Store
	cfg    Config
	wake   chan struct{}
	asked  quincena.Date // the last day whose close was asked for
	tipped quincena.Date // day on which nobody was left to give a tip to; only spares looking
}

// New returns a clockwork. It does nothing until Run.
func New(store Store, cfg Config) *Clockwork {
	return &Clockwork{store: store, cfg: cfg, wake: make(chan struct{}, 1)}
}

// Wake tells the clockwork that there may be new timers, or that the clock was
// pushed. It never blocks.
func (c *Clockwork) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// breath is the least time between two looks: under load somebody wakes the
// clockwork hundreds of times a second, and no timer is that exact.
const breath = 50 * time.Millisecond

// Run works until ctx ends.
func (c *Clockwork) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		wait, err := c.Tick(ctx)
		if err != nil && ctx.Err() == nil {
			c.cfg.Log.ErrorContext(ctx, "tick", "err", err)
			wait = time.Second
		}
		timer := time.NewTimer(max(wait, breath))
		select {
		case <-ctx.Done():
		case <-c.wake:
			time.Sleep(breath)
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// Tick does all that is due now and returns how long nothing will be.
func (c *Clockwork) Tick(ctx context.Context) (time.Duration, error) {
	now := c.cfg.Now()
	if err := c.timers(ctx, now); err != nil {
		return 0, err
	}
	if err := c.vales(ctx, now); err != nil {
		return 0, err
	}
	if err := c.undelivered(ctx, now); err != nil {
		return 0, err
	}
	if err := c.day(ctx, now); err != nil {
		return 0, err
	}
	if err := c.tips(ctx, now); err != nil {
		return 0, err
	}
	due, ok, err := c.store.NextTimer(ctx)
	if err != nil || !ok {
		return c.cfg.Sweep, err
	}
	return max(min(due.Sub(now), c.cfg.Sweep), 0), nil
}

func (c *Clockwork) timers(ctx context.Context, now time.Time) error {
	for {
		n, err := c.store.Fire(ctx, now, c.cfg.Batch)
		if err != nil {
			return err
		}
		if n > 0 {
			c.cfg.Wake()
		}
		if n < c.cfg.Batch {
			return nil
		}
	}
}

// vales closes offers that ran out while no dialogue was there to do it. The
// dialogue's own timer comes first; this is the net below it.
func (c *Clockwork) vales(ctx context.Context, now time.Time) error {
	ids, err := c.store.ExpiredVales(ctx, now.Add(-time.Hour), c.cfg.Batch)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := c.cfg.Act(ctx, "clockwork", "expire:"+id, "vale.release", map[string]any{"vale": id}); err != nil {
			c.cfg.Log.ErrorContext(ctx, "expire vale", "vale", id, "err", err)
		}
	}
	return nil
}

// lostFor is how long ago a message may have been lost and still be acted on:
// as long as an offer or a code lives.
const lostFor = 72 * time.Hour

// undelivered tells the lending core of offers and codes that did not arrive.
// What was told is not listed again, so that a tick broken off is gone through
// again.
func (c *Clockwork) undelivered(ctx context.Context, now time.Time) error {
	offers, err := c.store.LostOffers(ctx, now.Add(-lostFor), c.cfg.Batch)
	if err != nil {
		return err
	}
	for _, o := range offers {
		why := lending.NotDelivered
		if o.OptedOut {
			why = lending.OptedOut
		}
		if err := c.cfg.Act(ctx, "clockwork", "lost:"+o.Vale, "vale.undelivered", map[string]any{"vale": o.Vale, "motivo": why}); err != nil {
			c.cfg.Log.ErrorContext(ctx, "close lost offer", "vale", o.Vale, "err", err)
		}
	}
	codes, err := c.store.LostCodes(ctx, now.Add(-lostFor), c.cfg.Batch)
	if err != nil {
		return err
	}
	for _, id := range codes {
		if err := c.cfg.Act(ctx, "clockwork", "lost:"+id, "code.undelivered", map[string]any{"disbursement": id}); err != nil {
			c.cfg.Log.ErrorContext(ctx, "tell of lost code", "disbursement", id, "err", err)
		}
	}
	return nil
}

// day asks for the close of a day, once a day. Asking twice is harmless: who
// takes it does it once.
func (c *Clockwork) day(ctx context.Context, now time.Time) error {
	today := quincena.On(now, quincena.Central())
	if c.asked == today {
		return nil
	}
	if err := c.cfg.NewDay(ctx, today); err != nil {
		return err
	}
	c.asked = today
	return nil
}
