package app

import (
	"context"
	"log/slog"
	"time"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/postgres"
)

// Counter is the command line's way to act on somebody's money: in the name of
// one person of the desk, by the same actions as everybody else.
type Counter struct {
	Store *postgres.Store
	login string
	role  casework.Role
	now   func() time.Time
	act   func(ctx context.Context, actor, cause, name string, with map[string]any) (lending.Result, error)
}

// Act runs an action as "cli:login". Fault: Denied, read_only for an auditor.
func (c *Counter) Act(ctx context.Context, name string, with map[string]any) (lending.Result, error) {
	if !c.role.Acts() {
		return lending.Result{}, fault.New(fault.Denied, "read_only", "Tu usuario solo puede ver: no cambia nada.")
	}
	return c.act(ctx, "cli:"+c.login, "command line", name, with)
}

// Lead is Act for what a supervisor alone decides. Fault: Denied, not_supervisor.
func (c *Counter) Lead(ctx context.Context, name string, with map[string]any) (lending.Result, error) {
	if !c.role.Leads() {
		return lending.Result{}, fault.New(fault.Denied, "not_supervisor", "Eso lo decide quien supervisa la mesa.")
	}
	return c.Act(ctx, name, with)
}

// Distributors lists distributors for whoever sees the whole desk, and writes
// down that she read them; see postgres.Store.Accounts. Fault: Denied,
// not_supervisor for an agent.
func (c *Counter) Distributors(ctx context.Context, phone string, state loan.DistributorState) ([]casework.Account, error) {
	if c.role == casework.RoleAgent {
		return nil, fault.New(fault.Denied, "not_supervisor", "La lista la ve quien supervisa o audita la mesa.")
	}
	return c.Store.Accounts(ctx, "cli:"+c.login, phone, state, c.now())
}

// WithCounter opens the configured database for somebody of the desk and closes
// it again. Faults are those of who cannot sign: Denied, bad_login or too_many_tries.
func WithCounter(ctx context.Context, cfg Config, by Signature, log *slog.Logger, do func(c *Counter) error) error {
	return withEngine(ctx, cfg, log, func(a *App) error {
		who, err := a.sign(ctx, by)
		if err != nil {
			return err
		}
		return do(&Counter{Store: a.store, login: who.Login, role: who.Role, now: a.clock.Now, act: a.engine.Act})
	})
}
