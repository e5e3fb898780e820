package outbox

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"valebot/internal/message"
)

// Metrics count what the outbox does. A nil *Metrics counts nothing.
type Metrics struct {
	decisions *prometheus.CounterVec
	latency   *prometheus.HistogramVec
}

// NewMetrics registers the outbox's metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "valebot_outbox_decisions_total", Help: "Messages taken from the outbox, by lane and by what was decided."}, []string{"lane", "state"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "valebot_provider_seconds", Help: "Time of one hand-over to the provider, by lane and result.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 15)}, []string{"lane", "result"}),
	}
	r.MustRegister(m.decisions, m.latency)
	return m
}

func (m *Metrics) decided(lane message.Lane, state State) {
	if m != nil {
		m.decisions.WithLabelValues(lane.String(), string(state)).Inc()
	}
}

func (m *Metrics) handed(lane message.Lane, took time.Duration, err error) {
	if m == nil {
		return
	}
	result := "accepted"
	if err != nil {
		result = string(message.ClassOf(err))
	}
	m.latency.WithLabelValues(lane.String(), result).Observe(took.Seconds())
}
