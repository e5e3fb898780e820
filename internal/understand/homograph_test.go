package understand_test

import (
	"testing"

	"valebot/internal/understand"
)

// Without accents an order and a report look alike: "deposite" is both. None of
// them may move money.
func TestReportsWithoutAccentsAreNoOrders(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, verb := range []string{"deposite", "pague", "mande", "envie", "transferi", "pase", "abone", "liquide"} {
		for _, text := range []string{"ya " + verb, "ya lo " + verb, "ayer " + verb, "ya les " + verb, "ya " + verb + " gracias"} {
			if y := u.Read(text, monday()).YesNo(); y.Answer == understand.Yes && y.Plain {
				t.Errorf("%q is a plain yes", text)
			}
		}
	}
}

// "s" is a sí only where it stands for the whole answer or opens it.
func TestLoneLetterS(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"s":              "plain",
		"S":              "plain",
		"s gracias":      "plain",
		"s por favor":    "plain",
		"s acepto":       "plain",
		"q s eso":        "other",
		"como s llama":   "other",
		"s q no entendi": "other",
		"no s":           "other",
		"s m olvido":     "other",
		"n":              "no",
		"n gracias":      "no",
	} {
		if got := answerLabel(u.Read(text, monday()).YesNo()); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// A no with a number corrects what was asked more often than it refuses.
func TestNoWithANumberIsAskedAgain(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"no, el 1":            "other",
		"no, la 2":            "other",
		"no, 2000":            "other",
		"no, mejor 3 mil":     "other",
		"no a 6 quincenas":    "other",
		"no quiero 3 mil":     "no",
		"no acepto los 2000":  "no",
		"no":                  "no",
		"no, gracias":         "no",
		"no me interesan 100": "no",
	} {
		if got := answerLabel(u.Read(text, monday()).YesNo()); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// "Bueno" leans to yes; beside a doubt, a question or another soft yes it is asked
// again, and money never moves on it.
func TestBuenoMovesNothing(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"bueno":          "yes",
		"Bueno.":         "yes",
		"ah bueno":       "yes",
		"bueno gracias":  "yes",
		"¿bueno?":        "other",
		"bueno dale":     "other",
		"bueno pero":     "other",
		"bueno no":       "no",
		"bueno, acepto":  "plain",
		"pues bueno, sí": "plain",
		"bueno 2000":     "other",
		"bueno creo":     "other",
	} {
		if got := answerLabel(u.Read(text, monday()).YesNo()); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// An accent stands for the comma behind "sí", and for nothing inside a phrase.
func TestAccentAsAPause(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"sí yo soy la encargada":                  "yes",
		"si yo soy la encargada":                  "other",
		"me gustaría que me dieras un consejo":    "other",
		"me interesaría saber cómo está el clima": "other",
		"jamás lo haría":                          "no",
		"está bien padre la tienda":               "other",
	} {
		if got := answerLabel(u.Read(text, monday()).YesNo()); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
