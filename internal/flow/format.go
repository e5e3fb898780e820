package flow

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/source"
)

// schemaLine makes editors offer the words of the language.
const schemaLine = "# yaml-language-server: $schema=schema/flow-v1.schema.json"

// Format returns a flow file in the usual order of keys: first what a step
// does, then where it goes, then what may come between. Lines move whole, with
// the comments above them; how values are written, and the order of the steps,
// stay as they are. Blank lines become one at most, and the file names its
// schema for editors. A file that is no YAML comes back as it was, with its
// problems. What a file means never changes: where moving lines would change
// it, it comes back as it was. Formatting twice is formatting once.
func Format(name string, text []byte) ([]byte, []Problem) {
	file, problems := source.Parse(name, text)
	if file.Root == nil || file.Root.Kind != yaml.MappingNode {
		return text, problems
	}
	f := formatter{file.Lines}
	ordered := f.flow(file.Root)
	for _, lines := range [][]string{tidy(ordered), ordered, tidy(f.lines)} {
		out := []byte(strings.Join(lines, "\n") + "\n")
		if means(text, out) {
			return out, nil
		}
	}
	return text, nil
}

// means reports whether two texts say the same to a reader of YAML.
func means(a, b []byte) bool {
	var x, y any
	if yaml.Unmarshal(a, &x) != nil || yaml.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

// formatter moves the lines of one file. Lines are counted from 1, as nodes do.
type formatter struct{ lines []string }

func (f formatter) span(from, to int) []string {
	if from > to {
		return nil
	}
	return f.lines[from-1 : to]
}

func (f formatter) flow(root *yaml.Node) []string {
	ranks := rankOf(flowOrder())
	return f.mapping(root, 1, len(f.lines), ranks, func(key, value *yaml.Node, to int) []string {
		if key.Value != "steps" || !block(key, value) {
			return f.span(key.Line, to)
		}
		steps := f.mapping(value, key.Line+1, to, nil, f.step)
		return append(slices.Clone(f.span(key.Line, key.Line)), steps...)
	})
}

func (f formatter) step(name, value *yaml.Node, to int) []string {
	if !block(name, value) {
		return f.span(name.Line, to)
	}
	keys := f.mapping(value, name.Line+1, to, rankOf(stepOrder()), func(key, _ *yaml.Node, to int) []string {
		return f.span(key.Line, to)
	})
	for len(keys) > 0 && blank(keys[0]) {
		keys = keys[1:]
	}
	return append(slices.Clone(f.span(name.Line, name.Line)), keys...)
}

// block reports whether a mapping is written with one key a line, below its name.
func block(key, value *yaml.Node) bool {
	if value.Kind != yaml.MappingNode || value.Style&yaml.FlowStyle != 0 || value.Line <= key.Line {
		return false
	}
	last := key.Line
	for i := 0; i < len(value.Content); i += 2 {
		if value.Content[i].Line <= last {
			return false
		}
		last = value.Content[i].Line
	}
	return true
}

// entry is a key with the lines that belong to it.
type entry struct {
	rank  int
	above []string // blank lines and comments
	lines []string
}

// mapping returns lines from..to, which hold a mapping, with its keys in order
// of rank. nil leaves them in theirs. write returns the lines of one key.
func (f formatter) mapping(n *yaml.Node, from, to int, rank map[string]int, write func(key, value *yaml.Node, to int) []string) []string {
	var entries []entry
	indent := n.Column - 1
	end := f.backTo(from, to+1, indent) - 1 // what stands below the last key stays there
	tail := f.span(end+1, to)
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		key := n.Content[i]
		floor := from
		if i > 0 {
			floor = n.Content[i-2].Line + 1
		}
		start := f.backTo(floor, key.Line, indent)
		if i == 0 {
			start = from
		}
		order, known := rank[key.Value]
		if !known {
			order = len(rank)
		}
		entries = append(entries, entry{order, f.span(start, key.Line-1), write(key, n.Content[i+1], end)})
		end = start - 1
	}
	slices.Reverse(entries)
	head := f.head(entries)
	if rank != nil {
		slices.SortStableFunc(entries, func(a, b entry) int { return a.rank - b.rank })
	}
	out := slices.Clone(head)
	for _, e := range entries {
		out = append(append(out, e.above...), e.lines...)
	}
	return append(out, tail...)
}

// head takes from the first key what belongs to the whole: all above its last
// blank line, and the line for editors.
func (f formatter) head(entries []entry) []string {
	if len(entries) == 0 {
		return nil
	}
	above := entries[0].above
	cut := 0
	for i, line := range above {
		if blank(line) || strings.HasPrefix(line, "# yaml-language-server:") {
			cut = i + 1
		}
	}
	entries[0].above = above[cut:]
	return above[:cut]
}

// backTo returns the first of the blank lines and comments that stand directly
// above line. A comment that stands further in belongs to what is above it.
func (f formatter) backTo(floor, line, indent int) int {
	for line > floor {
		text := f.lines[line-2]
		if !blank(text) && !strings.HasPrefix(text, strings.Repeat(" ", indent)+"#") {
			break
		}
		line--
	}
	return line
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

// tidy takes out blanks at the ends of lines and all but one of blank lines in
// a row, and puts the line for editors on top.
func tidy(lines []string) []string {
	out := []string{}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "# yaml-language-server:") {
		out = append(out, schemaLine)
	}
	for _, line := range lines {
		line = strings.TrimRight(line, " \t")
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

func rankOf(keys []string) map[string]int {
	out := make(map[string]int, len(keys))
	for i, key := range keys {
		out[key] = i
	}
	return out
}

// flowOrder is the order of the keys of a flow.
func flowOrder() []string {
	return []string{"flow", "version", "title", "about", "starts", "start", "success", "returns", "limits", "interrupts", "tests", "migrate", "slots", "steps"}
}

// stepOrder is the order of the keys of a step: what it does, where that leads,
// and what may come between.
func stepOrder() []string {
	return []string{"note", "say", "ask", "again", "expect", "do", "call", "with", "decide", "wait", "until", "handoff", "reason", "priority",
		"save", "reject", "next", "end", "meanwhile", "after", "unclear"}
}
