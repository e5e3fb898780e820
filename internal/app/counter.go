package app

import (
	"context"
	"log/slog"

	"valebot/internal/lending"
	"valebot/internal/postgres"
)

// Counter is the command line's way to act on somebody's money: in the name of
// one person of the desk, by the same actions as everybody else.
type Counter struct {
	Store *postgres.Store
	login string
	act   func(ctx context.Context, actor, cause, name string, with map[string]any) (lending.Result, error)
}

// Act runs an action as "cli:login".
func (c *Counter) Act(ctx context.Context, name string, with map[string]any) (lending.Result, error) {
	return c.act(ctx, "cli:"+c.login, "command line", name, with)
}

// WithCounter opens the configured database for somebody of the desk and closes
// it again. Faults are those of who cannot sign: Denied, bad_login or too_many_tries.
func WithCounter(ctx context.Context, cfg Config, by Signature, log *slog.Logger, do func(c *Counter) error) error {
	return withEngine(ctx, cfg, log, func(a *App) error {
		who, err := a.sign(ctx, by)
		if err != nil {
			return err
		}
		return do(&Counter{Store: a.store, login: who.Login, act: a.engine.Act})
	})
}
