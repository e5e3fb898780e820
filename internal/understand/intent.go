package understand

import "slices"

// Intent is one thing that the person wants or says, whatever was asked.
type Intent struct {
	Name  string // as the lexicon names it: "human", "balance", …
	Score int    // 1 to 100
	Words string // the words that carried it
}

// IntentHuman is the lexicon's name for wanting a person.
const IntentHuman = "human"

// IntentOptOut is the lexicon's name for wanting no more messages, however it is
// said. It is weaker than OptOut: the flow offers BAJA instead of obeying.
const IntentOptOut = "opt_out"

// Intents returns every intent that holds, the surest first; it allocates one
// slice when there are any.
func (r Reading) Intents() []Intent {
	var out []Intent
	for i := range r.u.entries {
		if score := r.intentScore(i); score > 0 {
			h := r.hits[i]
			out = append(out, Intent{r.u.entries[i].name, score, r.words(int(h.from), int(h.to))})
		}
	}
	slices.SortStableFunc(out, func(a, b Intent) int { return b.Score - a.Score })
	return slices.CompactFunc(out, func(a, b Intent) bool { return a.Name == b.Name })
}

// Has reports whether the intent holds at all.
func (r Reading) Has(name string) bool {
	for i, e := range r.u.entries {
		if e.name == name && r.intentScore(i) > 0 {
			return true
		}
	}
	return false
}

// wantsAnything reports whether any intent holds.
func (r *Reading) wantsAnything() bool {
	for i := range r.u.entries {
		if r.intentScore(i) > 0 {
			return true
		}
	}
	return false
}

// intentScore is the entry's own score, and a little more when the words fill
// the message; 0 when the intent does not hold.
func (r *Reading) intentScore(i int) int {
	h := r.hits[i]
	if h.to == 0 || r.vetoes>>i&1 == 1 {
		return 0
	}
	rest := r.besides(int(h.from), int(h.to))
	if h.whole && rest > 0 {
		return 0
	}
	score := r.u.entries[i].score
	if rest == 0 {
		score += 5
	}
	return min(score, 100)
}

// besides counts the words outside [from, to) that are not courtesies.
func (r *Reading) besides(from, to int) int {
	n := 0
	for i := 0; i < r.tok.count; {
		c := r.cover[i]
		switch {
		case i >= from && i < to:
			i++
			continue
		case c.n > 0 && (c.role == roleFiller || c.role == roleGrudge):
			i += int(c.n)
			continue
		}
		n++
		i++
	}
	return n
}
