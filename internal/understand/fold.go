package understand

import "unicode/utf8"

// runeClass says what the scanner does with a rune.
type runeClass uint8

const (
	classSpace     runeClass = iota // separates words
	classLetter                     // a letter of Spanish text, folded to ASCII
	classDigit                      // an ASCII digit
	classMark                       // punctuation that a grammar may read
	classCombining                  // an accent written as a rune of its own
	classJoiner                     // invisible: variation selectors and zero-width runes
	classOverride                   // changes the direction of what is shown: never trusted
	classForeign                    // a letter of another script, or a styled copy of a Latin one
	classSymbol                     // emoji and everything else
)

// latin1 folds the letters U+00C0 to U+00FF to lower-case ASCII; 0 is not a letter.
const latin1 = "aaaaaaaceeeeiiiidnooooo\x00ouuuuybsaaaaaaaceeeeiiiidnooooo\x00ouuuuyby"

// foldRune returns the class of r and, for letters and marks, the ASCII byte that
// stands for it. Only Latin-1 letters fold: a look-alike of another script must
// stay visibly foreign, so that it can never spell a yes.
func foldRune(r rune) (class runeClass, folded byte, accented bool) {
	switch {
	case r < utf8.RuneSelf:
		return foldASCII(byte(r))
	case r >= 0xC0 && r <= 0xFF && r != 0xD7 && r != 0xF7:
		return classLetter, latin1[r-0xC0], true
	case r >= 0x300 && r <= 0x36F:
		return classCombining, 0, true
	}
	class, folded = foldWide(r)
	return class, folded, false
}

func foldASCII(b byte) (runeClass, byte, bool) {
	switch {
	case b >= 'a' && b <= 'z':
		return classLetter, b, false
	case b >= 'A' && b <= 'Z':
		return classLetter, b | 0x20, false
	case b >= '0' && b <= '9':
		return classDigit, b, false
	case b == '\n' || b == '\r':
		return classMark, '\n', false
	case b <= ' ' || b == 0x7F:
		return classSpace, 0, false
	}
	return classMark, b, false
}

// foldWide classifies what lies beyond Latin-1 letters.
func foldWide(r rune) (runeClass, byte) {
	switch r {
	case '¿', '¡':
		if r == '¿' {
			return classMark, '?'
		}
		return classMark, '!'
	case '“', '”', '«', '»', '„':
		return classMark, '"'
	case '‘', '’', '´', '`':
		return classMark, '\''
	case '…':
		return classMark, '.'
	case '–', '—', '−', '‐', '‑':
		return classMark, '-'
	case 'º', 'ª', '°':
		return classMark, 'o'
	case '€':
		return classMark, 'E'
	case '£':
		return classMark, 'L'
	case '½':
		return classMark, 'h'
	case 0xA0, 0x202F, 0x2009, 0x3000, 0x2028, 0x2029:
		return classSpace, 0
	}
	return foldInvisible(r), 0
}

func foldInvisible(r rune) runeClass {
	switch {
	case r == 0x200B, r == 0x200C, r == 0x200D, r == 0x2060, r == 0xFEFF, r == 0xAD,
		r == 0x200E, r == 0x200F, r == 0x20E3, r >= 0xFE00 && r <= 0xFE0F:
		return classJoiner
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x061C:
		return classOverride
	case isForeign(r):
		return classForeign
	}
	return classSymbol
}

// isForeign reports letters outside Latin-1: other scripts, full-width and
// mathematical copies of Latin letters and digits, enclosed letters.
func isForeign(r rune) bool {
	switch {
	case r >= 0x0100 && r < 0x0300, r >= 0x0370 && r < 0x2000, r >= 0x2070 && r < 0x20A0,
		r >= 0x2100 && r < 0x2190, r >= 0x2460 && r < 0x2500, r >= 0x2C00 && r < 0x2E00,
		r >= 0x3040 && r < 0xD800, r >= 0xF900 && r < 0xFE00, r >= 0xFE70 && r < 0xFFF0,
		r >= 0x10000 && r < 0x1F000, r >= 0x1F100 && r < 0x1F191, r >= 0x20000:
		return true
	}
	return r == utf8.RuneError
}
