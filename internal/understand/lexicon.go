package understand

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Lexicon is what the lexicon files say, in the order of the files' names. It is
// plain data: New checks and compiles it.
type Lexicon struct {
	Respellings []Respelling
	Common      []Text // words with no meaning here that must not be "repaired" into others
	Glue        []Text // short words that may be written together with the next one
	Pictures    []Picture
	Classes     []Class
	Entries     []Entry
}

// Text is a string of a lexicon file and where it stands.
type Text struct {
	Value string
	At    Position
}

// Position is a place in a lexicon file; Line and Column count from 1.
type Position struct {
	File         string
	Line, Column int
}

// String returns file:line:column.
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Respelling says that people write Written for the words of Meant.
type Respelling struct{ Written, Meant Text }

// Picture gives an emoji the meaning of a word.
type Picture struct{ Runes, Word Text }

// Class is a named set of words that patterns write as @name.
type Class struct {
	Name  Text
	Words []Text
}

// Entry is one meaning: an intent, or a role in a yes-or-no answer.
type Entry struct {
	Name     Text
	Answer   bool   // a role of the yes-or-no grammar, not an intent
	Score    int    // 1 to 100; how sure one match makes us
	States   []Text // codes of the states where people say so ("SL"); none is everywhere
	Patterns []Text
	Unless   []Text // patterns that take the meaning away
	Examples []Text // must be read as this entry
	Counter  []Text // must not
}

// LoadLexicon reads every *.yaml file of dir. It is strict: unknown keys, wrong
// types and duplicate classes are errors that begin with file:line:column.
func LoadLexicon(fsys fs.FS, dir string) (Lexicon, error) {
	var lex Lexicon
	names, err := fs.Glob(fsys, path.Join(dir, "*.yaml"))
	if err != nil {
		return lex, fmt.Errorf("list lexicon %s: %w", dir, err)
	}
	if len(names) == 0 {
		return lex, fmt.Errorf("list lexicon %s: %w", dir, fs.ErrNotExist)
	}
	for _, name := range names {
		if err := lex.load(fsys, name); err != nil {
			return lex, err
		}
	}
	return lex, nil
}

func (l *Lexicon) load(fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read lexicon: %w", err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if root.Kind == 0 {
		return nil
	}
	f := lexiconFile{name: name, lex: l}
	return f.file(root.Content[0])
}

// lexiconFile walks the nodes of one file.
type lexiconFile struct {
	name string
	lex  *Lexicon
}

func (f *lexiconFile) at(n *yaml.Node) Position { return Position{f.name, n.Line, n.Column} }

func (f *lexiconFile) fail(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s: %s", f.at(n), fmt.Sprintf(format, args...))
}

// fields calls do for each key of a mapping and refuses repeated keys.
func (f *lexiconFile) fields(n *yaml.Node, do func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return f.fail(n, "this must be a map of keys")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			return f.fail(key, "%q stands here twice", key.Value)
		}
		seen[key.Value] = true
		if err := do(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (f *lexiconFile) file(n *yaml.Node) error {
	return f.fields(n, func(key, value *yaml.Node) error {
		switch key.Value {
		case "about":
			_, err := f.text(value)
			return err
		case "respell":
			return f.fields(value, f.respelling)
		case "pictures":
			return f.fields(value, f.picture)
		case "classes":
			return f.fields(value, f.class)
		case "common":
			return f.appendTexts(&f.lex.Common, value)
		case "glue":
			return f.appendTexts(&f.lex.Glue, value)
		case "answers":
			return f.entries(value, true)
		case "intents":
			return f.entries(value, false)
		}
		return f.fail(key, "%q is not a key of a lexicon file", key.Value)
	})
}

func (f *lexiconFile) respelling(key, value *yaml.Node) error {
	meant, err := f.text(value)
	if err != nil {
		return err
	}
	f.lex.Respellings = append(f.lex.Respellings, Respelling{Text{key.Value, f.at(key)}, meant})
	return nil
}

func (f *lexiconFile) picture(key, value *yaml.Node) error {
	word, err := f.text(key)
	if err != nil {
		return err
	}
	runes, err := f.text(value)
	if err != nil {
		return err
	}
	f.lex.Pictures = append(f.lex.Pictures, Picture{Runes: runes, Word: word})
	return nil
}

func (f *lexiconFile) class(key, value *yaml.Node) error {
	for _, c := range f.lex.Classes {
		if c.Name.Value == key.Value {
			return f.fail(key, "class %q is already at %s", key.Value, c.Name.At)
		}
	}
	c := Class{Name: Text{key.Value, f.at(key)}}
	if err := f.appendTexts(&c.Words, value); err != nil {
		return err
	}
	f.lex.Classes = append(f.lex.Classes, c)
	return nil
}

func (f *lexiconFile) entries(n *yaml.Node, answer bool) error {
	if n.Kind != yaml.SequenceNode {
		return f.fail(n, "this must be a list of entries")
	}
	for _, item := range n.Content {
		e := Entry{Answer: answer, Score: 70}
		if err := f.fields(item, func(key, value *yaml.Node) error { return f.entryField(&e, key, value) }); err != nil {
			return err
		}
		if e.Name.Value == "" || len(e.Patterns) == 0 {
			return f.fail(item, "an entry needs a name and patterns")
		}
		f.lex.Entries = append(f.lex.Entries, e)
	}
	return nil
}

func (f *lexiconFile) entryField(e *Entry, key, value *yaml.Node) (err error) {
	switch key.Value {
	case "name":
		e.Name, err = f.text(value)
	case "score":
		if err := value.Decode(&e.Score); err != nil || e.Score < 1 || e.Score > 100 {
			return f.fail(value, "score must be a whole number from 1 to 100")
		}
	case "states":
		err = f.appendTexts(&e.States, value)
	case "patterns":
		err = f.appendTexts(&e.Patterns, value)
	case "unless":
		err = f.appendTexts(&e.Unless, value)
	case "examples":
		err = f.appendTexts(&e.Examples, value)
	case "counter":
		err = f.appendTexts(&e.Counter, value)
	default:
		err = f.fail(key, "%q is not a key of an entry", key.Value)
	}
	return err
}

func (f *lexiconFile) text(n *yaml.Node) (Text, error) {
	if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" {
		return Text{}, f.fail(n, "this must be a text")
	}
	return Text{n.Value, f.at(n)}, nil
}

// appendTexts reads a list of texts; a single block of text is cut at blanks,
// which keeps long word lists readable.
func (f *lexiconFile) appendTexts(dst *[]Text, n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		for _, word := range strings.Fields(n.Value) {
			*dst = append(*dst, Text{word, f.at(n)})
		}
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return f.fail(n, "this must be a list of texts")
	}
	for _, item := range n.Content {
		t, err := f.text(item)
		if err != nil {
			return err
		}
		*dst = append(*dst, t)
	}
	return nil
}
