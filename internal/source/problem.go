package source

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity says whether a problem stops a file from being used.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the file is not used
	Warning Severity = "warning" // the file is used; somebody should look
)

// Problem is one thing that is wrong in a file, and how to mend it.
type Problem struct {
	File       string   `json:"file"`
	Line       int      `json:"line"` // from 1
	Col        int      `json:"col"`  // from 1, in characters
	End        int      `json:"end"`  // column after the last underlined character
	Severity   Severity `json:"severity"`
	Code       string   `json:"code"` // stable: "no-such-step"
	Text       string   `json:"text"`
	Suggestion string   `json:"suggestion,omitempty"` // a whole clause: `did you mean "identidad"?`
	Source     string   `json:"source,omitempty"`     // the line as written
}

// String returns the problem on one line: file:line:col: severity: text [code].
func (p Problem) String() string {
	text := p.Text
	if p.Suggestion != "" {
		text += "; " + p.Suggestion
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s [%s]", p.File, p.Line, p.Col, p.Severity, text, p.Code)
}

// maxShown is how many characters of a line are printed with a problem.
const maxShown = 180

// Print writes the problem and, below it, the line with the place underlined.
func (p Problem) Print(w io.Writer) error {
	if p.Source == "" {
		_, err := fmt.Fprintln(w, p)
		return err
	}
	shown, col, end := p.window()
	mark := "^" + strings.Repeat("~", max(0, end-col-1))
	_, err := fmt.Fprintf(w, "%s\n%6d | %s\n       | %s%s\n", p, p.Line, shown, strings.Repeat(" ", max(0, col-1)), mark)
	return err
}

// window cuts a long line to the part that has the place, and says where in that
// part the place begins and ends.
func (p Problem) window() (shown string, col, end int) {
	line := []rune(p.Source)
	from, cut := 0, ""
	if p.Col > maxShown && len(line) > maxShown {
		from, cut = min(p.Col-maxShown/2, len(line)-1), "…"
	}
	part := line[from:min(len(line), from+maxShown)]
	shift := from - utf8.RuneCountInString(cut)
	last := len(part) + utf8.RuneCountInString(cut) + 1 // just after what is shown
	return cut + string(part), min(p.Col-shift, last), min(p.End-shift, last)
}

// Sort orders problems by file, line and column.
func Sort(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}

// Errors counts the problems that stop a file from being used.
func Errors(ps []Problem) int {
	n := 0
	for _, p := range ps {
		if p.Severity == Error {
			n++
		}
	}
	return n
}

// DidYouMean returns `did you mean "x"?` for the name nearest to word, or "" if
// none is near enough to be what was meant.
func DidYouMean(word string, names []string) string {
	near := Nearest(word, names)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", near)
}

// Nearest returns the name nearest to word, or "" if none is near enough to be
// what was meant. Of names as near, the first in order counts.
func Nearest(word string, names []string) string {
	best, at := "", 3
	for _, name := range slices.Sorted(slices.Values(names)) {
		limit := min(at, max(1, len(name)/3)+1)
		if d := distance(word, name, limit); d < limit {
			best, at = name, d
		}
	}
	return best
}

// distance counts insertions, deletions, changes and swaps of neighbours
// between a and b (optimal string alignment), up to limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	before, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return min(row[len(y)], limit)
}
