package understand_test

import (
	"testing"

	"valebot/internal/understand"
	"valebot/locales"
)

// spanish compiles the lexicon that ships with the product.
func spanish(t testing.TB) *understand.Understander {
	t.Helper()
	lex, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		t.Fatal(err)
	}
	u, err := understand.New(lex)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestShippedLexiconCompiles(t *testing.T) {
	t.Parallel()
	spanish(t)
}
