package understand

import (
	"bytes"
	"slices"
	"strings"
)

// wordID names a known word; 0 is the unknown word.
type wordID uint16

// vocabulary knows the words of the lexicon and repairs the spelling of others:
// fixed respellings first, then stretched letters, then sound, then one slip of
// the thumb, then two words run together.
type vocabulary struct {
	names    []string
	ids      map[string]wordID
	spelled  map[string]resolved // aliases: what people write → the words they mean
	sounds   map[string]wordID
	slips    map[uint64][]wordID // hashes of a word with one letter left out
	pictures map[rune]wordID
	glueOK   []bool          // by id: may be one half of two words run together
	numeral  []bool          // by id: may be a part of a number in one word ("tresmil")
	coin     []bool          // by id: may end such a word ("milpesos")
	exactly  map[wordID]bool // forms of verbs, which no misspelling is repaired to
	sure     map[wordID]bool // insults, which no guessed letter may make of another word
}

// resolved is what a written word stands for: up to four words.
type resolved struct {
	ids   [4]wordID
	n     int
	fuzzy bool
	slip  bool // a letter was guessed
}

const (
	minSound = 3 // shorter words are too easily another word
	minSlip  = 5
	minGlued = 6
)

func newVocabulary() *vocabulary {
	return &vocabulary{
		names: []string{""}, glueOK: []bool{false}, numeral: []bool{false}, coin: []bool{false},
		ids: map[string]wordID{}, spelled: map[string]resolved{}, sounds: map[string]wordID{},
		slips: map[uint64][]wordID{}, pictures: map[rune]wordID{}, exactly: map[wordID]bool{}, sure: map[wordID]bool{},
	}
}

// add returns the id of a folded word, making it known.
func (v *vocabulary) add(word string) wordID {
	if id, ok := v.ids[word]; ok {
		return id
	}
	id := wordID(len(v.names))
	v.names = append(v.names, word)
	v.glueOK = append(v.glueOK, false)
	v.numeral, v.coin = append(v.numeral, false), append(v.coin, false)
	v.ids[word] = id
	return id
}

// index prepares the repairs once every word is known. Words that were added
// first win where two sound alike.
func (v *vocabulary) index() {
	for i, name := range v.names[1:] {
		id := wordID(i + 1)
		if v.exactly[id] {
			continue
		}
		if len(name) >= minSound {
			v.indexSound(name, id)
		}
		if len(name) >= minSlip && !v.sure[id] {
			v.indexSlips(name, id)
		}
	}
}

func (v *vocabulary) indexSound(name string, id wordID) {
	var buf [maxWord]byte
	if len(name) > maxWord {
		return
	}
	key := string(soundOf(buf[:0], []byte(name)))
	if _, taken := v.sounds[key]; !taken {
		v.sounds[key] = id
	}
}

func (v *vocabulary) indexSlips(name string, id wordID) {
	b := []byte(name)
	for skip := -1; skip < len(b); skip++ {
		h := hashWithout(b, skip)
		if !slices.Contains(v.slips[h], id) {
			v.slips[h] = append(v.slips[h], id)
		}
	}
}

func one(id wordID, fuzzy bool) resolved {
	return resolved{ids: [4]wordID{id}, n: 1, fuzzy: fuzzy}
}

// resolve finds what a folded word stands for; n is 0 when nothing is near enough.
func (v *vocabulary) resolve(word []byte) resolved {
	if r, ok := v.exact(word); ok {
		return r
	}
	if r, ok := v.echo(word); ok {
		return r
	}
	if r, ok := v.composed(word); ok {
		return r
	}
	if r, ok := v.diminished(word); ok {
		return r
	}
	if r, ok := v.stretched(word); ok {
		return r
	}
	if r, ok := v.heard(word); ok {
		return r
	}
	if id := v.slipped(word); id != 0 {
		r := one(id, true)
		r.slip = true
		return r
	}
	return v.unglued(word)
}

func (v *vocabulary) exact(word []byte) (resolved, bool) {
	if r, ok := v.spelled[string(word)]; ok {
		return r, true
	}
	if id, ok := v.ids[string(word)]; ok {
		return one(id, false), true
	}
	return resolved{}, false
}

// echo reads laughter and a doubled yes or no ("jajaja", "sisisi", "nono").
func (v *vocabulary) echo(word []byte) (resolved, bool) {
	if isLaugh(word) {
		return v.exact([]byte("jaja"))
	}
	for _, unit := range [...]string{"si", "no", "ok"} {
		if repeats(word, unit) {
			return v.exact([]byte(unit))
		}
	}
	return resolved{}, false
}

func repeats(word []byte, unit string) bool {
	if len(word) <= len(unit) || len(word)%len(unit) != 0 {
		return false
	}
	for i, b := range word {
		if b != unit[i%len(unit)] {
			return false
		}
	}
	return true
}

// isLaugh accepts runs of j, h and one or more vowels with at least two of each.
func isLaugh(word []byte) bool {
	var js, vowels int
	for _, b := range word {
		switch b {
		case 'j', 'h':
			js++
		case 'a', 'e', 'i', 'o':
			vowels++
		default:
			return false
		}
	}
	return js >= 2 && vowels >= 1 && len(word) >= 4
}

// minStem is the shortest stem that a diminutive may leave: "delito" is no "del".
const minStem = 4

// diminished undoes "-ito", "-cito" and "-isimo", which Mexicans hang on any word:
// "paguito", "favorcito", "segurisima" mean what pago, favor and segura mean.
func (v *vocabulary) diminished(word []byte) (resolved, bool) {
	for _, tail := range [...]string{"cito", "cita", "isimo", "isima", "ito", "ita"} {
		stem, ok := bytes.CutSuffix(bytes.TrimSuffix(word, []byte("s")), []byte(tail))
		if !ok || len(stem) < minStem-1 || len(stem) > maxWord-2 {
			continue
		}
		if id := v.base(stem, tail); id != 0 {
			return one(id, true), true
		}
	}
	return resolved{}, false
}

// base returns the word that a diminutive comes from, 0 when it comes from none.
func (v *vocabulary) base(stem []byte, tail string) wordID {
	var buf [maxWord]byte
	word := append(buf[:0], stem...)
	if tail[0] == 'c' {
		return v.listed(word)
	}
	switch n := len(word); { // the spelling that kept the sound before i
	case n > 2 && word[n-2] == 'q' && word[n-1] == 'u':
		word = append(word[:n-2], 'c')
	case n > 2 && word[n-2] == 'g' && word[n-1] == 'u':
		word = word[:n-1]
	}
	for _, vowel := range [...]byte{tail[len(tail)-1], 'o', 'a', 'e'} {
		if id := v.listed(append(word, vowel)); id != 0 {
			return id
		}
	}
	if len(stem) < minStem {
		return 0
	}
	return v.listed(word)
}

// listed returns a word of the lexicon itself, 0 for others and for mere forms of
// verbs.
func (v *vocabulary) listed(word []byte) wordID {
	if id, ok := v.ids[string(word)]; ok && !v.exactly[id] {
		return id
	}
	return 0
}

// stretched shortens runs of letters: first to two, then to one.
func (v *vocabulary) stretched(word []byte) (resolved, bool) {
	var buf [maxWord]byte
	for keep := 2; keep >= 1; keep-- {
		short := squeeze(buf[:0], word, keep)
		if len(short) == len(word) {
			continue
		}
		if r, ok := v.exact(short); ok {
			return r, true
		}
		if r, ok := v.echo(short); ok {
			return r, true
		}
	}
	return resolved{}, false
}

func squeeze(dst, word []byte, keep int) []byte {
	run := 0
	for i, b := range word {
		if i > 0 && b == word[i-1] {
			run++
		} else {
			run = 1
		}
		if run <= keep {
			dst = append(dst, b)
		}
	}
	return dst
}

// heard compares by sound: b/v, s/z/c, y/ll, a silent h, k/qu.
func (v *vocabulary) heard(word []byte) (resolved, bool) {
	if len(word) < minSound {
		return resolved{}, false
	}
	var buf [maxWord]byte
	if id, ok := v.sounds[string(soundOf(buf[:0], word))]; ok {
		return one(id, true), true
	}
	return resolved{}, false
}

// slipped finds a word one slip away: a letter missing, extra, wrong, or two swapped.
func (v *vocabulary) slipped(word []byte) wordID {
	if len(word) < minSlip {
		return 0
	}
	var best wordID
	bestRank := 0
	for skip := -1; skip < len(word); skip++ {
		for _, id := range v.slips[hashWithout(word, skip)] {
			if rank := v.nearness(word, id); rank > bestRank {
				best, bestRank = id, rank
			}
		}
	}
	return best
}

// nearness ranks a candidate: 0 is too far; the same first letter is worth most.
func (v *vocabulary) nearness(word []byte, id wordID) int {
	name := v.names[id]
	if !oneSlip(word, name) {
		return 0
	}
	rank := 1
	if word[0] == name[0] {
		rank += 2
	}
	if len(word) == len(name) {
		rank++
	}
	return rank
}

// unglued splits a word into two known words; both must be allowed to be glued,
// so that "sitio" is never "si tío".
func (v *vocabulary) unglued(word []byte) resolved {
	if len(word) < minGlued {
		return resolved{}
	}
	for cut := 2; cut <= len(word)-2; cut++ {
		left, ok := v.ids[string(word[:cut])]
		if !ok || !v.glueOK[left] {
			continue
		}
		if right, ok := v.ids[string(word[cut:])]; ok && len(word)-cut >= 3 {
			return resolved{ids: [4]wordID{left, right}, n: 2, fuzzy: true}
		}
	}
	return resolved{}
}

// foldWord folds a lexicon word as the scanner folds a message; it must be
// letters only.
func foldWord(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		class, folded, _ := foldRune(r)
		if class != classLetter {
			return "", false
		}
		b.WriteByte(folded)
	}
	return b.String(), b.Len() > 0 && b.Len() <= maxWord
}
