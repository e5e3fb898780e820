package understand

import (
	"strings"
	"testing"

	"valebot/locales"
)

func compileShipped(t testing.TB) *Understander {
	t.Helper()
	lex, err := LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		t.Fatal(err)
	}
	u, err := New(lex)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// heaviest returns the word that begins most sequences, and how many.
func heaviest(u *Understander) (string, int) {
	best := 0
	for id, list := range u.match.byWord {
		if len(list) > len(u.match.byWord[best]) {
			best = id
		}
	}
	return u.words.names[best], len(u.match.byWord[best])
}

// TestWorkIsBounded counts the sequences that a message is held against: never
// more than the words that are read times those of the heaviest word, however
// long the message is.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	u := compileShipped(t)
	word, most := heaviest(u)
	most += len(u.match.byNumber)
	for name, text := range map[string]string{
		"heaviest word": strings.Repeat(word+" ", 2000),
		"yes":           strings.Repeat("si ", 534),
		"no me":         strings.Repeat("no me ", 300),
		"numbers":       strings.Repeat("mil ", 400),
		"digits":        strings.Repeat("7 ", 800),
		"one word":      strings.Repeat("a", 1600),
		"unknown":       strings.Repeat("zxqw ", 320),
		"no blanks":     strings.Repeat("noquiero", 200),
		"emoji":         strings.Repeat("👍", 400),
	} {
		r := u.Read(text, Context{})
		if r.tok.count > maxTokens {
			t.Errorf("%s: %d words were read", name, r.tok.count)
		}
		if limit := r.tok.count * most; r.tried > limit {
			t.Errorf("%s: %d sequences were tried, more than %d", name, r.tried, limit)
		}
	}
}

// TestWorkGrowsWithTheMessage doubles a message: the work at most doubles.
func TestWorkGrowsWithTheMessage(t *testing.T) {
	t.Parallel()
	u := compileShipped(t)
	for _, unit := range []string{"no quiero que me manden ", "ya le pague el viernes ", "si acepto ", "la 2 de 3 mil "} {
		once, twice := u.Read(strings.Repeat(unit, 5), Context{}), u.Read(strings.Repeat(unit, 10), Context{})
		if twice.tried > 2*once.tried {
			t.Errorf("%q: %d sequences for 5, %d for 10", unit, once.tried, twice.tried)
		}
	}
}

// TestTokensOfAMessage holds how a text is cut.
func TestTokensOfAMessage(t *testing.T) {
	t.Parallel()
	u := compileShipped(t)
	for text, want := range map[string][2]int{ // all pieces, words
		"": {0, 0}, "si": {1, 1}, "si, gracias": {3, 2}, "3 mil": {2, 2}, "3mil": {2, 2}, "$3,000.50": {2, 1}, "👍🏽": {1, 1}, "👍👍": {1, 1},
		"porfa": {2, 2}, "xfa!!!": {3, 2}, "¿sí?": {3, 1}, "a\u0301": {1, 1}, "si\u200b": {1, 1}, "10:30": {3, 2}, "6️⃣": {1, 1},
	} {
		r := u.Read(text, Context{})
		if got := [2]int{r.tok.n, r.tok.count}; got != want {
			t.Errorf("%q is %v pieces and words, want %v", text, got, want)
		}
	}
}

func TestFoldRune(t *testing.T) {
	t.Parallel()
	for r, want := range map[rune]struct {
		class  runeClass
		folded byte
	}{
		'a': {classLetter, 'a'}, 'Z': {classLetter, 'z'}, 'á': {classLetter, 'a'}, 'Ñ': {classLetter, 'n'}, 'ü': {classLetter, 'u'}, 'ß': {classLetter, 's'},
		'0': {classDigit, '0'}, ' ': {classSpace, 0}, '\t': {classSpace, 0}, '\n': {classMark, '\n'}, '¿': {classMark, '?'}, '“': {classMark, '"'}, '’': {classMark, '\''},
		'…': {classMark, '.'}, '—': {classMark, '-'}, 'º': {classMark, 'o'}, '½': {classMark, 'h'}, '\u0301': {classCombining, 0}, '\u200d': {classJoiner, 0},
		'\ufe0f': {classJoiner, 0}, '\u202e': {classOverride, 0}, '\u2067': {classOverride, 0}, 'ѕ': {classForeign, 0}, 'ο': {classForeign, 0}, 'ａ': {classForeign, 0},
		'你': {classForeign, 0}, '👍': {classSymbol, 0}, '×': {classSymbol, 0}, '\ufffd': {classForeign, 0},
	} {
		class, folded, _ := foldRune(r)
		if class != want.class || class == classLetter && folded != want.folded {
			t.Errorf("%q is class %d %q, want %d %q", r, class, folded, want.class, want.folded)
		}
	}
}
