// Package transcript runs conversations that are written as chats (.chat files)
// against the flows, with a clock of its own: what the person writes, what the
// bot must say, what the core must have been asked. They run in memory, or on
// whatever Driver a Lab opens.
//
// It drives flow.Turn as the engine does, and writes and reads the state between
// all lines, so that what cannot be stored fails here. Callers may not assume
// that it applies what only the engine knows: delivery, limits and quiet hours.
package transcript

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/message"
	"valebot/internal/source"
)

// Case is one conversation of a file.
type Case struct {
	File     string
	Line     int // of its title
	Title    string
	Flow     string
	Channel  message.Channel
	Person   string     // whose arms of tests it shows; "" is in every arm a
	Language string     // of what the bot says; "" is Spanish
	given    *yaml.Node // facts by name, and "dijo"
	stubs    []line     // core: action -> outcome
	lines    []line
}

// line is one line of a chat.
type line struct {
	number int
	verb   string // bot, user, core …
	text   string
}

// verbs are the words that may begin a line, with whether they need a text.
func verbs() map[string]bool {
	return map[string]bool{
		"flow": true, "channel": true, "person": true, "language": true, "core": true, "bot": true, "user": true, "tap": true, "event": true, "clock": true,
		"step": true, "end": true, "human": true, "desk": true, "silence": false, "given": false,
	}
}

// maxCases bounds a file.
const maxCases = 10_000

// Parse reads a .chat file. The flow, the channel and what is given in a case
// hold for the cases after it until they name others; another flow forgets what
// was given.
func Parse(name string, data []byte) ([]Case, []source.Problem) {
	p := parser{name: name}
	if len(data) > source.MaxBytes {
		p.report(1, "the file has %d bytes; at most %d are read", len(data), source.MaxBytes)
		return nil, p.problems
	}
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		i = p.line(lines, i)
	}
	p.inherit()
	return p.cases, p.problems
}

type parser struct {
	name     string
	cases    []Case
	problems []source.Problem
}

func (p *parser) report(line int, format string, args ...any) {
	p.problems = append(p.problems, source.Problem{File: p.name, Line: line, Col: 1, End: 2,
		Severity: source.Error, Code: "chat", Text: fmt.Sprintf(format, args...)})
}

// line reads the line at i and returns the index of the last one that belongs to it.
func (p *parser) line(lines []string, i int) int {
	text := strings.TrimSpace(lines[i])
	if title, ok := strings.CutPrefix(text, "=="); ok {
		if len(p.cases) < maxCases {
			p.cases = append(p.cases, Case{File: p.name, Line: i + 1, Title: strings.TrimSpace(title)})
		}
		return i
	}
	if text == "" || strings.HasPrefix(text, "#") {
		return i
	}
	if len(p.cases) == 0 {
		p.report(i+1, "a case begins with a line == and its title")
		return i
	}
	verb, rest, ok := strings.Cut(text, ":")
	needs, known := verbs()[verb]
	rest = strings.TrimSpace(rest)
	switch {
	case !ok || !known:
		p.report(i+1, "%q is not a line of a chat; lines begin with bot:, user:, core:, clock:, event:, step:, end:, human: or silence:", clip(text))
	case needs && rest == "" && verb != "user":
		p.report(i+1, "%s: needs something after it", verb)
	case verb == "given":
		return p.given(lines, i)
	default:
		p.add(line{i + 1, verb, rest})
	}
	return i
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func (p *parser) add(l line) {
	c := &p.cases[len(p.cases)-1]
	switch {
	case l.verb == "flow":
		c.Flow = l.text
	case l.verb == "person":
		c.Person = l.text
	case l.verb == "language":
		c.Language = l.text
	case l.verb == "channel":
		c.Channel = channelOf(l.text)
		if c.Channel == "" {
			p.report(l.number, "%q is not a channel; write sms or whatsapp", clip(l.text))
		}
	case l.verb == "core" && strings.Contains(l.text, "->") && len(c.lines) == 0:
		c.stubs = append(c.stubs, l)
	default:
		c.lines = append(c.lines, l)
	}
}

func channelOf(text string) message.Channel {
	switch text {
	case "sms":
		return message.SMS
	case "wa", "whatsapp":
		return message.WhatsApp
	}
	return ""
}

// given reads the indented YAML below a given: line.
func (p *parser) given(lines []string, i int) int {
	end := i + 1
	for end < len(lines) && (strings.HasPrefix(lines[end], " ") || strings.HasPrefix(lines[end], "\t")) {
		end++
	}
	file, problems := source.Parse(p.name, []byte(strings.Join(lines[i+1:end], "\n")))
	for _, problem := range problems {
		problem.Line += i + 1
		problem.Source = ""
		p.problems = append(p.problems, problem)
	}
	p.cases[len(p.cases)-1].given = file.Root
	return end - 1
}

// inherit gives each case what it does not say itself from the one before it.
func (p *parser) inherit() {
	flow, channel := "", message.SMS
	var given *yaml.Node
	for i := range p.cases {
		c := &p.cases[i]
		if c.Flow == "" {
			c.Flow = flow
		}
		if c.Channel == "" {
			c.Channel = channel
		}
		if c.given == nil && c.Flow == flow {
			c.given = given
		}
		flow, channel, given = c.Flow, c.Channel, c.given
		if c.Flow == "" {
			p.report(c.Line, "the case does not say which flow it is about (flow: NAME)")
		}
	}
}
