package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// source checks what the files of a package say.
func source(row Row, p Package) []string {
	var out []string
	if !documented(p) {
		out = append(out, fmt.Sprintf("%s has no package comment: say what it is for and what callers may not assume", p.Path))
	}
	vars := packageVars(p)
	for _, f := range p.Files {
		if row.DataOnly && f.Name != "embed.go" {
			out = append(out, fmt.Sprintf("%s/%s: this directory holds data and embed.go; move the code below internal", p.Path, f.Name))
		}
		found := append(inits(f), state(f)...)
		found = append(found, writes(f, vars)...)
		if row.Rank <= lastLeaf {
			found = append(found, impure(f)...)
		}
		for _, o := range found {
			out = append(out, p.Path+"/"+o)
		}
	}
	return out
}

func documented(p Package) bool {
	want := "Package " + p.Name + " "
	if p.Name == "main" {
		want = "Command "
	}
	for _, f := range p.Files {
		if f.AST.Doc != nil && strings.HasPrefix(f.AST.Doc.Text(), want) {
			return true
		}
	}
	return false
}

func inits(f File) []string {
	var out []string
	for _, d := range f.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			out = append(out, f.at(fn)+": init(): build it where it is used, and pass it on")
		}
	}
	return out
}

// specs calls do for each package-level var.
func specs(f File, do func(*ast.GenDecl, *ast.ValueSpec)) {
	for _, d := range f.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			if v, ok := s.(*ast.ValueSpec); ok {
				do(g, v)
			}
		}
	}
}

func packageVars(p Package) []string {
	var names []string
	for _, f := range p.Files {
		specs(f, func(_ *ast.GenDecl, v *ast.ValueSpec) {
			for _, n := range v.Names {
				names = append(names, n.Name)
			}
		})
	}
	return names
}

// state finds package-level variables that can only be there to change: those
// without a value, and locks, channels and empty maps.
func state(f File) []string {
	var out []string
	specs(f, func(g *ast.GenDecl, v *ast.ValueSpec) {
		if v.Names[0].Name == "_" || embedded(g, v) {
			return
		}
		if len(v.Values) == 0 || slices.ContainsFunc(v.Values, changeable) {
			out = append(out, fmt.Sprintf("%s: package-level variable %s is state: make it a field of what uses it", f.at(v), v.Names[0].Name))
		}
	})
	return out
}

// embedded reports whether the linker fills the variable.
func embedded(g *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{g.Doc, v.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

// changeable reports whether a value makes no sense unless it changes.
func changeable(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return e.Op == token.AND && changeable(e.X)
	case *ast.CallExpr:
		name, ok := e.Fun.(*ast.Ident)
		return ok && (name.Name == "make" || name.Name == "new")
	case *ast.CompositeLit:
		if pkg, _, ok := selected(e.Type); ok {
			return pkg == "sync" || pkg == "atomic"
		}
		_, isMap := e.Type.(*ast.MapType)
		return isMap && len(e.Elts) == 0
	}
	return false
}

// writes finds assignments to package-level variables. The parser resolves
// names within a file: a local variable of the same name has another object.
func writes(f File, vars []string) []string {
	var out []string
	report := func(e ast.Expr) {
		name := root(e)
		if name == nil || name.Name == "_" || !slices.Contains(vars, name.Name) || isLocal(f, name) {
			return
		}
		out = append(out, fmt.Sprintf("%s: writes to package-level variable %s: make it a field of what uses it", f.at(e), name.Name))
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					report(e)
				}
			}
		case *ast.IncDecStmt:
			report(n.X)
		}
		return true
	})
	return out
}

// root returns the variable that x[i].f writes into.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func isLocal(f File, name *ast.Ident) bool {
	if name.Obj == nil {
		return false // declared in another file of the package
	}
	spec, ok := name.Obj.Decl.(*ast.ValueSpec)
	if !ok {
		return true
	}
	local := true
	specs(f, func(_ *ast.GenDecl, v *ast.ValueSpec) { local = local && v != spec })
	return local
}

// impure finds what a decision may not use: the clock, chance, and a logger.
func impure(f File) []string {
	names := importNames(f)
	var out []string
	ast.Inspect(f.AST, func(n ast.Node) bool {
		e, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, name, ok := selected(e); ok && banned(names[pkg], name) {
			out = append(out, fmt.Sprintf("%s: uses %s.%s: ranks 0 to %d take times, ids and chance as arguments", f.at(e), pkg, name, lastLeaf))
		}
		return true
	})
	return out
}

func banned(path, name string) bool {
	switch path {
	case "time":
		return slices.Contains([]string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}, name)
	case "github.com/google/uuid":
		return strings.HasPrefix(name, "New") && name != "NewSHA1" && name != "NewMD5" && name != "NewHash"
	case "log/slog":
		// For LogValue: what makes values, nothing that writes them.
		return name != "LogValuer" && name != "Attr" && name != "String" && name != "Int" && name != "Int64" &&
			name != "Bool" && name != "Any" && !strings.HasSuffix(name, "Value")
	}
	return false
}

// importNames maps the names that a file uses for its imports to their paths.
func importNames(f File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.AST.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // not a file that compiles
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}

// selected splits pkg.Name.
func selected(e ast.Expr) (pkg, name string, ok bool) {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Obj != nil {
		return "", "", false // a local variable of that name
	}
	return x.Name, sel.Sel.Name, true
}
