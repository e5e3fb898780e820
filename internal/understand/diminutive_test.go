package understand_test

import "testing"

// Mexicans make any word small or great; it means what it meant.
func TestDiminutives(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"clarito":              "plain",
		"segurísimo":           "plain",
		"sí, graciecitas":      "other", // no word that is known
		"mañanita":             "other",
		"ando apretadita":      "cannot_pay",
		"ya di el paguito":     "already_paid",
		"no tengo dinerito":    "cannot_pay",
		"eres un tontísimo":    "insult",
		"cuánto es mi saldito": "balance",
		"sí, favorito":         "other", // "favorito" is no small favour
	} {
		r := u.Read(text, monday())
		got := answerLabel(r.YesNo())
		if all := r.Intents(); len(all) > 0 {
			got = all[0].Name
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
