package understand

import (
	"fmt"
	"strings"
)

// A pattern of the lexicon is a line of words with these signs:
//
//	(a|b c)   one of these          [a]   perhaps
//	<class>   a word of the class   NUM   a number
//	*         up to three words     = a   nothing else but courtesies in the message
//	^ a       starts a clause       a $   ends a clause
//	manda~    mandalo, mandala, mandamelo: the order with its pronouns
//	llamar+   llamo, llamen, llamarme: the forms of a regular verb
//	llamar!   llamen, llamarme, llámenme: those that ask or forbid
//	a & b     both, in any order and anywhere in one sentence
//
// It compiles to one or more plain sequences, so that matching never backtracks
// further than its gaps.

// elemKind says what one step of a sequence accepts.
type elemKind uint8

const (
	elemWord elemKind = iota
	elemSet
	elemNumber
	elemGap
)

type elem struct {
	kind     elemKind
	optional bool
	id       uint16 // word or set
}

// sequence is one way to say an entry.
type sequence struct {
	elems []elem
	entry uint8
	whole bool
	first bool // must start a clause
	last  bool // must end one
	veto  bool
	joint uint8 // the conjunction that it is a part of, counted from 1; 0 is none
	part  uint8 // its bit among the parts
	tight bool  // must not cross a comma: pieces of an answer are short

	states stateSet // where people say so; 0 is everywhere
}

// Bounds of one pattern of the lexicon.
const (
	maxGap       = 3
	maxSequences = 2000
	maxJoints    = 96
	maxParts     = 4
	maxReach     = 12 // words from the first part to the last
)

// form is a sequence while it is being built.
type form []elem

// patternParser turns one line into forms.
type patternParser struct {
	b    *builder
	in   []string
	pos  int
	at   Position
	fail error
}

func (b *builder) parse(t Text) ([]sequence, error) {
	parts := strings.Split(t.Value, "&")
	if len(parts) == 1 {
		return b.parsePart(t)
	}
	if b.joints++; b.joints > maxJoints || len(parts) > maxParts {
		return nil, fmt.Errorf("%s: more than %d patterns with &, or more than %d parts in one", t.At, maxJoints, maxParts)
	}
	var out []sequence
	for n, part := range parts {
		seqs, err := b.parsePart(Text{part, t.At})
		if err != nil {
			return nil, err
		}
		for _, s := range seqs {
			if s.whole || s.first || s.last {
				return nil, fmt.Errorf("%s: the parts of pattern %q stand anywhere, without = ^ or $", t.At, t.Value)
			}
			s.joint, s.part = uint8(b.joints), 1<<n
			out = append(out, s)
		}
	}
	b.full = append(b.full, 1<<len(parts)-1)
	return out, nil
}

func (b *builder) parsePart(t Text) ([]sequence, error) {
	p := patternParser{b: b, in: splitPattern(t.Value), at: t.At}
	var proto sequence
	proto.whole = p.take("=")
	proto.first = p.take("^")
	if n := len(p.in); n > 0 && p.in[n-1] == "$" {
		proto.last, p.in = true, p.in[:n-1]
	}
	forms := p.list("")
	if p.fail == nil && p.pos < len(p.in) {
		p.errorf("%q is out of place", p.in[p.pos])
	}
	if p.fail != nil {
		return nil, p.fail
	}
	return finish(proto, forms, t)
}

func finish(proto sequence, forms []form, t Text) ([]sequence, error) {
	out := make([]sequence, 0, len(forms))
	for i := 0; i < len(forms); i++ {
		f := forms[i]
		if len(f) > 0 && f[0].optional { // a sequence is found by its first word, so that must be sure
			forms = append(forms, f[1:])
			f = append(form{}, f...)
			f[0].optional = false
		}
		if !bounded(f) {
			return nil, fmt.Errorf("%s: pattern %q must begin and end with a word that is not optional", t.At, t.Value)
		}
		s := proto
		s.elems = f
		out = append(out, s)
	}
	return out, nil
}

// bounded says that a form begins with a word and that no gap is left open.
func bounded(f form) bool {
	last := len(f) - 1
	for last >= 0 && f[last].optional {
		last--
	}
	return last >= 0 && f[0].kind != elemGap && f[last].kind != elemGap
}

// splitPattern separates signs from words.
func splitPattern(s string) []string {
	for _, sign := range []string{"(", ")", "[", "]", "|", "*", "=", "^", "$"} {
		s = strings.ReplaceAll(s, sign, " "+sign+" ")
	}
	return strings.Fields(s)
}

func (p *patternParser) take(sign string) bool {
	if p.pos < len(p.in) && p.in[p.pos] == sign {
		p.pos++
		return true
	}
	return false
}

func (p *patternParser) errorf(format string, args ...any) {
	if p.fail == nil {
		p.fail = fmt.Errorf("%s: %s", p.at, fmt.Sprintf(format, args...))
	}
}

// list reads items until the closing sign or a bar, and multiplies their forms.
func (p *patternParser) list(closing string) []form {
	forms := []form{{}}
	for p.pos < len(p.in) && p.fail == nil {
		if w := p.in[p.pos]; w == closing || w == "|" || w == ")" || w == "]" {
			break
		}
		forms = p.product(forms, p.item())
	}
	return forms
}

func (p *patternParser) product(left, right []form) []form {
	if len(left)*len(right) > maxSequences {
		p.errorf("the pattern has more than %d forms", maxSequences)
		return left
	}
	var out []form
	for _, l := range left {
		for _, r := range right {
			out = append(out, append(append(form{}, l...), r...))
		}
	}
	return out
}

func (p *patternParser) item() []form {
	w := p.in[p.pos]
	p.pos++
	switch {
	case w == "(":
		return p.choice(")")
	case w == "[":
		return perhaps(p.choice("]"))
	case w == "*":
		return []form{{{kind: elemGap}}}
	case w == "NUM":
		return []form{{{kind: elemNumber}}}
	case strings.HasPrefix(w, "<") && strings.HasSuffix(w, ">"):
		return p.class(w[1 : len(w)-1])
	}
	if base, ok := strings.CutSuffix(w, "~"); ok {
		return p.order(base)
	}
	if verb, ok := strings.CutSuffix(w, "+"); ok {
		return p.verb(verb, false)
	}
	if verb, ok := strings.CutSuffix(w, "!"); ok {
		return p.verb(verb, true)
	}
	return p.word(w)
}

// pronouns are what Spanish writes on to an order: "mandalo", "depositenmelo".
var pronouns = [...]string{"lo", "la", "los", "las", "melo", "mela", "melos", "noslo", "selo", "sela"}

// order returns an order with each pronoun, as one set.
func (p *patternParser) order(base string) []form {
	var forms []form
	for _, tail := range pronouns {
		forms = append(forms, p.word(base+tail)...)
	}
	return p.b.gather(forms)
}

// verb returns the forms of a verb, as one set. They are read as they stand: so
// many words would otherwise draw slips of the thumb away from the words that
// were listed.
func (p *patternParser) verb(infinitive string, wish bool) []form {
	all := conjugate(infinitive, wish)
	if all == nil {
		p.errorf("%q is no infinitive", infinitive)
		return nil
	}
	var forms []form
	for _, w := range all {
		id, listed := p.b.words.ids[w]
		listed = listed && !p.b.words.exactly[id]
		forms = append(forms, p.word(w)...)
		if id, ok := p.b.words.ids[w]; ok && !listed {
			p.b.words.exactly[id] = true
		}
	}
	return p.b.gather(forms)
}

// perhaps makes forms optional: single words stay one optional step.
func perhaps(forms []form) []form {
	if n := len(forms) - 1; n >= 0 && len(forms[n]) == 1 && forms[n][0].kind <= elemSet {
		forms[n] = form{forms[n][0]}
		forms[n][0].optional = true
		return forms
	}
	return append(forms, form{})
}

// choice reads alternatives; those of one word each become one set.
func (p *patternParser) choice(closing string) []form {
	var forms []form
	for p.fail == nil {
		forms = append(forms, p.list(closing)...)
		if p.take("|") {
			continue
		}
		if !p.take(closing) {
			p.errorf("%q is missing", closing)
		}
		break
	}
	return p.b.gather(forms)
}

func (p *patternParser) class(name string) []form {
	forms, ok := p.b.classes[name]
	if !ok {
		p.errorf("there is no class %q", name)
	}
	return forms
}

func (p *patternParser) word(w string) []form {
	folded, ok := foldWord(w)
	if !ok {
		p.errorf("%q is not a word", w)
		return nil
	}
	var f form
	r := p.b.meant(folded)
	for _, id := range r.ids[:r.n] {
		f = append(f, elem{kind: elemWord, id: uint16(id)})
	}
	return []form{f}
}

// gather joins single-word forms into one set, so that big classes stay one sequence.
func (b *builder) gather(forms []form) []form {
	var out []form
	var single []uint16
	for _, f := range forms {
		switch {
		case len(f) == 1 && f[0].optional:
			out = append(out, f)
		case len(f) == 1 && f[0].kind == elemWord:
			single = append(single, f[0].id)
		case len(f) == 1 && f[0].kind == elemSet:
			single = append(single, b.sets[f[0].id]...)
		default:
			out = append(out, f)
		}
	}
	switch len(single) {
	case 0:
		return out
	case 1:
		return append(out, form{{kind: elemWord, id: single[0]}})
	}
	b.sets = append(b.sets, single)
	return append(out, form{{kind: elemSet, id: uint16(len(b.sets) - 1)}})
}
