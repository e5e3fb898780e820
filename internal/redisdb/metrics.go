package redisdb

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

// Metrics count the questions to Redis. A nil *Metrics counts nothing.
type Metrics struct {
	calls *prometheus.HistogramVec
	alone prometheus.Gauge
}

// NewMetrics registers the metrics of shared pacing.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "valebot_redis_seconds", Help: "Time of one question to Redis, by result: granted, refused, failed, away (not asked).",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 11)}, []string{"result"}),
		alone: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "valebot_redis_away", Help: "1 while Redis is away and the node paces its own share."}),
	}
	r.MustRegister(m.calls, m.alone)
	return m
}

func (m *Metrics) called(took, wait time.Duration, err error) {
	if m == nil {
		return
	}
	result := "granted"
	switch {
	case err != nil && away(err):
		result = "away"
	case err != nil:
		result = "failed"
	case wait > 0:
		result = "refused"
	}
	m.calls.WithLabelValues(result).Observe(took.Seconds())
}

func (m *Metrics) state(s gobreaker.State) {
	if m == nil {
		return
	}
	m.alone.Set(0)
	if s != gobreaker.StateClosed {
		m.alone.Set(1)
	}
}
