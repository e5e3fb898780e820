package flow_test

import (
	"strings"
	"sync"
	"testing"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/source"
	"valebot/locales"
)

// product is everything that is shipped, loaded once.
type product struct {
	set      *flow.Set
	catalog  *locale.Catalog
	problems []source.Problem
}

var load = sync.OnceValue(func() product {
	catalog, problems := locale.Load(locales.FS)
	set, more := flow.Load(flows.FS, lending.Vocabulary(), catalog)
	return product{set, catalog, append(problems, more...)}
})

// shipped returns the flows of the product and fails on any problem.
func shipped(t testing.TB) (*flow.Set, *locale.Catalog) {
	t.Helper()
	p := load()
	for _, problem := range p.problems {
		if problem.Code == "stale" || problem.Code == "missing-variant" && problem.Severity == source.Warning {
			continue // a translation is behind, of which package locale tells
		}
		t.Error(printed(problem))
	}
	return p.set, p.catalog
}

func printed(p source.Problem) string {
	var b strings.Builder
	if err := p.Print(&b); err != nil {
		return err.Error()
	}
	return b.String()
}

func TestShippedFlowsAreClean(t *testing.T) {
	t.Parallel()
	shipped(t)
}

func TestSet(t *testing.T) {
	t.Parallel()
	set, _ := shipped(t)
	m, ok := set.Latest("aceptacion_vale")
	if !ok || m.Version() != 6 || m.About() != "vale" || m.Title() == "" || len(m.Hash()) != 64 || m.Name() != "aceptacion_vale" {
		t.Errorf("the acceptance is %v %v", m, ok)
	}
	if same, ok := set.Machine("aceptacion_vale", 6); !ok || same != m {
		t.Error("the version is not found by number")
	}
	if _, ok := set.Machine("aceptacion_vale", 99); ok {
		t.Error("a version that does not exist was found")
	}
	if _, ok := set.Latest("nada"); ok {
		t.Error("a flow that does not exist was found")
	}
	if got := set.Triggered("vale.authorized"); len(got) != 1 || got[0] != m {
		t.Errorf("vale.authorized starts %v", got)
	}
	idle := set.Idle()
	if again, ok := set.Machine(idle.Name(), idle.Version()); !ok || again != idle {
		t.Error("the idle machine is not found by name")
	}
	reminder, _ := set.Latest("recordatorio_pago")
	limits := reminder.Limits()
	if limits.PerDay != 1 || limits.PerWeek != 3 || limits.Hours.From != 9*60 || limits.Hours.To != 20*60 {
		t.Errorf("the reminder's limits are %+v", limits)
	}
	authorisation, _ := set.Latest("autorizacion_vale")
	if authorisation.Audience() != "distributor" || authorisation.Priority() <= m.Priority() {
		t.Errorf("audience %q, priority %d against %d", authorisation.Audience(), authorisation.Priority(), m.Priority())
	}
}

func TestLintReport(t *testing.T) {
	t.Parallel()
	r := flow.Lint(flows.FS, locales.FS, lending.Vocabulary())
	var b strings.Builder
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	if r.Errors() != 0 || r.Flows < 9 || r.Steps < 90 || !strings.Contains(b.String(), " messages: 0 errors, ") {
		t.Error(b.String())
	}
}

func TestEdgesAreATransitionTable(t *testing.T) {
	t.Parallel()
	set, _ := shipped(t)
	for _, name := range set.Names() {
		m, _ := set.Latest(name)
		seen := map[string]bool{}
		for _, e := range m.Edges() {
			if row := e.Source + " " + e.Event; seen[row] {
				t.Errorf("%s has two rows for %s", name, row)
			} else {
				seen[row] = true
			}
			if _, ok := m.Info(e.Destination); !ok {
				t.Errorf("%s leads to %s, which is no step", name, e.Destination)
			}
		}
	}
}
