package flow

import (
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// stepName is how steps are called: diagrams, statistics and dialogues inside of
// other flows ("clabe/pide") name them.
var stepName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

// step reads one step.
func (r *reader) step(name ref, n *yaml.Node) *stepSpec {
	if !stepName.MatchString(name.name) {
		p := r.report(name.node, "step-name", "%q is not the name of a step", name.name)
		p.Suggestion = "write small letters without accents, digits and _, as in espera_pago"
	}
	s := &stepSpec{name: name, node: n}
	r.fields(n, "a step", map[string]func(_, _ *yaml.Node){
		"note": r.text(&s.note), "say": r.intoMessages(&s.say), "ask": r.intoMessage(&s.ask), "again": r.into(&s.again),
		"expect": func(_, v *yaml.Node) { r.expect(s, v) },
		"save":   r.into(&s.save),
		"reject": func(_, v *yaml.Node) { s.reject = r.cases(v, "reject", "if", "say") },
		"unclear": func(_, v *yaml.Node) {
			s.unclear = r.cases(v, "unclear", "say", "go")
		},
		"after": func(_, v *yaml.Node) { r.after(s, v) },
		"do":    r.into(&s.do), "call": r.into(&s.call),
		"with": func(_, v *yaml.Node) { s.with = r.pairs(v, "inputs") },
		"decide": func(_, v *yaml.Node) {
			s.decide = r.cases(v, "decide", "if", "go", "else")
		},
		"wait": r.intoList(&s.wait), "until": r.into(&s.until),
		"meanwhile": func(_, v *yaml.Node) { s.meanwhile = r.pairs(v, "events") },
		"next":      func(_, v *yaml.Node) { r.next(s, v) },
		"handoff":   r.into(&s.handoff), "reason": r.into(&s.reason), "priority": r.into(&s.priority),
		"end": r.into(&s.end),
	})
	return s
}

func (r *reader) expect(s *stepSpec, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.intoList(&s.expect)(nil, n)
		return
	}
	r.fields(n, "expect", map[string]func(_, _ *yaml.Node){
		"also": func(_, v *yaml.Node) { s.expect = append(s.expect, r.list(v)...) },
		"option": func(key, v *yaml.Node) {
			s.expect = append(s.expect, ref{name: "option", node: key})
			r.each(v, "options", func(id ref, words *yaml.Node) {
				o := optionSpec{id: id}
				if words.Kind != yaml.SequenceNode || len(words.Content) > 0 {
					o.words = r.words(words)
				}
				s.options = append(s.options, o)
			})
		},
	})
}

// cases reads a list of {if, say, go} lines, of which only the allowed keys.
func (r *reader) cases(n *yaml.Node, what string, allowed ...string) []caseSpec {
	var out []caseSpec
	r.items(n, "lines", func(item *yaml.Node) {
		c := caseSpec{node: item}
		all := map[string]func(_, _ *yaml.Node){
			"if": r.into(&c.cond), "say": r.into(&c.say), "go": r.into(&c.to),
			"else": func(_, v *yaml.Node) { c.fallback, c.to = true, r.word(v) },
		}
		known := map[string]func(_, _ *yaml.Node){}
		for _, key := range allowed {
			known[key] = all[key]
		}
		r.fields(item, what, known)
		out = append(out, c)
	})
	return out
}

func (r *reader) after(s *stepSpec, n *yaml.Node) {
	r.each(n, "waits", func(key ref, value *yaml.Node) {
		a := afterSpec{key: key}
		wait, ok := ParseWait(key.name)
		if !ok {
			r.report(key.node, "duration", "%q is not a length of time; write 30m, 4h or 3d", key.name)
		}
		a.wait = wait
		if value.Kind == yaml.ScalarNode && value.Value != "" {
			r.report(value, "shape", "expected say or go here").Suggestion = "write {go: " + value.Value + "}"
			return
		}
		r.fields(value, "after", map[string]func(_, _ *yaml.Node){"say": r.into(&a.say), "go": r.into(&a.to)})
		s.after = append(s.after, a)
	})
}

func (r *reader) next(s *stepSpec, n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		s.next = r.pairs(n, "outcomes")
		return
	}
	if n.Kind == yaml.SequenceNode {
		r.report(n, "shape", "next is one step, or one for each outcome").Suggestion = "write {OUTCOME: STEP, OUTCOME: STEP}"
		return
	}
	s.nextAll = r.word(n)
}

// ParseWait reads a length of time as flows write it: 30m, 4h, 3d; at most a year.
func ParseWait(text string) (time.Duration, bool) {
	if len(text) < 2 || len(text) > 6 {
		return 0, false
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil || n < 1 || text[0] == '+' {
		return 0, false
	}
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	unit, ok := units[text[len(text)-1]]
	if !ok || time.Duration(n) > 365*24*time.Hour/unit {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// common reads the file that holds for all flows.
func (r *reader) common() *commonSpec {
	s := &commonSpec{file: r.file}
	r.fields(r.file.Root, "the interrupts file", map[string]func(_, _ *yaml.Node){
		"busy": r.into(&s.busy), "aside": r.into(&s.aside), "handoff": r.into(&s.handoff),
		"photo": r.into(&s.photo), "voice": r.into(&s.voice), "location": r.into(&s.location),
		"interrupts": func(_, v *yaml.Node) {
			r.each(v, "interrupts", func(key ref, value *yaml.Node) {
				s.interrupts = append(s.interrupts, r.interrupt(key, value))
			})
		},
	})
	return s
}

func (r *reader) interrupt(name ref, n *yaml.Node) interruptSpec {
	s := interruptSpec{name: name}
	r.fields(n, "an interrupt", map[string]func(_, _ *yaml.Node){
		"words":  func(_, v *yaml.Node) { s.words = r.words(v) },
		"intent": r.into(&s.intent), "do": r.into(&s.do),
		"say": func(_, v *yaml.Node) {
			if v.Kind == yaml.SequenceNode {
				s.cases = r.cases(v, "say", "if", "say")
				return
			}
			s.say = r.word(v)
		},
		"then": r.into(&s.then), "queue": r.into(&s.queue), "reason": r.text(&s.reason), "locked": r.boolean(&s.locked),
	})
	if !s.then.set() || !r.oneOf(s.then, "then", "resume", "handoff", "end") {
		if !s.then.set() {
			r.report(name.node, "missing-key", "interrupt %s does not say what comes then: resume, handoff or end", name.name)
		}
	}
	return s
}

func (r *reader) oneOf(w ref, what string, allowed ...string) bool {
	for _, a := range allowed {
		if w.name == a {
			return true
		}
	}
	p := r.report(w.node, "unknown-value", "%q is not a value of %s", w.name, what)
	p.Suggestion = didYouMean(w.name, allowed)
	return false
}
