package understand

import "unicode/utf8"

// scanner cuts a text into tokens in one pass and without heap growth.
type scanner struct {
	words   *vocabulary
	out     *tokens
	text    string
	buf     [maxWord]byte
	n       int // letters in buf; may exceed maxWord, then the word is unknown
	start   int // first byte of the word in buf
	flags   uint8
	repeats int  // letters swallowed because a key was held down
	marks   int  // combining marks on the last letter
	pending bool // an invisible rune follows a letter: harmless only at the end of a word
	glued   bool
}

func scan(v *vocabulary, text string, out *tokens) {
	if len(text) > maxBytes {
		text, out.cut = text[:maxBytes], true
	}
	s := scanner{words: v, out: out, text: text}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i = s.step(r, i, size)
	}
	s.flush(len(text))
	out.close()
}

// step consumes the rune at i and returns where the next one starts.
func (s *scanner) step(r rune, i, size int) int {
	class, folded, accented := foldRune(r)
	switch class {
	case classLetter:
		s.letter(folded, i, accented)
	case classCombining:
		s.combine()
	case classJoiner:
		s.pending = s.n > 0
	case classOverride:
		s.out.odd = true
	case classForeign:
		s.letter(0, i, false)
		s.flags |= flagSuspect
	case classDigit:
		s.flush(i)
		return s.number(i)
	case classSpace:
		s.flush(i)
		s.glued = false
	case classMark:
		s.flush(i)
		s.mark(folded, i, size)
	default:
		s.flush(i)
		s.picture(r, i, size)
	}
	return i + size
}

func (s *scanner) letter(folded byte, i int, accented bool) {
	if s.n == 0 {
		s.start = i
	}
	if s.pending {
		s.flags |= flagSuspect // a hidden rune inside a word is a trick, not a slip
		s.pending = false
	}
	if s.held(folded) {
		return
	}
	if s.n < maxWord {
		s.buf[s.n] = folded
	}
	s.n++
	s.marks = 0
	if accented {
		s.flags |= flagAccent
	}
}

// maxHeld is how often a letter may be held down ("noooooo"); more is noise.
const maxHeld = 90

// held swallows a letter that repeats the three before it, so that a word does
// not grow too long to be known because somebody kept a key down.
func (s *scanner) held(b byte) bool {
	n := s.n
	if b == 0 || n < 4 || n >= maxWord || s.repeats >= maxHeld || s.buf[n-1] != b || s.buf[n-2] != b || s.buf[n-3] != b {
		return false
	}
	s.repeats++
	return true
}

func (s *scanner) combine() {
	if s.n == 0 {
		return
	}
	s.flags |= flagAccent
	if s.marks++; s.marks > 2 {
		s.flags |= flagSuspect
	}
}

// flush ends the word being read, if any.
func (s *scanner) flush(end int) {
	if s.n == 0 {
		s.pending = false
		return
	}
	k := token{kind: kindWord, flags: s.flags | s.glue(), start: uint16(s.start), end: uint16(end)}
	if s.n <= maxWord && s.flags&flagSuspect == 0 {
		s.resolve(k)
	} else {
		s.out.add(k)
	}
	s.n, s.flags, s.marks, s.repeats, s.pending, s.glued = 0, 0, 0, 0, false, true
}

func (s *scanner) resolve(k token) {
	if s.asksThat() {
		s.n = copy(s.buf[:], "que")
	}
	found := s.words.resolve(s.buf[:s.n])
	if found.fuzzy {
		k.flags |= flagFuzzy
	}
	if found.slip {
		k.flags |= flagSlip
	}
	if found.n == 0 {
		s.out.add(k)
		return
	}
	for i := range found.n {
		k.id = found.ids[i]
		s.out.add(k)
		k.flags |= flagCopy
	}
}

// asksThat reports a "k" that stands for "que" ("claro k si"), as it does wherever
// no digits stand before it ("3 k").
func (s *scanner) asksThat() bool {
	last := s.out.n - 1
	return s.n == 1 && s.buf[0] == 'k' && (last < 0 || s.out.all[last].kind != kindNumber)
}

func (s *scanner) glue() uint8 {
	if s.glued {
		return flagGlued
	}
	return 0
}

func (s *scanner) mark(b byte, i, size int) {
	last := s.out.n - 1
	if last >= 0 && s.out.all[last].kind == kindMark && s.out.all[last].mark == b && b != '"' {
		s.out.all[last].end = uint16(i + size)
		return
	}
	s.out.add(token{kind: kindMark, mark: b, flags: s.glue(), start: uint16(i), end: uint16(i + size)})
	s.glued = true
}

// picture adds an emoji. Runes without a meaning of their own (skin tones,
// sexes, frames) are swallowed by the picture before them.
func (s *scanner) picture(r rune, i, size int) {
	if r >= 0x1F3FB && r <= 0x1F3FF || r == '♀' || r == '♂' {
		return
	}
	id := s.words.pictures[r]
	last := s.out.n - 1
	if id != 0 && last >= 0 && s.out.all[last].kind == kindPicture && s.out.all[last].id == id {
		s.out.all[last].end = uint16(i + size)
		return
	}
	s.out.add(token{kind: kindPicture, id: id, flags: s.glue(), start: uint16(i), end: uint16(i + size)})
	s.glued = true
}

// number reads digits with inner dots and commas, and swallows a keycap frame.
func (s *scanner) number(i int) int {
	start := i
	for i < len(s.text) && (isDigit(s.text[i]) || i+1 < len(s.text) && isSeparator(s.text[i]) && isDigit(s.text[i+1])) {
		i++
	}
	s.out.add(token{kind: kindNumber, flags: s.glue(), start: uint16(start), end: uint16(i)})
	s.glued = true
	return i
}

func isDigit(b byte) bool     { return b >= '0' && b <= '9' }
func isSeparator(b byte) bool { return b == '.' || b == ',' }

// close marks where clauses end.
func (t *tokens) close() {
	for i := range t.n {
		if k := &t.all[i]; k.kind == kindMark {
			t.bound(i, k.mark)
		}
	}
}

// bound copies a mark to the word before it, so that patterns need not look at marks.
func (t *tokens) bound(i int, mark byte) {
	if i == 0 {
		return
	}
	switch mark {
	case '.', '!', '?', ';':
		t.all[i-1].flags |= flagStop
	case ',', '\n', ':', '-', '(':
		t.all[i-1].flags |= flagComma
	}
}
