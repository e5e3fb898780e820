package understand

import (
	"errors"
	"fmt"
	"strings"
)

// Taught is a text that somebody at the desk says the meaning of.
type Taught struct {
	Text    string
	Class   string   // an answer role ("yes", "assent", "accept", "no", "deny", …) or an intent of the lexicon
	Counter []string // texts that look alike and do not mean it
	State   string   // where people say so, as a CURP writes it; "" everywhere
	At      Position // where to report errors; may be zero
}

// Sample is one text whose reading is known: the corpus that a taught entry is
// checked against.
type Sample struct {
	Text   string
	Answer Answer
	Plain  bool
	Intent string // the first intent, "" for none; "*" when only the answer is known
}

// Conflict is one text that would be read otherwise than it should be.
type Conflict struct {
	Text string
	Want string // what it should be read as, in words of the lexicon
	Got  string
}

// Proposal is a taught entry, ready for a lexicon file, and what speaks against
// it. It must not be published while there are conflicts.
type Proposal struct {
	Entry     Entry
	Conflicts []Conflict
}

// Errors of Teach that the desk explains to its agent.
var (
	ErrTaughtClass = errors.New("no such class to teach")
	ErrTaughtText  = errors.New("text cannot be taught")
)

// Teach turns a taught text into an entry that matches it as a whole message, and
// checks it: the text must now mean the class, the counter-examples must not,
// every example of the lexicon and every sample must be read as before; what is to
// be a yes must mean nothing else yet, and no near miss of a yes (a question, a condition, a no before it, another amount)
// may become a plain yes. It changes nothing; it is slow (it compiles the lexicon
// twice) and is meant for the desk alone.
func Teach(lex Lexicon, t Taught, corpus []Sample) (Proposal, error) {
	before, err := New(lex)
	if err != nil {
		return Proposal{}, err
	}
	e, err := t.entry(lex, before)
	if err != nil {
		return Proposal{}, err
	}
	next := lex
	next.Entries = append(append([]Entry{}, lex.Entries...), e)
	after, err := New(next)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Entry: e}
	p.own(after, t)
	p.lexicon(before, after, lex)
	p.corpus(after, corpus)
	if r := roleNames[t.Class]; e.Answer && affirms(r) {
		p.meaning(before, t)
		p.nearMisses(after, t)
	}
	return p, nil
}

// entry builds the entry. Its score is that of the class's first entry.
func (t Taught) entry(lex Lexicon, u *Understander) (Entry, error) {
	e := Entry{Name: Text{t.Class, t.At}, Examples: []Text{{t.Text, t.At}}}
	known := false
	for _, have := range lex.Entries {
		if have.Name.Value == t.Class {
			e.Answer, e.Score, known = have.Answer, have.Score, true
			break
		}
	}
	if !known {
		return e, fmt.Errorf("teach %q: %w", t.Class, ErrTaughtClass)
	}
	pattern, ok := u.patternOf(t.Text)
	if !ok {
		return e, fmt.Errorf("teach %s: %w", t.Class, ErrTaughtText)
	}
	e.Patterns = []Text{{pattern, t.At}}
	for _, c := range t.Counter {
		e.Counter = append(e.Counter, Text{c, t.At})
	}
	if t.State != "" {
		e.States = []Text{{t.State, t.At}}
	}
	return e, nil
}

// maxTaught is how many words a taught text may have: a longer one is a story,
// and would never be written again.
const maxTaught = 8

// patternOf writes a text as a pattern for the whole message: its words folded,
// numbers as NUM. Foreign letters, links and single letters cannot be taught.
func (u *Understander) patternOf(text string) (string, bool) {
	var t tokens
	scan(u.words, text, &t)
	out := []string{"="}
	for i := range t.count {
		k := t.word(i)
		switch {
		case k.kind == kindNumber:
			out = append(out, "NUM")
		case k.kind == kindWord && k.flags&flagCopy == 0:
			word, ok := foldWord(text[k.start:k.end])
			if !ok {
				return "", false
			}
			out = append(out, word)
		}
	}
	letters := len(strings.Join(out[1:], ""))
	return strings.Join(out, " "), !t.odd && !t.cut && len(out) > 1 && len(out) <= maxTaught+1 && letters > 1
}

func (p *Proposal) conflict(text, want, got string) {
	p.Conflicts = append(p.Conflicts, Conflict{text, want, got})
}

// own checks the taught text and its counter-examples.
func (p *Proposal) own(u *Understander, t Taught) {
	if !u.reads(p.Entry, t.Text) {
		p.conflict(t.Text, t.Class, "something else")
	}
	for _, c := range t.Counter {
		if u.reads(p.Entry, c) {
			p.conflict(c, "not "+t.Class, t.Class)
		}
	}
}

// lexicon checks that the examples of every entry are read as they were.
func (p *Proposal) lexicon(before, after *Understander, lex Lexicon) {
	for _, e := range lex.Entries {
		for _, x := range e.Examples {
			if before.reads(e, x.Value) && !after.reads(e, x.Value) {
				p.conflict(x.Value, e.Name.Value, "something else")
			}
		}
		for _, x := range e.Counter {
			if !before.reads(e, x.Value) && after.reads(e, x.Value) {
				p.conflict(x.Value, "not "+e.Name.Value, e.Name.Value)
			}
		}
	}
}

// corpus checks every sample.
func (p *Proposal) corpus(u *Understander, samples []Sample) {
	for _, s := range samples {
		r := u.Read(s.Text, Context{State: p.Entry.home()})
		y := r.YesNo()
		if got, want := answerName(y.Answer, y.Plain), answerName(s.Answer, s.Plain); got != want {
			p.conflict(s.Text, want, got)
		}
		if s.Intent == "*" {
			continue
		}
		if got := r.firstIntent(); got != s.Intent {
			p.conflict(s.Text, "intent "+s.Intent, "intent "+got)
		}
	}
}

func answerName(a Answer, plain bool) string {
	if a == Yes && !plain {
		return "yes, not plain"
	}
	return a.String()
}

func (r Reading) firstIntent() string {
	if all := r.Intents(); len(all) > 0 {
		return all[0].Name
	}
	return ""
}

// meaning checks that a text that is to be a yes does not mean something else
// already: a greeting, a complaint or a no never becomes a yes.
func (p *Proposal) meaning(before *Understander, t Taught) {
	r := before.Read(t.Text, Context{State: t.State})
	if got := r.firstIntent(); got != "" {
		p.conflict(t.Text, "intent "+got, t.Class)
	}
	if y := r.YesNo(); y.Answer == No {
		p.conflict(t.Text, y.Answer.String(), t.Class)
	}
}

// nearMisses checks that what spoils every yes spoils this one.
func (p *Proposal) nearMisses(u *Understander, t Taught) {
	for _, text := range []string{
		"¿" + t.Text + "?", "no " + t.Text, t.Text + " pero mañana", "si me esperan " + t.Text, t.Text + " 2000",
		"dice que " + t.Text, t.Text + " jajaja", "a lo mejor " + t.Text, t.Text + " cuando cobre", "mi hija " + t.Text,
	} {
		if y := u.Read(text, Context{State: t.State}).YesNo(); y.Answer == Yes && y.Plain {
			p.conflict(text, "not a plain yes", "yes")
		}
	}
}

// YAML returns the entry as an item of a lexicon file's list.
func (e Entry) YAML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %q\n", e.Name.Value)
	if !e.Answer {
		fmt.Fprintf(&b, "    score: %d\n", e.Score)
	}
	for _, list := range []struct {
		key   string
		texts []Text
	}{{"states", e.States}, {"patterns", e.Patterns}, {"unless", e.Unless}, {"examples", e.Examples}, {"counter", e.Counter}} {
		if len(list.texts) == 0 {
			continue
		}
		fmt.Fprintf(&b, "    %s:\n", list.key)
		for _, t := range list.texts {
			fmt.Fprintf(&b, "      - %q\n", t.Value)
		}
	}
	return b.String()
}
