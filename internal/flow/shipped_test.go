package flow_test

import (
	"strings"
	"testing"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/source"
	"valebot/locales"
)

// shipped loads the flows of the product and fails on any problem.
func shipped(t testing.TB) (*flow.Set, *locale.Catalog) {
	t.Helper()
	catalog, problems := locale.Load(locales.FS)
	set, more := flow.Load(flows.FS, lending.Vocabulary(), catalog)
	for _, p := range append(problems, more...) {
		t.Error(printed(p))
	}
	return set, catalog
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
