package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"valebot/flows"
	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/locale"
	"valebot/internal/mexid"
	"valebot/internal/postgres"
	"valebot/internal/quincena"
	"valebot/internal/source"
	"valebot/internal/understand"
	"valebot/locales"
)

// Files are the files that operators edit.
type Files struct {
	Flows   fs.FS         // *.flow.yaml, _interrupts.yaml, products/, distribuidoras.yaml, precios.yaml
	Locales fs.FS         // es-MX/
	Deposit mexid.Deposit // where borrowers pay in, whatever the product says
}

// FilesFrom returns the files below a flows directory and the locales beside
// it; an empty dir means those that the program carries.
func FilesFrom(dir string) Files {
	files := Files{Flows: flows.FS, Locales: locales.FS}
	if dir == "" {
		return files
	}
	files.Flows = folder{os.DirFS(dir), dir}
	beside := filepath.Join(filepath.Dir(filepath.Clean(dir)), "locales")
	if info, err := os.Stat(beside); err == nil && info.IsDir() {
		files.Locales = folder{os.DirFS(beside), beside}
	}
	return files
}

// folder is a folder of the machine that problems name as its user does, so
// that an editor finds their places.
type folder struct {
	fs.FS
	name string
}

// Root implements source.Rooted.
func (f folder) Root() string { return filepath.ToSlash(filepath.Clean(f.name)) }

// Rulebook is everything that is decided by files.
type Rulebook struct {
	Flows      *flow.Set
	Messages   *locale.Catalog
	Understand *understand.Understander
	Actions    lending.Catalog
	Products   loan.Catalogue
	Warnings   []source.Problem

	files Files
}

// Broken is a rulebook that does not hold together: every problem, with its
// place and the line underlined.
type Broken struct{ Problems []source.Problem }

// Error prints all problems.
func (b *Broken) Error() string {
	var text strings.Builder
	for _, p := range b.Problems {
		_ = p.Print(&text) // a builder does not fail
	}
	return strings.TrimRight(text.String(), "\n")
}

// LoadRulebook reads and checks all files. A *Broken error lists what is wrong
// with flows and messages; half a rulebook is never returned.
func LoadRulebook(files Files) (*Rulebook, error) {
	products, faults, err := loadProducts(files.Flows)
	if err != nil {
		return nil, err
	}
	lexicon, err := understand.LoadLexicon(files.Locales, "es-MX/lexicon")
	if err != nil {
		return nil, fmt.Errorf("read lexicon: %w", err)
	}
	u, err := understand.New(lexicon)
	if err != nil {
		return nil, fmt.Errorf("read lexicon: %w", err)
	}
	programme, wrongProgramme, err := loadProgramme(files.Flows)
	if err != nil {
		return nil, err
	}
	faults = append(faults, wrongProgramme...)
	actions := lending.Actions(lending.Settings{Product: products.First(soldProduct), Products: products, Calendar: quincena.NewCalendar(), Programme: programme, DepositCLABE: files.Deposit})
	messages, problems := locale.Load(files.Locales)
	if messages == nil {
		return nil, &Broken{Problems: append(faults, problems...)}
	}
	vocabulary := actions.Vocabulary()
	vocabulary.Intents = flow.Intents(lexicon)
	set, more := flow.Load(files.Flows, vocabulary, messages)
	wrong, warnings := sortOut(slices.Concat(faults, problems, more, LintPrices(files)))
	if len(wrong) > 0 {
		return nil, &Broken{Problems: wrong}
	}
	return &Rulebook{Flows: set, Messages: messages, Understand: u, Actions: actions, Products: products, Warnings: warnings, files: files}, nil
}

func sortOut(problems []source.Problem) (wrong, warnings []source.Problem) {
	for _, p := range problems {
		if p.Severity == source.Error {
			wrong = append(wrong, p)
		} else {
			warnings = append(warnings, p)
		}
	}
	return wrong, warnings
}

// soldProduct is the product that distributors authorise in conversations; the
// others can be quoted.
const soldProduct = "vale"

// loadProducts reads every file of products/. Problems with them come back like
// those of flows, with their places.
func loadProducts(fsys fs.FS) (loan.Catalogue, []source.Problem, error) {
	names, err := fs.Glob(fsys, "products/*.yaml")
	if err != nil {
		return loan.Catalogue{}, nil, fmt.Errorf("list products: %w", err)
	}
	root := source.RootOf(fsys, "flows")
	var products []loan.Product
	var problems []source.Problem
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return loan.Catalogue{}, nil, fmt.Errorf("read product: %w", err)
		}
		product, wrong := loan.LintProduct(path.Join(root, name), text)
		problems = append(problems, wrong...)
		if source.Errors(wrong) == 0 {
			products = append(products, product)
		}
	}
	catalogue, err := loan.NewCatalogue(products...)
	if source.Errors(problems) == 0 && !slices.Contains(catalogue.IDs(), soldProduct) && err == nil {
		err = fault.New(fault.NotFound, "no_product", "Falta el producto «vale» en products/ de la carpeta de flujos.")
	}
	return catalogue, problems, err
}

// LintProducts lists what is wrong with the products of the files, and what
// somebody should look at.
func LintProducts(files Files) []source.Problem {
	_, problems, err := loadProducts(files.Flows)
	if err != nil {
		name := path.Join(source.RootOf(files.Flows, "flows"), "products")
		problems = append(problems, source.Problem{File: name, Line: 1, Col: 1, Severity: source.Error, Code: "products", Text: fault.TextOf(err)})
	}
	return problems
}

// programmeFile holds what distributors earn, in the flows folder.
const programmeFile = "distribuidoras.yaml"

// loadProgramme reads what distributors earn. A lender without the file pays them
// nothing.
func loadProgramme(fsys fs.FS) (lending.Programme, []source.Problem, error) {
	text, err := fs.ReadFile(fsys, programmeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return lending.Programme{}, nil, nil
	}
	if err != nil {
		return lending.Programme{}, nil, fmt.Errorf("read %s: %w", programmeFile, err)
	}
	programme, problems := lending.LintProgramme(path.Join(source.RootOf(fsys, "flows"), programmeFile), text)
	return programme, problems, nil
}

// LintProgramme lists what is wrong with what distributors earn.
func LintProgramme(files Files) []source.Problem {
	_, problems, err := loadProgramme(files.Flows)
	if err != nil {
		name := path.Join(source.RootOf(files.Flows, "flows"), programmeFile)
		return []source.Problem{{File: name, Line: 1, Col: 1, Severity: source.Error, Code: "file", Text: err.Error()}}
	}
	return problems
}

// Versions lists the flows of the rulebook for pinning.
func (r *Rulebook) Versions() ([]postgres.FlowVersion, error) {
	var out []postgres.FlowVersion
	for _, name := range r.Flows.Names() {
		m, _ := r.Flows.Latest(name) // every name has a latest
		text, err := fs.ReadFile(r.files.Flows, name+".flow.yaml")
		if err != nil {
			return nil, fmt.Errorf("read flow %s: %w", name, err)
		}
		out = append(out, postgres.FlowVersion{Flow: name, Version: m.Version(), SHA256: m.Hash(), Source: string(text)})
	}
	return out, nil
}
