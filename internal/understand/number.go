package understand

import "strings"

// Number is an exact quantity: Num divided by Den, Den > 0.
type Number struct{ Num, Den int64 }

// Whole returns the number when it has no fraction.
func (n Number) Whole() (int64, bool) {
	if n.Den <= 0 || n.Num%n.Den != 0 {
		return 0, false
	}
	return n.Num / n.Den, true
}

func whole(n int64) Number { return Number{n, 1} }

// limit keeps every product of two parts within int64.
const limit = int64(1) << 53

func (n Number) times(m Number) (Number, bool) {
	a, b := reduce(Number{n.Num, m.Den}), reduce(Number{m.Num, n.Den})
	if tooBig(a.Num, b.Num) || tooBig(a.Den, b.Den) {
		return Number{}, false
	}
	return Number{a.Num * b.Num, a.Den * b.Den}, true
}

func (n Number) plus(m Number) (Number, bool) {
	if tooBig(n.Num, m.Den) || tooBig(m.Num, n.Den) || tooBig(n.Den, m.Den) {
		return Number{}, false
	}
	return reduce(Number{n.Num*m.Den + m.Num*n.Den, n.Den * m.Den}), true
}

func tooBig(a, b int64) bool {
	if a < 0 {
		a = -a
	}
	if b < 0 {
		b = -b
	}
	return a != 0 && b > limit*512/max(a, 1)
}

func reduce(n Number) Number {
	a, b := n.Num, n.Den
	if a < 0 {
		a = -a
	}
	for b != 0 {
		a, b = b, a%b
	}
	if a > 1 {
		return Number{n.Num / a, n.Den / a}
	}
	return n
}

// span is a number found in the message, in pieces [from, to) of tokens.all.
type span struct {
	value    Number
	from, to int
	words    bool // spoken, at least in part
	article  bool // only "un" or "una"
	ordinal  bool
	signed   bool
	percent  bool
	bad      bool // looks like a number and is none: "mil mil", "1.2.3"
	loose    bool // a number, but no sum of money: "10 con 5", "3M"
}

// numberAt reads the longest number that starts at piece i.
func (r *Reading) numberAt(i int) (span, bool) {
	p := numberParser{r: r, i: i}
	p.sign()
	if !p.hundredths() && !p.leadingPoint() {
		if !p.cardinal() {
			return span{from: i, to: p.i + 1, bad: true}, p.failed
		}
		p.tail()
	}
	p.suffix()
	s := span{value: p.value, from: i, words: p.spoken, article: p.article, ordinal: p.ordinal, signed: p.negative, loose: p.loose}
	s.percent, s.bad = p.percent(), p.vague() || p.word(p.i).kind == numMillion
	s.to = p.i
	if p.negative {
		s.value.Num = -s.value.Num
	}
	return s, true
}

// numberParser reads one number in words, digits or both ("2 mil quinientos").
type numberParser struct {
	r        *Reading
	i        int
	value    Number
	total    Number // finished millions and more
	thousand Number // finished thousands below the next million
	group    Number // what is below a thousand, so far
	scale    int64  // the smallest power that may still follow: 10 after "treinta"
	top      int64  // the last big scale, which must fall
	any      bool
	spoken   bool
	article  bool
	ordinal  bool
	digits   bool // the group was written in digits
	negative bool
	failed   bool
	loose    bool // see span
	small    bool // thousands and more belong to the number around this one
}

func (p *numberParser) tok(i int) *token {
	if i < 0 || i >= p.r.tok.n {
		return &token{kind: kindMark}
	}
	return &p.r.tok.all[i]
}

func (p *numberParser) word(i int) numberWord {
	if k := p.tok(i); k.kind == kindWord {
		return p.r.u.number(k.id)
	}
	return numberWord{}
}

// sign reads "-", "+", "menos", "negativo".
func (p *numberParser) sign() {
	k := p.tok(p.i)
	switch {
	case k.kind == kindMark && (k.mark == '-' || k.mark == '+') && p.clearLeft():
		p.negative = k.mark == '-'
		p.i++
	case k.kind == kindWord && p.word(p.i).kind == numMinus:
		p.negative = true
		p.i++
	}
}

// clearLeft says that the sign is no hyphen between two pieces.
func (p *numberParser) clearLeft() bool {
	before := p.tok(p.i - 1)
	return p.i == 0 || before.kind != kindNumber && p.tok(p.i).flags&flagGlued == 0
}

// cardinal reads groups and scales; false when nothing here is a number.
func (p *numberParser) cardinal() bool {
	p.total, p.thousand, p.group = whole(0), whole(0), whole(0)
	p.scale, p.top = 1000, limit
	for p.piece() {
		p.any = true
	}
	if !p.any || p.failed {
		return false
	}
	sum, ok := p.total.plus(p.thousand)
	if !ok {
		return false
	}
	p.value, ok = sum.plus(p.group)
	return ok
}

// piece consumes one more word or digit run of the number.
func (p *numberParser) piece() bool {
	k := p.tok(p.i)
	if k.kind == kindNumber {
		return p.figure(k)
	}
	if p.any && (p.and() || p.apostrophe()) {
		return true
	}
	w := p.word(p.i)
	switch w.kind {
	case numZero, numUnit, numTen, numHundred:
		return p.below(w)
	case numHundreds:
		return p.hundreds()
	case numArticle:
		p.article = !p.any && !p.leads()
		return p.below(numberWord{kind: numUnit, value: 1})
	case numHalf:
		return p.halfDozen()
	case numThousand:
		return !p.small && p.thousands()
	case numMillion:
		return !p.small && p.millions(w.value)
	}
	return false
}

// leads says that a scale follows ("un millón").
func (p *numberParser) leads() bool {
	k := p.word(p.i + 1).kind
	return k == numThousand || k == numMillion || k == numFraction || k == numOrdinal
}

// and skips "y" inside a number: "treinta y cinco", "mil y media" is tail's.
func (p *numberParser) and() bool {
	if !p.r.u.is(p.tok(p.i), "y") {
		return false
	}
	next := p.word(p.i + 1)
	small := (next.kind == numUnit || next.kind == numArticle) && next.value < 10 && p.scale == 10 && p.group.Num > 0
	figure := p.scale == 10 && p.tok(p.i+1).kind == kindNumber && p.tok(p.i+1).end-p.tok(p.i+1).start == 1
	switch {
	case small, figure:
	case p.ten() && next.kind == numUnit && next.value > 5 && next.value < 10:
		p.scale = 10 // "diez y seis", as the old write it
	default:
		return false
	}
	p.i++
	return true
}

// ten says that the number ends in the word "diez".
func (p *numberParser) ten() bool {
	return p.scale == 1 && !p.digits && p.r.u.is(p.tok(p.i-1), "diez")
}

// below adds a word below a thousand where the order of magnitude allows it.
func (p *numberParser) below(w numberWord) bool {
	if p.digits && p.any && p.scale <= 1 {
		return false
	}
	if w.value >= p.scale || w.value == 0 && p.any && p.group.Num != 0 {
		return false
	}
	sum, ok := p.group.plus(whole(w.value))
	if !ok {
		return false
	}
	p.group, p.spoken = sum, true
	p.i++
	switch w.kind {
	case numZero:
		p.scale = 10 // "cero tres"
	case numHundred:
		p.scale = 100
	case numTen:
		p.scale = 10
	default:
		p.scale = 1
	}
	return true
}

// hundreds multiplies the unit before "cientos": "dos cientos tres".
func (p *numberParser) hundreds() bool {
	if p.scale != 1 || p.group.Den != 1 || p.group.Num < 2 || p.group.Num > 9 || p.article {
		return false
	}
	p.group, p.scale, p.spoken = whole(100*p.group.Num), 100, true
	p.i++
	return true
}

// halfDozen reads "media docena" and "medio millón".
func (p *numberParser) halfDozen() bool {
	w := p.word(p.i + 1)
	if p.any || w.kind != numDozen && w.kind != numMillion {
		return false
	}
	p.group, p.scale, p.top, p.spoken = reduce(Number{w.value, 2}), 1, 1, true
	p.i += 2
	return true
}

// figure adds digits: alone, after a scale ("2 mil 500"), after a ten
// ("treinta y 3"), or as a spaced group of three ("1 234 567").
func (p *numberParser) figure(k *token) bool {
	text := p.r.text[k.start:k.end]
	v, decimals, ok := parseDigits(text)
	if !ok {
		p.failed = p.failed || !p.any
		return false
	}
	if p.any && p.digits && p.scale <= 1 {
		return p.spaced(text, v)
	}
	if p.any && (decimals || v.Num >= p.scale) {
		return false
	}
	sum, ok := p.group.plus(v)
	if !ok {
		return false
	}
	// "2mil5" and "tres mil 5" mean 500 as often as 5, and nobody writes "1,5000"
	// for one peso fifty: such a sum is asked for again.
	p.loose = p.loose || p.any && p.scale == 1000 && len(text) == 1 || decimals && fractionDigits(text) > 3
	p.group, p.scale, p.digits = sum, 1, true
	p.i++
	return true
}

func (p *numberParser) spaced(text string, v Number) bool {
	if unitDigits(text) != 3 || p.spoken || p.group.Den != 1 || p.tok(p.i).flags&flagGlued != 0 || !p.shortHead() {
		return false
	}
	up, ok := p.group.times(whole(1000))
	if !ok {
		return false
	}
	if p.group, ok = up.plus(v); !ok {
		return false
	}
	p.i++
	return true
}

// unitDigits counts the digits before the decimal mark.
func unitDigits(text string) int {
	if i := strings.IndexAny(text, ".,"); i >= 0 {
		return i
	}
	return len(text)
}

// shortHead says that the first group before spaced ones has one to three digits.
func (p *numberParser) shortHead() bool {
	i := p.i - 1
	for i > 0 && p.tok(i-1).kind == kindNumber {
		i--
	}
	k := p.tok(i)
	return k.end-k.start <= 3 && p.r.text[k.start] != '0'
}

// thousands closes the group with "mil" or "k".
func (p *numberParser) thousands() bool {
	if p.thousand.Num != 0 {
		p.failed = true // "mil mil" is no number
		return false
	}
	n := p.group
	if n.Num == 0 && !p.digits {
		n = whole(1)
	}
	up, ok := n.times(whole(1000))
	if !ok {
		return false
	}
	p.thousand, p.group, p.scale, p.spoken = up, whole(0), 1000, true
	p.digits = false
	p.i++
	return true
}

// millions closes everything below with "millones", "millardo" or "billones".
func (p *numberParser) millions(scale int64) bool {
	n, ok := p.thousand.plus(p.group)
	if !ok || scale >= p.top {
		return false
	}
	if n.Num == 0 {
		n = whole(1)
	}
	up, ok := n.times(whole(scale))
	if !ok {
		return false
	}
	if p.total, ok = p.total.plus(up); !ok {
		return false
	}
	p.thousand, p.group, p.scale, p.top, p.spoken = whole(0), whole(0), 1000, scale, true
	p.digits = false
	p.i++
	return true
}
