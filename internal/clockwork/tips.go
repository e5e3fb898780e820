package clockwork

import (
	"context"
	"time"

	"valebot/internal/fault"
	"valebot/internal/quincena"
)

// Tips go out so many days before a payment: early enough to set money aside,
// and clear of the reminder, which comes three days before.
const (
	tipFrom  = 5
	tipUntil = 9
)

// tips offers its monthly tip to everybody who agreed to one, once a day. Who
// got hers is written down in batches; a batch broken off is offered again, and
// its events are the same ones.
func (c *Clockwork) tips(ctx context.Context, now time.Time) error {
	today := quincena.On(now, quincena.Central())
	for today != c.tipped {
		ids, err := c.store.TipLoans(ctx, today, today.AddDays(tipFrom), today.AddDays(tipUntil), c.cfg.Batch)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			c.tipped = today
			return nil
		}
		for _, id := range ids {
			err := c.cfg.Act(ctx, "clockwork", "tip:"+id+":"+today.String(), "tip.offer", map[string]any{"credito": id})
			switch {
			case err == nil:
			case ctx.Err() != nil, fault.KindOf(err) == fault.Unavailable:
				return err
			default: // one loan must not keep the others from being looked at
				c.cfg.Log.ErrorContext(ctx, "offer tip", "loan", id, "err", err)
			}
		}
		if err := c.store.Tipped(ctx, ids, today); err != nil {
			return err
		}
	}
	return nil
}
