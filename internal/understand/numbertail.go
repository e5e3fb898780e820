package understand

// tail reads what may follow a cardinal: decimals, halves, fractions, dozens,
// ordinal endings.
func (p *numberParser) tail() {
	switch {
	case p.power():
	case p.ordinalEnding():
	case p.dozens():
	case p.slash():
	case p.point():
	case p.half():
	case p.fraction():
	}
}

// power reads "1e10" and "2,5^-1", as machines write them; powers that do not
// fit are left alone.
func (p *numberParser) power() bool {
	k := p.tok(p.i)
	if !p.digits || p.spoken || k.flags&flagGlued == 0 {
		return false
	}
	base := whole(10)
	switch {
	case k.kind == kindMark && k.mark == '^':
		base = p.value
	case !p.r.u.is(k, "e"):
		return false
	}
	at, down := p.i+1, false
	if m := p.tok(at); at < p.r.tok.n && m.kind == kindMark && (m.mark == '-' || m.mark == '+') {
		at, down = at+1, m.mark == '-'
	}
	n := p.tok(at)
	if n.kind != kindNumber || n.end-n.start > 2 || base.Num == 0 {
		return false
	}
	return p.raise(base, int(parseSmall(p.r.text[n.start:n.end])), down, k.kind == kindMark, at+1)
}

// raise multiplies by base as often as times says, or divides when down is set;
// a power of the number itself starts from one.
func (p *numberParser) raise(base Number, times int, down, own bool, next int) bool {
	v, ok := p.value, true
	if own {
		v = whole(1)
	}
	if down {
		base = Number{base.Den, base.Num}
	}
	for range times {
		if v, ok = v.times(base); !ok {
			return false
		}
	}
	p.value, p.i = v, next
	return true
}

// ordinalEnding reads "1º", "2da", "11mo", "3ero".
func (p *numberParser) ordinalEnding() bool {
	k := p.tok(p.i)
	if !p.digits || p.spoken || k.flags&flagGlued == 0 {
		return false
	}
	if k.kind == kindMark && k.mark == 'o' || k.kind == kindWord && isOrdinalEnding(p.r.text[k.start:k.end]) {
		p.ordinal = true
		p.i++
		return true
	}
	return false
}

func isOrdinalEnding(s string) bool {
	switch s {
	case "o", "a", "ro", "ra", "er", "ero", "era", "do", "da", "to", "ta", "mo", "ma", "vo", "va", "no", "na", "st", "nd", "th":
		return true
	}
	return false
}

// percent swallows "por ciento", "por cien", "porciento" and "%".
func (p *numberParser) percent() bool {
	switch {
	case p.r.u.is(p.tok(p.i), "por") && (p.r.u.is(p.tok(p.i+1), "ciento") || p.r.u.is(p.tok(p.i+1), "cien")):
		p.i += 2
	case p.r.u.is(p.tok(p.i), "porciento"), p.i < p.r.tok.n && p.tok(p.i).kind == kindMark && p.tok(p.i).mark == '%':
		p.i++
	default:
		return false
	}
	return true
}

func (p *numberParser) dozens() bool {
	if p.word(p.i).kind != numDozen {
		return false
	}
	v, ok := p.value.times(whole(12))
	if ok {
		p.value, p.article = v, false
		p.i++
	}
	return ok
}

// slash reads "1/4", "2 1/4" and "1 sobre 3"; "03/04" is for dates, so a
// fraction needs small digits without leading zeros and a numerator below its
// denominator.
func (p *numberParser) slash() bool {
	if p.word(p.i).kind == numOver {
		return p.over()
	}
	start := p.i
	if p.tok(p.i).kind == kindNumber && p.digits && !p.spoken {
		start = p.i
	} else {
		start = p.i - 1
	}
	v, ok := p.fractionAt(start)
	if !ok {
		return false
	}
	if start == p.i {
		v, ok = p.value.plus(v)
	}
	if ok {
		p.value = v
		p.i = start + 3
	}
	return ok
}

func (p *numberParser) fractionAt(i int) (Number, bool) {
	a, bar, b := p.tok(i), p.tok(i+1), p.tok(i+2)
	if a.kind != kindNumber || bar.kind != kindMark || bar.mark != '/' || b.kind != kindNumber || b.flags&flagGlued == 0 {
		return Number{}, false
	}
	top, _, ok1 := parseDigits(p.r.text[a.start:a.end])
	low, _, ok2 := parseDigits(p.r.text[b.start:b.end])
	if !ok1 || !ok2 || top.Den != 1 || low.Den != 1 || low.Num == 0 || top.Num >= low.Num || b.end-b.start > 2 || p.r.text[a.start] == '0' {
		return Number{}, false
	}
	return reduce(Number{top.Num, low.Num}), true
}

func (p *numberParser) over() bool {
	q := numberParser{r: p.r, i: p.i + 1}
	if !q.cardinal() || q.value.Num <= 0 {
		return false
	}
	v, ok := p.value.times(Number{q.value.Den, q.value.Num})
	if ok {
		p.value, p.i, p.article = v, q.i, false
	}
	return ok
}

// point reads "coma veintiocho", "punto cero ocho", "punto cuatro ocho seis",
// "con doscientos".
func (p *numberParser) point() bool {
	w := p.word(p.i)
	with := p.r.u.is(p.tok(p.i), "con")
	if w.kind != numPoint || p.article && with {
		return false
	}
	q := numberParser{r: p.r, i: p.i + 1}
	if !q.cardinal() {
		return false
	}
	if with {
		if q.half() || q.fraction() {
			return p.join(&q)
		}
		if !p.spoken && !p.lastly(q.i) {
			return false
		}
	}
	n := Number{0, 1}
	q.i = p.i + 1
	for q.zero(&n) || q.decimal(&n) {
	}
	if n.Den == 1 {
		return false
	}
	p.spoken = true
	return p.accept(n, q.i) && p.scaled()
}

// lastly says that "con" and two digits end the message, or that money
// follows: "85 con 50" is a price, "3000 con 12 quincenas" is two numbers.
func (p *numberParser) lastly(end int) bool {
	k := p.tok(p.i + 1)
	return p.value.Den == 1 && end == p.i+2 && k.kind == kindNumber && k.end-k.start == 2 && (end == p.r.tok.n || p.r.moneyAfter(end))
}

// scaled multiplies by the scale behind decimals: "uno punto cinco millones".
func (p *numberParser) scaled() bool {
	if w := p.word(p.i); w.kind == numMillion || w.kind == numThousand {
		if v, ok := p.value.times(whole(w.value)); ok {
			p.value = v
			p.i++
		}
	}
	return true
}

// zero appends one spoken zero, which cardinal would swallow ("punto cero ocho").
func (p *numberParser) zero(n *Number) bool {
	if p.word(p.i).kind != numZero || n.Den > limit/10 {
		return false
	}
	*n = Number{n.Num * 10, n.Den * 10}
	p.i++
	return true
}

// decimal appends the digits of one more spoken group to the fraction n.
func (p *numberParser) decimal(n *Number) bool {
	q := numberParser{r: p.r, i: p.i, small: true}
	if !q.cardinal() {
		return false
	}
	v, ok := q.value.Whole()
	if !ok || v < 0 || n.Den > limit/1000 {
		return false
	}
	size := int64(10)
	for size <= v {
		size *= 10
	}
	if n.Den > limit/size {
		return false
	}
	*n = Number{n.Num*size + v, n.Den * size}
	p.i = q.i
	return true
}

func (p *numberParser) join(q *numberParser) bool { return p.accept(q.value, q.i) }

func (p *numberParser) accept(n Number, next int) bool {
	v, ok := p.value.plus(reduce(n))
	if ok {
		p.value, p.i, p.article = v, next, false
	}
	return ok
}

// half reads "y medio": half a unit, or half of the scale before it ("mil y media").
func (p *numberParser) half() bool {
	if !p.r.u.is(p.tok(p.i), "y") {
		return false
	}
	if q := (numberParser{r: p.r, i: p.i + 1}); q.cardinal() && q.fraction() {
		return p.join(&q)
	}
	if p.word(p.i+1).kind != numHalf {
		return false
	}
	unit := whole(1)
	if p.group.Num == 0 && p.thousand.Num != 0 {
		unit = whole(1000)
	} else if p.group.Num == 0 && p.total.Num != 0 {
		unit = whole(p.top)
	}
	h, _ := unit.times(Number{1, 2})
	return p.accept(h, p.i+2)
}

// fraction reads "tres quintos": the cardinal is the numerator.
func (p *numberParser) fraction() bool {
	w := p.word(p.i)
	half := w.kind == numHalf && p.value == whole(1)
	if !half && w.kind != numFraction && (w.kind != numOrdinal || w.value < 4) {
		return false
	}
	v, ok := p.value.times(Number{1, w.value})
	if !ok {
		return false
	}
	p.value, p.article, p.spoken = v, false, true
	p.i++
	return true
}
