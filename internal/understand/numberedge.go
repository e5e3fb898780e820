package understand

// hundredths reads ".77", ",5" and "-.05": one or two digits behind a mark that
// stands for itself, or more where the first is a zero; never the 77 that would
// be left without the mark.
func (p *numberParser) hundredths() bool {
	m, k := p.tok(p.i), p.tok(p.i+1)
	free := m.flags&flagGlued == 0 || p.tok(p.i-1).kind == kindMark && p.tok(p.i-1).mark == '-' && p.negative
	if p.i+1 >= p.r.tok.n || m.kind != kindMark || m.mark != '.' && m.mark != ',' || m.end-m.start != 1 || !free {
		return false
	}
	if k.kind != kindNumber || k.flags&flagGlued == 0 {
		return false
	}
	text := p.r.text[k.start:k.end]
	v, decimals, ok := parseDigits(text)
	if !ok || decimals || v.Den != 1 || len(text) > 6 || len(text) > 2 && text[0] != '0' {
		return false
	}
	den := int64(1)
	for range len(text) {
		den *= 10
	}
	p.value, p.digits = reduce(Number{v.Num, den}), true
	p.i += 2
	return true
}

// leadingPoint reads "punto cinco" and "coma 25" where they are all that is said:
// "el punto 5" is an item, "coma 5 veces" an order.
func (p *numberParser) leadingPoint() bool {
	start := p.i
	if p.word(start).kind != numPoint || p.r.u.is(p.tok(start), "con") || start > 0 && !(start == 1 && p.negative) {
		return false
	}
	n := Number{0, 1}
	p.i++
	for p.zero(&n) || p.decimal(&n) {
	}
	if n.Den == 1 || p.i < p.r.tok.n {
		p.i = start
		return false
	}
	p.value, p.spoken, p.loose = reduce(n), true, true
	return true
}

// suffix reads the capitals that machines and shops stick to digits: "1.2M",
// "10G". Some write "3M" for three thousand, so that it is no sum of money.
func (p *numberParser) suffix() {
	k := p.tok(p.i)
	if !p.digits || p.spoken || k.kind != kindWord || k.flags&flagGlued == 0 || p.i+1 < p.r.tok.n && p.tok(p.i+1).flags&flagGlued != 0 {
		return
	}
	times := int64(0)
	switch p.r.text[k.start:k.end] {
	case "M":
		times = 1e6
	case "G":
		times = 1e9
	}
	if v, ok := p.value.times(whole(times)); ok && times > 0 {
		p.value, p.loose = v, true
		p.i++
	}
}

// vague swallows "y pico", "y tantos": the number was left open on purpose.
func (p *numberParser) vague() bool {
	if !p.r.u.is(p.tok(p.i), "y") || p.word(p.i+1).kind != numVague {
		return false
	}
	p.i += 2
	return true
}

// fractionDigits counts what stands behind the last separator.
func fractionDigits(text string) int {
	n := 0
	for n < len(text) && !isSeparator(text[len(text)-1-n]) {
		n++
	}
	return n
}

// apostrophe joins groups as Mexican offices write millions ("1'500,000.00") and
// some write thousands ("1'500"); "5'10" is feet and inches.
func (p *numberParser) apostrophe() bool {
	m, k := p.tok(p.i), p.tok(p.i+1)
	if m.kind != kindMark || m.mark != '\'' || m.flags&flagGlued == 0 || k.kind != kindNumber || k.flags&flagGlued == 0 {
		return false
	}
	text := p.r.text[k.start:k.end]
	v, decimals, ok := parseDigits(text)
	size := int64(1000)
	switch {
	case decimals && len(text) > 7 && isSeparator(text[3]), !decimals && len(text) == 7:
		size = 1e6
	case unitDigits(text) != 3 || !decimals && len(text) != 3:
		return false
	}
	if !ok || !p.digits || p.spoken || p.group.Den != 1 || p.group.Num == 0 || p.group.Num > 999 && size != 1000 {
		return false
	}
	up, ok := p.group.times(whole(size))
	if ok {
		p.group, ok = up.plus(v)
	}
	if ok {
		p.i += 2
	}
	return ok
}
