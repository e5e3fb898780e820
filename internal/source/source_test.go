package source_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v4"

	"valebot/internal/source"
)

func TestReadNamesFilesAsPeopleDo(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"a/b.yaml": &fstest.MapFile{Data: []byte("x: 1\n")}}
	f, problems := source.Read(fsys, source.RootOf(fsys, "flows"), "a/b.yaml")
	if f.Name != "flows/a/b.yaml" || f.Root == nil || len(problems) > 0 {
		t.Errorf("%+v %v", f, problems)
	}
	if got := source.RootOf(rooted{fsys}, "flows"); got != "mine" {
		t.Errorf("the root is %q", got)
	}
}

type rooted struct{ fstest.MapFS }

func (rooted) Root() string { return "mine" }

func TestRefused(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
	for name, text := range map[string]string{
		"empty": "", "comment": "# nothing\n", "not YAML": "a: [", "tab": "a:\n\t- b\n", "alias": bomb, "not text": "a: \xff\xfe",
		"large": "a: " + strings.Repeat("x", source.MaxBytes),
	} {
		f, problems := source.Parse("f.yaml", []byte(text))
		if f.Root != nil || len(problems) != 1 {
			t.Errorf("%s: %d problems, root %v", name, len(problems), f.Root)
			continue
		}
		if p := problems[0]; p.Line < 1 || p.Col < 1 || p.Severity != source.Error || len(p.Text) > 300 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	large := fstest.MapFS{"a.yaml": &fstest.MapFile{Data: make([]byte, source.MaxBytes+1)}}
	for _, path := range []string{"a.yaml", "missing.yaml"} {
		if f, problems := source.Read(large, "", path); f.Root != nil || len(problems) != 1 || problems[0].Code != "file" {
			t.Errorf("%s: %v", path, problems)
		}
	}
}

// node finds the value of the only key of a one-line file.
func node(t *testing.T, text string) (source.File, *yaml.Node) {
	t.Helper()
	f, problems := source.Parse("f.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return f, f.Root.Content[1]
}

func TestUnderlines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`clave: valor`: "       |        ^~~~~\n", `clave: "va\"lor" # nota`: "       |        ^~~~~~~~~\n", `clave: 'va''lor'`: "       |        ^~~~~~~~~\n",
		`año: ñandú`: "       |      ^~~~~\n", `clave: [a, b]`: "       |        ^\n", `clave: {a: b}`: "       |        ^\n",
	} {
		f, n := node(t, text)
		var b strings.Builder
		if err := f.At(n, "code", "text").Print(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(b.String(), "     1 | "+text+"\n"+want) {
			t.Errorf("%s is printed as\n%s", text, b.String())
		}
	}
}

func TestInside(t *testing.T) {
	t.Parallel()
	f, n := node(t, "if: a + bad")
	if p := f.Inside(n, 4, 3, "c", "t"); p.Col != 9 || p.End != 12 {
		t.Errorf("plain: %+v", p)
	}
	f, n = node(t, `if: "a + bad"`)
	if p := f.Inside(n, 4, 3, "c", "t"); p.Col != 10 || p.End != 13 {
		t.Errorf("quoted: %+v", p)
	}
	f, n = node(t, "if: |\n  a + bad\n")
	if p := f.Inside(n, 4, 3, "c", "t"); p.Col != 5 {
		t.Errorf("block: %+v", p)
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	p := source.Problem{File: "f.yaml", Line: 3, Col: 2, End: 4, Severity: source.Warning, Code: "code", Text: "text", Suggestion: `did you mean "x"?`}
	if got := p.String(); got != `f.yaml:3:2: warning: text; did you mean "x"? [code]` {
		t.Error(got)
	}
	var b strings.Builder
	p.Source = strings.Repeat("ñ", 500)
	if err := p.Print(&b); err != nil || len([]rune(b.String())) > 400 {
		t.Errorf("a long line is printed whole: %d characters, %v", len([]rune(b.String())), err)
	}
}

func TestSortAndCount(t *testing.T) {
	t.Parallel()
	ps := []source.Problem{{File: "b", Line: 1, Severity: source.Error}, {File: "a", Line: 2, Col: 9}, {File: "a", Line: 2, Col: 3, Severity: source.Error}}
	source.Sort(ps)
	if ps[0].Col != 3 || ps[2].File != "b" || source.Errors(ps) != 2 {
		t.Error(ps)
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	names := []string{"oferta", "forma", "identidad", "fin", "motivo"}
	for word, want := range map[string]string{
		"identidda": "identidad", "froma": "forma", "ofreta": "oferta", "fn": "fin", "motvio": "motivo", "xyz": "", "": "", "identificacion": "",
	} {
		got := source.DidYouMean(word, names)
		if want != "" {
			want = `did you mean "` + want + `"?`
		}
		if got != want {
			t.Errorf("DidYouMean(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a: {b: [c, 'd']}\n"))
	f.Add([]byte("a: &x\n- *x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, problems := source.Parse("f", data)
		if (file.Root == nil) == (len(problems) == 0) {
			t.Errorf("root %v with %d problems", file.Root, len(problems))
		}
	})
}
