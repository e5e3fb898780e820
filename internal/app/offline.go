package app

import (
	"context"
	"log/slog"

	"valebot/internal/engine"
	"valebot/internal/postgres"
)

// WithStore opens the configured database for one job and closes it again.
func WithStore(ctx context.Context, cfg Config, log *slog.Logger, do func(s *postgres.Store) error) error {
	a := &App{cfg: cfg, log: log}
	defer a.Close()
	if err := a.openData(ctx); err != nil {
		return err
	}
	return do(a.store)
}

// SeedOnly loads a town without serving anything.
func SeedOnly(ctx context.Context, cfg Config, t *Town, dry bool, log *slog.Logger) ([]Seeded, error) {
	a := &App{cfg: cfg, log: log}
	defer a.Close()
	if err := a.openData(ctx); err != nil {
		return nil, err
	}
	book, err := LoadRulebook(cfg.files())
	if err != nil {
		return nil, err
	}
	a.rules = &engine.Rules{Actions: book.Actions, NewID: engine.NewID, HashPIN: a.vault.HashPIN, VerifyPIN: a.vault.VerifyPIN}
	a.engine = engine.New(a.store, a.rules, engine.Config{Now: a.clock.Now, Log: log, OnCommit: func(engine.Done) {}})
	return a.Seed(ctx, t, dry)
}

// PingDatabase reports whether the database at url answers.
func PingDatabase(ctx context.Context, url string) error {
	s, err := postgres.Open(ctx, url, nil, engine.NewID)
	if err != nil {
		return err
	}
	s.Close()
	return nil
}

// WithSigned is WithPublisher for who changes flows or reads what people wrote, once she has shown who she
// is. Faults: Denied with bad_login, too_many_tries or not_supervisor.
func WithSigned(ctx context.Context, cfg Config, by Signature, log *slog.Logger, do func(p *Publisher) error) error {
	a := &App{cfg: cfg, log: log}
	defer a.Close()
	if err := a.openData(ctx); err != nil {
		return err
	}
	p := a.publisher()
	var err error
	if p.by, p.alone, err = a.signChange(ctx, by); err != nil {
		return err
	}
	return do(p)
}

// WithPublisher opens the configured database for reading about flows and closes
// it again.
func WithPublisher(ctx context.Context, cfg Config, log *slog.Logger, do func(p *Publisher) error) error {
	a := &App{cfg: cfg, log: log}
	defer a.Close()
	if err := a.openData(ctx); err != nil {
		return err
	}
	return do(a.publisher())
}
