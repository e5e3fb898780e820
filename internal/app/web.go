package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"valebot/internal/rail"
	"valebot/internal/rail/atm"
	"valebot/internal/rail/deposit"
	"valebot/internal/rail/spei"
	"valebot/internal/web/desk"
)

func (a *App) buildWeb(context.Context) error {
	mux := http.NewServeMux()
	if err := a.mountChannels(mux); err != nil {
		return err
	}
	a.mountRails(mux)
	a.mountHealth(mux)
	var err error
	a.desk, err = desk.New(desk.Config{
		Store: a.store, Deeds: a.engine, Flows: deskFlows{a}, Share: a.share, Wake: a.wakeAll, Now: a.clock.Now, Passwords: a.vault, PublicURL: a.cfg.PublicURL, Proxies: a.cfg.Proxies, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("make desk: %w", err)
	}
	door := a.desk.Handler()
	mux.Handle("/mesa", door)
	mux.Handle("/mesa/", door)
	mux.Handle("GET /{$}", http.RedirectHandler("/mesa", http.StatusFound))
	if a.listen, err = net.Listen("tcp", a.cfg.Addr); err != nil {
		return fmt.Errorf("VALEBOT_ADDR: %w", err)
	}
	a.http = &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10,
	}
	return nil
}

func (a *App) wakeAll() {
	a.engine.Wake()
	a.outbox.Wake()
}

// mountRails receives what the rails tell. A rail without a secret has no door.
func (a *App) mountRails(mux *http.ServeMux) {
	counter := a.counter("valebot_rail_events_total", "Events of rails by rail and result.", "rail", "result")
	doors := []struct {
		name, path string
		secret     Secret
		handler    func(rail.Receiver, rail.Actions) http.Handler
	}{
		{"atm", "/webhooks/atm", a.cfg.ATMSecret, atm.Webhook},
		{"spei", "/webhooks/spei", a.cfg.SPEISecret, spei.Webhook},
		{"deposit", "/webhooks/payments", a.cfg.DepositSecret, deposit.Webhook},
	}
	for _, door := range doors {
		if door.secret == "" {
			continue
		}
		receiver := rail.Receiver{Keys: keysOf(door.secret), Now: time.Now, Log: a.log, Count: func(result string) {
			counter.WithLabelValues(door.name, result).Inc()
		}}
		mux.Handle(door.path, door.handler(receiver, railActions{a.engine.Act, door.name}))
	}
}

func keysOf(secret Secret) rail.Keys { return rail.Keys(secret.tokens()) }

func (a *App) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	a.metrics.MustRegister(c)
	return c
}

func (a *App) mountHealth(mux *http.ServeMux) {
	a.metrics.MustRegister(&queues{app: a})
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // browsers ask
	if a.cfg.Watch {
		mux.HandleFunc("GET /flows/status", a.flowStatus)
	}
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := a.store.Ping(ctx); err != nil {
			answer(w, http.StatusServiceUnavailable, "database_away")
			return
		}
		if _, err := a.store.Writable(ctx); err != nil {
			answer(w, http.StatusServiceUnavailable, "database_read_only")
			return
		}
		answer(w, http.StatusOK, "ready")
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	writeStatus(w, status, map[string]string{"status": text})
}

func writeStatus(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a client that left is no error
}

// queues tells Prometheus how many messages and events wait, when it asks.
type queues struct{ app *App }

var (
	waitingDesc = prometheus.NewDesc("valebot_outbox_messages", "Messages of the outbox by lane and state, those of the last day.", []string{"lane", "state"}, nil)
	eventsDesc  = prometheus.NewDesc("valebot_inbox_pending", "Events that wait to be handled.", nil, nil)
)

// Describe implements prometheus.Collector.
func (q *queues) Describe(ch chan<- *prometheus.Desc) {
	ch <- waitingDesc
	ch <- eventsDesc
}

// Collect implements prometheus.Collector.
func (q *queues) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	counts, pending, err := q.app.store.Waiting(ctx, q.app.clock.Now())
	if err != nil {
		ch <- prometheus.NewInvalidMetric(eventsDesc, err)
		return
	}
	for _, c := range counts {
		ch <- prometheus.MustNewConstMetric(waitingDesc, prometheus.GaugeValue, float64(c.Count), c.Lane.String(), c.State)
	}
	ch <- prometheus.MustNewConstMetric(eventsDesc, prometheus.GaugeValue, float64(pending))
}

// localURL is how this machine reaches the program.
func localURL(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	return "http://localhost:" + strings.TrimPrefix(port, ":")
}
