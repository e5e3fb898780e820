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
// slice when there are any. Of two of one clause that are nearly as sure, as thanks
// and a goodbye are, the longer is first, else the one that was said first.
func (r Reading) Intents() []Intent {
	var held []int
	for i := range r.u.entries {
		if r.intentScore(i) > 0 {
			held = append(held, i)
		}
	}
	slices.SortStableFunc(held, r.sooner)
	var out []Intent
	for _, i := range held {
		h := r.hits[i]
		out = append(out, Intent{r.u.entries[i].name, r.intentScore(i), r.words(int(h.from), int(h.to))})
	}
	return slices.CompactFunc(out, func(a, b Intent) bool { return a.Name == b.Name })
}

// near is how many points of score make no difference within one clause.
const near = 2

// sooner orders two entries that hold: negative when a comes before b.
func (r *Reading) sooner(a, b int) int {
	x, y := r.hits[a], r.hits[b]
	base := r.u.entries[a].score - r.u.entries[b].score
	apart := r.tok.pauses(int(min(x.from, y.from)), int(max(x.to, y.to))-1)
	switch {
	case apart || base > near || base < -near:
		return r.intentScore(b) - r.intentScore(a)
	case x.to-x.from != y.to-y.from:
		return int(y.to-y.from) - int(x.to-x.from)
	}
	return int(x.from) - int(y.from)
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
