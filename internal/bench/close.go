package bench

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"valebot/internal/app"
	"valebot/internal/clockwork"
	"valebot/internal/money"
)

// CloseReport is what closing a day cost.
type CloseReport struct {
	Loans     int           `json:"loans"`
	Cores     int           `json:"cores"`
	Took      time.Duration `json:"took_ns"`
	PerSecond float64       `json:"loans_per_second"`
	Rows      int           `json:"rows"`     // results: loans, entries of the ledger and their lines, events
	Stored    int           `json:"stored"`   // rows of tables that hold them: lines lie in the row of their entry
	Copy      time.Duration `json:"copy_ns"`  // of a plain COPY of as many rows as there are results
	Ratio     float64       `json:"ratio"`    // took to copy
	PeakMB    float64       `json:"peak_mb"`  // of this process, while it closed
	CPU       time.Duration `json:"cpu_ns"`   // of this process
	Load      Load          `json:"load"`     // of the machine, others' work included
	Again     time.Duration `json:"again_ns"` // the same day once more, which finds nothing to do
	Sound     bool          `json:"sound"`    // the books agree afterwards; checked up to 100 thousand loans
	Checked   bool          `json:"checked"`
}

// verifyMost is up to how many loans the books are recomputed afterwards.
const verifyMost = 100_000

// Close measures the close of a day on which an instalment of every one of n
// loans falls due, against a plain COPY of as many rows as it has results.
func Close(ctx context.Context, o Options, n int) (report CloseReport, err error) {
	o = o.complete()
	report = CloseReport{Loans: n, Cores: runtime.NumCPU()}
	err = withTown(ctx, o, n, func(p app.Portfolio, at *place) error {
		o.Progress("cerrando el día")
		runtime.GC()
		peak, watch, before, start := watchMemory(), watchLoad(), ownTime(), time.Now()
		done, err := p.CloseDay(ctx, heaviest(p.Today()), func(d clockwork.DayProgress) { o.Progress(fmt.Sprintf("cerrando %d de %d", d.Done, d.Total)) })
		if err != nil {
			return err
		}
		report.Took, report.CPU, report.Load, report.PeakMB = time.Since(start), ownTime()-before, watch.stop(), peak()
		if done.Done != n || done.Failed > 0 {
			return fmt.Errorf("close a day: %d of %d loans closed, %d failed", done.Done, n, done.Failed)
		}
		report.PerSecond = float64(n) / report.Took.Seconds()
		report.Stored = done.Done + done.Entries + done.Events
		report.Rows = report.Stored + done.Lines
		start = time.Now()
		if _, err := p.CloseDay(ctx, heaviest(p.Today()), nil); err != nil {
			return err
		}
		report.Again = time.Since(start)
		if n <= verifyMost {
			o.Progress("revisando el libro")
			books, err := p.Verify(ctx)
			if err != nil {
				return err
			}
			report.Checked, report.Sound = true, len(books.Differences) == 0
		}
		o.Progress("copiando otro tanto")
		report.Copy, err = plainCopy(ctx, at.theirs, report.Rows)
		report.Ratio = report.Took.Seconds() / report.Copy.Seconds()
		return err
	})
	return report, err
}

// withTown opens a place of its own with a portfolio of n loans.
func withTown(ctx context.Context, o Options, n int, do func(app.Portfolio, *place) error) error {
	o.Progress("arrancando la base de datos")
	at, err := open(ctx, o.DatabaseURL)
	if err != nil {
		return err
	}
	defer at.close()
	cfg := app.Config{DataDir: filepath.Join(at.dir, "data"), DatabaseURL: at.ours}
	return app.WithPortfolio(ctx, cfg, slog.New(slog.DiscardHandler), func(p app.Portfolio) error {
		t, err := newTown(heaviest(p.Today()))
		if err != nil {
			return err
		}
		if err := t.seed(ctx, p, n, o.Progress); err != nil {
			return err
		}
		for _, sql := range []string{everybodyHasWritten, "vacuum analyze"} {
			if _, err := p.Pool().Exec(ctx, sql); err != nil {
				return fmt.Errorf("settle the portfolio: %w", err)
			}
		}
		return do(p, at)
	})
}

// Whoever has a loan has accepted it by message.
const everybodyHasWritten = `insert into conversation (id, key, person_id, channel, address, created_at)
select gen_random_uuid(), 'tel:' || phone, id, 'sms', phone, created_at from person on conflict do nothing`

// plainCopy times a COPY of rows shaped as a line of the ledger into a table
// without an index.
func plainCopy(ctx context.Context, url string, rows int) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, fmt.Errorf("reach database: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // nothing depends on a goodbye
	if _, err := conn.Exec(ctx, "create table plain (entry_id uuid, n smallint, account text, owner text, cents bigint)"); err != nil {
		return 0, fmt.Errorf("make a plain table: %w", err)
	}
	i, row := 0, []any{[16]byte{}, int16(0), "loan_interest", "0195a1b2-0000-7000-8000-000000000000", int64(0)}
	start := time.Now()
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"plain"}, []string{"entry_id", "n", "account", "owner", "cents"}, pgx.CopyFromFunc(func() ([]any, error) {
		if i == rows {
			return nil, nil
		}
		i++
		row[4] = int64(i)
		return row, nil
	}))
	if err != nil {
		return 0, fmt.Errorf("copy: %w", err)
	}
	return time.Since(start), nil
}

// watchMemory samples what this process holds until the function it returns is
// called, which tells the most, in megabytes.
func watchMemory() func() float64 {
	var most atomic.Uint64
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			most.Store(max(most.Load(), held()))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() float64 {
		close(done)
		return float64(max(most.Load(), held())) / (1 << 20)
	}
}

// held is the memory that the Go runtime has from the system and not given back.
func held() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// PayReport is how fast payments are posted.
type PayReport struct {
	Cores   int     `json:"cores"`
	Group   int     `json:"group"`   // payments in a transaction
	Workers int     `json:"workers"` // transactions at once
	Command string  `json:"pgbench_command"`
	Rounds  []Round `json:"rounds"`
	Pgbench float64 `json:"pgbench"`
	Rate    float64 `json:"per_second"`
	Ratio   float64 `json:"ratio"` // median of the rounds
	Load    Load    `json:"load"`
}

// Sizes of the payments benchmark: a file of deposits is posted by groups.
const (
	payGroup   = 64
	payWorkers = 4
	payLoans   = 20_000
)

// Pay measures payments that are posted: matched by reference, allocated, booked,
// with the line restored and the borrower told.
func Pay(ctx context.Context, o Options) (report PayReport, err error) {
	o = o.complete()
	report = PayReport{Cores: runtime.NumCPU(), Group: payGroup, Workers: payWorkers}
	err = withTown(ctx, o, payLoans, func(p app.Portfolio, at *place) error {
		g, err := newGauge(ctx, at)
		if err != nil {
			return err
		}
		report.Command = g.command()
		r, t := Report{}, &teller{Portfolio: p}
		for i := range rounds {
			o.Progress(fmt.Sprintf("ronda %d de %d", i+1, rounds))
			tps, err := g.run(ctx, o.Length/rounds)
			if err != nil {
				return err
			}
			watch := watchLoad()
			rate, err := t.post(ctx, o.Length/rounds)
			if err != nil {
				return err
			}
			r.add(Round{Pgbench: tps, Rate: rate}, watch.stop())
			report.Rate += rate / rounds
		}
		report.Rounds, report.Pgbench, report.Ratio, report.Load = r.Rounds, r.Pgbench, r.Ratio, r.Load
		return nil
	})
	return report, err
}

// teller posts payments of all loans in turn.
type teller struct {
	app.Portfolio
	next atomic.Int64
}

// post posts for a while and returns how many a second.
func (t *teller) post(ctx context.Context, length time.Duration) (float64, error) {
	g, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	var posted atomic.Int64
	for range payWorkers {
		g.Go(func() error {
			for time.Since(start) < length {
				if _, err := t.ActMany(ctx, "bench", "bench", "payment.post", t.group()); err != nil {
					return err
				}
				posted.Add(payGroup)
			}
			return nil
		})
	}
	err := g.Wait()
	return float64(posted.Load()) / time.Since(start).Seconds(), err
}

func (t *teller) group() []map[string]any {
	with := make([]map[string]any, payGroup)
	first := t.next.Add(payGroup) - payGroup
	for i := range with {
		n := first + int64(i)
		with[i] = map[string]any{
			"source": "panel", "reference": fmt.Sprintf("B%d", n), "account": folio(int(n % payLoans)),
			"amount": money.Pesos(10), "value_date": t.Today(),
		}
	}
	return with
}
