package understand

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// open returns u with candidates that let everything through: the slow and plain
// way to find what matches.
func open(u *Understander) *Understander {
	slow := *u
	slow.match.byWord = nil
	for _, from := range u.match.byWord {
		slow.match.byWord = append(slow.match.byWord, opened(from))
	}
	slow.match.byNumber = opened(u.match.byNumber)
	return &slow
}

func opened(from []candidate) []candidate {
	var out []candidate
	for _, c := range from {
		out = append(out, candidate{seq: c.seq, next: anyWord, needs: anyWord})
	}
	return out
}

// say draws a way to say the sequence: optional steps or not, any word of a set,
// nothing to three words in a gap.
func say(t *rapid.T, u *Understander, s *sequence) []string {
	var out []string
	for _, e := range s.elems {
		if e.optional && rapid.Bool().Draw(t, "left out") {
			continue
		}
		switch e.kind {
		case elemWord:
			out = append(out, u.words.names[e.id])
		case elemSet:
			out = append(out, u.words.names[rapid.SampledFrom(u.sets[e.id]).Draw(t, "of the set")])
		case elemNumber:
			out = append(out, rapid.SampledFrom([]string{"3", "1500", "ocho"}).Draw(t, "number"))
		case elemGap:
			out = append(out, rapid.SliceOfN(rapid.SampledFrom([]string{"pues", "zxqw", "la", "12"}), 0, maxGap).Draw(t, "gap")...)
		}
	}
	return out
}

// TestFiltersLoseNothing: what turns sequences away before they are looked at
// never changes what is found. Messages are pieces of the lexicon's own patterns
// side by side, with and without marks, as those are what filters could lose.
func TestFiltersLoseNothing(t *testing.T) {
	t.Parallel()
	fast := compileShipped(t)
	slow := open(fast)
	var parts []int
	for i := range fast.match.seqs {
		if fast.match.seqs[i].joint > 0 {
			parts = append(parts, i)
		}
	}
	c := Context{Now: time.Date(2026, 3, 9, 18, 0, 0, 0, time.UTC), State: "SL"}
	rapid.Check(t, func(t *rapid.T) {
		var said []string
		for range rapid.IntRange(1, 4).Draw(t, "phrases") {
			n := rapid.IntRange(0, len(fast.match.seqs)-1).Draw(t, "sequence")
			if rapid.Bool().Draw(t, "of a conjunction") {
				n = rapid.SampledFrom(parts).Draw(t, "part")
			}
			said = append(said, say(t, fast, &fast.match.seqs[n])...)
			said = append(said, rapid.SampledFrom([]string{"", ",", ".", "?", "👍", "zxqw"}).Draw(t, "between"))
		}
		text := strings.Join(said, " ")
		a, b := fast.Read(text, c), slow.Read(text, c)
		if diff := cmp.Diff(found(b), found(a)); diff != "" {
			t.Errorf("%q with filters (-without +with):\n%s", text, diff)
		}
	})
}

// found is what matching alone decides.
func found(r Reading) any {
	type phrase struct {
		At, Length, Wide int
		Role, Whole      role
	}
	type match struct {
		Entry, From, To int
		Whole           bool
	}
	var phrases []phrase
	var matches []match
	for i, c := range r.cover[:r.tok.count] {
		if c != (cover{}) {
			phrases = append(phrases, phrase{i, int(c.n), int(c.wide), c.role, c.whole})
		}
	}
	for i, h := range r.hits {
		if h != (hit{}) {
			matches = append(matches, match{i, int(h.from), int(h.to), h.whole})
		}
	}
	return struct {
		Phrases []phrase
		Matches []match
		Vetoes  uint64
	}{phrases, matches, r.vetoes}
}

// TestFilterOfPartners: a part of a conjunction is not looked at where no word
// that could start another part stands.
func TestFilterOfPartners(t *testing.T) {
	t.Parallel()
	b := builder{joints: 1, seqs: []sequence{
		{elems: []elem{{id: 1}}, joint: 1, part: 1},
		{elems: []elem{{kind: elemSet, id: 0}}, joint: 1, part: 2},
		{elems: []elem{{id: 9}}, joint: 1, part: 2},
		{elems: []elem{{id: 5}}},
	}, sets: [][]uint16{{2, 67}}}
	got := b.partners()[0]
	if got[0] != 1<<2|1<<3|1<<9 || got[1] != 1<<1 || got[2] != 1<<1 {
		t.Errorf("partners of the parts: %x", got)
	}
}

func TestNextOf(t *testing.T) {
	t.Parallel()
	sets := [][]uint16{{3, 70}}
	for _, c := range []struct {
		name  string
		steps []elem
		want  uint64
	}{
		{"nothing follows", nil, anyWord},
		{"a word", []elem{{id: 65}}, 1 << 1},
		{"perhaps a word, then a set", []elem{{id: 2, optional: true}, {kind: elemSet}}, 1<<2 | 1<<3 | 1<<6},
		{"perhaps a word, then the end", []elem{{id: 2, optional: true}}, anyWord},
		{"a gap", []elem{{kind: elemGap}, {id: 4}}, anyWord},
		{"a number", []elem{{kind: elemNumber}}, anyWord},
	} {
		if got := nextOf(c.steps, sets); got != c.want {
			t.Errorf("%s: %x, want %x", c.name, got, c.want)
		}
	}
}
