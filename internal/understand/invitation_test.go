package understand_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/understand"
)

func TestInvitation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"AMIGA-7FK3Q2":                       "AMIGA-7FK3Q2",
		"HOLA AMIGA-7FK3Q2":                  "AMIGA-7FK3Q2",
		"hola, amiga 7fk3q2.":                "AMIGA-7FK3Q2",
		"amiga7fk3q2":                        "AMIGA-7FK3Q2",
		"Hola Amiga – 7fk3q2 me la paso Ana": "AMIGA-7FK3Q2",
		"*AMIGA_7FK3Q2*":                     "AMIGA-7FK3Q2",
		"amiga: 7FK3":                        "AMIGA-7FK3", // a slip
		"hola amiga amiga-7fk3q2":            "AMIGA-7FK3Q2",

		"":                            "",
		"hola amiga":                  "",
		"hola amiga gracias":          "",
		"amiga 667123":                "", // a number and nothing else
		"amiga 6671234567":            "",
		"amiga ya te pague 3 mil":     "",
		"mi amigas 7fk3q2":            "",
		"7FK3Q2":                      "",
		"amiga 7fk3q2xyzw":            "",
		"amigà 7fk3q2":                "",
		strings.Repeat("amiga ", 2e3): "",
	} {
		got, ok := understand.Invitation(text)
		if got != want || ok != (want != "") {
			t.Errorf("%.40q: %q, %t", text, got, ok)
		}
	}
}

// However a word is written around, it is found; and what is found is always a
// word that is found again.
func TestInvitationIsFoundInAnyDress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rest := rapid.StringMatching(`[2-9][A-HJ-NP-Z][2-9A-HJ-NP-Z]{4}`).Draw(t, "word")
		dress := rapid.SampledFrom([]string{"%", "hola %", "HOLA, %!", "¿% ?", "(%)", "me dieron %, gracias"}).Draw(t, "dress")
		between := rapid.SampledFrom([]string{"-", " ", "", "–", " - ", "_", "."}).Draw(t, "between")
		word := "AMIGA" + between + rest
		if rapid.Bool().Draw(t, "small") {
			word = strings.ToLower(word)
		}
		got, ok := understand.Invitation(strings.Replace(dress, "%", word, 1))
		if !ok || got != "AMIGA-"+rest {
			t.Fatalf("%q: %q", word, got)
		}
	})
}

func FuzzInvitation(f *testing.F) {
	f.Add("HOLA AMIGA-7FK3Q2")
	f.Add("amiga amiga 7fk3q2 ñ\xff")
	f.Fuzz(func(t *testing.T, text string) {
		word, ok := understand.Invitation(text)
		if again, found := understand.Invitation(word); ok && (!found || again != word) {
			t.Errorf("%q gives %q, which gives %q", text, word, again)
		}
	})
}
