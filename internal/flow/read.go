package flow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"valebot/internal/source"
)

// Problem is something wrong in a flow file, with its place and a way to mend it.
type Problem = source.Problem

// maxSteps bounds a flow file; a diagram with more is not readable either.
const maxSteps = 1000

// reader turns YAML nodes into specs and collects what is wrong with their shape.
type reader struct {
	file     source.File
	problems []Problem
}

func (r *reader) report(n *yaml.Node, code, format string, args ...any) *Problem {
	p := r.file.At(n, code, fmt.Sprintf(format, args...))
	r.problems = append(r.problems, p)
	return &r.problems[len(r.problems)-1]
}

// fields walks the keys of a mapping in order. known maps each key to what
// reads its value; other keys are reported.
func (r *reader) fields(n *yaml.Node, what string, known map[string]func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.report(n, "shape", "expected %s with keys here", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case seen[key.Value]:
			r.report(key, "duplicate-key", "%q stands here twice", key.Value)
		case !ok:
			p := r.report(key, "unknown-key", "%q is not a key of %s", key.Value, what)
			p.Suggestion = didYouMean(key.Value, keysOf(known))
		default:
			read(key, value)
		}
		seen[key.Value] = true
	}
}

func didYouMean(word string, names []string) string { return source.DidYouMean(word, names) }

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// each walks a mapping whose keys are names.
func (r *reader) each(n *yaml.Node, what string, read func(key ref, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.report(n, "shape", "expected %s by name here", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			r.report(key, "duplicate-key", "%q stands here twice", key.Value)
			continue
		}
		seen[key.Value] = true
		read(ref{name: key.Value, node: key}, n.Content[i+1])
	}
}

func (r *reader) word(n *yaml.Node) ref {
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		r.report(n, "shape", "expected a word here")
		return ref{}
	}
	return ref{name: n.Value, node: n}
}

func (r *reader) into(to *ref) func(_, value *yaml.Node) {
	return func(_, value *yaml.Node) { *to = r.word(value) }
}

// list reads a word or a list of words.
func (r *reader) list(n *yaml.Node) []ref {
	if n.Kind != yaml.SequenceNode {
		return []ref{r.word(n)}
	}
	out := make([]ref, 0, len(n.Content))
	for _, c := range n.Content {
		out = append(out, r.word(c))
	}
	return out
}

func (r *reader) intoList(to *[]ref) func(_, value *yaml.Node) {
	return func(_, value *yaml.Node) {
		*to = slices.DeleteFunc(r.list(value), func(w ref) bool { return !w.set() })
	}
}

// message reads a message key, or two under test: {test: NAME, a: KEY, b: KEY}.
func (r *reader) message(n *yaml.Node) ref {
	if n.Kind != yaml.MappingNode {
		return r.word(n)
	}
	var a, b, name ref
	r.fields(n, "a test of two messages", map[string]func(_, _ *yaml.Node){"test": r.into(&name), "a": r.into(&a), "b": r.into(&b)})
	if !a.set() || !b.set() || !name.set() {
		if len(r.problems) == 0 {
			r.report(n, "missing-key", "a test of two messages needs test, a and b")
		}
		return ref{}
	}
	a.test = &testSpec{name: name, b: b}
	return a
}

func (r *reader) intoMessage(to *ref) func(_, value *yaml.Node) {
	return func(_, value *yaml.Node) { *to = r.message(value) }
}

func (r *reader) intoMessages(to *[]ref) func(_, value *yaml.Node) {
	return func(_, value *yaml.Node) {
		items := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			items = value.Content
		}
		for _, item := range items {
			if w := r.message(item); w.set() {
				*to = append(*to, w)
			}
		}
	}
}

func (r *reader) words(n *yaml.Node) []string {
	var out []string
	for _, w := range r.list(n) {
		if w.set() {
			out = append(out, w.name)
		}
	}
	return out
}

func (r *reader) text(to *string) func(_, value *yaml.Node) {
	return func(_, value *yaml.Node) { *to = r.word(value).name }
}

func (r *reader) boolean(to *bool) func(_, value *yaml.Node) {
	return func(_, value *yaml.Node) {
		switch value.Value {
		case "true", "false":
			*to = value.Value == "true"
		default:
			r.report(value, "shape", "expected true or false")
		}
	}
}

func (r *reader) number(to *int, from int) func(_, value *yaml.Node) {
	return func(_, value *yaml.Node) {
		n, err := strconv.Atoi(value.Value)
		if err != nil || n < from {
			r.report(value, "shape", "expected a whole number from %d", from)
			return
		}
		*to = n
	}
}

// items walks a list of mappings.
func (r *reader) items(n *yaml.Node, what string, read func(item *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.report(n, "shape", "expected a list of %s", what)
		return
	}
	for _, item := range n.Content {
		read(item)
	}
}

func (r *reader) pairs(n *yaml.Node, what string) []pairSpec {
	var out []pairSpec
	r.each(n, what, func(key ref, value *yaml.Node) {
		if v := r.word(value); v.set() {
			out = append(out, pairSpec{key, v})
		}
	})
	return out
}

// flowFile reads a whole flow file.
func (r *reader) flowFile() *flowSpec {
	s := &flowSpec{file: r.file, node: r.file.Root}
	r.fields(r.file.Root, "a flow", map[string]func(_, _ *yaml.Node){
		"flow": r.into(&s.name), "version": r.number(&s.version, 1), "title": r.text(&s.title), "about": r.into(&s.about),
		"starts": func(_, v *yaml.Node) {
			r.items(v, "starts", func(n *yaml.Node) { s.starts = append(s.starts, r.startOf(n)) })
		},
		"start": r.into(&s.start), "success": r.intoList(&s.success), "returns": r.into(&s.returns),
		"slots":  func(_, v *yaml.Node) { r.slots(s, v) },
		"limits": func(_, v *yaml.Node) { r.limits(s, v) },
		"interrupts": func(_, v *yaml.Node) {
			r.each(v, "interrupts", func(key ref, value *yaml.Node) {
				on := true
				r.boolean(&on)(nil, value)
				s.switched = append(s.switched, switchSpec{key, on})
			})
		},
		"tests":   func(_, v *yaml.Node) { r.guards(s, v) },
		"migrate": func(_, v *yaml.Node) { s.migrate = r.pairs(v, "steps") },
		"steps":   func(_, v *yaml.Node) { r.steps(s, v) },
	})
	r.required(s)
	return s
}

func (r *reader) required(s *flowSpec) {
	missing := []string{}
	for _, have := range []struct {
		key string
		ok  bool
	}{{"flow", s.name.set()}, {"version", s.version > 0}, {"title", s.title != ""}, {"start", s.start.set()}, {"steps", len(s.steps) > 0}} {
		if !have.ok && !r.reported() {
			missing = append(missing, have.key)
		}
	}
	if len(missing) > 0 {
		r.report(s.node, "missing-key", "the flow has no %s", strings.Join(missing, ", "))
	}
}

// reported says whether the shape is already known to be wrong; then what seems
// to be missing may be there under a mistyped key.
func (r *reader) reported() bool { return len(r.problems) > 0 }

func (r *reader) startOf(n *yaml.Node) startSpec {
	var s startSpec
	r.fields(n, "starts", map[string]func(_, _ *yaml.Node){
		"event": r.into(&s.event), "intent": r.into(&s.intent), "audience": r.into(&s.audience), "idle": r.boolean(&s.idle),
	})
	return s
}

func (r *reader) slots(s *flowSpec, n *yaml.Node) {
	r.each(n, "slots", func(key ref, value *yaml.Node) {
		slot := slotSpec{name: key}
		r.fields(value, "a slot", map[string]func(_, _ *yaml.Node){
			"type": r.into(&slot.kind), "secret": r.boolean(&slot.secret),
		})
		s.slots = append(s.slots, slot)
	})
}

func (r *reader) limits(s *flowSpec, n *yaml.Node) {
	var quiet, purpose ref
	r.fields(n, "limits", map[string]func(_, _ *yaml.Node){
		"quiet": r.into(&quiet), "per_day": r.number(&s.limits.PerDay, 1), "per_week": r.number(&s.limits.PerWeek, 1), "answers": r.number(&s.limits.Answers, 1),
		"purpose": r.into(&purpose),
	})
	if purpose.set() {
		r.purpose(s, purpose, quiet.set())
	}
	if !quiet.set() {
		return
	}
	window, err := ParseQuiet(quiet.name)
	if err != nil {
		r.report(quiet.node, "duration", "%q is not a span of hours; write \"20:00-09:00\"", quiet.name)
		return
	}
	s.limits.Hours = window
}

// purposes are what a flow may write first for.
func purposes() []string { return []string{"aviso", "promocion"} }

// purpose reads what a flow writes first for. A promotion keeps quiet hours.
func (r *reader) purpose(s *flowSpec, purpose ref, quiet bool) {
	s.limits.Promotion = purpose.name == "promocion"
	switch {
	case !slices.Contains(purposes(), purpose.name):
		r.report(purpose.node, "unknown-value", "%q is no purpose; use aviso or promocion", purpose.name)
	case s.limits.Promotion && (!quiet || s.limits.PerWeek == 0):
		r.report(purpose.node, "missing-key", "a promotion needs quiet hours and per_week, so that it bothers nobody")
	}
}

func (r *reader) guards(s *flowSpec, n *yaml.Node) {
	r.each(n, "tests", func(key ref, value *yaml.Node) {
		g := guardSpec{test: key, after: leastPeople}
		r.fields(value, "a test", map[string]func(_, _ *yaml.Node){
			"stop": r.intoList(&g.stop), "above": r.number(&g.above, 1), "after": r.number(&g.after, leastPeople),
		})
		if (len(g.stop) == 0 || g.above == 0) && !r.reported() {
			r.report(key.node, "missing-key", "a test needs stop (which words stop an arm) and above (from which percentage)")
		}
		s.guards = append(s.guards, g)
	})
}

func (r *reader) steps(s *flowSpec, n *yaml.Node) {
	if len(n.Content)/2 > maxSteps {
		r.report(n, "too-large", "the flow has %d steps; at most %d are read", len(n.Content)/2, maxSteps)
		return
	}
	r.each(n, "steps", func(key ref, value *yaml.Node) {
		s.steps = append(s.steps, r.step(key, value))
	})
}
