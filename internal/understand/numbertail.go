package understand

// tail reads what may follow a cardinal: decimals, halves, fractions, dozens,
// ordinal endings.
func (p *numberParser) tail() {
	switch {
	case p.power():
	case p.ordinalEnding():
	case p.dozens():
	case p.moreDozens():
	case p.halfSign():
	case p.slash():
	case p.point():
	case p.half():
		p.halfOf()
	case p.fraction():
	}
}

// halfOf reads the scale behind a half: "dos y medio mil".
func (p *numberParser) halfOf() {
	w, scale := p.word(p.i), int64(0)
	switch {
	case p.value.Den != 2 || p.small:
	case w.kind == numThousand:
		scale = 1000
	case w.kind == numMillion:
		scale = w.value
	}
	if v, ok := p.value.times(whole(scale)); ok && scale > 0 {
		p.value = v
		p.i++
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

// dozens counts by the dozen, the ten or the pair, and what "de" adds: "dos
// docenas", "un par de miles".
func (p *numberParser) dozens() bool {
	w := p.word(p.i)
	if w.kind != numDozen {
		return false
	}
	v, ok := p.value.times(whole(w.value))
	if !ok {
		return false
	}
	p.value, p.article, p.spoken = v, false, true
	p.i++
	p.dozenTail(w.value)
	return true
}

// dozenTail reads "de miles" and "y media" behind a dozen, and the "de" that
// parts it from what it counts ("un par de meses").
func (p *numberParser) dozenTail(size int64) {
	switch next := p.word(p.i + 1); {
	case p.r.u.is(p.tok(p.i), "de") && p.r.u.units[p.tok(p.i+1).id] != UnitNone:
		p.i++
	case p.r.u.is(p.tok(p.i), "de") && (next.kind == numThousand || next.kind == numHundreds || next.kind == numMillion):
		if v, ok := p.value.times(whole(next.value)); ok {
			p.value = v
			p.i += 2
		}
	case p.r.u.is(p.tok(p.i), "y") && next.kind == numHalf:
		p.accept(Number{size, 2}, p.i+2)
	}
}

// moreDozens adds "y cuatro docenas" and "y medio millón" to what came before.
func (p *numberParser) moreDozens() bool {
	if !p.r.u.is(p.tok(p.i), "y") {
		return false
	}
	q := numberParser{r: p.r, i: p.i + 1}
	if !q.cardinal() {
		return false
	}
	halved := p.word(p.i+1).kind == numHalf
	if !halved && !q.dozens() || q.value.Num >= p.value.Num {
		return false
	}
	return p.join(&q)
}

// halfSign reads "1½".
func (p *numberParser) halfSign() bool {
	k := p.tok(p.i)
	return k.kind == kindMark && k.mark == 'h' && p.digits && p.accept(Number{1, 2}, p.i+1)
}

// slash reads "1/4", "2 1/4" and "1 sobre 3"; "03/04" is for dates, so a
// fraction needs small digits without leading zeros and a numerator below its
// denominator.
func (p *numberParser) slash() bool {
	if p.word(p.i).kind == numOver {
		return p.over()
	}
	start := p.i
	if p.tok(p.i).kind != kindNumber || !p.digits || p.spoken {
		start--
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
			return p.join(p.share(&q))
		}
		if !p.spoken && !p.lastly(&q) {
			return false
		}
		p.loose = q.value.Den == 1 && q.value.Num < 10 && p.word(p.i+1).kind != numZero
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

// lastly says that "con" and what follows end the message, or that money comes
// behind: "85 con 50" is a price, "3000 con 12 quincenas" is two numbers, and so
// is "3000 con 6".
func (p *numberParser) lastly(q *numberParser) bool {
	if p.value.Den != 1 || q.value.Den != 1 || q.i != p.r.tok.n && !p.r.moneyAfter(q.i) {
		return false
	}
	k := p.tok(p.i + 1)
	if k.kind == kindNumber && k.end-k.start == 2 && q.i == p.i+2 {
		return true
	}
	return p.value.Num < 100 && q.value.Num < 100
}

// share makes the quarters behind millions quarters of a million: "dos millones
// y tres cuartos".
func (p *numberParser) share(q *numberParser) *numberParser {
	if p.group.Num == 0 && p.thousand.Num == 0 && p.total.Num != 0 {
		if v, ok := q.value.times(whole(p.top)); ok {
			q.value = v
		}
	}
	return q
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
		return p.join(p.share(&q))
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
	if !half && w.kind != numFraction && (w.kind != numOrdinal || w.value < 4) || p.disagrees(w.value) {
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

// disagrees says that a thousandth or less is in the singular behind more than
// one: "dos millonésimo" is the two millionth, "dos millonésimos" are a fraction.
// People drop the s of smaller ones ("tres cuarto").
func (p *numberParser) disagrees(value int64) bool {
	k := p.tok(p.i)
	return value >= 1000 && p.value != whole(1) && p.r.text[k.end-1] != 's'
}
