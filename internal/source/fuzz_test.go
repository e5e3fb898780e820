package source_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"valebot/internal/source"
)

// Whatever is in a file, every node of it can be shown with its place: no panic,
// no line or column before the first, and no more text than a screen holds.
func FuzzShow(f *testing.F) {
	for _, text := range []string{
		"a: {b: [c, 'd']}\n", "año: \"ñ\\\"x\" # n\n", "a: |\n  uno\n  dos\n", "a: >-\n  uno\n", "? [x]\n: 'it''s'\n", "a: \"uno\n  dos\"\r\nb: 2\r\n",
		"\ufeffa: 1\n", "a:\n\n\n", "a: &x 1\nb: *x\n", "- - - -\n", "a: !!binary x\n", "%YAML 1.2\n---\na: 1\n...\n", "a: '\u2028'\n",
	} {
		f.Add([]byte(text), 0, 1)
	}
	f.Add([]byte("if: a + bad"), 400, -3)
	f.Add([]byte(strings.Repeat("x", 1634)), 31, 1)
	f.Fuzz(func(t *testing.T, data []byte, offset, width int) {
		file, problems := source.Parse("f.yaml", data)
		for _, p := range problems {
			show(t, p)
		}
		if file.Root != nil {
			showAll(t, file, file.Root, offset%1000, width%1000)
		}
	})
}

func showAll(t *testing.T, f source.File, n *yaml.Node, offset, width int) {
	t.Helper()
	show(t, f.At(n, "code", "text"))
	show(t, f.Inside(n, max(0, offset), width, "code", "text"))
	for _, c := range n.Content {
		showAll(t, f, c, offset, width)
	}
}

// maxPrinted bounds what a problem takes on a screen, in characters: the
// message, a line cut short, and the marks below it.
const maxPrinted = 1000

func show(t *testing.T, p source.Problem) {
	t.Helper()
	if p.Line < 1 || p.Col < 1 {
		t.Fatalf("a place before the first: %+v", p)
	}
	var b strings.Builder
	if err := p.Print(&b); err != nil {
		t.Fatal(err)
	}
	if n := utf8.RuneCountInString(b.String()); n > maxPrinted+len(p.Text) {
		t.Fatalf("%d characters are printed:\n%s", n, b.String())
	}
}

// A place far to the right is shown with what is around it.
func TestPrintFarToTheRight(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1000) + "ERROR" + strings.Repeat("z", 1000)
	p := source.Problem{File: "f", Line: 1, Col: 1001, End: 1006, Severity: source.Error, Code: "c", Text: "t", Source: long}
	var b strings.Builder
	if err := p.Print(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	at := strings.Index(lines[1], "ERROR") - len("…") + 1 // in characters
	if mark := strings.Repeat(" ", at-len("       | ")) + "^~~~~"; lines[2] != "       | "+mark || at > 200 {
		t.Errorf("printed as\n%s", b.String())
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("identidda", "identidad forma fin")
	f.Add("", "")
	f.Add("\xff", "a \xfe")
	f.Fuzz(func(t *testing.T, word, list string) {
		names := strings.Fields(list)
		near := source.Nearest(word, names)
		if near == "" {
			return
		}
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+near+" ") {
			t.Errorf("%q is none of %q", near, names)
		}
	})
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ word, names, want string }{
		{"frma", "forma firma", "firma"}, // both are as near: the first in order counts
		{"forma", "firma forma", "forma"},
		{"nada", "forma", ""},
		{"nada", "", ""},
		{"xx", "yy", ""},
	} {
		if got := source.Nearest(c.word, strings.Fields(c.names)); got != c.want {
			t.Errorf("Nearest(%q, %q) = %q, want %q", c.word, c.names, got, c.want)
		}
	}
}

// Names are shown so that an editor finds them.
func TestNamesKeepTheirRoot(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"a/b.yaml": {Data: []byte("x: 1\n")}}
	for root, want := range map[string]string{"": "a/b.yaml", "flows": "flows/a/b.yaml", "/srv/flows": "/srv/flows/a/b.yaml", "../flows/": "../flows/a/b.yaml"} {
		if f, _ := source.Read(fsys, root, "a/b.yaml"); f.Name != want {
			t.Errorf("under %q the file is %q, want %q", root, f.Name, want)
		}
	}
}
