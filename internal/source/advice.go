package source

import (
	"regexp"
	"strings"
)

var (
	keyAlone  = regexp.MustCompile(`^\s*(- )?[\w.]+(:\S.*|\s.*)?$`)
	twoColons = regexp.MustCompile(`^\s*(- )?[\w.]+:\s+[^"'{\[].*: `)
)

// advise says how to mend what the parser stopped at, and moves the place to the
// line that is wrong where the parser noticed it a line later.
func (f File) advise(p *Problem) {
	switch {
	case strings.Contains(p.Text, "cannot start any token") && strings.Contains(f.Line(p.Line), "\t"):
		p.Suggestion = "there is a tab in this line; write spaces"
	case strings.Contains(p.Text, "mapping values are not allowed") && twoColons.MatchString(f.Line(p.Line)):
		p.Suggestion = "a text with a colon in it stands in quotes"
	case strings.Contains(p.Text, "mapping values are not allowed") && f.bare(p.Line-1) && width(f.Line(p.Line-1)) == width(f.Line(p.Line)):
		p.Line--
		f.before(p, keyAlone.MatchString, afterKey)
	case strings.Contains(p.Text, "mapping values are not allowed"), strings.Contains(p.Text, "did not find expected key"):
		f.indented(p)
	case strings.Contains(p.Text, "could not find expected ':'"):
		f.before(p, keyAlone.MatchString, afterKey)
	case strings.Contains(p.Text, "expected ',' or '}'"):
		f.before(p, func(line string) bool { return strings.Count(line, "{") > strings.Count(line, "}") }, "a { in this line is not closed with }")
	case strings.Contains(p.Text, "expected ',' or ']'"):
		f.before(p, func(line string) bool { return strings.Count(line, "[") > strings.Count(line, "]") }, "a [ in this line is not closed with ]")
	case strings.Contains(p.Text, "quoted scalar"), strings.Contains(p.Text, "unexpected end of stream"):
		f.unclosed(p)
	}
}

const afterKey = "after a key come a colon and a space, as in save: visto"

// bare reports a line that holds a word and no key.
func (f File) bare(n int) bool {
	line := f.Line(n)
	return strings.TrimSpace(line) != "" && !strings.HasSuffix(strings.TrimSpace(line), ":") && keyAlone.MatchString(line)
}

// unclosed finds the first line whose quotes do not pair: the text that begins
// there runs to the end of the file.
func (f File) unclosed(p *Problem) {
	for n := 1; n <= p.Line; n++ {
		if i := strings.LastIndex(f.Line(n), `"`); strings.Count(f.Line(n), `"`)%2 == 1 {
			p.Line, p.Col, p.Suggestion = n, 1+len([]rune(f.Line(n)[:i])), "a quote in this line is not closed"
			return
		}
	}
}

// look is how many lines back a mistake may be that the parser notices late.
const look = 3

// before finds the line that is wrong at the place or just before it.
func (f File) before(p *Problem, wrong func(line string) bool, suggestion string) {
	p.Suggestion = suggestion
	for n := p.Line; n > max(0, p.Line-look); n-- {
		if line := f.Line(n); wrong(line) {
			p.Line, p.Col = n, 1+width(line)
			return
		}
	}
}

// indented finds which of two lines does not begin where its neighbours do: the
// one of the place, or the one before it.
func (f File) indented(p *Problem) {
	p.Suggestion = "the keys of one thing begin in the same column: look at the spaces before this line"
	here, above, below := width(f.Line(p.Line)), width(f.Line(p.Line-1)), width(f.Line(p.Line+1))
	if here == below && above != here && strings.TrimSpace(f.Line(p.Line-1)) != "" {
		p.Line, p.Col = p.Line-1, 1+above
	}
}

// width is how many spaces a line begins with.
func width(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
