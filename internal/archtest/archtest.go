// Package archtest proves the shape of the house: which package may import
// which, and that the decisions are made without clock, chance or I/O.
//
// Its test runs over the whole module and fails with one sentence per offence,
// which says what to do. It reads source text and import lists and does not
// type-check, so callers may not assume that it sees state hidden behind an
// alias or a pointer that was handed out.
package archtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Package is what the checks look at: one package of the module.
type Package struct {
	Path    string   // below the module: "internal/money", "flows"
	Name    string   // of the package clause
	Imports []string // full paths, of the files that are not tests
	Files   []File   // the files that are not tests
}

// File is one parsed source file.
type File struct {
	Name string // without directory
	Fset *token.FileSet
	AST  *ast.File
}

func (f File) at(n ast.Node) string {
	p := f.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", f.Name, p.Line)
}

// Load lists and parses the packages of the module in dir with the go command.
// A package that does not compile is loaded as far as it can be read.
func Load(dir string) (module string, pkgs []Package, err error) {
	cmd := exec.Command("go", "list", "-e", "-json=Dir,ImportPath,Name,GoFiles,Imports,Module", "./...")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", nil, fmt.Errorf("list packages: %w", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return module, pkgs, nil
		} else if err != nil {
			return "", nil, fmt.Errorf("read package list: %w", err)
		}
		if l.Module == nil || len(l.GoFiles) == 0 {
			continue // tests only, or matched by mistake
		}
		module = l.Module.Path
		p, err := l.parse()
		if err != nil {
			return "", nil, err
		}
		pkgs = append(pkgs, p)
	}
}

// listed is what go list says about a package.
type listed struct {
	Dir, ImportPath, Name string
	GoFiles, Imports      []string
	Module                *struct{ Path string }
}

func (l listed) parse() (Package, error) {
	p := Package{Path: strings.TrimPrefix(l.ImportPath, l.Module.Path+"/"), Name: l.Name, Imports: l.Imports}
	for _, name := range l.GoFiles {
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, filepath.Join(l.Dir, name), nil, parser.ParseComments)
		if err != nil {
			return p, fmt.Errorf("parse: %w", err)
		}
		p.Files = append(p.Files, File{Name: name, Fset: fset, AST: tree})
	}
	return p, nil
}

// Check returns every offence, sorted, one sentence each. None means that the
// packages fit the ranks.
func Check(module string, ranks []Row, pkgs []Package) []string {
	var offences []string
	for _, p := range pkgs {
		row, ok := find(ranks, p.Path)
		if !ok {
			offences = append(offences, p.Path+" has no rank: add its row, with the one sentence it stands for, to the table in internal/archtest/ranks.go")
			continue
		}
		offences = append(offences, imports(module, ranks, row, p)...)
		offences = append(offences, source(row, p)...)
	}
	slices.Sort(offences)
	return offences
}

// imports checks the arrows that leave a package.
func imports(module string, ranks []Row, row Row, p Package) []string {
	var out []string
	for _, path := range p.Imports {
		inside, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			if row.Rank <= lastLeaf && forbidden(path) {
				out = append(out, fmt.Sprintf("%s (rank %d) imports %s: ranks 0 to %d know no I/O, context, clock or chance; take the value as an argument", p.Path, row.Rank, path, lastLeaf))
			}
			continue
		}
		target, ok := find(ranks, inside)
		switch {
		case !ok:
			// Its own missing row is reported where it is listed.
		case target.TestOnly:
			out = append(out, fmt.Sprintf("%s imports %s: only tests may", p.Path, inside))
		case target.Rank < row.Rank, target.Family == row.Family:
		case target.Rank == row.Rank:
			out = append(out, fmt.Sprintf("%s imports its sibling %s (both rank %d): move what they share to a lower rank, or let the caller bring them together", p.Path, inside, row.Rank))
		default:
			out = append(out, fmt.Sprintf("%s (rank %d) imports %s (rank %d): a package imports only lower ranks; declare an interface with the caller, or move the code", p.Path, row.Rank, inside, target.Rank))
		}
	}
	return out
}

// forbidden reports whether a leaf may not import the package. log/slog is let
// through here for LogValue; what is used of it is checked in the source.
func forbidden(path string) bool {
	if path == "log/slog" {
		return false
	}
	for _, banned := range []string{
		"context", "os", "net", "database", "log", "math/rand", "crypto/rand", "syscall", "runtime",
		"github.com/jackc/pgx", "github.com/redis", "github.com/riverqueue", "github.com/prometheus",
	} {
		if path == banned || strings.HasPrefix(path, banned+"/") {
			return true
		}
	}
	return false
}
