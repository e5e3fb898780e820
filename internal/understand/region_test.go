package understand_test

import (
	"testing"

	"valebot/internal/understand"
)

// TestRegionalWords reads the same word where it is an answer, where it is none,
// and where nobody knows where the person lives.
func TestRegionalWords(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, test := range []struct{ text, state, want string }{
		{"ey", "JC", "plain"}, {"ey", "GT", "plain"}, {"ey", "YN", "other"}, {"ey", "", "other"}, {"ey", "XX", "other"}, {"ey", "Jalisco", "other"},
		{"ey pues", "MN", "plain"}, {"ey gracias", "JC", "plain"}, {"ey?", "JC", "other"}, {"ey pero mañana", "JC", "other"}, {"ey jajaja", "JC", "other"},
		{"ey que quieren", "JC", "other"}, {"no ey", "JC", "no"}, {"ey 2000", "JC", "other"},
		{"puro pa delante", "SL", "plain"}, {"puro pa delante", "DF", "other"}, {"arráncate", "SR", "plain"}, {"arráncate", "", "other"},
		{"ajúa", "NL", "plain"}, {"ajúa", "YN", "other"}, {"cabal", "CS", "plain"}, {"vaya pues", "TC", "plain"}, {"vaya", "NL", "other"}, {"cabal?", "CS", "other"},
		{"mare no", "YN", "no"}, {"nombe", "NL", "no"}, {"nombe", "JC", "other"},
		{"sí", "SL", "plain"}, {"sí", "ZZ", "plain"}, {"no", "YN", "no"},
	} {
		c := monday()
		c.State = test.state
		if got := answerLabel(u.Read(test.text, c).YesNo()); got != test.want {
			t.Errorf("%q in %q is %s, want %s", test.text, test.state, got, test.want)
		}
	}
}

// TestSpoiledRegionalYesIsNotPlain holds the words of every region against what
// spoils a yes.
func TestSpoiledRegionalYesIsNotPlain(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for state, words := range map[string][]string{
		"JC": {"ey", "ey pues"}, "SL": {"puro pa delante", "fierro pariente", "jálese"}, "NL": {"ajúa", "ahuevito"}, "CS": {"cabal", "vaya pues", "sí pues"},
	} {
		c := monday()
		c.State = state
		for _, word := range words {
			if y := u.Read(word, c).YesNo(); !y.Plain || y.Answer != understand.Yes {
				t.Errorf("%q in %s is %v (%s)", word, state, y.Answer, y.Why)
			}
			for _, s := range spoilers() {
				for _, text := range []string{word + " " + s, word + ", " + s, s + " " + word, s + ", " + word} {
					if y := u.Read(text, c).YesNo(); y.Plain && y.Answer == understand.Yes {
						t.Errorf("%q in %s is a plain yes", text, state)
					}
				}
			}
		}
	}
}

func TestRegionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ yaml, want string }{
		"no such state": {"answers:\n  - {name: \"yes\", states: [QQ], patterns: [x]}\n", `there is no state "QQ"`},
		"a name":        {"answers:\n  - {name: \"yes\", states: [Sinaloa], patterns: [x]}\n", `there is no state "Sinaloa"`},
		"not a list":    {"answers:\n  - {name: \"yes\", states: {a: b}, patterns: [x]}\n", "this must be a list of texts"},
		"small letters": {"answers:\n  - {name: \"yes\", states: [sl, jc], patterns: [x]}\n", ""},
	} {
		lex, err := understand.LoadLexicon(files("l.yaml", test.yaml), ".")
		if err == nil {
			_, err = understand.New(lex)
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q in it", name, err, test.want)
		}
	}
}
