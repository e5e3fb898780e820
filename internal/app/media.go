package app

import (
	"context"
	"time"

	"valebot/internal/channel"
	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/postgres"
)

// fetcher gets files from one provider.
type fetcher interface {
	Fetch(ctx context.Context, m message.Media) (channel.File, error)
}

// How files are fetched. Providers keep them for days; what cannot be had within
// one is given up.
const (
	mediaSweep = 2 * time.Second
	mediaBatch = 8
	mediaLease = time.Minute
	mediaRest  = 30 * time.Second // before the second try; it doubles
	mediaUntil = 24 * time.Hour
)

// fetchMedia gets what people sent, until ctx ends. Nothing waits for it: the
// message itself was answered long ago.
func (a *App) fetchMedia(ctx context.Context) error {
	for {
		n, err := a.mediaRound(ctx)
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "files not fetched", "err", err)
		}
		if n == mediaBatch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(mediaSweep):
		}
	}
}

func (a *App) mediaRound(ctx context.Context) (int, error) {
	wanted, err := a.store.WantMedia(ctx, a.clock.Now(), mediaBatch, mediaLease)
	if err != nil {
		return 0, err
	}
	for _, w := range wanted {
		if err := a.fetchOne(ctx, w); err != nil {
			return 0, err
		}
	}
	if len(wanted) > 0 {
		a.desk.Ring()
	}
	return len(wanted), nil
}

// fetchOne fetches one file and notes what became of it.
func (a *App) fetchOne(ctx context.Context, w postgres.MediaWanted) error {
	from, ok := a.fetchers[w.Provider]
	if !ok {
		return a.store.MissMedia(ctx, w.ID, time.Time{}, "su proveedor ya no está configurado", a.clock.Now())
	}
	f, err := from.Fetch(ctx, w.File)
	now := a.clock.Now()
	switch {
	case err == nil:
		return a.store.KeepMedia(ctx, w.ID, f, now)
	case fault.KindOf(err) == fault.Invalid:
		return a.store.MissMedia(ctx, w.ID, time.Time{}, fault.TextOf(err), now)
	case now.Sub(w.Since) > mediaUntil:
		return a.store.MissMedia(ctx, w.ID, time.Time{}, "el proveedor no lo entregó en un día", now)
	}
	a.log.WarnContext(ctx, "file not fetched", "file", w.ID, "err", err)
	return a.store.MissMedia(ctx, w.ID, now.Add(mediaRest<<min(w.Tries, 8)), "", now)
}
