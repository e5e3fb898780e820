package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"valebot/internal/channel/twilio"
	"valebot/internal/channel/whatsapp"
	"valebot/internal/clockwork"
	"valebot/internal/engine"
	"valebot/internal/outbox"
	"valebot/internal/postgres"
	"valebot/internal/postgres/local"
	"valebot/internal/quincena"
	"valebot/internal/redisdb"
	"valebot/internal/vault"
	"valebot/internal/web/desk"
)

// App is the whole program, built and not yet running.
type App struct {
	cfg       Config
	log       *slog.Logger
	clock     *Clock
	server    *local.Server // nil if the database is somebody else's
	store     *postgres.Store
	vault     *vault.Vault
	rules     *engine.Rules // those of the start; the engine has those in force
	shelf     *flowShelf
	drafts    drafts
	engine    *engine.Engine
	intake    *postgres.Intake
	outbox    *outbox.Outbox
	twilio    *twilio.Client     // nil unless Twilio is configured
	cloud     *whatsapp.Client   // nil unless the Cloud API is configured
	templates *whatsapp.Registry // the same
	fetchers  map[string]fetcher // of files that people send, by provider
	redis     *redisdb.Client    // nil if the pace is this process's own
	pacing    *redisdb.Pacer     // the same
	works     *clockwork.Clockwork
	jobs      *postgres.JobQueue
	metrics   *prometheus.Registry
	days      *dayMetrics
	notices   chan []uuid.UUID // messages taken by the provider that may have offered a vale
	http      *http.Server
	desk      *desk.Desk
	gossip    *gossip // nil without a Redis
	listen    net.Listener

	flowSeq       atomic.Int64 // of the change that the engine decides by
	flowsAt       atomic.Pointer[postgres.Revision]
	engineMetrics *engine.Metrics
}

// New builds the program: database, keys, flows, engine, sender, web. It
// refuses to build on a broken flow file; the error then holds every problem
// with its line. Close what New returned even if Run is never called.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	a := &App{cfg: cfg, log: log, metrics: prometheus.NewRegistry(), notices: make(chan []uuid.UUID, 256)}
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, step := range []func(context.Context) error{a.openData, a.loadRules, a.loadPrices, a.buildWorkers, a.buildWeb} {
		if err := step(ctx); err != nil {
			a.Close()
			return nil, err
		}
	}
	return a, nil
}

// openData opens the keys and the database, starting a private one if none is
// configured, and brings its schema up to date.
func (a *App) openData(ctx context.Context) error {
	dir, err := a.cfg.Dir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if a.vault, err = vault.Load(filepath.Join(dir, "keys"), rand.Reader); err != nil {
		return fmt.Errorf("open keys: %w", err)
	}
	url := a.cfg.DatabaseURL
	if url == "" {
		if a.server, err = local.Start(ctx, local.Options{Dir: filepath.Join(dir, "postgres"), Log: a.log}); err != nil {
			return err
		}
		url = a.server.URL()
	}
	if err := postgres.Migrate(ctx, url); err != nil {
		return err
	}
	if a.store, err = postgres.Open(ctx, url, a.vault, engine.NewID); err != nil {
		return err
	}
	if err := a.store.CheckKeys(ctx); err != nil {
		return err
	}
	a.clock, err = newClock(ctx, a.store)
	return err
}

// loadRules reads what is in force: flows, messages, lexicon and product.
func (a *App) loadRules(ctx context.Context) error {
	a.shelf = newShelf(a.store)
	a.shelf.deposit = a.cfg.deposit()
	if err := a.firstFlows(ctx); err != nil {
		return err
	}
	run, err := a.shelf.load(ctx)
	if err != nil {
		return err
	}
	a.flowSeq.Store(run.seq)
	a.flowsAt.Store(new(run.revision()))
	a.engineMetrics = engine.NewMetrics(a.metrics)
	a.rules = a.rulesOf(run)
	return nil
}

// Sweeps: how often each worker looks by itself for what nobody woke it for.
const (
	engineSweep = 2 * time.Second
	clockSweep  = 30 * time.Second
)

func (a *App) buildWorkers(context.Context) error {
	a.engine = engine.New(a.store, a.rules, engine.Config{
		Group: a.cfg.Group, Tries: 5, Backoff: 2 * time.Second, Now: a.clock.Now, Log: a.log, OnCommit: a.wake,
		Refresh: a.refreshFlows,
	})
	if look := a.cfg.Tuning.LookAgain; look > 0 {
		a.store.LookAfter(look, look)
	}
	a.intake = postgres.NewIntake(a.store, a.engine.Wake)
	sender, err := a.sender()
	if err != nil {
		return err
	}
	pacer, err := a.pacer()
	if err != nil {
		return err
	}
	a.outbox = outbox.New(a.store, sender, pacer, outbox.Config{
		Batch: 256, Workers: a.cfg.Senders, Timeout: a.cfg.Tuning.timeout(), Lease: a.cfg.Tuning.lease(), Hours: "09:00-21:00", Sweep: a.cfg.Tuning.sweep(),
		Days: a.cfg.days(), PerDay: a.cfg.PerDay, PerWeek: a.cfg.PerWeek,
		Now: a.clock.Now, Log: a.log, Metrics: outbox.NewMetrics(a.metrics), Noticed: a.noticed,
		Lost: func() { a.works.Wake() },
	})
	a.days = newDayMetrics(a.metrics)
	a.works = clockwork.New(a.store, clockwork.Config{
		Now: a.clock.Now, Log: a.log, Batch: 500, Sweep: clockSweep, Wake: a.engine.Wake, Act: a.act,
		NewDay: func(ctx context.Context, day quincena.Date) error { return a.jobs.AskDay(ctx, day) },
	})
	pay, err := a.payouts()
	if err != nil {
		return err
	}
	a.jobs, err = postgres.NewJobs(a.store, pay.run, a.log, postgres.DayWorker(a.newDay))
	return err
}

// wake tells the others what a committed group left for them.
func (a *App) wake(done engine.Done) {
	if done.Letters > 0 {
		a.outbox.Wake()
	}
	if done.Timers > 0 {
		a.works.Wake()
	}
	if done.Emits > 0 {
		a.engine.Wake()
	}
	a.desk.Ring()
}

// share tells the desks of other nodes that something happened.
func (a *App) share() {
	if a.gossip != nil {
		a.gossip.tell()
	}
}

// act runs a named action for a rail, the clockwork or the desk.
func (a *App) act(ctx context.Context, actor, cause, name string, with map[string]any) error {
	_, err := a.engine.Act(ctx, actor, cause, name, with)
	return err
}

// engineLoops is how many groups of conversations are worked on at once: while
// one waits for its commit, another decides.
const engineLoops = 2

// Run serves until ctx ends, then stops in order: no new requests, then the
// engine, then the sender with what it holds, then the database.
func (a *App) Run(ctx context.Context) error {
	if err := a.jobs.Start(ctx, a.store); ctx.Err() != nil && err != nil {
		return nil // stopped before it began
	} else if err != nil {
		return err
	}
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, inner := errgroup.WithContext(inner)
	g.Go(func() error { return a.intake.Run(inner) })
	g.Go(func() error { return a.intake.Run(inner) })
	if !a.cfg.Tuning.AcceptOnly {
		for range engineLoops {
			g.Go(func() error { return a.engine.Run(inner, engineSweep) })
		}
		g.Go(func() error { return a.outbox.Run(inner) })
		if a.pacing != nil {
			g.Go(func() error { return a.pacing.Run(inner) })
		}
		g.Go(func() error { return a.works.Run(inner) })
		g.Go(func() error { return a.followTemplates(inner) })
		g.Go(func() error { return a.fetchMedia(inner) })
		g.Go(func() error { return a.pollTwilio(inner) })
		g.Go(func() error { return a.offers(inner) })
	}
	g.Go(func() error { return a.followFlows(inner) })
	g.Go(func() error { return a.guardArms(inner) })
	if a.cfg.Watch {
		g.Go(func() error { return a.watchDrafts(inner) })
	}
	shift, closeDesk := context.WithCancel(ctx) // open pages hear of a stop at once, and it waits for none
	defer closeDesk()
	defer context.AfterFunc(inner, closeDesk)()
	g.Go(func() error { return a.desk.Run(shift) })
	if a.gossip != nil {
		g.Go(func() error { return a.gossip.run(inner) })
		g.Go(func() error { return a.gossip.listen(inner, a.desk.Hear) })
	}
	g.Go(func() error { return a.serve() })
	g.Go(func() error { return a.stopping(ctx, inner, stop) })
	if a.server != nil && a.server.Owned() {
		g.Go(func() error { return a.watch(inner) })
	}
	return g.Wait()
}

// grace is how long requests and rail calls under way may take at a stop.
const grace = 10 * time.Second

func (a *App) stopping(ctx, inner context.Context, stop func()) error {
	select {
	case <-ctx.Done():
	case <-inner.Done():
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := errors.Join(a.http.Shutdown(deadline), a.jobs.Stop(deadline))
	stop()
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("some requests were cut off at the stop")
		return nil
	}
	return err
}

// watch ends the program if its private database is gone for good.
func (a *App) watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-a.server.Done():
		return fmt.Errorf("private database ended: %w", a.server.Err())
	}
}

func (a *App) serve() error {
	err := a.http.Serve(a.listen)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close lets go of everything. It may be called more than once.
func (a *App) Close() {
	if a.listen != nil {
		_ = a.listen.Close() // closed already after a serve
	}
	if a.redis != nil {
		_ = a.redis.Close() // nothing is kept there
		a.redis = nil
	}
	if a.store != nil {
		a.store.Close()
	}
	if a.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		if err := a.server.Stop(ctx); err != nil {
			a.log.Error("stop database", "err", err)
		}
	}
}

// Addr is the address that the program listens on.
func (a *App) Addr() string { return a.listen.Addr().String() }

// Clock is the program's clock, which a demo may push.
func (a *App) Clock() *Clock { return a.clock }
