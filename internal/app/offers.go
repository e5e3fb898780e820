package app

import (
	"context"

	"github.com/google/uuid"
)

// noticed notes that notices have left. It never blocks: an offer that is not
// noted stays AUTHORISED, which changes nothing about what it can become.
func (a *App) noticed(ids []uuid.UUID) {
	select {
	case a.notices <- ids:
	default:
		a.log.Warn("offers not noted", "count", len(ids))
	}
}

// offers tells the lending core which vales were offered, once the provider has
// taken the message that offers them.
func (a *App) offers(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case ids := <-a.notices:
			vales, err := a.store.OfferedVales(ctx, ids)
			if err != nil && ctx.Err() == nil {
				a.log.ErrorContext(ctx, "list offered vales", "err", err)
			}
			for _, id := range vales {
				if err := a.act(ctx, "outbox", "offered:"+id, "vale.offered", map[string]any{"vale": id}); err != nil && ctx.Err() == nil {
					a.log.ErrorContext(ctx, "note offered vale", "vale", id, "err", err)
				}
			}
		}
	}
}
