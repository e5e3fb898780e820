package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"valebot/internal/locale"
	"valebot/internal/source"
)

// Set is every machine of a folder with what holds for all of them. It is
// immutable and safe for concurrent use.
type Set struct {
	machines  map[string][]*Machine // by name, oldest version first
	idle      *Machine
	triggered map[string][]*Machine
	archived  map[string]bool // nobody begins them; by name
}

// commonFile is the file of interrupts, beside the flows.
const commonFile = "_interrupts.yaml"

// Load reads, checks and compiles the flow files (*.flow.yaml) and the
// interrupts of a folder against what the core offers and what the messages say.
// Flows with errors are left out of the set; a program that talks to people uses
// it only if source.Errors of the problems is 0. catalog may be nil to leave
// messages unchecked; its own problems are locale.Load's to report.
func Load(flows fs.FS, vocabulary Vocabulary, catalog *locale.Catalog) (*Set, []Problem) {
	l := loader{vocabulary: vocabulary, catalog: catalog, root: source.RootOf(flows, "flows")}
	set := l.load(flows)
	source.Sort(l.problems)
	return set, l.problems
}

func (l *loader) load(flows fs.FS) *Set {
	l.common = l.readCommon(flows)
	l.readArchived(flows)
	l.readFlows(flows)
	l.newest = l.latest()
	l.checkArchived()
	l.shared()
	set := &Set{machines: map[string][]*Machine{}, triggered: map[string][]*Machine{}, archived: l.archived}
	l.linkAll()
	l.quiet()
	for _, spec := range l.specs {
		if m := l.linked[spec]; m != nil {
			set.add(m)
		}
	}
	set.finish(l.begins(), l.quietIdle())
	return set
}

type loader struct {
	vocabulary Vocabulary
	catalog    *locale.Catalog
	root       string
	common     *commonSpec
	specs      []*flowSpec
	interrupts []interrupt
	newest     map[string]*flowSpec // by name
	linked     map[*flowSpec]*Machine
	calling    []*flowSpec              // flows whose sub-flows are being linked, the outermost first
	entered    map[string]time.Duration // sub-flow → the longest silence of the person when it is called
	linkers    []*linker                // of the flows without errors, sub-flows first
	problems   []Problem
	reported   map[string]bool // messages already reported with a variable

	archived    map[string]bool // by name
	archiving   []ref           // the same, where they are written
	archiveSpec *flowSpec       // their file
}

func (l *loader) readCommon(flows fs.FS) *commonSpec {
	if _, err := fs.Stat(flows, commonFile); err != nil {
		return &commonSpec{}
	}
	file, problems := source.Read(flows, l.root, commonFile)
	l.problems = append(l.problems, problems...)
	if file.Root == nil {
		return &commonSpec{}
	}
	r := reader{file: file}
	spec := r.common()
	l.problems = append(l.problems, r.problems...)
	return spec
}

// maxFiles bounds how many flow files a folder may hold.
const maxFiles = 500

func (l *loader) readFlows(flows fs.FS) {
	paths, err := fs.Glob(flows, "*.flow.yaml")
	if err != nil || len(paths) == 0 || len(paths) > maxFiles {
		l.problems = append(l.problems, Problem{File: l.root, Line: 1, Col: 1, Severity: source.Error, Code: "file",
			Text: fmt.Sprintf("expected 1 to %d flow files (*.flow.yaml) here and found %d", maxFiles, len(paths))})
		return
	}
	seen := map[string]string{}
	for _, p := range paths {
		file, problems := source.Read(flows, l.root, p)
		l.problems = append(l.problems, problems...)
		if file.Root == nil {
			continue
		}
		r := reader{file: file}
		spec := r.flowFile()
		spec.broken = len(r.problems) > 0
		l.problems = append(l.problems, r.problems...)
		if spec.name.set() && l.unique(spec, p, seen) {
			l.specs = append(l.specs, spec)
		}
	}
}

// unique refuses a second file with the same flow and version, and a flow that
// is called otherwise than its file.
func (l *loader) unique(s *flowSpec, p string, seen map[string]string) bool {
	want, _, _ := strings.Cut(path.Base(p), ".")
	if s.name.name != want {
		l.report(s, s.name, "flow-name", "the flow is called %q and its file %q; give both one name", s.name.name, want)
		return false
	}
	id := fmt.Sprintf("%s v%d", s.name.name, s.version)
	if other, ok := seen[id]; ok {
		l.report(s, s.name, "duplicate-flow", "flow %s is also in %s", id, other)
		return false
	}
	seen[id] = s.file.Name
	return true
}

func (l *loader) report(s *flowSpec, at ref, code, format string, args ...any) *Problem {
	n := at.node
	if n == nil {
		n = s.node
	}
	l.problems = append(l.problems, s.file.At(n, code, fmt.Sprintf(format, args...)))
	return &l.problems[len(l.problems)-1]
}

func (l *loader) warn(s *flowSpec, at ref, code, format string, args ...any) *Problem {
	p := l.report(s, at, code, format, args...)
	p.Severity = source.Warning
	return p
}

// begins are the flows that people may start by asking, from all files. An
// archived one they ask for in vain: the idle machine answers, as to what nobody
// understands.
func (l *loader) begins() []begin {
	latest := l.newest
	var out []begin
	for _, name := range keysOf(latest) {
		for _, st := range latest[name].starts {
			if st.intent.set() && !l.archived[name] {
				out = append(out, begin{intent: st.intent.name, audience: st.audience.name, flow: name, slots: slotsByType(latest[name])})
			}
		}
	}
	return out
}

// latest is the newest version of each flow.
func (l *loader) latest() map[string]*flowSpec {
	latest := map[string]*flowSpec{}
	for _, s := range l.specs {
		if old, ok := latest[s.name.name]; !ok || old.version < s.version {
			latest[s.name.name] = s
		}
	}
	return latest
}

// slotsByType maps a type to the first slot that holds it: where a volunteered
// value goes.
func slotsByType(s *flowSpec) map[Type]string {
	out := map[Type]string{}
	for _, slot := range s.slots {
		if t := Type(slot.kind.name); out[t] == "" {
			out[t] = slot.name.name
		}
	}
	return out
}

func (s *Set) add(m *Machine) {
	s.machines[m.name] = append(s.machines[m.name], m)
	slices.SortFunc(s.machines[m.name], func(a, b *Machine) int { return a.version - b.version })
}

// finish settles what depends on all machines. fallback is the idle machine if
// no flow is one.
func (s *Set) finish(begins []begin, fallback *Machine) {
	for _, name := range s.Names() {
		all := s.machines[name]
		for _, m := range all {
			m.begins, m.family = begins, s.machines
		}
		newest := all[len(all)-1]
		if newest.idle {
			s.idle = newest
		}
		if s.archived[name] {
			continue
		}
		for _, e := range newest.events {
			s.triggered[e] = append(s.triggered[e], newest)
		}
	}
	if s.idle == nil {
		s.idle = fallback
		s.idle.begins = begins
	}
}

// quietIdle is the idle machine of a folder that has none: interrupts work, and
// what is not understood goes to a person.
func (l *loader) quietIdle() *Machine {
	return &Machine{name: "inicio", version: 1, idle: true, index: map[string]int{"libre": 0}, facts: l.vocabulary.About[""],
		interrupts: l.interrupts, busy: l.common.busy.name, aside: l.common.aside.name, handoff: l.common.handoff.name,
		wordless: l.common.wordless(),
		steps:    []step{{name: "libre", kind: listens, nextAll: -1}}}
}

// Names returns the names of the flows, sorted.
func (s *Set) Names() []string { return keysOf(s.machines) }

// Machine returns one version of a flow.
func (s *Set) Machine(name string, version int) (*Machine, bool) {
	for _, m := range s.machines[name] {
		if m.version == version {
			return m, true
		}
	}
	if s.idle.name == name && s.idle.version == version {
		return s.idle, true
	}
	return nil, false
}

// Latest returns the newest version of a flow.
func (s *Set) Latest(name string) (*Machine, bool) {
	all := s.machines[name]
	if len(all) == 0 {
		return nil, false
	}
	return all[len(all)-1], true
}

// Idle returns the machine of a person with no open dialogue. It never ends and
// needs no floor.
func (s *Set) Idle() *Machine { return s.idle }

// Triggered returns the flows that a core event starts, by name.
func (s *Set) Triggered(event string) []*Machine { return slices.Clone(s.triggered[event]) }

func hashOf(f source.File) string {
	sum := sha256.Sum256([]byte(strings.Join(f.Lines, "\n")))
	return hex.EncodeToString(sum[:])
}
