package understand_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"valebot/internal/understand"
	"valebot/locales"
)

// spanish compiles the lexicon that ships with the product.
func spanish(t testing.TB) *understand.Understander {
	t.Helper()
	u, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// compiled compiles once for all tests, which only read from it.
var compiled = sync.OnceValues(func() (*understand.Understander, error) {
	lex, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		return nil, err
	}
	return understand.New(lex)
})

func TestShippedLexiconCompiles(t *testing.T) {
	t.Parallel()
	spanish(t)
}

// files is a folder with one file.
func files(name, data string) fstest.MapFS {
	return fstest.MapFS{name: {Data: []byte(data)}}
}

func TestLexiconRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ yaml, want string }{
		"unknown key":          {"intentz: []\n", `l.yaml:1:1: "intentz" is not a key of a lexicon file`},
		"key twice":            {"about: a\nabout: b\n", `about`},
		"entry key":            {"intents:\n  - name: a\n    pattern: [b]\n", `l.yaml:3:5: "pattern" is not a key of an entry`},
		"no patterns":          {"intents:\n  - name: a\n", "l.yaml:2:5: an entry needs a name and patterns"},
		"entries not a list":   {"intents: {a: b}\n", "l.yaml:1:10: this must be a list of entries"},
		"texts not a list":     {"common: {a: b}\n", "l.yaml:1:9: this must be a list of texts"},
		"empty text":           {"common: ['']\n", "l.yaml:1:10: this must be a text"},
		"score":                {"intents:\n  - {name: a, score: 101, patterns: [b]}\n", "l.yaml:2:22: score must be a whole number from 1 to 100"},
		"class twice":          {"classes: {a: [b]}\n", ""},
		"not yaml":             {"a: [", "l.yaml"},
		"unknown class":        {"intents:\n  - {name: a, patterns: ['x <nada>']}\n", `l.yaml:2:26: there is no class "nada"`},
		"open bracket":         {"intents:\n  - {name: a, patterns: ['x (y|z']}\n", `l.yaml:2:26: ")" is missing`},
		"stray bracket":        {"intents:\n  - {name: a, patterns: ['x ) y']}\n", `l.yaml:2:26: ")" is out of place`},
		"not a word":           {"intents:\n  - {name: a, patterns: ['x 404']}\n", `l.yaml:2:26: "404" is not a word`},
		"begins with a gap":    {"intents:\n  - {name: a, patterns: ['* x']}\n", "must begin and end with a word"},
		"ends with a gap":      {"intents:\n  - {name: a, patterns: ['x *']}\n", "must begin and end with a word"},
		"only optional":        {"intents:\n  - {name: a, patterns: ['[x]']}\n", "must begin and end with a word"},
		"unknown role":         {"answers:\n  - {name: maybe, patterns: [x]}\n", `l.yaml:2:12: there is no answer role "maybe"`},
		"no infinitive":        {"intents:\n  - {name: a, patterns: ['x casa+']}\n", `l.yaml:2:26: "casa" is no infinitive`},
		"no wish":              {"intents:\n  - {name: a, patterns: ['x calor!']}\n", `l.yaml:2:26: "calor" is no infinitive`},
		"respelling of a word": {"respell: {si: que}\n", `l.yaml:1:11: "si" is already a word of its own`},
		"respelling not word":  {"respell: {a1: que}\n", `"a1" is not a word`},
		"respelling too long":  {"respell: {abc: uno dos tres cuatro cinco}\n", "must be one to 4 words"},
		"too many forms":       {"intents:\n  - {name: a, patterns: ['(a b|c d|e f|g h|i j) (a b|c d|e f|g h|i j) (a b|c d|e f|g h|i j) (a b|c d|e f|g h|i j) (a b|c d|e f|g h|i j)']}\n", "more than 2000 forms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lex, err := understand.LoadLexicon(files("l.yaml", test.yaml), ".")
			if err == nil {
				_, err = understand.New(lex)
			}
			if got := fmt.Sprint(err); test.want != "" && !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
}

func TestLexiconNeedsFiles(t *testing.T) {
	t.Parallel()
	_, err := understand.LoadLexicon(fstest.MapFS{}, "es-MX/lexicon")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}

func TestClassTwiceNamesBothPlaces(t *testing.T) {
	t.Parallel()
	_, err := understand.LoadLexicon(fstest.MapFS{
		"a.yaml": {Data: []byte("classes: {x: [y]}\n")},
		"b.yaml": {Data: []byte("classes: {x: [z]}\n")},
	}, ".")
	if want := `b.yaml:1:11: class "x" is already at a.yaml:1:11`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// small compiles a lexicon of one file.
func small(t *testing.T, data string) (understand.Lexicon, *understand.Understander) {
	t.Helper()
	lex, err := understand.LoadLexicon(files("l.yaml", data), ".")
	if err != nil {
		t.Fatal(err)
	}
	u, err := understand.New(lex)
	if err != nil {
		t.Fatal(err)
	}
	return lex, u
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for pattern, test := range map[string]struct{ yes, no []string }{
		"hola mundo":      {[]string{"hola mundo", "Hola, mundo", "oye hola mundo bello"}, []string{"hola", "mundo hola", "hola. mundo", "hola gran mundo"}},
		"ve (a|al rio) x": {[]string{"ve a x", "ve al rio x"}, []string{"ve x", "ve al x"}},
		"ve [ya] x":       {[]string{"ve ya x", "ve x"}, []string{"ve tu x"}},
		"[ya] ve x":       {[]string{"ya ve x", "ve x"}, []string{"ya x"}},
		"ve * x":          {[]string{"ve x", "ve uno dos tres x"}, []string{"ve uno dos tres cuatro x", "ve uno. x"}},
		"ve NUM x":        {[]string{"ve 3 x", "ve tres x", "ve 1,500 x"}, []string{"ve x", "ve una x"}},
		"= ve x":          {[]string{"ve x", "por favor ve x"}, []string{"ve x mundo"}},
		"^ ve x":          {[]string{"ve x", "oye, ve x"}, []string{"oye ve x"}},
		"ve x $":          {[]string{"oye ve x", "ve x, oye"}, []string{"ve x oye"}},
		"<cosas> x":       {[]string{"pan x", "agua fria x"}, []string{"agua x", "x"}},
	} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			_, u := small(t, "classes: {cosas: [pan, agua fria]}\nanswers:\n  - {name: filler, patterns: [por favor]}\nintents:\n  - {name: it, patterns: ['"+pattern+"']}\n")
			for _, text := range test.yes {
				if r := u.Read(text, monday()); !r.Has("it") {
					t.Errorf("%q does not match", text)
				}
			}
			for _, text := range test.no {
				if r := u.Read(text, monday()); r.Has("it") {
					t.Errorf("%q matches", text)
				}
			}
		})
	}
}

func TestUnlessTakesTheIntentAway(t *testing.T) {
	t.Parallel()
	_, u := small(t, "intents:\n  - {name: baja, patterns: [dar de baja], unless: [ya me]}\n")
	if r := u.Read("quiero dar de baja", monday()); !r.Has("baja") {
		t.Error("the intent is missing")
	}
	if r := u.Read("ya me van a dar de baja", monday()); r.Has("baja") {
		t.Error("the exception did not count")
	}
}

func TestCheckNamesWrongExamples(t *testing.T) {
	t.Parallel()
	lex, u := small(t, "intents:\n  - {name: baja, patterns: [darme de baja], examples: [quiero darme de baja, adiós], counter: [presión baja, no quiero darme de baja]}\n")
	var got []string
	for _, err := range u.Check(lex) {
		got = append(got, err.Error())
	}
	want := []string{
		`l.yaml:2:78: the example "adiós" is not read as baja`,
		`l.yaml:2:110: the counter-example "no quiero darme de baja" is read as baja`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestShippedLexiconKeepsItsExamples(t *testing.T) {
	t.Parallel()
	lex, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range spanish(t).Check(lex) {
		t.Error(err)
	}
}

// An entry says what it means by examples, and where it ends by counter-examples.
// An entry of one name may stand in several files: one of them must say so.
func TestShippedLexiconSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	lex, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		t.Fatal(err)
	}
	examples, counter := map[string]int{}, map[string]int{}
	for _, e := range lex.Entries {
		examples[e.Name.Value] += len(e.Examples)
		counter[e.Name.Value] += len(e.Counter)
		if len(e.States) > 0 && (len(e.Examples) == 0 || len(e.Counter) == 0) {
			t.Errorf("%s: %s of some states lacks examples or counter-examples", e.Name.At, e.Name.Value)
		}
	}
	for name, n := range examples {
		if n == 0 || counter[name] == 0 {
			t.Errorf("%s has %d examples and %d counter-examples", name, n, counter[name])
		}
	}
}
