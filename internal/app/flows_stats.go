package app

import (
	"cmp"
	"context"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"valebot/internal/postgres"
)

// FlowStats is how a flow fares.
type FlowStats struct {
	Flow     string        `json:"flow"`
	Version  int           `json:"version"` // 0 = all versions
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Steps    []StepLine    `json:"steps"`    // in the order of the file, then those of older versions
	Outcomes []OutcomeLine `json:"outcomes"` // by version and arm
	Arms     []ArmLine     `json:"arms"`     // of tests of wordings, by their guard
	Unclear  []UnclearText `json:"unclear"`  // masked; only for who asked for them
}

// StepLine is how a step fares. Shares are 0 to 1.
type StepLine struct {
	Step       string  `json:"step"`
	Entered    int     `json:"entered"`
	Answered   int     `json:"answered"`
	Replies    int     `json:"replies"`
	FirstTime  float64 `json:"first_time"`    // share of dialogues whose first reply was understood
	Dwell      int     `json:"dwell_seconds"` // median
	Left       int     `json:"left"`
	HandedOver int     `json:"handed_over"`
}

// OutcomeLine is how often dialogues ended so, with the 95 % interval of the
// share (Wilson's), so that two arms are compared by more than luck.
type OutcomeLine struct {
	Version int     `json:"version"`
	Arm     string  `json:"arm,omitempty"`
	Outcome string  `json:"outcome"` // "" = still open
	N       int     `json:"n"`
	Of      int     `json:"of"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

// UnclearText is a reply that a step did not understand, with its digits hidden.
type UnclearText struct {
	Step string `json:"step"`
	Text string `json:"text"`
	N    int    `json:"n"`
}

// Stats counts how a flow fares. reader, if not "", is the operator who is shown
// texts that were not understood; that is written down.
func (p *Publisher) Stats(ctx context.Context, q postgres.StatsQuery, reader string) (FlowStats, error) {
	out := FlowStats{Flow: q.Flow, Version: q.Version, From: q.From, To: q.To, Steps: []StepLine{}, Outcomes: []OutcomeLine{}, Unclear: []UnclearText{}}
	steps, err := p.store.FlowSteps(ctx, q)
	if err != nil {
		return out, err
	}
	run, err := p.inForce(ctx)
	if err != nil {
		return out, err
	}
	var order []string
	out.Arms = []ArmLine{}
	if m, ok := run.book.Flows.Latest(q.Flow); ok {
		order = m.Steps()
		if out.Arms, err = p.ArmLines(ctx, m); err != nil {
			return out, err
		}
	}
	for _, s := range steps {
		out.Steps = append(out.Steps, stepLine(s))
	}
	slices.SortStableFunc(out.Steps, func(a, b StepLine) int { return cmp.Compare(place(order, a.Step), place(order, b.Step)) })
	ended, err := p.store.FlowOutcomes(ctx, q)
	if err != nil {
		return out, err
	}
	out.Outcomes = append(out.Outcomes, outcomeLines(ended)...)
	if reader == "" {
		return out, nil
	}
	unclear, err := p.store.UnclearReplies(ctx, q, cmp.Or(p.by, reader), p.now())
	out.Unclear = append(out.Unclear, topUnclear(unclear)...)
	return out, err
}

// place orders steps as their file does; others come last.
func place(order []string, step string) int {
	if i := slices.Index(order, step); i >= 0 {
		return i
	}
	return len(order)
}

func stepLine(s postgres.StepStats) StepLine {
	line := StepLine{Step: s.Step, Entered: s.Entered, Answered: s.Answered, Replies: s.Replies, Dwell: int(s.Dwell / time.Second), Left: s.Left, HandedOver: s.HandedOver}
	if s.FirstAsked > 0 {
		line.FirstTime = float64(s.FirstTime) / float64(s.FirstAsked)
	}
	return line
}

func outcomeLines(counts []postgres.OutcomeCount) (out []OutcomeLine) {
	type group struct {
		version int
		arm     string
	}
	totals := map[group]int{}
	for _, c := range counts {
		totals[group{c.Version, c.Arm}] += c.N
	}
	for _, c := range counts {
		of := totals[group{c.Version, c.Arm}]
		low, high := wilson(c.N, of)
		out = append(out, OutcomeLine{c.Version, c.Arm, c.Outcome, c.N, of, low, high})
	}
	return out
}

// wilson is the score interval of a share at 95 % (Wilson, 1927), which holds
// for few people and for shares near 0 and 1 too.
func wilson(hits, of int) (low, high float64) {
	if of <= 0 {
		return 0, 1
	}
	const z = 1.959964
	n := float64(of)
	p := float64(hits) / n
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	reach := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, middle-reach), min(1, middle+reach)
}

// topTexts is how many texts are shown.
const topTexts = 20

// hidden are digits and addresses, which may be somebody's.
var hidden = regexp.MustCompile(`\S+@\S+|https?://\S+|[0-9](?:[0-9 .\-]*[0-9])?`)

// masked hides what may identify somebody in a text that she wrote, and folds
// what makes equal texts differ.
func masked(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	text = hidden.ReplaceAllString(text, "#")
	if r := []rune(text); len(r) > 80 {
		text = string(r[:80]) + "…"
	}
	return text
}

func topUnclear(replies []postgres.Unclear) []UnclearText {
	counts := map[UnclearText]int{}
	for _, r := range replies {
		counts[UnclearText{Step: r.Step, Text: masked(r.Text)}]++
	}
	var out []UnclearText
	for t := range maps.Keys(counts) {
		out = append(out, UnclearText{t.Step, t.Text, counts[t]})
	}
	slices.SortFunc(out, func(a, b UnclearText) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Text, b.Text))
	})
	return out[:min(len(out), topTexts)]
}

// Counts returns how often each step of a flow was left by each outcome, for
// drawings.
func (p *Publisher) Counts(ctx context.Context, q postgres.StatsQuery) (func(step, outcome string) int, error) {
	ways, err := p.store.FlowWays(ctx, q)
	if err != nil {
		return nil, err
	}
	counts := map[[2]string]int{}
	for _, w := range ways {
		counts[[2]string{w.Step, w.Outcome}] = w.N
	}
	return func(step, outcome string) int { return counts[[2]string{step, outcome}] }, nil
}

// Now is the product's time, which a demo may have pushed.
func (p *Publisher) Now() time.Time { return p.now() }
