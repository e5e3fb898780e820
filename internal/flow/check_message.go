package flow

import (
	"fmt"
	"slices"
	"strings"

	"valebot/internal/locale"
)

// message checks that a message exists and that the flow has all its
// variables. core, where not nil, is what .core holds; in a flow it is what any
// of its actions and events give.
func (k *linker) message(w ref, core Fields) {
	if !w.set() || k.catalog == nil {
		return
	}
	if w.test != nil {
		k.message(w.test.b, core)
		k.alike(w)
	}
	m, ok := k.catalog.Message(w.name)
	if !ok {
		p := k.report(k.spec, w, "no-such-message", "message %q is not in %s", w.name, strings.Join(k.catalog.Files(), ", "))
		p.Suggestion = didYouMean(w.name, k.catalog.Keys())
		return
	}
	if core == nil {
		core = k.coreFields()
	}
	for _, v := range m.Variants() {
		for _, use := range v.Uses {
			k.variable(v, use, core)
		}
	}
}

// said checks a message that is no question. It has no buttons: a tap on one
// would belong to no question, and answer nothing.
func (k *linker) said(w ref) {
	k.message(w, nil)
	k.untapped(w)
	if w.test != nil {
		k.untapped(w.test.b)
	}
}

func (k *linker) untapped(w ref) {
	if !w.set() || k.catalog == nil {
		return
	}
	if m, ok := k.catalog.Message(w.name); ok && len(m.Choices) > 0 {
		p := k.report(k.spec, w, "wa-options", "message %q has answers to tap and is no question here", w.name)
		p.Suggestion = "ask it (ask), or take its buttons away"
	}
}

func (k *linker) coreFields() Fields {
	out := Fields{}
	for _, s := range k.spec.steps {
		for name, t := range k.vocabulary.Actions[s.do.name].Result {
			out[name] = t
		}
		for _, e := range slices.Concat(s.wait, keys(s.meanwhile)) {
			for name, t := range k.vocabulary.Events[e.name].Data {
				out[name] = t
			}
		}
	}
	for _, st := range k.spec.starts {
		for name, t := range k.vocabulary.Events[st.event.name].Data {
			out[name] = t
		}
	}
	return out
}

func keys(pairs []pairSpec) []ref {
	out := make([]ref, len(pairs))
	for i, p := range pairs {
		out[i] = p.key
	}
	return out
}

// variable checks one variable of a text, once per flow and text.
func (k *linker) variable(v *locale.Variant, use locale.Use, core Fields) {
	path := strings.Join(use.Path, ".")
	id := k.m.name + " " + v.ID + " " + path
	if k.reported[id] {
		return
	}
	t, fields, missing := k.lookup(use.Path, core)
	if missing != "" {
		k.reported[id] = true
		hint := missing
		if near := didYouMean(missing, fields); near != "" {
			hint += "; " + near
		}
		k.problems = append(k.problems, v.Problem("msg-variable", fmt.Sprintf("flow %q has no .%s (%s)", k.m.name, path, hint)))
		return
	}
	if t != "" && !accepts(use.Filter, t) {
		k.reported[id] = true
		k.problems = append(k.problems, v.Problem("msg-variable", fmt.Sprintf(".%s is %s and %s", path, t, filterName(use.Filter))))
	}
}

func filterName(filter string) string {
	if filter == "" {
		return "needs a filter, as in | pesos"
	}
	return filter + " does not take that"
}

// lookup finds the type of a variable. missing is the part of the path that
// does not exist, and fields what could stand there.
func (k *linker) lookup(path []string, core Fields) (t Type, fields []string, missing string) {
	var in Fields
	switch {
	case path[0] == "slots" && len(path) > 1:
		return k.lookupSlot(path[1:])
	case path[0] == "core":
		in = core
	default:
		known, ok := k.facts[path[0]]
		if !ok {
			return "", append(keysOf(k.facts), "slots", "core"), path[0]
		}
		in = known
	}
	if len(path) != 2 {
		return "", keysOf(in), path[len(path)-1]
	}
	t, ok := in[path[1]]
	if !ok {
		return "", keysOf(in), path[1]
	}
	return t, nil, ""
}

func (k *linker) lookupSlot(path []string) (t Type, fields []string, missing string) {
	s, ok := k.m.slots[path[0]]
	switch {
	case !ok:
		return "", keysOf(k.m.slots), path[0]
	case len(path) == 1:
		if _, named := s.fields["nombre"]; s.record && named {
			return recordType, nil, ""
		}
		return s.kind, nil, ""
	case s.record && len(s.fields) == 0:
		return "", nil, "" // nothing that exists fills it, which is told there
	case !s.record || len(path) > 2:
		return "", nil, path[1]
	}
	t, ok = s.fields[path[1]]
	if !ok {
		return "", keysOf(s.fields), path[1]
	}
	return t, nil, ""
}

// accepts reports whether a filter takes values of a type.
func accepts(filter string, t Type) bool {
	switch filter {
	case "":
		return t == Text || t == Int || t == Option
	case "pesos":
		return t == Amount
	case "fecha":
		return t == Date || t == Stamp
	case "fechahora":
		return t == Stamp
	case "lista":
		return t == Ints
	case "plural":
		return t == Int
	case "banco":
		return t == Text || t == recordType
	}
	return slices.Contains([]Type{Text, Phone, CLABE, PIN, Option}, t)
}
