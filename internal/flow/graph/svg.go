package graph

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"valebot/internal/flow"
)

// Sizes of the drawing, in pixels.
const (
	cardWidth = 240
	headHigh  = 26
	rowHigh   = 18
	gapX      = 90
	gapY      = 22
	margin    = 24
	maxLabel  = 24
	maxWay    = 17 // of an outcome or a destination in a row
)

type row struct {
	outcome, label, to string
}

type card struct {
	info   flow.StepInfo
	rows   []row
	column int
	x, y   int
}

func (c *card) high() int { return headHigh + max(1, len(c.rows))*rowHigh + 6 }

// SVG draws the flow from left to right: each column is one step further from
// the start. A way back is named and not drawn, since lines that cross the
// whole picture hide the others. The worst step, by share of people who leave
// it by unclear or after, is marked if counts are given.
func SVG(m *flow.Machine, count Count) string {
	cards := layout(m)
	width, high := size(cards)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s" font-family="system-ui, sans-serif" font-size="12">`+"\n",
		width, high, width, high, html.EscapeString(m.Title()))
	b.WriteString(`<defs><marker id="p" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#64748b"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#f8fafc"/>`+"\n", width, high)
	byName := map[string]*card{}
	for _, c := range cards {
		byName[c.info.Name] = c
	}
	for _, c := range cards {
		for i, r := range c.rows {
			if to := byName[r.to]; to.column > c.column {
				b.WriteString(edge(c, i, to))
			}
		}
	}
	worst := worstStep(cards, count)
	for _, c := range cards {
		b.WriteString(c.draw(count, c.info.Name == worst))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// layout places cards in columns by distance from the start.
func layout(m *flow.Machine) []*card {
	var cards []*card
	byName := map[string]*card{}
	for _, name := range m.Steps() {
		info, _ := m.Info(name)
		c := &card{info: info, column: -1}
		cards, byName[name] = append(cards, c), c
	}
	for _, e := range m.Edges() {
		c := byName[e.Source]
		c.rows = append(c.rows, row{e.Outcome, e.Event, e.Destination})
	}
	spread(byName, m.First())
	placed := map[int]int{}
	for _, c := range cards {
		c.column = max(0, c.column)
		c.x = margin + c.column*(cardWidth+gapX)
		c.y = margin + placed[c.column]
		placed[c.column] += c.high() + gapY
	}
	return cards
}

func spread(byName map[string]*card, first string) {
	byName[first].column = 0
	todo := []string{first}
	for len(todo) > 0 {
		c := byName[todo[0]]
		todo = todo[1:]
		for _, r := range c.rows {
			if to := byName[r.to]; to.column < 0 {
				to.column = c.column + 1
				todo = append(todo, r.to)
			}
		}
	}
}

func size(cards []*card) (width, high int) {
	for _, c := range cards {
		width, high = max(width, c.x+cardWidth), max(high, c.y+c.high())
	}
	return width + margin, high + margin
}

// edge draws the way from a row of a card to a card further right.
func edge(from *card, i int, to *card) string {
	x1, y1 := from.x+cardWidth, from.y+headHigh+i*rowHigh+rowHigh/2+2
	x2, y2 := to.x, to.y+headHigh/2
	return fmt.Sprintf(`<path d="M%d %dC%d %d %d %d %d %d" fill="none" stroke="#94a3b8" marker-end="url(#p)"/>`+"\n",
		x1, y1, x1+gapX/2, y1, x2-gapX/2, y2, x2, y2)
}

func (c *card) draw(count Count, worst bool) string {
	var b strings.Builder
	stroke := "#cbd5e1"
	if worst {
		stroke = "#dc2626"
	}
	fmt.Fprintf(&b, `<g><rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="#fff" stroke="%s"/>`, c.x, c.y, cardWidth, c.high(), stroke)
	fmt.Fprintf(&b, `<rect x="%d" y="%d" width="5" height="%d" rx="2" fill="%s"/>`, c.x, c.y, c.high(), colour(c.info.Kind))
	if c.info.Note != "" {
		fmt.Fprintf(&b, `<title>%s</title>`, html.EscapeString(c.info.Note))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" font-weight="600" fill="#0f172a">%s</text>`, c.x+14, c.y+17, html.EscapeString(short(c.info.Name, maxLabel)))
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end" fill="#64748b" font-size="10">%s</text>`, c.x+cardWidth-8, c.y+17, c.info.Kind)
	for i, r := range c.rows {
		y := c.y + headHigh + i*rowHigh + rowHigh/2 + 6
		right := "→ " + short(r.to, maxWay)
		if count != nil {
			right = c.share(count, r)
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="#334155">%s</text>`, c.x+14, y, html.EscapeString(short(r.label, maxWay)))
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end" fill="#0369a1" font-size="11">%s</text>`, c.x+cardWidth-8, y, html.EscapeString(right))
	}
	if len(c.rows) == 0 {
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="#334155">%s</text>`, c.x+14, c.y+headHigh+rowHigh/2+6, html.EscapeString(short(c.info.Does, maxLabel)))
	}
	b.WriteString("</g>\n")
	return b.String()
}

// share writes how many went this way, and their part of all who left the step.
func (c *card) share(count Count, r row) string {
	all := c.left(count)
	if all == 0 {
		return "0"
	}
	n := count(c.info.Name, r.outcome)
	return fmt.Sprintf("%d · %d%%", n, n*100/all)
}

func (c *card) left(count Count) int {
	all := 0
	var seen []string
	for _, r := range c.rows {
		if !slices.Contains(seen, r.outcome) {
			seen = append(seen, r.outcome)
			all += count(c.info.Name, r.outcome)
		}
	}
	return all
}

// worstStep is the question that most people leave without an answer, if that
// is more than a tenth of them.
func worstStep(cards []*card, count Count) string {
	if count == nil {
		return ""
	}
	worst, share := "", 10
	for _, c := range cards {
		lost := count(c.info.Name, "unclear") + count(c.info.Name, "after")
		if all := c.left(count); all > 0 && lost*100/all > share {
			worst, share = c.info.Name, lost*100/all
		}
	}
	return worst
}

func colour(kind string) string {
	switch kind {
	case "pregunta", "escucha":
		return "#2563eb"
	case "acción":
		return "#7c3aed"
	case "decide":
		return "#d97706"
	case "espera":
		return "#0891b2"
	case "persona":
		return "#db2777"
	case "fin":
		return "#16a34a"
	}
	return "#64748b"
}

func short(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
