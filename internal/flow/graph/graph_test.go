package graph_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/flow/graph"
	"valebot/internal/lending"
)

func machines(t *testing.T) []*flow.Machine {
	t.Helper()
	set, _ := flow.Load(flows.FS, lending.Vocabulary(), nil)
	var out []*flow.Machine
	for _, name := range set.Names() {
		m, _ := set.Latest(name)
		out = append(out, m)
	}
	if len(out) < 5 {
		t.Fatalf("only %d flows", len(out))
	}
	return out
}

func TestMermaidHasEveryEdge(t *testing.T) {
	t.Parallel()
	for _, m := range machines(t) {
		text := graph.Mermaid(m)
		if !strings.Contains(text, "stateDiagram-v2\n  [*] --> "+m.First()+"\n") {
			t.Errorf("%s does not begin at its first step:\n%s", m.Name(), text)
		}
		for _, e := range m.Edges() {
			if !strings.Contains(text, "  "+e.Source+" --> "+e.Destination+" : ") {
				t.Errorf("%s has no edge %s to %s", m.Name(), e.Source, e.Destination)
			}
		}
	}
}

// wellFormed fails on text that is not XML.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSVGIsWellFormedAndHasEveryStep(t *testing.T) {
	t.Parallel()
	for _, m := range machines(t) {
		text := graph.SVG(m, nil)
		wellFormed(t, text)
		if got := strings.Count(text, "<g>"); got != len(m.Steps()) {
			t.Errorf("%s: %d cards for %d steps", m.Name(), got, len(m.Steps()))
		}
		if got := strings.Count(text, ">→ "); got != len(m.Edges()) {
			t.Errorf("%s: %d ways named for %d edges", m.Name(), got, len(m.Edges()))
		}
	}
}

func TestSVGShowsCountsAndTheWorstStep(t *testing.T) {
	t.Parallel()
	for _, m := range machines(t) {
		if m.Name() != "aceptacion_vale" {
			continue
		}
		counts := map[string]int{"oferta affirm": 60, "oferta deny": 10, "oferta terms": 10, "oferta after": 20}
		text := graph.SVG(m, func(step, outcome string) int { return counts[step+" "+outcome] })
		wellFormed(t, text)
		for _, want := range []string{"60 · 60%", "20 · 20%", `stroke="#dc2626"`} {
			if !strings.Contains(text, want) {
				t.Errorf("the drawing does not show %s", want)
			}
		}
	}
}
