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
	"slices"
	"time"
)

// Options say how to measure. The zero value is completed by sane defaults.
type Options struct {
	// DatabaseURL is a server on which databases may be made and dropped; "" runs
	// a private one in a directory that is thrown away afterwards.
	DatabaseURL string
	// Length of all rounds of the program together, and of those of pgbench, and of
	// the measurement at a tenth; 0 is 10 s.
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

// Round is pgbench and the program one after the other, each per second.
type Round struct {
	Pgbench float64 `json:"pgbench"`
	Rate    float64 `json:"per_second"`
}

// Report is what a benchmark found.
type Report struct {
	What      string  `json:"what"`            // "turn" or "accept"
	Cores     int     `json:"cores"`           // of the machine
	Clients   int     `json:"clients"`         // phones at once
	Command   string  `json:"pgbench_command"` // how pgbench was called
	Pgbench   float64 `json:"pgbench"`         // its transactions a second, mean of the rounds
	Rounds    []Round `json:"rounds"`
	Saturated Figure  `json:"saturated"` // all clients as fast as they get answers
	Tenth     Figure  `json:"tenth"`     // at a tenth of that rate, which is what people feel
	Ratio     float64 `json:"ratio"`     // rate to pgbench, the median of the rounds
	Load      Load    `json:"load"`      // of the machine while saturated
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

// rounds is how often pgbench and the program take turns: on a machine with other
// work to do only neighbours in time can be compared.
const rounds = 3

func stretches(ctx context.Context, o Options, report *Report, g gauge, r *rig, op operation) error {
	o.Progress("calentando")
	var warm, all tally
	if r.saturate(ctx, max(o.Length/5, time.Second), op, &warm); len(warm.took) == 0 {
		return fmt.Errorf("warm up: %w", r.trouble())
	}
	var loaded time.Duration
	for i := range rounds {
		o.Progress(fmt.Sprintf("ronda %d de %d", i+1, rounds))
		tps, err := g.run(ctx, o.Length/rounds)
		if err != nil {
			return err
		}
		watch, before := watchLoad(), len(all.took)
		took := r.saturate(ctx, o.Length/rounds, op, &all)
		report.add(Round{Pgbench: tps, Rate: float64(len(all.took)-before) / took.Seconds()}, watch.stop())
		loaded += took
	}
	report.Saturated = all.figure(loaded)
	o.Progress("a la décima parte")
	report.Tenth = r.pace(ctx, o.Length, report.Saturated.Rate/10, op)
	report.Command = g.command()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	return nil
}

// add takes one more round into the report.
func (r *Report) add(round Round, load Load) {
	n := float64(len(r.Rounds))
	r.Rounds = append(r.Rounds, round)
	r.Pgbench = (r.Pgbench*n + round.Pgbench) / (n + 1)
	r.Load = Load{Busy: (r.Load.Busy*n + load.Busy) / (n + 1), Ours: (r.Load.Ours*n + load.Ours) / (n + 1)}
	ratios := make([]float64, len(r.Rounds))
	for i, one := range r.Rounds {
		ratios[i] = one.Rate / one.Pgbench
	}
	slices.Sort(ratios)
	r.Ratio = ratios[len(ratios)/2]
}
