package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"valebot/internal/clockwork"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
)

// Sizes of the sets in which days are closed and cortes made: large enough for
// one commit to be cheap, small enough for a payment not to wait for it.
const (
	closeBatch   = 1000
	closeWorkers = 2
	cutBatch     = 100
)

// dayMetrics show how far the close of the day has come.
type dayMetrics struct{ total, done, failed prometheus.Gauge }

func newDayMetrics(r prometheus.Registerer) *dayMetrics {
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "valebot_day_close_" + name, Help: help})
		r.MustRegister(g)
		return g
	}
	return &dayMetrics{
		total:  gauge("loans", "Loans that the latest day close concerned when it began."),
		done:   gauge("done", "Loans that the latest day close has looked at."),
		failed: gauge("failed", "Loans that the latest day close left for the next one."),
	}
}

func (m *dayMetrics) show(p clockwork.DayProgress) {
	m.total.Set(float64(p.Total))
	m.done.Set(float64(p.Done))
	m.failed.Set(float64(p.Failed))
}

// closer returns what closes days.
func (a *App) closer(progress func(clockwork.DayProgress)) clockwork.DayClose {
	return clockwork.DayClose{
		Store: postgres.NewDayCloser(a.store), Act: a.act, Now: a.clock.Now, Log: a.log, Batch: closeBatch, Workers: closeWorkers, Progress: progress,
	}
}

// cutter returns what makes cortes.
func (a *App) cutter(actor string, progress func(clockwork.CorteDone)) clockwork.Cutter {
	return clockwork.Cutter{Store: a.store, Act: a.engine.ActMany, Batch: cutBatch, Actor: actor, Progress: progress}
}

// newDay does what begins with a business day: every loan is brought up to it,
// late relaciones are noted, and the cortes that are due are made.
func (a *App) newDay(ctx context.Context, day quincena.Date) error {
	done, err := a.closer(a.days.show).Run(ctx, day)
	if err != nil {
		return err
	}
	a.days.show(done)
	a.engine.Wake()
	cutter := a.cutter("clockwork", nil)
	if _, err := cutter.Late(ctx, day); err != nil {
		return err
	}
	_, err = cutter.Run(ctx, day)
	return err
}
