package transcript

import (
	"slices"
	"strings"
)

// Update runs the cases of one file and returns its text with what they expect
// rewritten to what happened, for a person to review. What drives a case is
// never changed. A case that cannot even be driven stays as it is and comes back
// as a failure.
func (l *Lab) Update(cases []Case, text []byte) ([]byte, []Failure) {
	lines := strings.Split(string(text), "\n")
	e := edits{before: map[int][]string{}, instead: map[int]string{}, gone: map[int]bool{}}
	var failures []Failure
	for _, c := range cases {
		own := edits{before: map[int][]string{}, instead: map[int]string{}, gone: map[int]bool{}}
		r := rewriter{run: run{lab: l, c: c}, edits: own}
		if f := r.all(); f != nil {
			failures = append(failures, *f)
			continue
		}
		e.add(own)
	}
	return []byte(strings.Join(e.apply(lines), "\n")), failures
}

// edits are changes of a file by line number, from 1.
type edits struct {
	before  map[int][]string
	instead map[int]string
	gone    map[int]bool
}

func (e edits) add(more edits) {
	for n, lines := range more.before {
		e.before[n] = append(e.before[n], lines...)
	}
	for n, line := range more.instead {
		e.instead[n] = line
	}
	for n := range more.gone {
		e.gone[n] = true
	}
}

func (e edits) apply(lines []string) []string {
	out := make([]string, 0, len(lines))
	for i, line := range lines {
		out = append(out, e.before[i+1]...)
		if text, changed := e.instead[i+1]; changed {
			line = text
		}
		if !e.gone[i+1] {
			out = append(out, line)
		}
	}
	return append(out, e.before[len(lines)+1]...)
}

// rewriter is a run that notes what it would have expected.
type rewriter struct {
	run
	edits edits
}

func (r *rewriter) all() *Failure {
	if err := r.prepare(); err != nil {
		return r.fail(r.c.Line, err.Error(), "", "")
	}
	last := r.c.Line
	for _, l := range r.c.lines {
		if f := r.rewrite(l); f != nil {
			return f
		}
		last = l.number
	}
	r.insert(last + 1)
	return nil
}

// insert puts what was said and nobody expected before a line.
func (r *rewriter) insert(number int) {
	for _, s := range r.unread() {
		r.edits.before[number] = append(r.edits.before[number], "bot: @"+s.Key)
	}
	r.read = len(r.seen.Said)
}

func (r *rewriter) rewrite(l line) *Failure {
	switch l.verb {
	case "user", "tap", "event", "clock", "desk":
		r.insert(l.number)
		return r.line(l)
	case "silence":
		if len(r.unread()) > 0 {
			r.edits.gone[l.number] = true
			r.insert(l.number)
		}
	case "bot":
		r.rebot(l)
	case "core":
		if strings.Contains(l.text, "->") {
			return r.line(l)
		}
		if !slices.Contains(r.seen.Calls[r.called:], l.text) {
			r.edits.gone[l.number] = true
		}
	default:
		if f := r.state(l); f != nil {
			r.restate(l, f.Got)
		}
	}
	return nil
}

// rebot expects what was said, in the way in which the line expected something:
// by its key or by its words.
func (r *rewriter) rebot(l line) {
	if len(r.unread()) == 0 {
		r.edits.gone[l.number] = true
		return
	}
	s := r.unread()[0]
	if r.bot(l) == nil {
		return
	}
	text := "@" + s.Key
	if !strings.HasPrefix(l.text, "@") && s.Err == nil {
		text = s.Text
	}
	r.edits.instead[l.number] = "bot: " + strings.Join(strings.Fields(text), " ")
}

func (r *rewriter) restate(l line, got string) {
	if got == "" {
		r.edits.gone[l.number] = true
		return
	}
	r.edits.instead[l.number] = l.verb + ": " + got
}
