package gsm7

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold rewrites a text so that it fits the GSM alphabet where its sense allows:
// á í ó ú lose their accent, é ñ ü ¿ ¡ stay (the alphabet has them), typographic
// quotes, dashes, dots and blanks become plain ones, other Latin letters lose
// their marks, and invisible marks go. What has no plain form, an emoji or
// another script, stays as it is, and Count then shows it. Folding twice is
// folding once.
//
// A folded text may have more characters than before (… becomes three dots), so
// measure after folding, never before.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFC.String(text) {
		foldRune(&b, r)
	}
	return norm.NFC.String(b.String())
}

func foldRune(b *strings.Builder, r rune) {
	if septets(r) > 0 {
		b.WriteRune(r)
		return
	}
	if plain, ok := plainForm[r]; ok {
		b.WriteString(plain)
		return
	}
	switch {
	case r >= 0x300 && r <= 0x36F: // an accent that composed with nothing
	case unicode.Is(unicode.Zs, r):
		b.WriteByte(' ')
	case unicode.Is(unicode.Pd, r):
		b.WriteByte('-')
	case invisible(r):
	default:
		b.WriteString(withoutMarks(r))
	}
}

// invisible says whether a character shows nothing and changes nothing in Latin
// text. The joiner and the variation selectors are kept, since emoji need them.
func invisible(r rune) bool {
	const joiner = '\u200d'
	return r != joiner && (unicode.Is(unicode.Cf, r) || unicode.IsControl(r))
}

// withoutMarks returns the letter below accents that the alphabet lacks, or the
// character itself.
func withoutMarks(r rune) string {
	var b strings.Builder
	for _, d := range norm.NFKD.String(string(r)) {
		switch plain, ok := plainForm[d]; {
		case septets(d) > 0:
			b.WriteRune(d)
		case ok:
			b.WriteString(plain)
		case !unicode.Is(unicode.Mn, d):
			return string(r)
		}
	}
	if b.Len() == 0 {
		return string(r)
	}
	return b.String()
}

// plainForm holds what Unicode's own decomposition does not give. It is never
// written.
var plainForm = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '‹': "'", '›': "'", '`': "'", '´': "'", 'ʼ': "'", '′': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '«': `"`, '»': `"`, '″': `"`,
	'•': "-", '·': "-", '−': "-", '▪': "-", '●': "-",
	'…': "...", '⁄': "/", '×': "x", '÷': "/", '≤': "<=", '≥': ">=",
	'º': "o", 'ª': "a", '°': "o", '¢': "c", '©': "(c)", '®': "(r)", '¬': "-", '¦': "|",
	'œ': "oe", 'Œ': "OE", 'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ð': "d", 'Ð': "D", 'þ': "th", 'Þ': "Th", 'ı': "i",
	'ʺ': `"`, 'ˮ': `"`, '❝': `"`, '❞': `"`, '〝': `"`, '〞': `"`, 'ʻ': "'", 'ʽ': "'", 'ʹ': "'", 'ˈ': "'", 'ˊ': "'", 'ˋ': "'", '❛': "'", '❜': "'",
	'∕': "/", '⧸': "/", '∗': "*", '⁎': "*", '✱': "*", '✲': "*", '∣': "|", '⏐': "|", '∼': "~", 'ˆ': "^", '⁃': "-", 'ː': ":", '꞉': ":",
	'。': ".", '、': ",", 'ǃ': "!", '❨': "(", '❩': ")", '❴': "{", '❵': "}",
	'ᴀ': "A", 'ʙ': "B", 'ᴄ': "C", 'ᴅ': "D", 'ᴇ': "E", 'ꜰ': "F", 'ɢ': "G", 'ʜ': "H", 'ɪ': "I", 'ᴊ': "J", 'ᴋ': "K", 'ʟ': "L", 'ᴍ': "M",
	'ɴ': "N", 'ᴏ': "O", 'ᴘ': "P", 'ʀ': "R", 'ꜱ': "S", 'ᴛ': "T", 'ᴜ': "U", 'ᴠ': "V", 'ᴡ': "W", 'ʏ': "Y", 'ᴢ': "Z", // how some write their names
	'\t': " ", '\v': "\n", '\u0085': "\n", '\u2028': "\n", '\u2029': "\n",
}
