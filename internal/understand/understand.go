// Package understand says what a short reply in Mexican Spanish means: yes or no,
// an amount, a number of quincenas, a date, an option, a phone, a CLABE, or one of
// the things that people want at any moment (a person, their balance, to be left
// alone).
//
// It is rule-based and explainable: every reading carries the words that it rests
// on, and not understanding is a reading like any other. The lexicon files decide
// which words mean what; this package decides how words combine. Callers may not
// assume that the readings exclude each other: the flow's question picks. Where
// money moves, only YesNo().Plain counts: a yes with a condition, a question, a
// different amount or a word that nobody taught us is never a plain yes.
//
// The package is pure: the moment and the time zone are arguments.
package understand

import (
	"fmt"
	"time"
)

// Context is what a reading depends on besides the text.
type Context struct {
	Now     time.Time      // when the message was received, in any zone
	Zone    *time.Location // where the person lives; UTC when nil
	Options []Option       // of the question that is open, in the order shown
	State   string         // where the person lives, as a CURP writes it ("SL"); "" when unknown: no regional word counts
}

// Option is one answer that a question offers.
type Option struct {
	ID    string
	Words []string // further words that choose it, as the flow lists them
	Label string   // what the person saw
}

// Understander holds a compiled lexicon. It is immutable and safe for concurrent use.
type Understander struct {
	words   *vocabulary
	match   matcher
	entries []entry
	numbers []numberWord // by wordID
	days    []dayWord    // by wordID
	units   []Unit
	monies  []moneyWord

	firstPerson []bool
	labels      []bool // words that name a number instead of counting
	chooses     []bool // words that may surround the number of an option
	given       []bool // given names
	particles   []bool // de, la, del in names
	feasts      []feast
	moving      []moving
	classes     map[string][]form
	sets        [][]uint16
}

// entry is the compiled part of an Entry.
type entry struct {
	name  string
	role  role // roleNone for intents
	score int
}

const maxEntries = 64

// New compiles a lexicon. An error names the place in the lexicon file.
func New(lex Lexicon) (*Understander, error) {
	b := &builder{words: newVocabulary(), classes: map[string][]form{}}
	if err := b.build(lex); err != nil {
		return nil, err
	}
	u := &Understander{words: b.words, classes: b.classes}
	for _, e := range lex.Entries {
		index, err := u.entry(e)
		if err != nil {
			return nil, err
		}
		if err := b.entry(index, e); err != nil {
			return nil, err
		}
	}
	b.sureOf("insulto")
	b.words.index()
	u.sets = b.sets
	u.match = b.matcher()
	u.bindGrammarWords()
	return u, nil
}

// entry registers the name of e, so that several files may extend one entry.
func (u *Understander) entry(e Entry) (int, error) {
	r, ok := roleNames[e.Name.Value]
	if e.Answer && !ok {
		return 0, fmt.Errorf("%s: there is no answer role %q", e.Name.At, e.Name.Value)
	}
	if !e.Answer {
		r = roleNone
	}
	for i, have := range u.entries {
		if have.name == e.Name.Value && have.role == r && have.score == e.Score {
			return i, nil
		}
	}
	if len(u.entries) == maxEntries {
		return 0, fmt.Errorf("%s: more than %d entries", e.Name.At, maxEntries)
	}
	u.entries = append(u.entries, entry{name: e.Name.Value, role: r, score: e.Score})
	return len(u.entries) - 1, nil
}

// Reading is one message understood. Its methods are the readings; each is
// independent of the others and none allocates unless its comment says so.
type Reading struct {
	u       *Understander
	text    string
	context Context
	tok     tokens
	cover   [maxTokens]cover
	hits    [maxEntries]hit
	joints  [maxJoints]joint
	vetoes  uint64
	state   stateSet // at most one state
	tried   int      // sequences that were held against the message, for those who bound the work
}

// cover is the longest answer phrase that starts at a word, and the longest of
// those that count only as the whole answer.
type cover struct {
	role  role
	n     uint8
	whole role
	wide  uint8
}

// take keeps the longer phrase. Of two equal ones the first of the lexicon stays,
// unless it is a yes that the other one mocks: "sí, cómo no" is mockery as often
// as consent.
func (c *cover) take(found role, n uint8, whole bool) {
	switch {
	case whole && n > c.wide:
		c.whole, c.wide = found, n
	case !whole && (n > c.n || n == c.n && affirms(c.role) && found == roleLaugh):
		c.role, c.n = found, n
	}
}

// hit is where an intent matched best.
type hit struct {
	from, to uint8 // words; to is exclusive, 0 when there was no match
	whole    bool  // only counts when nothing but courtesies surrounds it
}

// Read understands a message. It reads at most 120 pieces of the first 6,400
// bytes; what is longer is marked as such and never becomes a yes.
func (u *Understander) Read(text string, c Context) Reading {
	r := Reading{u: u, text: text, context: c, state: stateOf(c.State)}
	scan(u.words, text, &r.tok)
	said := r.tok.signature()
	for i := range r.tok.count {
		u.matchAt(&r, i, said)
	}
	return r
}

func (u *Understander) matchAt(r *Reading, i int, said uint64) {
	k := r.tok.word(i)
	if k.kind == kindNumber || u.match.numberID[k.id] {
		u.try(r, u.match.byNumber, i, said)
	}
	if k.kind != kindNumber && k.id != 0 {
		u.try(r, u.match.byWord[k.id], i, said)
	}
}

// try holds sequences against the message from word i on; said are its words.
func (u *Understander) try(r *Reading, from []candidate, i int, said uint64) {
	next, bit := r.tok.after(i), uint64(0)
	if next != nil {
		bit = bitOf(next.id)
	}
	inside := i > 0 && r.tok.word(i-1).flags&(flagStop|flagComma) == 0
	r.tried += len(from)
	for n := range from {
		c := &from[n]
		if c.next != anyWord && c.next&bit == 0 || c.needs&said == 0 {
			continue
		}
		if c.first && inside || c.sure && (next == nil || !u.match.accepts(c.second, next)) {
			continue
		}
		s := &u.match.seqs[c.seq]
		if s.states != 0 && s.states&r.state == 0 {
			continue
		}
		if end := u.match.match(s, &r.tok, i); end > 0 {
			r.record(s, i, end)
		}
	}
}

// joint is how much of a conjunction the sentence has said so far.
type joint struct{ parts, from, to uint8 }

// join adds a part that stands at [from, to) and reports whether all have been
// said, and where.
func (r *Reading) join(s *sequence, from, to int) (begin, end int, ok bool) {
	j := &r.joints[s.joint-1]
	if j.parts != 0 && (from-int(j.from) > maxReach || r.stops(int(j.from), from)) {
		*j = joint{}
	}
	if j.parts == 0 || j.parts == s.part {
		j.from = uint8(from)
	}
	j.parts |= s.part
	j.to = max(j.to, uint8(to))
	return int(j.from), int(j.to), j.parts == r.u.match.full[s.joint-1]
}

// stops reports a sentence end after one of the words [from, to).
func (r *Reading) stops(from, to int) bool {
	for i := from; i < to; i++ {
		if r.tok.word(i).flags&flagStop != 0 {
			return true
		}
	}
	return false
}

func (r *Reading) record(s *sequence, from, to int) {
	if s.joint > 0 {
		var ok bool
		if from, to, ok = r.join(s, from, to); !ok {
			return
		}
	}
	if s.veto {
		r.vetoes |= 1 << s.entry
		return
	}
	if role := r.u.entries[s.entry].role; role != roleNone {
		r.cover[from].take(role, uint8(to-from), s.whole)
		return
	}
	h := &r.hits[s.entry]
	better := to-from > int(h.to-h.from) || h.whole && !s.whole
	if h.to == 0 || better && (h.whole || !s.whole) {
		*h = hit{from: uint8(from), to: uint8(to), whole: s.whole}
	}
}

// Text returns the message as it came.
func (r Reading) Text() string { return r.text }

// words returns the piece of the message from word i up to word j (exclusive).
func (r *Reading) words(i, j int) string {
	if i >= j {
		return ""
	}
	return r.text[r.tok.word(i).start:r.tok.word(j-1).end]
}
