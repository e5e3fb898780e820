// Package graph draws a flow: as Mermaid text, and as a picture of its own
// (SVG) in which each step is a card that lists its ways out.
//
// Nothing in a drawing comes from a person: it holds the names of steps and
// outcomes. Callers may not assume that positions stay the same when a flow
// changes.
package graph

import (
	"fmt"
	"strings"

	"valebot/internal/flow"
)

// Count is how often a way out of a step was taken; nil counts draw none.
type Count func(step, outcome string) int

// Mermaid returns the flow as a Mermaid state diagram.
func Mermaid(m *flow.Machine) string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: %s v%d\n---\nstateDiagram-v2\n  [*] --> %s\n", m.Name(), m.Version(), m.First())
	for _, e := range m.Edges() {
		fmt.Fprintf(&b, "  %s --> %s : %s\n", e.Source, e.Destination, plain(e.Event))
	}
	for _, name := range m.Steps() {
		if info, _ := m.Info(name); info.Kind == "fin" {
			fmt.Fprintf(&b, "  %s --> [*] : %s\n", name, plain(info.Does))
		}
	}
	return b.String()
}

// plain takes out what Mermaid would read as its own signs.
func plain(text string) string {
	return strings.NewReplacer(":", "", ";", "", "\n", " ", "#", "").Replace(text)
}
