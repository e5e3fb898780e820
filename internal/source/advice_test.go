package source_test

import (
	"fmt"
	"strings"
	"testing"

	"valebot/internal/source"
)

// What people write wrong most often is told on the line where they wrote it,
// with the mend, though the parser notices some of it a line later.
func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, place, advice string
	}{
		{"a:\n\tb: 1\n", "2:1", "write spaces"},
		{"a:\n   b: 1\n    c: 2\n    d: 3\n", "2:4", "begin in the same column"},
		{"a:\n    b: 1\n   c: 2\n", "3:4", "begin in the same column"},
		{"a:\n  b 1\n  c: 2\n", "2:3", "a colon and a space"},
		{"a:\n  b:1\n  c: 2\n", "2:3", "a colon and a space"},
		{"a: {b: 1\nc: 2\n", "1:1", "not closed with }"},
		{"a:\n  - [1, 2\n  - 3\n", "2:3", "not closed with ]"},
		{"a: dice: algo\n", "1:8", "stands in quotes"},
		{"a: \"uno\nb: dos\n", "1:4", "a quote in this line is not closed"},
		{"a: \"ñ\"\nb: \"ñ\" \"\nc: 1\n", "2:8", "a quote in this line"},
	} {
		_, problems := source.Parse("f.yaml", []byte(c.text))
		if len(problems) != 1 {
			t.Errorf("%q: %v", c.text, problems)
			continue
		}
		p := problems[0]
		if got := fmt.Sprintf("%d:%d", p.Line, p.Col); !strings.Contains(p.Suggestion, c.advice) || got != c.place {
			t.Errorf("%q: %s, want it at %s with %q", c.text, p, c.place, c.advice)
		}
		if want := strings.Split(c.text, "\n")[p.Line-1]; p.Source != want {
			t.Errorf("%q: shows %q, want %q", c.text, p.Source, want)
		}
	}
}

// A line too long for a screen is not measured for every mistake in it.
func TestEndlessLine(t *testing.T) {
	t.Parallel()
	text := "a: [" + strings.Repeat("uno, ", 4000) + "dos]\n"
	f, problems := source.Parse("f.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	items := f.Root.Content[1].Content
	if p := f.At(items[len(items)-1], "c", "t"); p.End != p.Col+1 || p.Col != strings.Index(text, "dos")+1 {
		t.Errorf("%d to %d", p.Col, p.End)
	}
}
