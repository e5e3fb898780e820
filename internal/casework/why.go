package casework

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Why explains to an agent how a chat came to the desk.
type Why struct {
	Flow  string  // "" if no flow was under way
	Chips []Chip  // the way through the flow, the last being where it stopped
	Texts []Entry // the person's last messages before that, at most three
}

// Chip is one step on the way, with how many replies were not understood there.
type Chip struct {
	Step   string
	Misses int
}

// Marks has one element for each reply that was not understood.
func (c Chip) Marks() []struct{} { return make([]struct{}, c.Misses) }

// The strip above a thread has room for so many.
const (
	maxChips = 6
	maxTexts = 3
)

// Explain finds the last hand-off in the steps of a chat and what led to it.
// Both lists are in the order of time.
func Explain(steps []Step, thread []Entry) Why {
	at := slices.IndexFunc(steps, isHandoff)
	for i := range steps {
		if isHandoff(steps[i]) {
			at = i
		}
	}
	if at < 0 {
		return Why{Texts: lastTexts(thread, time.Time{})}
	}
	last := steps[at]
	return Why{Flow: last.Flow, Chips: way(steps[:at+1], last.Dialogue), Texts: lastTexts(thread, last.At)}
}

func isHandoff(s Step) bool {
	return slices.ContainsFunc(s.Effects, func(effect string) bool { return strings.HasPrefix(effect, "handoff ") })
}

// way lists the steps that a dialogue went through, each visit once.
func way(steps []Step, dialogue uuid.UUID) []Chip {
	var chips []Chip
	visit := func(step string) {
		if step != "" && (len(chips) == 0 || chips[len(chips)-1].Step != step) {
			chips = append(chips, Chip{Step: step})
		}
	}
	for _, s := range steps {
		if s.Dialogue != dialogue {
			continue
		}
		visit(s.From)
		if s.Event == "replied" && s.Heard == "" && len(chips) > 0 {
			chips[len(chips)-1].Misses++
		}
		for _, step := range s.Path {
			visit(step)
		}
		visit(s.To)
	}
	return chips[max(0, len(chips)-maxChips):]
}

// lastTexts are the person's last messages up to an instant; the zero time
// means up to now.
func lastTexts(thread []Entry, until time.Time) []Entry {
	var texts []Entry
	for _, e := range thread {
		if e.Kind == In && (until.IsZero() || !e.At.After(until)) {
			texts = append(texts, e)
		}
	}
	return texts[max(0, len(texts)-maxTexts):]
}
