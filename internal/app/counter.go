package app

import (
	"context"
	"log/slog"

	"valebot/internal/fault"
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
// it again. The password is the desk's: what two people must decide is not
// decided by one who knows two names. Fault: Denied with code bad_login.
func WithCounter(ctx context.Context, cfg Config, login, password string, log *slog.Logger, do func(c *Counter) error) error {
	return withEngine(ctx, cfg, log, func(a *App) error {
		who, ok, err := a.store.AgentNamed(ctx, login)
		if err != nil {
			return err
		}
		if !ok || who.Disabled || !a.vault.VerifyPassword(who.PasswordHash, password) {
			return fault.New(fault.Denied, "bad_login", "El usuario o la contraseña de la mesa no son correctos.")
		}
		return do(&Counter{Store: a.store, login: login, act: a.engine.Act})
	})
}
