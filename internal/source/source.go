// Package source reads the YAML files that operators write, with the place of
// everything in them, and holds the problems found there.
//
// It is bounded: a file above MaxBytes, or one with aliases, is refused before
// anything is built from it, so that a hostile file costs no memory. Callers may
// not assume that a file with problems has a Root.
package source

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// MaxBytes is the size of the largest file that Read accepts.
const MaxBytes = 2 << 20

// File is one YAML document as it was written.
type File struct {
	Name  string // as people are shown it: "flows/inicio.flow.yaml"
	Lines []string
	Root  *yaml.Node // the document's only value; nil if it could not be read
}

// Rooted is implemented by file systems that know how people call their root
// folder; without it the caller's usual name is taken.
type Rooted interface{ Root() string }

// RootOf returns the folder name to show before the paths of fsys.
func RootOf(fsys fs.FS, usual string) string {
	if r, ok := fsys.(Rooted); ok {
		return r.Root()
	}
	return usual
}

// Read reads one YAML file of fsys. root is the folder shown before its name.
// What is wrong with it comes back as problems: unreadable, not YAML, too large,
// several documents, or aliases.
func Read(fsys fs.FS, root, name string) (File, []Problem) {
	f := File{Name: path.Join(root, name)}
	data, err := readBounded(fsys, name)
	if err != nil {
		return f, []Problem{{File: f.Name, Line: 1, Col: 1, Severity: Error, Code: "file", Text: err.Error()}}
	}
	return Parse(f.Name, data)
}

func readBounded(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if info.Size() > MaxBytes {
		return nil, fmt.Errorf("the file has %d bytes; at most %d are read", info.Size(), MaxBytes)
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	return data, nil
}

// Parse reads YAML text under the name that problems show.
func Parse(name string, data []byte) (File, []Problem) {
	f := File{Name: name}
	if len(data) > MaxBytes {
		return f, []Problem{{File: name, Line: 1, Col: 1, Severity: Error, Code: "file",
			Text: fmt.Sprintf("the file has %d bytes; at most %d are read", len(data), MaxBytes)}}
	}
	if !utf8.Valid(data) {
		return f, []Problem{{File: name, Line: 1, Col: 1, Severity: Error, Code: "yaml", Text: "the file is not UTF-8 text"}}
	}
	f.Lines = strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), "\n")
	root, p := f.parse(data)
	if p != nil {
		return f, []Problem{*p}
	}
	f.Root = root
	return f, nil
}

func (f File) parse(data []byte) (*yaml.Node, *Problem) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, f.broken(err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, &Problem{File: f.Name, Line: 1, Col: 1, Severity: Error, Code: "yaml", Text: "the file is empty"}
	}
	if n := findAlias(doc.Content[0]); n != nil {
		p := f.At(n, "yaml", "aliases (*name) are not read; write the value again")
		return nil, &p
	}
	return doc.Content[0], nil
}

// broken says where the parser stopped.
func (f File) broken(err error) *Problem {
	p := Problem{File: f.Name, Line: 1, Col: 1, Severity: Error, Code: "yaml", Text: "this is not YAML: " + err.Error()}
	var at *yaml.LoadError
	if errors.As(err, &at) {
		p.Line, p.Col = max(1, at.Mark.Line), max(1, at.Mark.Column)
		p.Text = "this is not YAML: " + at.Message
	}
	p.Line = min(p.Line, max(1, len(f.Lines)))
	f.advise(&p)
	p.Source = f.Line(p.Line)
	p.End = p.Col + 1
	return &p
}

// findAlias looks for an alias without following any, so that a bomb stays shut.
func findAlias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n
	}
	for _, c := range n.Content {
		if found := findAlias(c); found != nil {
			return found
		}
	}
	return nil
}

// Line returns line n, counted from 1, or "".
func (f File) Line(n int) string {
	if n < 1 || n > len(f.Lines) {
		return ""
	}
	return f.Lines[n-1]
}

// At returns a problem (an Error) that underlines node n.
func (f File) At(n *yaml.Node, code, text string) Problem {
	return f.Span(n.Line, n.Column, f.width(n), code, text)
}

// Span returns a problem (an Error) that underlines width characters.
func (f File) Span(line, col, width int, code, text string) Problem {
	return Problem{File: f.Name, Line: line, Col: col, End: col + max(1, width),
		Severity: Error, Code: code, Text: text, Source: f.Line(line)}
}

// Inside returns a problem at a character offset inside a scalar, for
// expressions; a scalar that does not lie on one line is underlined from its start.
func (f File) Inside(n *yaml.Node, offset, width int, code, text string) Problem {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return f.At(n, code, text)
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		offset++
	}
	return f.Span(n.Line, n.Column+offset, width, code, text)
}

// maxLine is how many bytes of a line are looked at to underline what is wrong
// in it: a file on one line with a mistake in every word must not cost its
// square.
const maxLine = 8 << 10

// width is how many characters of its first line a node takes.
func (f File) width(n *yaml.Node) int {
	if len(f.Line(n.Line)) > maxLine {
		return 1
	}
	line := []rune(f.Line(n.Line))
	start := min(max(0, n.Column-1), len(line))
	rest := line[start:]
	switch {
	case n.Kind != yaml.ScalarNode, len(rest) == 0:
		return 1
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return quoted(rest)
	default:
		return min(utf8.RuneCountInString(n.Value), len(rest))
	}
}

// quoted is the length of the quoted scalar that rest begins with, or of all
// of rest where it goes on in the next line.
func quoted(rest []rune) int {
	mark := rest[0]
	for i := 1; i < len(rest); i++ {
		switch {
		case mark == '"' && rest[i] == '\\':
			i++
		case rest[i] == mark && mark == '\'' && i+1 < len(rest) && rest[i+1] == mark:
			i++
		case rest[i] == mark:
			return i + 1
		}
	}
	return len(rest)
}
