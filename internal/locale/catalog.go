// Package locale renders the messages of locales/ for a channel, strictly: an
// unknown key, a missing variable or a value of another type is an error, never
// an empty place in a text about somebody's money.
//
// A Catalog is immutable and safe for concurrent use. Callers may not assume
// that an SMS body equals its template's text: values and names are folded into
// the GSM alphabet, because one accent outside of it halves what a segment holds.
package locale

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"

	"valebot/internal/message"
	"valebot/internal/source"
)

// Language is the language in which messages are written first. Other folders
// beside it hold translations, which Render falls back from.
const Language = "es-MX"

// Catalog holds every message, compiled.
type Catalog struct {
	messages  map[string]*Message
	localizer *i18n.Localizer
	sms, wa   strictParser
	files     []string
	lang      string
	others    map[string]*Catalog // translations, by language
}

// Message is one message in its channel variants.
type Message struct {
	Key      string
	SMS      *Variant // nil if it is not written, which is a problem
	WhatsApp *Variant
	Choices  []message.Choice // buttons or rows, in the order of the file
	Template string           // provider template for use outside WhatsApp's window

	file    source.File
	at      *yaml.Node   // its key
	of      string       // a translation's Stamp of the text that it translates
	dropped bool         // a translation that no longer fits the text and is not used
	choices []*yaml.Node // their ids
	labels  []*yaml.Node // their labels
	list    bool         // written as opciones: a list where buttons do not fit
}

// Variant is a message's text for one channel.
type Variant struct {
	ID   string // "aceptacion.oferta.sms"
	Text string
	Uses []Use // variables in order, once each

	file    source.File
	node    *yaml.Node
	actions []compiled // each {{…}}, for template variables
	broken  bool       // its template is wrong, so what it holds is not known
}

// Use is a variable in a text.
type Use struct {
	Path   []string // vale, monto
	Filter string   // pesos; "" if none

	one, many string // the two texts of plural
}

// Load reads every *.yaml file in es-MX/ of fsys, and the translations in the
// folders beside it that are called as languages are ("en"). The catalog holds what could
// be read even where there are problems; a program that talks to people uses it
// only if source.Errors of them is 0.
func Load(fsys fs.FS) (*Catalog, []source.Problem) {
	root := source.RootOf(fsys, "locales")
	c, ps := read(fsys, root, Language)
	c.others = map[string]*Catalog{}
	for _, lang := range translations(fsys) {
		other, more := read(fsys, root, lang)
		ps = append(append(ps, more...), other.against(c)...)
		c.others[lang] = other
	}
	source.Sort(ps)
	return c, ps
}

// read reads the messages of one language.
func read(fsys fs.FS, root, lang string) (*Catalog, []source.Problem) {
	c := &Catalog{messages: map[string]*Message{}, lang: lang, sms: strictParser{funcs(true, lang)}, wa: strictParser{funcs(false, lang)}}
	paths, err := fs.Glob(fsys, path.Join(lang, "*.yaml"))
	if err != nil || len(paths) == 0 {
		name := path.Join(root, lang)
		return c, []source.Problem{{File: name, Line: 1, Col: 1, Severity: source.Error, Code: "file", Text: "there are no message files here"}}
	}
	var ps []source.Problem
	for _, p := range paths {
		file, found := source.Read(fsys, root, p)
		c.files = append(c.files, file.Name)
		ps = append(ps, found...)
		if file.Root != nil {
			r := reader{catalog: c, file: file}
			r.group("", file.Root)
			ps = append(ps, r.problems...)
		}
	}
	ps = append(ps, c.compile()...)
	return c, append(ps, c.check()...)
}

// compile hands every text to go-i18n, which keeps the parsed templates.
func (c *Catalog) compile() []source.Problem {
	tag := language.Make(c.lang)
	bundle := i18n.NewBundle(tag)
	c.localizer = i18n.NewLocalizer(bundle, c.lang)
	var ps []source.Problem
	for _, m := range c.all() {
		for _, v := range m.variants() {
			if p := v.parse(c.wa); p != nil {
				v.broken = true
				ps = append(ps, *p)
				continue
			}
			if err := bundle.AddMessages(tag, &i18n.Message{ID: v.ID, Other: v.Text}); err != nil {
				ps = append(ps, v.Problem("msg-template", err.Error()))
			}
		}
	}
	return ps
}

// Message returns a message by key.
func (c *Catalog) Message(key string) (*Message, bool) {
	m, ok := c.messages[key]
	return m, ok
}

// Keys returns the keys of all messages, sorted.
func (c *Catalog) Keys() []string {
	keys := make([]string, 0, len(c.messages))
	for k := range c.messages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Files returns the names of the files that were read.
func (c *Catalog) Files() []string { return slices.Clone(c.files) }

func (c *Catalog) all() []*Message {
	ms := make([]*Message, 0, len(c.messages))
	for _, k := range c.Keys() {
		ms = append(ms, c.messages[k])
	}
	return ms
}

func (m *Message) variants() []*Variant {
	var vs []*Variant
	if m.SMS != nil {
		vs = append(vs, m.SMS)
	}
	if m.WhatsApp != nil {
		vs = append(vs, m.WhatsApp)
	}
	return vs
}

// Variants returns the variants that are written: SMS first.
func (m *Message) Variants() []*Variant { return m.variants() }

// Problem returns a problem that underlines the message's key.
func (m *Message) Problem(code, text string) source.Problem {
	return m.file.At(m.at, code, m.Key+": "+text)
}

// ChoiceProblem returns a problem that underlines the id of the i-th answer.
func (m *Message) ChoiceProblem(i int, code, text string) source.Problem {
	return m.file.At(m.choices[i], code, m.Key+": "+text)
}

// Problem returns a problem that underlines the variant's text.
func (v *Variant) Problem(code, text string) source.Problem {
	return v.file.At(v.node, code, v.ID+": "+text)
}

// reader collects the messages of one file.
type reader struct {
	catalog  *Catalog
	file     source.File
	problems []source.Problem
}

// maxDepth bounds how deep groups of messages may nest.
const maxDepth = 5

// reserved are words that go-i18n takes for parts of a message.
var reserved = []string{"id", "description", "hash", "leftdelim", "rightdelim", "zero", "one", "two", "few", "many", "other"}

func (r *reader) group(prefix string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.report(n, "msg-shape", "expected messages by name here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		full := strings.TrimPrefix(prefix+"."+key.Value, ".")
		switch {
		case seen[key.Value]:
			r.report(key, "duplicate-key", fmt.Sprintf("%q stands here twice", full))
		case slices.Contains(reserved, strings.ToLower(key.Value)):
			r.report(key, "reserved-key", fmt.Sprintf("%q has a meaning of its own in message files; choose another name", key.Value))
		case isMessage(value):
			r.message(full, key, value)
		case strings.Count(full, ".") >= maxDepth:
			r.report(key, "msg-shape", "messages nest too deep here")
		default:
			r.group(full, value)
		}
		seen[key.Value] = true
	}
}

func isMessage(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i].Value; k == "sms" || k == "wa" {
			return n.Content[i+1].Kind == yaml.ScalarNode
		}
	}
	return false
}

func (r *reader) message(full string, key, n *yaml.Node) {
	if _, ok := r.catalog.messages[full]; ok {
		r.report(key, "duplicate-key", fmt.Sprintf("message %q is written twice", full))
		return
	}
	m := &Message{Key: full, file: r.file, at: key}
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.part(m, n.Content[i], n.Content[i+1])
	}
	r.catalog.messages[full] = m
}

var parts = []string{"sms", "wa", "botones", "opciones", "plantilla", "de"}

func (r *reader) part(m *Message, key, value *yaml.Node) {
	switch key.Value {
	case "sms":
		m.SMS = r.variant(m.Key+".sms", value)
	case "wa":
		m.WhatsApp = r.variant(m.Key+".wa", value)
	case "botones", "opciones":
		m.list = key.Value == "opciones"
		r.offer(m, value)
	case "plantilla":
		m.Template = value.Value
	case "de":
		m.of = value.Value
	default:
		p := r.file.At(key, "unknown-key", fmt.Sprintf("%q is not a part of a message", key.Value))
		p.Suggestion = source.DidYouMean(key.Value, parts)
		r.problems = append(r.problems, p)
	}
}

func (r *reader) variant(id string, n *yaml.Node) *Variant {
	if n.Kind != yaml.ScalarNode {
		r.report(n, "msg-shape", id+" must be a text")
		return nil
	}
	return &Variant{ID: id, Text: n.Value, file: r.file, node: n}
}

func (r *reader) offer(m *Message, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.report(n, "msg-shape", "write the answers as {name: \"label\"}")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		m.Choices = append(m.Choices, message.Choice{ID: n.Content[i].Value, Label: n.Content[i+1].Value})
		m.choices = append(m.choices, n.Content[i])
		m.labels = append(m.labels, n.Content[i+1])
	}
}

func (r *reader) report(n *yaml.Node, code, text string) {
	r.problems = append(r.problems, r.file.At(n, code, text))
}
