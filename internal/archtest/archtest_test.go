package archtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheHouse(t *testing.T) {
	t.Parallel()
	module, pkgs, err := Load(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) < 3 {
		t.Fatalf("only %d packages were found", len(pkgs))
	}
	for _, offence := range Check(module, Ranks(), pkgs) {
		t.Error(offence)
	}
}

func TestEveryPathHasOneRow(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range Ranks() {
		if seen[r.Path] {
			t.Errorf("%s has two rows", r.Path)
		}
		seen[r.Path] = true
		if r.Rank < -1 || r.Rank > 9 {
			t.Errorf("%s has rank %d", r.Path, r.Rank)
		}
	}
}

// plant writes a module of the given files and returns what Check says.
func plant(t *testing.T, files map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module valebot\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	module, pkgs, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return Check(module, Ranks(), pkgs)
}

// good is a package of that name whose body offends nobody.
func good(name, body string) string {
	return "// Package " + name + " is here.\npackage " + name + "\n" + body
}

func uses(path string) string { return "import _ \"" + path + "\"\n" }

func TestPlantedImports(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // begins the only offence; empty means none
	}{
		{"downward", map[string]string{
			"internal/flow/a.go":  good("flow", uses("valebot/internal/money")),
			"internal/money/a.go": good("money", ""),
		}, ""},
		{"upward", map[string]string{
			"internal/money/a.go": good("money", uses("valebot/internal/flow")),
			"internal/flow/a.go":  good("flow", ""),
		}, "internal/money (rank 0) imports internal/flow (rank 3)"},
		{"same rank", map[string]string{
			"internal/money/a.go": good("money", uses("valebot/internal/pace")),
			"internal/pace/a.go":  good("pace", ""),
		}, "internal/money imports its sibling internal/pace"},
		{"kinds of failure", map[string]string{
			"internal/money/a.go": good("money", uses("valebot/internal/fault")),
			"internal/fault/a.go": good("fault", ""),
		}, ""},
		{"siblings of rank 6", map[string]string{
			"internal/channel/twilio/a.go": good("twilio", uses("valebot/internal/redisdb")),
			"internal/redisdb/a.go":        good("redisdb", ""),
		}, "internal/channel/twilio imports its sibling internal/redisdb"},
		{"two adapters", map[string]string{
			"internal/web/desk/a.go":   good("desk", uses("valebot/internal/web/office")),
			"internal/web/office/a.go": good("office", ""),
		}, "internal/web/desk imports its sibling internal/web/office"},
		{"one family", map[string]string{
			"internal/postgres/a.go":       good("postgres", uses("valebot/internal/postgres/local")),
			"internal/postgres/local/a.go": good("local", ""),
		}, ""},
		{"trees", map[string]string{
			"internal/flow/a.go":          good("flow", ""),
			"internal/flow/graph/deep.go": good("graph", uses("valebot/internal/flow")),
		}, ""},
		{"a helper of tests", map[string]string{
			"internal/app/a.go":             good("app", uses("valebot/internal/postgres/pgtest")),
			"internal/postgres/pgtest/a.go": good("pgtest", ""),
		}, "internal/app imports internal/postgres/pgtest: only tests may"},
		{"a helper of tests in a test", map[string]string{
			"internal/engine/a.go":          good("engine", ""),
			"internal/engine/a_test.go":     "package engine\n" + uses("valebot/internal/postgres/pgtest"),
			"internal/postgres/pgtest/a.go": good("pgtest", ""),
		}, ""},
		{"no row", map[string]string{
			"internal/util/a.go": good("util", ""),
		}, "internal/util has no rank: add its row"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			expectOne(t, plant(t, tt.files), tt.want)
		})
	}
}

func TestPlantedImpurity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"context in a leaf", map[string]string{
			"internal/loan/a.go": good("loan", uses("context")),
		}, "internal/loan (rank 2) imports context"},
		{"network in a leaf", map[string]string{
			"internal/flow/a.go": good("flow", uses("net/http")),
		}, "internal/flow (rank 3) imports net/http"},
		{"chance in a leaf", map[string]string{
			"internal/pace/a.go": good("pace", uses("math/rand/v2")),
		}, "internal/pace (rank 0) imports math/rand/v2"},
		{"files above the leaves", map[string]string{
			"internal/app/a.go": good("app", uses("os")),
		}, ""},
		{"similar names are not forbidden", map[string]string{
			"internal/flow/a.go": good("flow", "import _ \"io/fs\"\nimport _ \"encoding/json\"\nimport _ \"path\"\n"),
		}, ""},
		{"code beside data", map[string]string{
			"flows/embed.go": good("flows", ""),
			"flows/parse.go": "package flows\n",
		}, "flows/parse.go: this directory holds data"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			expectOne(t, plant(t, tt.files), tt.want)
		})
	}
}

func expectOne(t *testing.T, got []string, want string) {
	t.Helper()
	switch {
	case want == "" && len(got) > 0:
		t.Errorf("offences = %q, want none", got)
	case want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], want)):
		t.Errorf("offences = %q, want one that begins %q", got, want)
	}
}

func TestPlantedSource(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, want string }{
		{"constants of all kinds", `
import ("errors"; "regexp")
type T struct{}
var _ error = (*T)(nil)
func (*T) Error() string { return "" }
var errGone = errors.New("gone")
var digits = regexp.MustCompile("[0-9]+")
var names = map[string]int{"uno": 1}
var table = [...]string{"a"}
`, ""},
		{"init", "func init() {}\n", "a.go:3: init()"},
		{"a method named init", "type T struct{}\nfunc (T) init() {}\n", ""},
		{"a counter", "var n int\n", "a.go:3: package-level variable n is state"},
		{"a lock", "import \"sync\"\nvar mu = &sync.Mutex{}\n", "a.go:4: package-level variable mu is state"},
		{"a cache", "var seen = map[string]bool{}\n", "a.go:3: package-level variable seen is state"},
		{"a channel", "var c = make(chan int)\n", "a.go:3: package-level variable c is state"},
		{"a write", "var n = 1\nfunc Set() { n = 2 }\n", "a.go:4: writes to package-level variable n"},
		{"a write into", "var m = map[int]int{1: 1}\nfunc Set() { m[2] = 2 }\n", "a.go:4: writes to package-level variable m"},
		{"a count", "var n = 1\nfunc Set() { n++ }\n", "a.go:4: writes to package-level variable n"},
		{"a field", "type T struct{ n int }\nvar v = T{}\nfunc Set() { (&v).n, v.n = 1, 2 }\n", "a.go:5: writes to package-level variable v"},
		{"a local of the same name", "var n = 1\nfunc F() int { n := n; n = 2; n++; return n }\nfunc G(n int) int { n = 3; return n }\n", ""},
		{"the clock", "import \"time\"\nfunc F() time.Time { return time.Now() }\n", "a.go:4: uses time.Now"},
		{"the clock under a name", "import clock \"time\"\nfunc F(t clock.Time) clock.Duration { return clock.Since(t) }\n", "a.go:4: uses clock.Since"},
		{"times as values", "import \"time\"\nfunc F(t time.Time) time.Time { return t.Add(time.Hour) }\n", ""},
		{"a masked value", "import \"log/slog\"\nfunc F() slog.Value { return slog.StringValue(\"***\") }\n", ""},
		{"a logger", "import \"log/slog\"\nfunc F() { slog.Info(\"x\") }\n", "a.go:4: uses slog.Info"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := tt.want
			if want != "" {
				want = "internal/money/" + want
			}
			expectOne(t, plant(t, map[string]string{"internal/money/a.go": good("money", tt.body)}), want)
		})
	}
}

func TestWritesAreSeenAcrossFiles(t *testing.T) {
	t.Parallel()
	got := plant(t, map[string]string{
		"internal/money/a.go": good("money", "var n = 1\n"),
		"internal/money/b.go": "package money\n\nfunc Set() { n = 2 }\n",
	})
	expectOne(t, got, "internal/money/b.go:3: writes to package-level variable n")
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	got := plant(t, map[string]string{
		"internal/money/a.go":  "package money\n",
		"internal/fault/a.go":  "// Other words.\npackage fault\n",
		"internal/loan/a.go":   good("loan", ""),
		"internal/loan/b.go":   "package loan\n",
		"cmd/valebot/main.go":  "// Command valebot runs.\npackage main\n\nfunc main() {}\n",
		"migrations/embed.go":  good("migrations", "import \"embed\"\n\n// Files are the migrations.\n//\n//go:embed *.sql\nvar Files embed.FS\n"),
		"migrations/00001.sql": "SELECT 1;",
	})
	var paths []string
	for _, o := range got {
		path, _, _ := strings.Cut(o, " has no package comment")
		paths = append(paths, path)
	}
	if diff := cmp.Diff([]string{"internal/fault", "internal/money"}, paths); diff != "" {
		t.Error(diff)
	}
}

func TestIdsInALeaf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"New": true, "NewV7": true, "NewString": true, "NewSHA1": false, "Parse": false, "UUID": false} {
		if got := banned("github.com/google/uuid", name); got != want {
			t.Errorf("uuid.%s banned = %v", name, got)
		}
	}
}

func TestLoadFailures(t *testing.T) {
	t.Parallel()
	if _, _, err := Load(filepath.Join(t.TempDir(), "nothing")); err == nil {
		t.Error("a directory that is not there must be an error")
	}
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	var got []string
	for _, path := range []string{"context", "contextual", "os", "os/exec", "net/url", "log", "log/slog", "io/fs", "database/sql", "crypto/rand", "crypto/sha256", "github.com/jackc/pgx/v5"} {
		if forbidden(path) {
			got = append(got, path)
		}
	}
	want := []string{"context", "crypto/rand", "database/sql", "github.com/jackc/pgx/v5", "log", "net/url", "os", "os/exec"}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
