package understand

import "bytes"

// composes says that the word may be a part of a number written in one word.
// Single letters and articles are too short to be told from other words.
func composes(word string, kind numberKind) bool {
	switch kind {
	case numUnit, numTen, numHundred, numHundreds, numThousand:
		return len(word) > 2
	}
	return false
}

// composed splits a number that was written in one word: "tresmil",
// "milquinientos", "dosmilpesos". A word that does not come out whole stays
// unknown, so that "milagros" is never a thousand.
func (v *vocabulary) composed(word []byte) (resolved, bool) {
	if len(word) < minGlued || !bytes.Contains(word, []byte("mil")) && !bytes.Contains(word, []byte("cien")) {
		return resolved{}, false
	}
	r := resolved{fuzzy: true}
	ok := v.compose(word, &r)
	return r, ok
}

// compose fills r with the parts of what is left of the word, the longest first.
func (v *vocabulary) compose(rest []byte, r *resolved) bool {
	if len(rest) == 0 {
		return r.n > 1
	}
	if r.n == len(r.ids) {
		return false
	}
	for cut := len(rest); cut > 2; cut-- {
		id, ok := v.ids[string(rest[:cut])]
		if !ok || !v.numeral[id] && !(v.coin[id] && r.n > 0 && cut == len(rest)) {
			continue
		}
		r.ids[r.n] = id
		r.n++
		if v.compose(rest[cut:], r) {
			return true
		}
		r.n--
	}
	return false
}
