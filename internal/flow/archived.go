package flow

import (
	"io/fs"

	"go.yaml.in/yaml/v4"

	"valebot/internal/source"
)

// ArchivedFile names, beside the flows, those that nobody begins any more:
// "archived: [nps]". They are checked and compiled like the others, since people
// may be in the middle of them. `valebot flow archive` writes it into what is
// published.
const ArchivedFile = "_archived.yaml"

// readArchived reads which flows are archived. Those that do not exist are told
// once all files are read.
func (l *loader) readArchived(flows fs.FS) {
	l.archived = map[string]bool{}
	if _, err := fs.Stat(flows, ArchivedFile); err != nil {
		return
	}
	file, problems := source.Read(flows, l.root, ArchivedFile)
	l.problems = append(l.problems, problems...)
	if file.Root == nil {
		return
	}
	r := reader{file: file}
	r.fields(file.Root, "the archived flows", map[string]func(_, _ *yaml.Node){"archived": r.intoList(&l.archiving)})
	l.problems = append(l.problems, r.problems...)
	l.archiveSpec = &flowSpec{file: file, node: file.Root}
	for _, w := range l.archiving {
		l.archived[w.name] = true
	}
}

// checkArchived sees that what is archived exists, and that nobody depends on it.
func (l *loader) checkArchived() {
	for _, w := range l.archiving {
		s, ok := l.newest[w.name]
		if !ok {
			p := l.report(l.archiveSpec, w, "no-such-flow", "there is no flow %q", w.name)
			p.Suggestion = didYouMean(w.name, keysOf(l.newest))
			continue
		}
		for _, st := range s.starts {
			if st.idle {
				l.report(l.archiveSpec, w, "archived", "flow %q answers whoever has nothing open and cannot be archived", w.name)
			}
		}
	}
	for _, s := range l.specs {
		if s != l.newest[s.name.name] || l.archived[s.name.name] {
			continue // people finish in it, and what it calls is compiled as ever
		}
		for _, st := range s.steps {
			if l.archived[st.call.name] {
				p := l.report(s, st.call, "archived", "flow %q is archived and this step still calls it", st.call.name)
				p.Suggestion = "take the call out and publish, or archive " + s.name.name + " too"
			}
		}
	}
}

// ArchivedIn returns the names that the flows of a folder are archived under,
// sorted; what is wrong with the file is Load's to report.
func ArchivedIn(flows fs.FS) []string {
	l := loader{root: source.RootOf(flows, "flows")}
	l.readArchived(flows)
	return keysOf(l.archived)
}

// Archived reports whether nobody begins a flow any more. Latest still finds it.
func (s *Set) Archived(name string) bool { return s.archived[name] }
