package understand_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"valebot/internal/understand"
	"valebot/locales"
)

func shipped(t testing.TB) understand.Lexicon {
	t.Helper()
	lex, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		t.Fatal(err)
	}
	return lex
}

// known turns the corpus of answers and intents into samples.
func known(t testing.TB) []understand.Sample {
	t.Helper()
	var out []understand.Sample
	for _, s := range corpus(t, "si_no.txt") {
		a := map[string]understand.Answer{"plain": understand.Yes, "yes": understand.Yes, "no": understand.No}[s.label]
		out = append(out, understand.Sample{Text: s.text, Answer: a, Plain: s.label == "plain" || s.label == "no", Intent: "*"})
	}
	return out
}

func TestTeach(t *testing.T) {
	t.Parallel()
	lex := shipped(t)
	for name, test := range map[string]struct {
		taught  understand.Taught
		pattern string
	}{
		"a yes":             {understand.Taught{Text: "¡Cámara, te la Bañas!", Class: "assent", Counter: []string{"cámara de video", "te la bañaste con el cobro"}}, "= camara te la banas"},
		"a no":              {understand.Taught{Text: "ni aunque llueva para arriba", Class: "no", Counter: []string{"aunque llueva voy"}}, "= ni aunque llueva para arriba"},
		"an intent":         {understand.Taught{Text: "se me quemo la casa", Class: "cannot_pay", Counter: []string{"se me quemó la comida"}}, "= se me quemo la casa"},
		"with a number":     {understand.Taught{Text: "échame el 20", Class: "human", Counter: []string{"échame la mano"}}, "= echame el NUM"},
		"in one state only": {understand.Taught{Text: "puro fierro simona", Class: "assent", State: "SL", Counter: []string{"puro fierro viejo"}}, "= puro fierro simona"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := understand.Teach(lex, test.taught, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]understand.Conflict(nil), p.Conflicts); diff != "" {
				t.Errorf("conflicts (-want +got)\n%s", diff)
			}
			if got := p.Entry.Patterns[0].Value; got != test.pattern {
				t.Errorf("pattern %q, want %q", got, test.pattern)
			}
		})
	}
}

func TestTeachFindsConflicts(t *testing.T) {
	t.Parallel()
	lex, samples := shipped(t), known(t)
	for name, test := range map[string]struct {
		taught understand.Taught
		want   understand.Conflict
	}{
		"the opposite of the corpus": {understand.Taught{Text: "no gracias", Class: "assent"}, understand.Conflict{Text: "no gracias", Want: "no", Got: "yes"}},
		"its own counter-example":    {understand.Taught{Text: "puro jarabe", Class: "no", Counter: []string{"puro jarabe!"}}, understand.Conflict{Text: "puro jarabe!", Want: "not no", Got: "no"}},
		"a doubt that would move money": {understand.Taught{Text: "tal vez", Class: "accept"},
			understand.Conflict{Text: "tal vez", Want: "unclear", Got: "yes"}},
		"a greeting as a yes":         {understand.Taught{Text: "buenas noches", Class: "assent"}, understand.Conflict{Text: "buenas noches", Want: "intent greet", Got: "assent"}},
		"a complaint as a yes":        {understand.Taught{Text: "tengo una queja", Class: "yes"}, understand.Conflict{Text: "tengo una queja", Want: "intent complaint", Got: "yes"}},
		"a no as a yes, in no corpus": {understand.Taught{Text: "no para nada amigo", Class: "yes"}, understand.Conflict{Text: "no para nada amigo", Want: "no", Got: "yes"}},
		"a counter-example of the lexicon": {understand.Taught{Text: "hasta mañana", Class: "greet"},
			understand.Conflict{Text: "hasta mañana", Want: "greet", Got: "something else"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := understand.Teach(lex, test.taught, samples)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, c := range p.Conflicts {
				found = found || c == test.want
			}
			if !found {
				t.Errorf("%v is not among the conflicts %v", test.want, p.Conflicts)
			}
		})
	}
}

func TestTeachChecksIntents(t *testing.T) {
	t.Parallel()
	samples := []understand.Sample{{Text: "mañana le marco", Intent: "later"}, {Text: "uno dos tres", Intent: ""}}
	p, err := understand.Teach(shipped(t), understand.Taught{Text: "uno dos tres", Class: "human"}, samples)
	if err != nil {
		t.Fatal(err)
	}
	want := []understand.Conflict{{Text: "uno dos tres", Want: "intent ", Got: "intent human"}}
	if diff := cmp.Diff(want, p.Conflicts); diff != "" {
		t.Errorf("conflicts (-want +got)\n%s", diff)
	}
}

func TestTeachRefuses(t *testing.T) {
	t.Parallel()
	lex := shipped(t)
	for name, test := range map[string]struct {
		taught understand.Taught
		want   error
	}{
		"an unknown class":      {understand.Taught{Text: "sobres", Class: "maybe"}, understand.ErrTaughtClass},
		"nothing":               {understand.Taught{Text: " ¡! ", Class: "no"}, understand.ErrTaughtText},
		"one letter":            {understand.Taught{Text: "x", Class: "no"}, understand.ErrTaughtText},
		"look-alike letters":    {understand.Taught{Text: "\u0455\u0456 claro", Class: "yes"}, understand.ErrTaughtText},
		"a hidden rune":         {understand.Taught{Text: "cl\u200baro", Class: "yes"}, understand.ErrTaughtText},
		"a story":               {understand.Taught{Text: "fíjese que ayer fui al banco y no me quisieron dar nada", Class: "no"}, understand.ErrTaughtText},
		"only pictures":         {understand.Taught{Text: "🔥🔥", Class: "yes"}, understand.ErrTaughtText},
		"more than can be read": {understand.Taught{Text: strings.Repeat("a ", 4000), Class: "no"}, understand.ErrTaughtText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := understand.Teach(lex, test.taught, nil); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	if _, err := understand.Teach(lex, understand.Taught{Text: "arre lulu", Class: "assent", State: "XX"}, nil); err == nil {
		t.Error("an entry of no state was accepted")
	}
}

// TestTaughtEntryIsALexiconFile reads the proposal back as a file.
func TestTaughtEntryIsALexiconFile(t *testing.T) {
	t.Parallel()
	p, err := understand.Teach(shipped(t), understand.Taught{Text: `arre "Lulú"`, Class: "assent", State: "SL", Counter: []string{"arre burro"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	lex, err := understand.LoadLexicon(files("l.yaml", "answers:\n"+p.Entry.YAML()), ".")
	if err != nil {
		t.Fatalf("%v in\n%s", err, p.Entry.YAML())
	}
	got := lex.Entries[0]
	if got.Name.Value != "assent" || got.Patterns[0].Value != "= arre lulu" || got.States[0].Value != "SL" ||
		got.Examples[0].Value != `arre "Lulú"` || got.Counter[0].Value != "arre burro" {
		t.Errorf("got %+v", got)
	}
}
