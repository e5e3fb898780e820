package app

import (
	"context"
	"fmt"
	"time"

	"valebot/internal/channel/twilio"
)

// How Twilio's own list is read for what its webhooks lost.
const (
	pollRound   = 5 * time.Minute
	pollOverlap = 15 * time.Minute // read again each time: the list may lag, statuses move on
	pollBack    = 72 * time.Hour   // at most, after a long outage of ours
)

// pollTwilio repairs lost webhooks until ctx ends. Every node may do it: what is
// known already is not taken twice.
func (a *App) pollTwilio(ctx context.Context) error {
	if a.twilio == nil || realService(a.cfg.TwilioAPIURL) && !a.cfg.Live {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollRound):
		}
		if err := a.pollOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "list of messages not read", "err", err)
		}
	}
}

// pollOnce reads the list from where it was read to, and marks it read only once
// everything in it is stored. The first time ever it begins a little before now:
// what is older was never ours to answer.
func (a *App) pollOnce(ctx context.Context, now time.Time) error {
	from, err := a.store.ReadTo(ctx, twilio.Provider)
	if err != nil {
		return err
	}
	if from.IsZero() {
		from = now
	}
	if oldest := now.Add(-pollBack); from.Before(oldest) {
		from = oldest
	}
	found, err := a.twilio.Since(ctx, from.Add(-pollOverlap), a.clock.Now())
	if err != nil {
		return err
	}
	for _, m := range found.Inbound {
		if err := a.intake.Accept(ctx, m); err != nil {
			return fmt.Errorf("store listed message: %w", err)
		}
	}
	if len(found.Statuses) > 0 {
		if err := a.receipts().Record(ctx, found.Statuses...); err != nil {
			return fmt.Errorf("store listed statuses: %w", err)
		}
	}
	return a.store.MarkRead(ctx, twilio.Provider, now)
}
