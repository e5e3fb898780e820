package flow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// steps compiles every step. Names come first, so that steps may lead forward.
func (k *linker) steps() {
	for i, s := range k.spec.steps {
		k.m.index[s.name.name] = i
	}
	k.m.steps = make([]step, len(k.spec.steps))
	for i, s := range k.spec.steps {
		k.m.steps[i] = k.compile(s)
	}
}

func (k *linker) compile(s *stepSpec) step {
	out := step{name: s.name.name, note: s.note, nextAll: -1, ask: s.ask.line(), again: s.again.name, action: s.do.name,
		queue: s.handoff.name, reason: s.reason.name, priority: s.priority.name, end: s.end.name}
	kind, ok := k.kind(s)
	if !ok {
		return out
	}
	out.kind = kind
	for _, w := range s.say {
		k.said(w)
		out.say = append(out.say, w.line())
	}
	if s.do.set() && len(s.say) > 0 {
		p := k.report(k.spec, s.do, "do-and-say", "step %q calls an action and says something: the message may promise what then fails", s.name.name)
		p.Suggestion = "say it in the step that comes after"
	}
	switch kind {
	case asks, listens:
		k.question(s, &out)
	case acts:
		k.act(s, &out)
	case calls:
		k.call(s, &out)
	case decides:
		k.decision(s, &out)
	case waits:
		k.waiting(s, &out)
	case handsOff:
		if out.priority == "" {
			out.priority = "normal"
		} else if !slices.Contains([]string{"low", "normal", "high"}, out.priority) {
			k.report(k.spec, s.priority, "unknown-value", "%q is not a priority; write low, normal or high", out.priority)
		}
	}
	k.meantime(s, &out)
	k.misplaced(s, kind)
	k.exits(s, &out)
	k.silence(s, &out)
	return out
}

// kind finds the one thing that a step does; a step with two, or with none and
// no way out, is an error.
func (k *linker) kind(s *stepSpec) (stepKind, bool) {
	var found []string
	kind := passes
	for _, c := range []struct {
		key  string
		has  bool
		kind stepKind
	}{
		{"ask", s.ask.set(), asks}, {"do", s.do.set(), acts}, {"decide", len(s.decide) > 0, decides},
		{"wait", len(s.wait) > 0, waits}, {"handoff", s.handoff.set(), handsOff}, {"end", s.end.set(), ends},
		{"call", s.call.set(), calls},
	} {
		if c.has {
			found, kind = append(found, c.key), c.kind
		}
	}
	if len(found) == 0 && len(s.expect) > 0 && k.m.idle {
		found, kind = append(found, "expect"), listens
	}
	next := s.nextAll.set() || len(s.next) > 0
	switch {
	case len(found) > 1:
		k.report(k.spec, s.name, "two-exits", "step %q does two things: %s; a step does one and takes one way out", s.name.name, strings.Join(found, " and "))
	case next && (kind == decides || kind == ends):
		k.report(k.spec, s.name, "two-exits", "step %q has both %s and next; a step takes one way out", s.name.name, found[0])
	case !next && kind != decides && kind != ends && kind != listens:
		k.report(k.spec, s.name, "dead-end", "step %q does not say what comes next", s.name.name)
	default:
		return kind, true
	}
	k.broken = true
	return kind, false
}

// misplaced reports keys that mean nothing in a step of this kind.
func (k *linker) misplaced(s *stepSpec, kind stepKind) {
	question := kind == asks || kind == listens
	for _, c := range []struct {
		key string
		has bool
		ok  bool
	}{
		{"expect", len(s.expect) > 0, question}, {"again", s.again.set(), kind == asks}, {"reject", len(s.reject) > 0, kind == asks},
		{"unclear", len(s.unclear) > 0, question}, {"after", len(s.after) > 0, kind == asks || kind == waits},
		{"save", s.save.set(), kind == asks || kind == acts || kind == calls},
		{"with", len(s.with) > 0, kind == acts || kind == calls},
		{"until", s.until.set(), kind == waits}, {"reason", s.reason.set(), kind == handsOff}, {"priority", s.priority.set(), kind == handsOff},
	} {
		if c.has && !c.ok {
			k.report(k.spec, s.name, "misplaced-key", "%q means nothing in step %q, which does not %s", c.key, s.name.name, needs(c.key))
		}
	}
}

func needs(key string) string {
	switch key {
	case "with":
		return "call an action (do) or a flow (call)"
	case "until":
		return "wait for the core (wait)"
	case "reason", "priority":
		return "hand off (handoff)"
	case "save":
		return "ask, or call an action or a flow"
	}
	return "ask (ask)"
}

// act compiles a do.
func (k *linker) act(s *stepSpec, out *step) {
	spec, ok := k.action(s.do)
	if s.save.set() {
		declared, known := k.slot(s.save)
		out.save = s.save.name
		if known && ok && !declared.record && len(spec.Result) != 1 {
			k.report(k.spec, s.save, "slot-type", "slot %q holds one %s and %s gives %d values", declared.name, declared.kind, s.do.name, len(spec.Result))
		}
	}
	if !ok {
		return
	}
	if spec.About != "" && spec.About != k.spec.about.name {
		k.report(k.spec, s.do, "wrong-about", "%s works only in flows about %q", s.do.name, spec.About)
	}
	given := map[string]bool{}
	for _, pair := range s.with {
		given[pair.key.name] = true
		out.with = append(out.with, k.input(s, spec, pair))
	}
	var missing []string
	for _, name := range keysOf(spec.With) {
		if !given[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		k.report(k.spec, s.do, "missing-input", "%s also needs: %s", s.do.name, strings.Join(missing, ", "))
	}
}

func (k *linker) input(s *stepSpec, spec ActionSpec, pair pairSpec) input {
	p, err := k.scope.compile(pair.value.name)
	k.expression(pair.value, err)
	want, known := spec.With[pair.key.name]
	switch {
	case !known:
		problem := k.report(k.spec, pair.key, "unknown-input", "%s takes no %q", s.do.name, pair.key.name)
		problem.Suggestion = didYouMean(pair.key.name, keysOf(spec.With))
	case err == nil && p.kind != typeOf(want) && (k.untyped == "" || !strings.Contains(pair.value.name, "slots."+k.untyped)):
		k.report(k.spec, pair.value, "expression", "%s must be %s, not %s", pair.key.name, plainTypes(typeOf(want).String()), plainTypes(fmt.Sprint(p.kind)))
	}
	return input{pair.key.name, p}
}

func (k *linker) decision(s *stepSpec, out *step) {
	for i, c := range s.decide {
		b := branch{by: "if " + strconv.Itoa(i+1)}
		if c.fallback {
			b.by = "else"
		}
		b.to, _ = k.target(c.to)
		last := i == len(s.decide)-1
		switch {
		case c.fallback && !last:
			k.report(k.spec, ref{node: c.node}, "else-last", "lines after else are never reached")
		case !c.fallback && last:
			k.report(k.spec, ref{node: c.node}, "no-else", "decide in step %q has no else: what if nothing holds?", s.name.name)
		}
		if !c.fallback {
			b.cond = k.condition(c.cond)
			if !c.cond.set() {
				k.report(k.spec, ref{node: c.node}, "missing-key", "a line of decide needs if and go, or else")
			}
		}
		out.decide = append(out.decide, b)
	}
}

// meantime compiles what the core may say while a question is open.
func (k *linker) meantime(s *stepSpec, out *step) {
	for _, pair := range s.meanwhile {
		k.event(pair.key)
		if to, ok := k.target(pair.value); ok {
			if out.meanwhile == nil {
				out.meanwhile = map[string]int{}
			}
			out.meanwhile[pair.key.name] = to
		}
	}
}

func (k *linker) event(w ref) {
	if _, ok := k.vocabulary.Events[w.name]; !ok {
		p := k.report(k.spec, w, "no-such-event", "the core has no event %q", w.name)
		p.Suggestion = didYouMean(w.name, keysOf(k.vocabulary.Events))
	}
}

func (k *linker) waiting(s *stepSpec, out *step) {
	for _, w := range s.wait {
		k.event(w)
		out.wait = append(out.wait, w.name)
	}
	if !s.until.set() {
		return
	}
	p, err := k.scope.compile(s.until.name)
	k.expression(s.until, err)
	if err == nil && p.kind != typeOf(Date) && p.kind != typeOf(Stamp) {
		k.report(k.spec, s.until, "expression", "until must be a date, not %s", plainTypes(fmt.Sprint(p.kind)))
	}
	out.until = p
}

// silence compiles after; a step where nobody answers must not wait for ever.
func (k *linker) silence(s *stepSpec, out *step) {
	goes := s.until.set()
	for _, a := range s.after {
		r := reminder{timer: s.name.name + "/" + a.key.name, wait: a.wait, say: a.say.name, to: -1}
		k.said(a.say)
		if a.to.set() {
			r.to, _ = k.target(a.to)
			goes = true
		}
		if !a.say.set() && !a.to.set() {
			k.report(k.spec, a.key, "missing-key", "%s needs say or go", a.key.name)
		}
		out.after = append(out.after, r)
	}
	if (out.kind == asks || out.kind == waits) && !goes {
		p := k.warn(k.spec, s.name, "no-after", "step %q waits for ever if nobody answers", s.name.name)
		p.Suggestion = "add after: {24h: {go: STEP}}"
	}
}
