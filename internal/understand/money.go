package understand

import "valebot/internal/money"

// moneyKind says what a word does beside an amount.
type moneyKind uint8

const (
	moneyNone moneyKind = iota
	moneyPeso
	moneySlang   // counts thousands or millions: "luca", "palo"
	moneyForeign // another currency
	moneyCents
	moneyQualifier // "americanos", "esterlinas"
)

type moneyWord struct {
	kind  moneyKind
	times int64  // for slang
	code  string // ISO 4217, "" for pesos of whatever country
}

// addMoney lists the words of currencies. Slang is read as people use it: a luca
// is a thousand, a palo a million.
func addMoney(add func(word string, m moneyWord)) {
	for _, w := range [...]string{"pesos", "peso", "pesitos", "pesito", "varos", "varo", "bolas", "mn", "mxn", "morlacos"} {
		add(w, moneyWord{kind: moneyPeso})
	}
	for _, w := range [...]string{"luca", "lucas"} {
		add(w, moneyWord{moneySlang, 1000, ""})
	}
	add("palo", moneyWord{moneySlang, 1_000_000, ""})
	add("palos", moneyWord{moneySlang, 1_000_000, ""})
	add("quina", moneyWord{moneySlang, 500, ""})
	add("quinas", moneyWord{moneySlang, 500, ""})
	for _, w := range [...]string{"centavo", "centavos", "centimo", "centimos", "cents", "peniques", "penique"} {
		add(w, moneyWord{kind: moneyCents})
	}
	for _, w := range [...]string{"americanos", "estadounidenses", "canadienses", "australianos", "esterlinas", "japoneses", "noruegas", "finlandeses", "neerlandeses", "chinos", "mexicanos"} {
		add(w, moneyWord{kind: moneyQualifier})
	}
	for _, f := range foreignMoney() {
		for _, w := range f.words {
			add(w, moneyWord{moneyForeign, 1, f.code})
		}
	}
}

type foreignWords struct {
	code  string
	words []string
}

func foreignMoney() []foreignWords {
	return []foreignWords{
		{"USD", []string{"dolar", "dolares", "dollars", "dollar", "usd", "us", "dls"}},
		{"EUR", []string{"euro", "euros", "eur"}}, {"GBP", []string{"libra", "libras", "gbp"}},
		{"JPY", []string{"yen", "yenes", "jpy"}}, {"PEN", []string{"soles", "sol", "pen"}},
		{"KRW", []string{"won", "wones", "krw"}}, {"CNY", []string{"yuan", "yuanes", "cny"}},
		{"NOK", []string{"corona", "coronas", "nok"}}, {"BOB", []string{"bs", "bolivianos", "bob"}},
		{"COP", []string{"cop"}}, {"CAD", []string{"cad"}}, {"AUD", []string{"aud"}},
		{"CLP", []string{"clp"}}, {"ARS", []string{"ars"}}, {"GTQ", []string{"quetzal", "quetzales"}},
		{"FIM", []string{"marcos", "marco"}}, {"NLG", []string{"florines", "florin"}},
		{"ESP", []string{"pta", "ptas", "peseta", "pesetas"}},
		{"BRL", []string{"reales"}}, {"INR", []string{"rupias"}}, {"RUB", []string{"rublos"}},
		{"CHF", []string{"francos", "franco"}},
	}
}

// Money is a sum of money as it was said.
type Money struct {
	Centavos int64  // hundredths of the unit
	Currency string // ISO 4217 when it was named, "cents" for hundredths alone, "" otherwise
	Words    string
}

// Amount returns the one amount in pesos. A range ("entre 2 y 3 mil"), two
// amounts, or another currency are not one amount: ask again.
func (r Reading) Amount() (money.Amount, bool) {
	m, ok := r.Money()
	if !ok || m.Currency != "" && m.Currency != "MXN" || m.Centavos <= 0 {
		return 0, false
	}
	a := money.Amount(m.Centavos)
	return a, a <= money.Max
}

// Money returns the one sum of the message in whatever currency. Numbers that
// count quincenas or days, or name phones, are left out.
func (r Reading) Money() (Money, bool) {
	var buf [maxSpans]span
	var best priced
	rivals, done := 0, 0
	spans := r.spans(&buf)
	for _, s := range spans {
		p, ok := r.price(s)
		if !ok || p.from < done {
			continue
		}
		done = p.to
		if p.weight == best.weight && p.value == best.value {
			continue
		}
		switch {
		case p.weight > best.weight:
			best, rivals = p, 0
		case p.weight == best.weight:
			rivals++
		}
	}
	if best.weight == 0 || rivals > 0 || r.isRange(spans) {
		return Money{}, false
	}
	cents, ok := best.value.times(whole(100))
	if !ok {
		return Money{}, false
	}
	words := r.text[r.tok.all[best.from].start:r.tok.all[best.to-1].end]
	return Money{Centavos: cents.Num / cents.Den, Currency: best.code, Words: words}, true
}

// centsCode is the Currency of a sum that was said in hundredths alone.
const centsCode = "cents"

// priced is a number weighed as a sum of money: 3 with a currency, 2 with a
// scale ("3 mil"), 1 bare.
type priced struct {
	span
	weight int
	code   string
}

func (r *Reading) price(s span) (priced, bool) {
	p := priced{span: s}
	switch {
	case s.bad, s.loose, s.percent, s.article && !r.moneyAfter(s.to), s.ordinal, s.signed && s.value.Num < 0:
		return p, false
	case r.counts(s) && !r.currencyBefore(s), r.identifies(s), r.dates(s):
		return p, false
	}
	p.weight = 1
	if s.words && s.value.Num >= 1000*s.value.Den {
		p.weight = 2
	}
	r.before(&p)
	r.after(&p)
	return p, true
}

// counts reports a number of quincenas, days, percent or the like, or a phone.
func (r *Reading) counts(s span) bool {
	if s.to-s.from == 1 && phoneLong(r.text[r.tok.all[s.from].start:r.tok.all[s.from].end]) {
		return true
	}
	if s.from > 0 && r.hour(s) || s.to >= r.tok.n {
		return s.from > 0 && r.hour(s)
	}
	k := &r.tok.all[s.to]
	if k.kind == kindMark {
		return k.mark == 'o'
	}
	return k.kind == kindWord && (r.u.units[k.id] != UnitNone || r.glued(s))
}

// phoneLong reports ten or more digits without a separator: nobody writes an
// amount so.
func phoneLong(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return len(s) >= 10
}

// hour reports "a las 3".
func (r *Reading) hour(s span) bool {
	k := &r.tok.all[s.from-1]
	return r.u.is(k, "las") && s.from > 1 && r.u.is(&r.tok.all[s.from-2], "a")
}

// dates reports a day or a year: "3 de enero", "en 1990", "1988".
func (r *Reading) dates(s span) bool {
	if s.to+1 < r.tok.n && r.u.is(&r.tok.all[s.to], "de") && r.u.days[r.tok.all[s.to+1].id].kind == dayMonth {
		return true
	}
	if s.from == 0 || s.words || s.value.Den != 1 || s.value.Num < 1900 || s.value.Num > 2099 {
		return false
	}
	k := &r.tok.all[s.from-1]
	return r.u.is(k, "en") || r.u.is(k, "del") || r.u.is(k, "desde") || r.u.is(k, "de") && s.from > 1 && r.u.days[r.tok.all[s.from-2].id].kind == dayMonth
}

func (r *Reading) moneyAfter(i int) bool {
	return i < r.tok.n && r.u.monies[r.tok.all[i].id].kind != moneyNone
}

// before looks for "$", "US$", "MXN$" or a code in front of the number.
func (r *Reading) before(p *priced) {
	for i := p.from - 1; i >= 0 && i >= p.from-3; i-- {
		k := &r.tok.all[i]
		m := r.u.monies[k.id]
		switch {
		case k.kind == kindMark && (k.mark == '$' || k.mark == 'E' || k.mark == 'L'):
			p.weight, p.from = 3, i
			p.code = currencyOf(k.mark, p.code)
		case k.kind == kindWord && (m.kind == moneyForeign || r.u.is(k, "mxn") || r.u.is(k, "mn")):
			p.weight, p.from = 3, i
			p.code = m.code
			if p.code == "" {
				p.code = "MXN"
			}
		default:
			return
		}
	}
}

// currencyOf names the currency of a sign; "$" is that of many countries.
func currencyOf(mark byte, known string) string {
	switch mark {
	case 'E':
		return "EUR"
	case 'L':
		return "GBP"
	}
	return known
}

// after looks for the unit behind the number, for "de pesos" after millions,
// and for hundredths behind the unit ("15 pesos con 50").
func (r *Reading) after(p *priced) {
	i := p.to
	if i+1 < r.tok.n && r.u.is(&r.tok.all[i], "de") && r.moneyAfter(i+1) {
		i++
	}
	if i >= r.tok.n {
		return
	}
	k := &r.tok.all[i]
	if k.kind == kindMark && (k.mark == '$' || k.mark == 'E' || k.mark == 'L') && k.flags&flagGlued != 0 {
		p.weight, p.to = 3, i+1
		p.code = currencyOf(k.mark, p.code)
		return
	}
	m := r.u.monies[k.id]
	if k.kind != kindWord || m.kind == moneyNone || m.kind == moneyQualifier {
		return
	}
	p.weight, p.to = 3, i+1
	if m.code != "" {
		p.code = m.code
	}
	if m.kind == moneyCents {
		p.code = centsCode // nobody lends 50 centavos: ask again
	}
	if m.kind == moneySlang {
		p.value, _ = p.value.times(whole(m.times))
	}
	r.scaleAfter(p)
	r.more(p, m)
}

// scaleAfter reads the scale behind the currency: "75 USD millones".
func (r *Reading) scaleAfter(p *priced) {
	if p.to >= r.tok.n || r.tok.all[p.to].kind != kindWord {
		return
	}
	if w := r.u.number(r.tok.all[p.to].id); w.kind == numMillion {
		if v, ok := p.value.times(whole(w.value)); ok {
			p.value = v
			p.to++
		}
	}
}

// more reads "y media" and hundredths behind the unit.
func (r *Reading) more(p *priced, unit moneyWord) {
	i := p.to
	if s, ok := r.numberAt(min(i, r.tok.n-1)); ok && i < r.tok.n && (r.centsAt(s) || r.smallChange(p, s)) {
		r.addCents(p, s)
		return
	}
	if i+1 >= r.tok.n || !r.u.is(&r.tok.all[i], "y") && !r.u.is(&r.tok.all[i], "con") {
		return
	}
	if next := r.u.number(r.tok.all[i+1].id); next.kind == numHalf && r.tok.all[i+1].kind == kindWord {
		half := Number{max(unit.times, 1), 2}
		p.value, _ = p.value.plus(half)
		p.to = i + 2
		return
	}
	if s, ok := r.numberAt(i + 1); ok && !s.article && !s.bad && unit.kind != moneySlang {
		r.addCents(p, s)
	}
}

// centsAt says that the number counts hundredths: "85 pesos 50 centavos".
func (r *Reading) centsAt(s span) bool {
	return !s.bad && s.to < r.tok.n && r.u.monies[r.tok.all[s.to].id].kind == moneyCents
}

// smallChange says that two bare digits behind a price in tens are its hundredths
// ("85 pesos 50"); behind a loan they would be quincenas ("3000 pesos 12").
func (r *Reading) smallChange(p *priced, s span) bool {
	k := &r.tok.all[s.from]
	return p.value.Den == 1 && p.value.Num < 100 && s.to-s.from == 1 && k.kind == kindNumber && k.end-k.start == 2 && !s.bad && !r.counts(s)
}

func (r *Reading) addCents(p *priced, s span) {
	if cents, ok := s.value.Whole(); ok && cents >= 0 && cents < 100 {
		p.value, _ = p.value.plus(Number{cents, 100})
		p.to = s.to
	}
}

// alternatives reports two numbers with nothing but "o" between them.
func (r *Reading) alternatives(spans []span) bool {
	for i := 1; i < len(spans); i++ {
		if k := &r.tok.all[spans[i].from-1]; spans[i].from-spans[i-1].to == 1 && (r.u.is(k, "o") || r.u.is(k, "u")) {
			return true
		}
	}
	return false
}

// isRange reports "entre 2 y 3 mil", "de 2 a 3 mil", "2 o 3 mil", "menos de 3 mil".
func (r *Reading) isRange(spans []span) bool {
	for _, s := range spans {
		if s.from > 1 && r.u.is(&r.tok.all[s.from-1], "de") && (r.u.is(&r.tok.all[s.from-2], "menos") || r.u.is(&r.tok.all[s.from-2], "mas")) {
			return true
		}
	}
	for i := 1; i < len(spans); i++ {
		a, b := spans[i-1], spans[i]
		if b.from-a.to != 1 || r.counts(b) || r.counts(a) {
			continue
		}
		k := &r.tok.all[a.to]
		if r.u.is(k, "o") || r.u.is(k, "u") || r.u.is(k, "a") && a.from > 0 && r.u.is(&r.tok.all[a.from-1], "de") {
			return true
		}
		if r.u.is(k, "y") && a.from > 0 && r.u.is(&r.tok.all[a.from-1], "entre") {
			return true
		}
	}
	return false
}
