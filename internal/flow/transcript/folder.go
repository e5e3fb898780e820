package transcript

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"valebot/internal/source"
)

// ReadFolder reads all .chat files of fsys, in the order of their names. shown
// is the folder that problems and failures put before a file's name; it may be
// empty. What is wrong inside a file comes back as problems, an unreadable file
// as an error.
func ReadFolder(fsys fs.FS, shown string) ([]Case, []source.Problem, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".chat") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list conversations: %w", err)
	}
	slices.Sort(names)
	var cases []Case
	var problems []source.Problem
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read conversations: %w", err)
		}
		more, wrong := Parse(path.Join(shown, name), text)
		cases, problems = append(cases, more...), append(problems, wrong...)
	}
	return cases, problems, nil
}
