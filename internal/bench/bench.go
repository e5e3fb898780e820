// Package bench measures the whole program against pgbench, on the same
// PostgreSQL and in the same call, so that what counts is a ratio and not the
// machine.
//
// The load generator, the provider's stand-in and the program share one process
// and talk over HTTP on loopback, with real signatures; the database keeps its
// production durability. Callers may not assume that two runs agree to a
// percent, nor that a figure of one machine holds on another.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// Options say how to measure. The zero value is completed by sane defaults.
type Options struct {
	// DatabaseURL is a server on which databases may be made and dropped; "" runs
	// a private one in a directory that is thrown away afterwards.
	DatabaseURL string
	// Length of each measured stretch; 0 is 10 s. pgbench runs half of it before
	// and half of it after.
	Length time.Duration
	// Clients that ask at once; 0 is 256. Each is a phone of its own.
	Clients int
	// Progress hears, in Spanish, what is being done. It may be nil.
	Progress func(text string)
}

func (o Options) complete() Options {
	if o.Length <= 0 {
		o.Length = 10 * time.Second
	}
	if o.Clients <= 0 {
		o.Clients = 256
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return o
}

// Figure is one measured stretch.
type Figure struct {
	Count  int           `json:"count"`
	Failed int           `json:"failed"`
	Rate   float64       `json:"per_second"`
	P50    time.Duration `json:"p50_ns"`
	P99    time.Duration `json:"p99_ns"`
	Worst  time.Duration `json:"worst_ns"`
}

// Report is what a benchmark found.
type Report struct {
	What      string   `json:"what"`       // "turn" or "accept"
	Cores     int      `json:"cores"`      // of the machine
	Clients   int      `json:"clients"`    // phones at once
	Pgbench   float64  `json:"pgbench"`    // transactions a second of pgbench -N -M prepared
	Runs      []string `json:"pgbench_by"` // how pgbench was called
	Saturated Figure   `json:"saturated"`  // all clients as fast as they get answers
	Tenth     Figure   `json:"tenth"`      // at a tenth of that rate, which is what people feel
	Ratio     float64  `json:"ratio"`      // Saturated.Rate to Pgbench
	Load      Load     `json:"load"`       // of the machine while saturated
}

// Turn measures whole turns: a signed webhook comes in, the flow moves, its
// reply is handed to the provider, and the phone answers that.
func Turn(ctx context.Context, o Options) (Report, error) {
	return measure(ctx, "turn", o.complete(), false, func(r *rig) operation { return r.turn })
}

// Accept measures webhooks alone: verified, stored once and for good, answered.
// Nothing else runs meanwhile.
func Accept(ctx context.Context, o Options) (Report, error) {
	return measure(ctx, "accept", o.complete(), true, func(r *rig) operation { return r.accept })
}

func measure(ctx context.Context, what string, o Options, acceptOnly bool, of func(*rig) operation) (report Report, err error) {
	o.Progress("arrancando la base de datos")
	place, err := open(ctx, o.DatabaseURL)
	if err != nil {
		return Report{}, err
	}
	defer place.close()
	gauge, err := newGauge(ctx, place)
	if err != nil {
		return Report{}, err
	}
	o.Progress("sembrando distribuidoras y personas")
	r, err := newRig(ctx, place, o.Clients, acceptOnly)
	if err != nil {
		return Report{}, err
	}
	defer func() {
		if closeErr := r.close(); err == nil && closeErr != nil {
			err = fmt.Errorf("stop the program: %w", closeErr)
		}
	}()
	report = Report{What: what, Cores: runtime.NumCPU(), Clients: o.Clients}
	err = stretches(ctx, o, &report, gauge, r, of(r))
	return report, err
}

// stretches runs pgbench around the measured stretches, because the machine may
// be slower at the end than it was at the start.
func stretches(ctx context.Context, o Options, report *Report, g gauge, r *rig, op operation) error {
	o.Progress("pgbench, primera mitad")
	before, err := g.run(ctx, o.Length/2)
	if err != nil {
		return err
	}
	o.Progress("calentando")
	if warm := r.saturate(ctx, max(o.Length/5, time.Second), op); warm.Count == 0 {
		return fmt.Errorf("warm up: %w", r.trouble())
	}
	o.Progress("a todo lo que da")
	watch := watchLoad()
	report.Saturated = r.saturate(ctx, o.Length, op)
	report.Load = watch.stop()
	o.Progress("a la décima parte")
	report.Tenth = r.pace(ctx, o.Length, report.Saturated.Rate/10, op)
	o.Progress("pgbench, segunda mitad")
	after, err := g.run(ctx, o.Length/2)
	if err != nil {
		return err
	}
	report.Pgbench, report.Runs = (before+after)/2, []string{g.command()}
	report.Ratio = report.Saturated.Rate / report.Pgbench
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	return nil
}
