package transcript

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"valebot/internal/flow"
)

// Coverage says which steps and ways of the flows some conversations went.
type Coverage struct {
	Steps, SeenSteps int
	Ways, SeenWays   int
	Missing          []Visit // Outcome "" means that the step itself was never reached
}

// Cover compares what was visited with every flow of the set.
func Cover(set *flow.Set, visited map[Visit]int) Coverage {
	var c Coverage
	for _, name := range set.Names() {
		m, _ := set.Latest(name)
		for _, step := range m.Steps() {
			c.Steps++
			if visited[Visit{Flow: name, Step: step}] > 0 {
				c.SeenSteps++
			} else {
				c.Missing = append(c.Missing, Visit{Flow: name, Step: step})
			}
			for _, outcome := range m.Outcomes(step) {
				c.way(Visit{name, step, outcome}, visited)
			}
		}
	}
	slices.SortFunc(c.Missing, func(a, b Visit) int {
		return cmp.Or(cmp.Compare(a.Flow, b.Flow), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Outcome, b.Outcome))
	})
	return c
}

func (c *Coverage) way(v Visit, visited map[Visit]int) {
	c.Ways++
	if visited[v] > 0 {
		c.SeenWays++
		return
	}
	c.Missing = append(c.Missing, v)
}

// Print writes the coverage for people: two counts, and what no conversation
// has visited.
func (c Coverage) Print(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "pasos %d/%d, salidas %d/%d\n", c.SeenSteps, c.Steps, c.SeenWays, c.Ways); err != nil {
		return err
	}
	for _, v := range c.Missing {
		text := "nadie llega"
		if v.Outcome != "" {
			text = "nadie sale por " + v.Outcome
		}
		if _, err := fmt.Fprintf(w, "  %s · %s: %s\n", v.Flow, v.Step, text); err != nil {
			return err
		}
	}
	return nil
}
