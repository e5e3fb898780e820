package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, body string) File {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, "a.go", "package a\n"+body, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: "a.go", Fset: fset, AST: tree}
}

// subjects returns what the offences name: the word after the last of the given
// marks.
func subjects(offences []string, mark string) []string {
	var out []string
	for _, o := range offences {
		_, rest, _ := strings.Cut(o, mark)
		name, _, _ := strings.Cut(strings.ReplaceAll(rest, ":", " "), " ")
		out = append(out, name)
	}
	return out
}

func TestState(t *testing.T) {
	t.Parallel()
	f := parse(t, `
import ("errors"; "sync"; "sync/atomic")
var (
	mutex sync.Mutex
	pointer = &sync.RWMutex{}
	counter atomic.Int64
	flag = atomic.Bool{}
	queue = make(chan int, 1)
	fresh = new(int)
	cache = map[string]int{}
	list []int
	fine = map[string]int{"a": 1}
	once = sync.OnceValue(func() int { return 1 })
	errBad = errors.New("bad")
	number = 3
	function = func() {}
	structure = struct{ n int }{1}
)
var first, second int
var _ = 1
`)
	want := []string{"mutex", "pointer", "counter", "flag", "queue", "fresh", "cache", "list", "first"}
	if diff := cmp.Diff(want, subjects(state(f), "variable ")); diff != "" {
		t.Error(diff)
	}
}

func TestEmbeddedFilesAreNoState(t *testing.T) {
	t.Parallel()
	f := parse(t, `
import "embed"

// Files are here.
//
//go:embed *.sql
var Files embed.FS

var (
	//go:embed one.txt
	one string
	// go:embed is not a directive after a space.
	other string
)
`)
	if diff := cmp.Diff([]string{"other"}, subjects(state(f), "variable ")); diff != "" {
		t.Error(diff)
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	f := parse(t, `
var a, b, c, d, e, g, h = 1, map[int]int{1: 1}, &T{}, []int{1}, T{}, 1, 1
type T struct{ n int; m map[int]*T }
func (t *T) F(g int) {
	a = 2
	b[1]++
	c.m[1].n = 3
	(d)[0] += 1
	*c = T{}
	e.n--
	g = 3
	var h int
	h++
	for h = range 3 { _ = h }
	t.n = 4
	_ = 5
	x := a
	x = 6
	func() { a, x = 7, 8 }()
	elsewhere = 9
	t.call().n = 10
}
func (t *T) call() *T { return t }
`)
	got := writes(f, []string{"a", "b", "c", "d", "e", "g", "h", "elsewhere"})
	want := []string{"a", "b", "c", "d", "c", "e", "a", "elsewhere"}
	if diff := cmp.Diff(want, subjects(got, "variable ")); diff != "" {
		t.Error(diff)
	}
}

func TestImpure(t *testing.T) {
	t.Parallel()
	f := parse(t, `
import (
	"time"
	l "log/slog"
	"github.com/google/uuid"
)
type clock struct{}
func (clock) Now() int { return 1 }
func F(t time.Time) l.Value {
	time := clock{}
	_ = time.Now()
	_ = uuid.MustParse("x")
	_ = uuid.NewSHA1(uuid.Nil, nil)
	return l.GroupValue(l.String("a", "b"))
}
func G() {
	later := time.After
	_ = uuid.Must(uuid.NewV7())
	l.Default()
	_ = later
}
`)
	want := []string{"time.After", "uuid.NewV7", "l.Default"}
	if diff := cmp.Diff(want, subjects(impure(f), "uses ")); diff != "" {
		t.Error(diff)
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"x": "x", "x.f": "x", "x[1].f": "x", "(*x).f[2]": "x", "*x": "x", "f().x": "", "f()[1]": "",
	} {
		e, err := parser.ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if name := root(e); name != nil {
			got = name.Name
		}
		if got != want {
			t.Errorf("root(%s) = %q, want %q", text, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	rows := []Row{
		{Path: "internal/a/special", Rank: 1, Family: "a", TestOnly: true},
		{Path: "internal/a/...", Rank: 2, Family: "a"},
		{Path: "internal/b", Rank: 3},
	}
	for _, tt := range []struct {
		path   string
		rank   int
		family string
		ok     bool
	}{
		{"internal/a", 2, "a", true},
		{"internal/a/x/y", 2, "a", true},
		{"internal/a/special", 1, "a", true},
		{"internal/ab", 0, "", false},
		{"internal/b", 3, "internal/b", true},
		{"internal/b/x", 0, "", false},
		{"", 0, "", false},
	} {
		got, ok := find(rows, tt.path)
		if ok != tt.ok || got.Rank != tt.rank || got.Family != tt.family {
			t.Errorf("find(%q) = %+v, %v", tt.path, got, ok)
		}
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	f := parse(t, "\n\nvar n int\n")
	var n ast.Node = f.AST.Decls[0]
	if got := f.at(n); got != "a.go:4" {
		t.Errorf("at = %s", got)
	}
}
