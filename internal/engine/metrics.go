package engine

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what the engine does. A nil *Metrics counts nothing.
type Metrics struct {
	turns       prometheus.Counter
	unclears    *prometheus.CounterVec
	escalations *prometheus.CounterVec
}

// NewMetrics registers the engine's metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		turns: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "valebot_turns_total", Help: "Events taken through a conversation and committed."}),
		unclears: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "valebot_unclear_replies_total", Help: "Replies that were not understood, by flow and step."}, []string{"flow", "step"}),
		escalations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "valebot_escalations_total", Help: "Chats put in a queue for a person, by queue."}, []string{"queue"}),
	}
	r.MustRegister(m.turns, m.unclears, m.escalations)
	return m
}

func (m *Metrics) count(done Done) {
	if m == nil {
		return
	}
	m.turns.Add(float64(done.Events))
	for _, queue := range done.queued {
		m.escalations.WithLabelValues(queue).Inc()
	}
	for _, at := range done.unclear {
		m.unclears.WithLabelValues(at[0], at[1]).Inc()
	}
}
