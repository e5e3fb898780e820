package understand

import (
	"valebot/internal/mexid"
)

// maxSpans bounds how many numbers of one message are considered.
const maxSpans = 12

// spans lists the numbers of the message from left to right.
func (r *Reading) spans(buf *[maxSpans]span) []span {
	out := buf[:0]
	for i := 0; i < r.tok.n && len(out) < maxSpans; {
		if s, ok := r.numberAt(i); ok {
			out = append(out, s)
			i = s.to
			continue
		}
		i++
	}
	return out
}

// Number returns the one number of the message, exact. An article ("una") counts
// only when nothing else does. Two numbers, or one glued to a unit ("180ml"), are
// no number.
func (r Reading) Number() (Number, bool) {
	var buf [maxSpans]span
	var found, article span
	n, articles := 0, 0
	for _, s := range r.spans(&buf) {
		switch {
		case s.bad, r.glued(s):
			return Number{}, false
		case n == 1 && s.value == found.value && s.words != found.words:
			// "5 (cinco)": said once more, to be sure
		case s.article:
			article = s
			articles++
		default:
			found = s
			n++
		}
	}
	if n == 0 && articles == 1 {
		return article.value, true
	}
	if n != 1 || !found.words && r.identifies(found) {
		return Number{}, false
	}
	return found.value, true
}

// glued reports letters stuck to the digits that are no unit of quantity.
func (r *Reading) glued(s span) bool {
	if s.words || s.to >= r.tok.n {
		return false
	}
	k := &r.tok.all[s.to]
	if k.flags&flagGlued == 0 {
		return false
	}
	if k.kind == kindMark {
		return k.mark == '/' && s.to+1 < r.tok.n && r.tok.all[s.to+1].kind == kindNumber
	}
	unit := r.u.units[k.id]
	return k.kind == kindWord && (unit == UnitNone || unit == UnitOther) && r.u.monies[k.id].kind == moneyNone
}

// identifies reports a number that names something instead of counting
// ("terminada en 1234", "folio 889123").
func (r *Reading) identifies(s span) bool {
	for i := max(0, s.from-2); i < s.from; i++ {
		k := &r.tok.all[i]
		if k.kind == kindWord && k.id != 0 && r.u.labels[k.id] {
			return true
		}
	}
	return false
}

// Int returns the one whole number of the message.
func (r Reading) Int() (int64, bool) {
	n, ok := r.Number()
	if !ok {
		return 0, false
	}
	return n.Whole()
}

// Phone returns the one Mexican phone number of the message.
func (r Reading) Phone() (mexid.Phone, bool) {
	var found mexid.Phone
	for i := 0; i < r.tok.n; {
		run, next := r.digitRun(i)
		i = next
		if len(run) < 10 {
			continue
		}
		p, err := mexid.ParsePhone(run)
		if err != nil || p == found {
			continue
		}
		if found != "" {
			return "", false
		}
		found = p
	}
	return found, found != ""
}

// digitRun returns the text of the digits that start at piece i, with blanks and
// hyphens between them, and the piece after it.
func (r *Reading) digitRun(i int) (string, int) {
	if !r.startsRun(i) {
		return "", i + 1
	}
	end, digits, full := i, 0, 10
	for j := i; j < r.tok.n && r.inRun(j); j++ {
		k := &r.tok.all[j]
		if k.kind != kindNumber {
			continue
		}
		size := int(k.end - k.start)
		if digits > maxPrefix && size >= 10 {
			break // a phone number of its own begins here
		}
		if digits == 0 {
			full += prefixOf(r.text[k.start:k.end])
		}
		digits += size
		end = j
		if digits == full && r.phoneEnds(j) {
			break
		}
	}
	return r.text[r.tok.all[i].start:r.tok.all[end].end], end + 1
}

// maxPrefix is the length of the longest prefix of a Mexican number.
const maxPrefix = 3

// prefixOf returns the length of a national or international prefix, or 0.
func prefixOf(s string) int {
	switch s {
	case "52", "01":
		return 2
	case "521", "044", "045":
		return 3
	}
	return 0
}

// phoneEnds says that the digits are complete, so that the amount behind a phone
// number ("6671234567 3000") is not taken for more of it.
func (r *Reading) phoneEnds(j int) bool {
	return j+1 >= r.tok.n || r.tok.all[j+1].flags&flagGlued == 0
}

func (r *Reading) startsRun(i int) bool {
	k := &r.tok.all[i]
	return k.kind == kindNumber || k.kind == kindMark && (k.mark == '+' || k.mark == '(')
}

func (r *Reading) inRun(i int) bool {
	k := &r.tok.all[i]
	if k.kind == kindNumber {
		return true
	}
	return k.kind == kindMark && (k.mark == '-' || k.mark == '+' || k.mark == '(' || k.mark == ')' || k.mark == '.')
}

// CLABE returns the digits that look like a CLABE (18 of them, whatever noise
// stands between) and whether the check digit and the bank are right. ok is
// false when there are not 18 digits, or other numbers too.
func (r Reading) CLABE() (clabe mexid.CLABE, valid, ok bool) {
	var buf [19]byte
	digits := buf[:0]
	total := 0
	for i := range r.tok.n {
		if k := &r.tok.all[i]; k.kind == kindNumber {
			var n int
			digits, n = digitsOf(digits, r.text[k.start:k.end])
			total += n
		}
	}
	if total != 18 && !r.tok.odd {
		return r.mistypedCLABE()
	}
	if total != 18 || r.tok.odd {
		return "", false, false
	}
	clabe, err := mexid.ParseCLABE(string(digits))
	if err != nil {
		return mexid.CLABE(digits), false, true
	}
	return clabe, true, true
}

// mistypedCLABE reads letters that stand for digits ("O32I8…"), which people copy
// from a photo. The check digit says whether they did.
func (r *Reading) mistypedCLABE() (mexid.CLABE, bool, bool) {
	var buf [19]byte
	digits := buf[:0]
	for i := 0; i < len(r.text) && len(digits) < cap(digits); i++ {
		switch b := r.text[i]; {
		case isDigit(b):
			digits = append(digits, b)
		case (b == 'O' || b == 'o') && r.besideDigit(i):
			digits = append(digits, '0')
		case (b == 'l' || b == 'I') && r.besideDigit(i):
			digits = append(digits, '1')
		}
	}
	if len(digits) != 18 {
		return "", false, false
	}
	clabe, err := mexid.ParseCLABE(string(digits))
	return clabe, err == nil, err == nil
}

// besideDigit reports a run of letters like O and l that a digit touches.
func (r *Reading) besideDigit(i int) bool {
	likely := func(b byte) bool { return b == 'O' || b == 'o' || b == 'l' || b == 'I' }
	from, to := i, i
	for from > 0 && likely(r.text[from-1]) {
		from--
	}
	for to+1 < len(r.text) && likely(r.text[to+1]) {
		to++
	}
	left := from == 0 || !alphanumeric(r.text[from-1]) || isDigit(r.text[from-1])
	right := to+1 == len(r.text) || !alphanumeric(r.text[to+1]) || isDigit(r.text[to+1])
	touches := from > 0 && isDigit(r.text[from-1]) || to+1 < len(r.text) && isDigit(r.text[to+1])
	return left && right && touches
}

// PIN returns the four to six digits of a secret number that stands alone, also
// said digit by digit.
func (r Reading) PIN() (string, bool) {
	if pin, ok := r.spelledPIN(); ok {
		return pin, true
	}
	var pin string
	for i := range r.tok.n {
		k := &r.tok.all[i]
		if k.kind != kindNumber {
			continue
		}
		if pin != "" {
			return "", false
		}
		pin = r.text[k.start:k.end]
	}
	for i := range len(pin) {
		if !isDigit(pin[i]) {
			return "", false
		}
	}
	return pin, len(pin) >= 4 && len(pin) <= 6 && !r.tok.odd
}

// spelledPIN reads "4 8 2 1" and "cuatro ocho dos uno" where nothing else is said
// but courtesies and the words that name the number.
func (r *Reading) spelledPIN() (string, bool) {
	var buf [7]byte
	digits := buf[:0]
	for i := range r.tok.n {
		k := &r.tok.all[i]
		n, isDigit := r.digitWord(k)
		switch {
		case isDigit && len(digits) < cap(digits):
			digits = append(digits, byte('0'+n))
		case r.u.is(k, "o"):
			return "", false
		case k.kind == kindMark, k.kind == kindWord && (r.u.labels[k.id] || r.u.chooses[k.id]), r.filler(i):
		default:
			return "", false
		}
	}
	return string(digits), len(digits) >= 4 && len(digits) <= 6 && !r.tok.odd
}

// digitWord returns the value of a single digit, written or spoken.
func (r *Reading) digitWord(k *token) (int64, bool) {
	switch w := r.u.number(k.id); {
	case k.kind == kindNumber && k.end-k.start == 1:
		return int64(r.text[k.start] - '0'), true
	case k.kind == kindWord && (w.kind == numUnit || w.kind == numZero) && w.value < 10:
		return w.value, true
	}
	return 0, false
}
