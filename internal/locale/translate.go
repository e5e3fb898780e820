package locale

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"valebot/internal/message"
	"valebot/internal/source"
)

// translations are the folders of fsys that are called as languages are.
func translations(fsys fs.FS) []string {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil // there is nothing to read, which is reported for the first language
	}
	var out []string
	for _, e := range entries {
		if _, err := language.Parse(e.Name()); err == nil && e.IsDir() && e.Name() != Language {
			out = append(out, e.Name())
		}
	}
	return out
}

// Languages returns the languages of the messages: the first one, and then
// those of the translations by name.
func (c *Catalog) Languages() []string {
	out := []string{Language}
	for lang := range c.others {
		out = append(out, lang)
	}
	slices.Sort(out[1:])
	return out
}

// Stamp identifies the message's texts and labels, in eight hex digits. A
// translation carries it as «de», and is stale when it is another one.
func (m *Message) Stamp() string {
	var parts []string
	for _, v := range m.variants() {
		parts = append(parts, v.Text)
	}
	for _, c := range m.Choices {
		parts = append(parts, c.ID+"="+c.Label)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:4])
}

// against checks a translation against what it translates. What is missing or
// stale is a warning, since people are then written to in the first language or
// in the older words. What shows other data or takes other answers is an error if
// it is meant for the text as it is, and else not used, so that changing a text
// never breaks what is said.
func (c *Catalog) against(first *Catalog) []source.Problem {
	var ps []source.Problem
	warn := func(p source.Problem, suggestion string) {
		p.Severity, p.Suggestion = source.Warning, suggestion
		ps = append(ps, p)
	}
	for _, m := range first.all() {
		if _, ok := c.messages[m.Key]; !ok {
			warn(m.Problem("missing-variant", "it has no translation in "+c.lang), "add it to "+strings.Join(c.files, ", "))
		}
	}
	for _, m := range c.all() {
		from, ok := first.messages[m.Key]
		switch {
		case !ok:
			warn(m.Problem("stale", "there is no such message in "+Language+" any more"), "keep it for its words, or take it out")
		case m.of == "":
			warn(m.Problem("stale", "it does not say which text it translates"), "look at it and write de: \""+from.Stamp()+"\"")
		case m.of != from.Stamp():
			warn(m.Problem("stale", "the text that it translates has changed"), "look at it again and write de: \""+from.Stamp()+"\"")
		}
		if !ok {
			continue
		}
		unlike := m.faithful(from)
		if m.of == from.Stamp() {
			ps = append(ps, unlike...)
		} else if len(unlike) > 0 {
			m.dropped = true // it may ask for data that are no longer there: Spanish is said until somebody looks at it
		}
	}
	return ps
}

// faithful sees that a translation shows no other data and takes no other
// answers than what it translates.
func (m *Message) faithful(from *Message) []source.Problem {
	known := map[string]bool{}
	for _, v := range from.variants() {
		for _, u := range v.Uses {
			known[strings.Join(u.Path, ".")] = true
		}
	}
	var ps []source.Problem
	for _, v := range m.variants() {
		for _, u := range v.Uses {
			if name := strings.Join(u.Path, "."); !known[name] {
				ps = append(ps, v.Problem("msg-variable", fmt.Sprintf(".%s is not in the text that it translates", name)))
			}
		}
	}
	same := slices.EqualFunc(m.Choices, from.Choices, func(a, b message.Choice) bool { return a.ID == b.ID })
	if !same {
		ps = append(ps, m.Problem("wa-options", "it offers other answers, or in another order, than the text that it translates"))
	}
	return ps
}

// Labels returns the buttons or rows of a message in every language but the
// first, for what people type in place of tapping.
func (c *Catalog) Labels(key string) []message.Choice {
	var out []message.Choice
	for _, lang := range c.Languages()[1:] {
		if m, ok := c.others[lang].messages[key]; ok && !m.dropped {
			out = append(out, m.Choices...)
		}
	}
	return out
}

// RenderIn is Render in another language. Where there is no such language, or no
// translation of the message, the text is that of the first language: people
// rather read Spanish than nothing.
func (c *Catalog) RenderIn(lang, key string, channel message.Channel, data map[string]any, zone *time.Location) (Rendered, error) {
	other, ok := c.others[lang]
	if !ok {
		return c.Render(key, channel, data, zone)
	}
	m, ok := other.messages[key]
	if !ok || m.dropped || channel == message.WhatsApp && m.WhatsApp == nil || channel != message.WhatsApp && m.SMS == nil {
		return c.Render(key, channel, data, zone)
	}
	return other.Render(key, channel, data, zone)
}
