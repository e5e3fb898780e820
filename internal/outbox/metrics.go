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
	resting   *prometheus.GaugeVec
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
	m.resting = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "valebot_channel_resting", Help: "1 while nothing is handed to a channel because its provider or our account failed again and again."}, []string{"channel"})
	r.MustRegister(m.decisions, m.latency, m.resting)
	return m
}

// broken says which channels rest.
func (m *Metrics) broken(channels []message.Channel) {
	if m == nil {
		return
	}
	m.resting.Reset()
	for _, ch := range channels {
		m.resting.WithLabelValues(string(ch)).Set(1)
	}
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
