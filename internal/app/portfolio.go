package app

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"valebot/internal/clockwork"
	"valebot/internal/engine"
	"valebot/internal/lending"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
	"valebot/internal/statement"
)

// Portfolio is the lender's loans and distributors without anything serving: for
// the command line, and for benchmarks.
type Portfolio struct {
	*postgres.Store
	app *App
}

// WithPortfolio opens the configured database with the rules that are in force
// there, for one job, and closes it again.
func WithPortfolio(ctx context.Context, cfg Config, log *slog.Logger, do func(p Portfolio) error) error {
	a := &App{cfg: cfg, log: log, metrics: prometheus.NewRegistry()}
	defer a.Close()
	for _, step := range []func(context.Context) error{a.openData, a.loadRules} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	a.engine = engine.New(a.store, a.rules, engine.Config{Now: a.clock.Now, Log: log, OnCommit: func(engine.Done) {}})
	return do(Portfolio{a.store, a})
}

// Today is the business date of the product's clock.
func (p Portfolio) Today() quincena.Date { return quincena.On(p.app.clock.Now(), quincena.Central()) }

// CloseDay closes a day for every loan. progress may be nil.
func (p Portfolio) CloseDay(ctx context.Context, day quincena.Date, progress func(clockwork.DayProgress)) (clockwork.DayProgress, error) {
	return p.app.closer(progress).Run(ctx, day)
}

// ToClose counts the loans that closing a day would look at, and changes nothing.
func (p Portfolio) ToClose(ctx context.Context, day quincena.Date) (int, error) {
	return postgres.NewDayCloser(p.Store).CountToClose(ctx, day)
}

// Cut notes which relaciones are late and makes the cortes whose day has come.
func (p Portfolio) Cut(ctx context.Context, actor string, today quincena.Date, progress func(clockwork.CorteDone)) ([]clockwork.CorteDone, error) {
	cutter := p.app.cutter(actor, progress)
	if _, err := cutter.Late(ctx, today); err != nil {
		return nil, err
	}
	return cutter.Run(ctx, today)
}

// Statement reads a relación for a person, who is named in the audit.
func (p Portfolio) Statement(ctx context.Context, actor, reference string) (statement.Statement, error) {
	return p.Store.Statement(ctx, actor, reference, p.app.clock.Now())
}

// ActMany runs a named action once per set of inputs, in one transaction.
func (p Portfolio) ActMany(ctx context.Context, actor, cause, name string, with []map[string]any) ([]lending.Result, error) {
	return p.app.engine.ActMany(ctx, actor, cause, name, with)
}
