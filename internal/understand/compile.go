package understand

import (
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// builder turns a Lexicon into an Understander.
type builder struct {
	words   *vocabulary
	classes map[string][]form
	sets    [][]uint16
	seqs    []sequence
	joints  int     // conjunctions so far
	full    []uint8 // by conjunction: the bits of all its parts
}

// meant resolves a lexicon word: a respelling first, else the word itself, which
// thereby becomes known.
func (b *builder) meant(folded string) resolved {
	if r, ok := b.words.spelled[folded]; ok {
		return r
	}
	id := b.words.add(folded)
	delete(b.words.exactly, id)
	return one(id, false)
}

func (b *builder) build(lex Lexicon) error {
	b.addGrammarWords()
	for _, step := range []func(Lexicon) error{b.respell, b.picture, b.class, b.common} {
		if err := step(lex); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) respell(lex Lexicon) error {
	for _, r := range lex.Respellings {
		written, ok := foldWord(r.Written.Value)
		if !ok {
			return fmt.Errorf("%s: %q is not a word", r.Written.At, r.Written.Value)
		}
		if _, known := b.words.ids[written]; known {
			return fmt.Errorf("%s: %q is already a word of its own", r.Written.At, written)
		}
		found, err := b.phrase(r.Meant)
		if err != nil {
			return err
		}
		b.words.spelled[written] = found
	}
	return nil
}

// phrase resolves one to four words.
func (b *builder) phrase(t Text) (resolved, error) {
	var out resolved
	for _, w := range splitPattern(t.Value) {
		folded, ok := foldWord(w)
		if !ok || out.n == len(out.ids) {
			return out, fmt.Errorf("%s: %q must be one to %d words", t.At, t.Value, len(out.ids))
		}
		out.ids[out.n] = b.words.add(folded)
		out.n++
	}
	return out, nil
}

func (b *builder) picture(lex Lexicon) error {
	for _, p := range lex.Pictures {
		folded, ok := foldWord(p.Word.Value)
		if !ok {
			return fmt.Errorf("%s: %q is not a word", p.Word.At, p.Word.Value)
		}
		id := b.words.add(folded)
		for _, r := range p.Runes.Value {
			if r < utf8.RuneSelf {
				continue
			}
			if class, _, _ := foldRune(r); class == classSymbol {
				b.words.pictures[r] = id
			}
		}
	}
	return nil
}

func (b *builder) class(lex Lexicon) error {
	for _, c := range lex.Classes {
		var forms []form
		for _, w := range c.Words {
			p := patternParser{b: b, in: splitPattern(w.Value), at: w.At}
			forms = append(forms, p.list("")...)
			if p.fail != nil {
				return p.fail
			}
		}
		b.classes[c.Name.Value] = b.gather(forms)
	}
	return nil
}

// sureOf marks the words of a class as ones that must be written, not guessed:
// "china" is a country before it is a slip of the thumb.
func (b *builder) sureOf(class string) {
	for _, f := range b.classes[class] {
		switch {
		case len(f) == 1 && f[0].kind == elemWord:
			b.words.sure[wordID(f[0].id)] = true
		case len(f) == 1 && f[0].kind == elemSet:
			for _, w := range b.sets[f[0].id] {
				b.words.sure[wordID(w)] = true
			}
		}
	}
}

func (b *builder) common(lex Lexicon) error {
	for _, t := range lex.Common {
		folded, ok := foldWord(t.Value)
		if !ok {
			return fmt.Errorf("%s: %q is not a word", t.At, t.Value)
		}
		b.meant(folded)
	}
	for _, t := range lex.Glue {
		folded, ok := foldWord(t.Value)
		if !ok {
			return fmt.Errorf("%s: %q is not a word", t.At, t.Value)
		}
		r := b.meant(folded)
		b.words.glueOK[r.ids[0]] = true
	}
	return nil
}

// entry compiles the patterns of one entry as number index.
func (b *builder) entry(index int, e Entry) error {
	states, err := statesOf(e.States)
	if err != nil {
		return err
	}
	for _, group := range []struct {
		texts []Text
		veto  bool
	}{{e.Patterns, false}, {e.Unless, true}} {
		for _, t := range group.texts {
			seqs, err := b.parse(t)
			if err != nil {
				return err
			}
			for _, s := range seqs {
				if e.Answer && s.joint > 0 {
					return fmt.Errorf("%s: an answer is one phrase, without &", t.At)
				}
				s.entry, s.veto, s.tight, s.states = uint8(index), group.veto, e.Answer && !s.whole, states
				b.seqs = append(b.seqs, s)
			}
		}
	}
	return nil
}

// candidate is a sequence with what tells at once that it cannot match: most
// sequences fail there, and need not be fetched at all.
type candidate struct {
	seq    uint16
	sure   bool // second must match the next word
	first  bool // must start a clause
	second elem
	next   uint64 // of the words that may come second, by the last six bits of their ids
	needs  uint64 // of words of which one must be in the message, likewise
}

// newCandidate takes needs from its conjunction, if it is part of one: what the
// other parts need.
func newCandidate(seq uint16, s *sequence, sets [][]uint16, needs uint64) candidate {
	c := candidate{seq: seq, first: s.first, next: nextOf(s.elems[1:], sets), needs: needs}
	if len(s.elems) > 1 && s.elems[1].kind != elemGap && !s.elems[1].optional {
		c.sure, c.second = true, s.elems[1]
	}
	for n, e := range s.elems[1:] {
		if f := filterOf(e, sets); !e.optional && (n > 0 || !c.sure) && rarer(f, c.needs) {
			c.needs = f
		}
	}
	return c
}

// anyWord is the filter that lets every word through.
const anyWord = ^uint64(0)

func rarer(a, b uint64) bool { return bits.OnesCount64(a) < bits.OnesCount64(b) }

// nextOf returns the filter of the words that may come first where steps follow:
// those of the steps up to the first that must be there.
func nextOf(steps []elem, sets [][]uint16) uint64 {
	var filter uint64
	for _, e := range steps {
		filter |= filterOf(e, sets)
		if !e.optional {
			return filter
		}
	}
	return anyWord
}

// filterOf turns most words away without a look at the set itself, which lies far
// off in memory.
func filterOf(e elem, sets [][]uint16) uint64 {
	var filter uint64
	switch e.kind {
	case elemWord:
		filter = bitOf(e.id)
	case elemSet:
		for _, w := range sets[e.id] {
			filter |= bitOf(w)
		}
	default:
		filter = anyWord
	}
	return filter
}

func bitOf[ID ~uint16](id ID) uint64 { return 1 << (id & 63) }

// partners returns, by conjunction and part, the filter of the words that may
// start the other part that is the rarest: without it the part says nothing.
func (b *builder) partners() [][maxParts]uint64 {
	starts := make([][maxParts]uint64, b.joints)
	for i := range b.seqs {
		if s := &b.seqs[i]; s.joint > 0 {
			starts[s.joint-1][bits.TrailingZeros8(s.part)] |= filterOf(s.elems[0], b.sets)
		}
	}
	out := make([][maxParts]uint64, b.joints)
	for j, parts := range starts {
		for mine := range parts {
			out[j][mine] = anyWord
			for other, f := range parts {
				if other != mine && f != 0 && rarer(f, out[j][mine]) {
					out[j][mine] = f
				}
			}
		}
	}
	return out
}

// matcher holds the compiled sequences, indexed by their first word.
type matcher struct {
	seqs     []sequence
	byWord   [][]candidate // sequences that may start with the word
	byNumber []candidate
	sets     [][]uint64 // bit sets of words
	numberID []bool     // words that are numbers
	full     []uint8    // by conjunction: the bits of all its parts
}

func (b *builder) matcher() matcher {
	size := len(b.words.names)
	m := matcher{seqs: b.seqs, full: b.full, byWord: make([][]candidate, size), numberID: make([]bool, size)}
	for _, words := range b.sets {
		m.sets = append(m.sets, bitSet(words, size))
	}
	partners := b.partners()
	for i := range m.seqs {
		s, needs := &m.seqs[i], anyWord
		if s.joint > 0 {
			needs = partners[s.joint-1][bits.TrailingZeros8(s.part)]
		}
		m.index(newCandidate(uint16(i), s, b.sets, needs), s.elems[0], b.sets)
	}
	return m
}

func (m *matcher) index(c candidate, first elem, sets [][]uint16) {
	switch first.kind {
	case elemWord:
		m.byWord[first.id] = append(m.byWord[first.id], c)
	case elemSet:
		for _, w := range sets[first.id] {
			if last := len(m.byWord[w]) - 1; last < 0 || m.byWord[w][last].seq != c.seq {
				m.byWord[w] = append(m.byWord[w], c)
			}
		}
	case elemNumber:
		m.byNumber = append(m.byNumber, c)
	}
}

func bitSet(words []uint16, size int) []uint64 {
	set := make([]uint64, (size+63)/64)
	for _, w := range words {
		set[w/64] |= 1 << (w % 64)
	}
	return set
}

func (m *matcher) accepts(e elem, k *token) bool {
	switch e.kind {
	case elemWord:
		return k.kind != kindNumber && uint16(k.id) == e.id
	case elemSet:
		return k.kind != kindNumber && k.id != 0 && m.sets[e.id][k.id/64]>>(k.id%64)&1 == 1
	case elemNumber:
		return k.kind == kindNumber || m.numberID[k.id]
	}
	return false
}

// match returns the position after the sequence when it starts at word i, or -1.
func (m *matcher) match(s *sequence, t *tokens, i int) int {
	if s.first && i > 0 && t.word(i-1).flags&(flagStop|flagComma) == 0 {
		return -1
	}
	end := m.walk(s.elems, t, i, i)
	if s.tight && end > 0 && t.pauses(i, end-1) {
		return -1
	}
	if end < 0 || s.last && !t.ends(end) {
		return -1
	}
	return end
}

// walk matches the steps from word i on, for a sequence that began at word begin. A sentence end stops it: words of two
// sentences say nothing together.
func (m *matcher) walk(steps []elem, t *tokens, i, begin int) int {
	for n, e := range steps {
		if e.kind == elemGap {
			return m.leap(steps[n+1:], t, i, begin)
		}
		here := i < t.count && (i == begin || t.word(i-1).flags&flagStop == 0) && m.accepts(e, t.word(i))
		switch {
		case here && e.optional:
			if end := m.walk(steps[n+1:], t, i+1, begin); end >= 0 {
				return end
			}
		case here:
			i++
		case !e.optional:
			return -1
		}
	}
	return i
}

// leap matches the rest after a gap of up to maxGap words of the same sentence.
func (m *matcher) leap(rest []elem, t *tokens, i, begin int) int {
	for gap := 0; gap <= maxGap && i+gap < t.count; gap++ {
		if i+gap > 0 && t.word(i+gap-1).flags&flagStop != 0 {
			return -1
		}
		if end := m.walk(rest, t, i+gap, begin); end >= 0 {
			return end
		}
	}
	return -1
}
