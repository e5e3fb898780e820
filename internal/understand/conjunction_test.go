package understand_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/understand"
)

const joined = "common: [casa, perro, hoy]\nintents:\n  - {name: pedido, patterns: [\"(quiero|busco) & (un asesor|gente) & hablar!\"], unless: [\"ayer & gente\"]}\n"

// The parts of a conjunction hold in any order within one sentence, not across
// sentences, and not when one is missing.
func TestConjunctionHoldsInAnyOrder(t *testing.T) {
	t.Parallel()
	_, u := small(t, joined)
	for text, want := range map[string]bool{
		"quiero hablar con gente":                    true,
		"con gente quiero hablar":                    true,
		"hablen conmigo, busco un asesor":            true,
		"un asesor es lo que busco, para hablar":     true,
		"quiero hablar":                              false,
		"gente, gente, gente":                        false,
		"quiero gente":                               false,
		"quiero un asesor. hablar":                   false,
		"busco casa. quiero hablar con gente":        true,
		"quiero casa. hablar con gente":              false,
		"ayer quiero hablar con gente":               false,
		"un perro busco, hablar de un asesor":        true,
		"un perro que busco, hablar del otro asesor": false,
	} {
		if got := u.Read(text, monday()).Has("pedido"); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// Parts that stand too far apart are two remarks.
func TestConjunctionReach(t *testing.T) {
	t.Parallel()
	_, u := small(t, joined)
	for words, want := range map[int]bool{0: true, 8: true, 40: false} {
		text := "quiero hablar " + strings.Repeat("casa ", words) + "gente"
		if got := u.Read(text, monday()).Has("pedido"); got != want {
			t.Errorf("%d words apart: %v, want %v", words, got, want)
		}
	}
	// What came before and was too far does not spoil what comes near.
	text := "quiero " + strings.Repeat("casa ", 40) + "quiero hablar con gente"
	if !u.Read(text, monday()).Has("pedido") {
		t.Error("a part far before hides the conjunction")
	}
}

// The words that carried it run from the first part to the last.
func TestConjunctionTellsItsWords(t *testing.T) {
	t.Parallel()
	_, u := small(t, joined)
	all := u.Read("hoy con gente quiero hablar en casa", monday()).Intents()
	if len(all) != 1 || all[0].Words != "gente quiero hablar" {
		t.Errorf("%+v", all)
	}
}

func TestConjunctionIsLinted(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"intents:\n  - {name: a, patterns: [\"= si & no\"]}\n":                    "without = ^ or $",
		"intents:\n  - {name: a, patterns: [\"si & no $\"]}\n":                    "without = ^ or $",
		"intents:\n  - {name: a, patterns: [\"si & \"]}\n":                        "not optional",
		"intents:\n  - {name: a, patterns: [\"a & e & o & u & y\"]}\n":            "parts in one",
		"answers:\n  - {name: \"yes\", patterns: [\"acepto & trato\"]}\n":         "one phrase",
		"intents:\n  - {name: a, patterns: [\"(si|no & talvez)\"]}\n":             "missing",
		"intents:\n  - {name: a, patterns: [\"si [no] & vamos\"]}\n":              "",
		"intents:\n  - {name: a, patterns: [\"si\"], unless: [\"no & jamas\"]}\n": "",
	} {
		lex, err := understand.LoadLexicon(files("l.yaml", doc), ".")
		if err == nil {
			_, err = understand.New(lex)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", doc, err, want)
		}
	}
}

// Any order of the three parts, with or without words between them, holds; any
// two of them alone do not.
func TestConjunctionProperty(t *testing.T) {
	t.Parallel()
	_, u := small(t, joined)
	parts := []string{"quiero", "gente", "hablar"}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(parts).Draw(t, "order")
		n := rapid.IntRange(2, 3).Draw(t, "n")
		filler := strings.Repeat(" casa", rapid.IntRange(0, 3).Draw(t, "filler")) + " "
		text := strings.Join(order[:n], filler)
		if got := u.Read(text, understand.Context{}).Has("pedido"); got != (n == 3) {
			t.Fatalf("%q: %v", text, got)
		}
	})
}

// Two intents of one clause that are nearly as sure: the longer counts, then the
// first; a farewell in a clause of its own counts before thanks.
func TestCourtesiesOfOneClause(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"gracias adiós":                       "thanks",
		"ok gracias bye":                      "thanks",
		"muchas gracias, hasta luego":         "goodbye",
		"gracias por todo, adiós":             "goodbye",
		"gracias que tenga bonito día":        "goodbye",
		"hablamos luego, gracias":             "goodbye",
		"quiero acabar esta plática, gracias": "goodbye",
		"mil gracias señorita":                "thanks",
	} {
		all := u.Read(text, monday()).Intents()
		if len(all) == 0 || all[0].Name != want {
			t.Errorf("%q is %v, want %s", text, all, want)
		}
	}
}
