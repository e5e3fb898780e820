package lending_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/money"
)

// apply opens Ana's application for $4,000.
func (w *town) apply() lending.Request {
	w.t.Helper()
	w.must(w.run("application.start", map[string]any{"monto": money.Pesos(4000)}, w.byAna(lending.About{})))
	return only[lending.Request](w, lending.KindRequest)
}

func (w *town) byAnas(name string, with map[string]any) lending.Result {
	w.t.Helper()
	return w.must(w.run(name, with, w.byAna(lending.About{})))
}

func TestWhoMayApply(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want string
		set  func(w *town)
	}{
		{"eligible", func(*town) {}},
		{"open", func(w *town) { w.apply() }},
		{"blocked", func(w *town) {
			change(w, lending.KindPerson, w.ana.ID, func(p *lending.Person) { p.Blocked = true })
		}},
		{"overdue", func(w *town) { w.active(); w.goTo(date("2026-04-01")) }},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			tt.set(w)
			if got := w.byAnas("application.check", nil).Outcome; got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestAnApplicationGoesOnOverDays(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.apply()
	if again := w.apply(); again.ID != r.ID {
		t.Error("a second application was opened")
	}
	w.now = w.now.AddDate(0, 0, 3)
	for range 2 { // the same message told twice is one event
		if got := w.byAnas("application.resume", nil); got.Value["folio"] != r.Folio {
			t.Errorf("resume: %+v", got)
		}
	}
	// Thursday 5 March; two business days later is Monday 9.
	w.byAnas("application.submit", map[string]any{"solicitud": r.ID.String()})
	if got := w.byAnas("application.status", nil).Value; got["fecha"] != date("2026-03-09") || got["folio"] != r.Folio {
		t.Errorf("status %v", got)
	}
	if diff := cmp.Diff([]string{"application.started", "application.resumed"}, w.names(0)); diff != "" {
		t.Errorf("told:\n%s", diff)
	}
}

func TestWhatIsDecidedAboutAnApplication(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action string
		with   map[string]any
		limit  money.Amount
		facts  string // decision, reason
	}{
		{"application.approve", map[string]any{"tope": money.Pesos(4000)}, money.Pesos(4000), "aprobada "},
		{"application.counter", map[string]any{"monto": money.Pesos(2500)}, money.Pesos(5000), "contraoferta "},
		{"application.reject", map[string]any{"motivo": "ingresos", "desde": date("2026-06-01")}, money.Pesos(5000), "rechazada ingresos"},
	} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			r := w.apply()
			tt.with["persona"] = w.ana.ID.String()
			for range 2 {
				w.must(w.run(tt.action, tt.with))
			}
			about := lending.About{Kind: lending.AboutRequest, ID: r.ID.String()}
			f := w.mustFacts(about, w.ana.ID)["solicitud"]
			if got := strings.Join([]string{f["decision"].(string), f["motivo"].(string)}, " "); got != tt.facts {
				t.Errorf("facts %v", f)
			}
			if got := w.person(anaPhone).Limit; got != tt.limit {
				t.Errorf("limit %s", got)
			}
			if got := strings.Join(w.names(1), " "); got != "application.decided" {
				t.Errorf("told %s", got)
			}
		})
	}
}

func TestACounterOfferIsTaken(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.apply()
	id := map[string]any{"solicitud": r.ID.String()}
	if got := w.byAnas("application.accept", id).Outcome; got != "error" {
		t.Errorf("before there is one: %s", got)
	}
	w.must(w.run("application.counter", map[string]any{"persona": w.ana.ID.String(), "monto": money.Pesos(2500)}))
	for range 2 {
		if got := w.byAnas("application.accept", id).Outcome; got != "ok" {
			t.Errorf("accept: %s", got)
		}
	}
	if got := w.person(anaPhone).Limit; got != money.Pesos(2500) {
		t.Errorf("limit %s", got)
	}
}

func TestApplicationRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, name := range []string{"application.resume", "application.status"} {
		if got := w.byAnas(name, nil).Outcome; got != "error" {
			t.Errorf("%s of nothing: %s", name, got)
		}
	}
	if got := w.byAnas("application.start", map[string]any{"monto": money.Amount(0)}).Outcome; got != "error" {
		t.Errorf("nothing: %s", got)
	}
	ana := w.ana.ID.String()
	if got := w.must(w.run("application.approve", map[string]any{"persona": ana, "tope": money.Pesos(1)})).Outcome; got != "not_found" {
		t.Errorf("no application: %s", got)
	}
	w.apply()
	for _, tt := range []struct {
		code, name string
		with       map[string]any
	}{
		{"amount_not_positive", "application.approve", map[string]any{"persona": ana, "tope": money.Amount(0)}},
		{"amount_not_positive", "application.counter", map[string]any{"persona": ana, "monto": money.Amount(-1)}},
		{"no_such_reason", "application.reject", map[string]any{"persona": ana, "motivo": "porque no", "desde": date("2026-06-01")}},
		{"retry_not_ahead", "application.reject", map[string]any{"persona": ana, "motivo": "ingresos", "desde": date("2026-03-02")}},
		{"bad_id", "application.approve", map[string]any{"persona": "x", "tope": money.Pesos(1)}},
	} {
		if _, err := w.run(tt.name, tt.with); fault.CodeOf(err) != tt.code {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
	}
}
