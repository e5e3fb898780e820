package gsm7_test

import (
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/gsm7"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Tu código de retiro es 4821":  "Tu codigo de retiro es 4821",
		"áéíóú ÁÉÍÓÚ":                  "aéiou AÉIOU",
		"Muñoz, Begoña y Agüero ¿sí?":  "Muñoz, Begoña y Agüero ¿si?",
		"ÑÜñü¿¡éÉ":                     "ÑÜñü¿¡éÉ",
		"n\u0303 e\u0301 o\u0301":      "ñ é o",
		"“Vale” ‘ya’ «hoy» it’s":       `"Vale" 'ya' "hoy" it's`,
		"uno – dos — tres‐cuatro−5":    "uno - dos - tres-cuatro-5",
		"espera… 1\u00a0500\u202f000":  "espera... 1 500 000",
		"a\tb\u200bc\ufeffd\u00ad\x00": "a bcd",
		"• primero · segundo":          "- primero - segundo",
		"1ª y 2º, 20°, ½":              "1a y 2o, 20o, 1/2",
		"façade Çelik çã Žižek":        "facade Çelik ca Zizek",
		"Łódź œuvre ﬁn":                "Lodz oeuvre fin",
		"ＡＢＣ１２３":                       "ABC123",
		"línea\u2028otra":              "linea\notra",
		"ñ\u0302":                      "ñ",
		"€ [x] {y}":                    "€ [x] {y}",
		"ᴍᴀʀɪᴀ 𝓛𝓾𝓹𝓲𝓽𝓪 ❝ʟᴇ❞":            `MARIA Lupita "LE"`,
		"Gracias 😀👍🏽":                  "Gracias 😀👍🏽",
		"Привет":                       "Привет",
		"":                             "",
	} {
		if got := gsm7.Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}

// Every letter and mark that occurs in Spanish names is in the alphabet after folding.
func TestFoldedSpanishIsGSM7(t *testing.T) {
	t.Parallel()
	const all = "abcdefghijklmnñopqrstuvwxyzáéíóúüàèìòùâêîôûãõçABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚÜÇ0123456789" +
		"¿¡!?.,;:-–—()\"'“”‘’«»…/@#$%&*+=<>ºª°·•\t \u00a0€£"
	if m := gsm7.Count(gsm7.Fold(all)); m.Encoding != gsm7.GSM7 {
		t.Errorf("left over: %v", m.Offending)
	}
}

func checkFold(t interface{ Fatalf(string, ...any) }, text string) {
	folded := gsm7.Fold(text)
	if again := gsm7.Fold(folded); again != folded {
		t.Fatalf("Fold(%q) = %q, folded again %q", text, folded, again)
	}
	if _, err := gsm7.Encode(text); err == nil && folded != text {
		t.Fatalf("Fold changed %q, which is GSM-7, to %q", text, folded)
	}
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkFold(t, rapid.OneOf(spanish(), rapid.String()).Draw(t, "text"))
	})
}
