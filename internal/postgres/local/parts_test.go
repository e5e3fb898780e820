package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
)

func TestSocketDir(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, root string
		inside     bool
	}{
		{"short", "/var/lib/valebot/postgres", true},
		{"just fits", "/" + strings.Repeat("a", maxSocket-len("//run/.s.PGSQL.5432")), true},
		{"one too long", "/" + strings.Repeat("a", maxSocket+1-len("//run/.s.PGSQL.5432")), false},
		{"comma", "/srv/a,b", false},
		{"space", "/srv/a b", false},
		{"accents", "/srv/niños", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := socketDir(tt.root)
			if inside := got == tt.root+"/run"; inside != tt.inside {
				t.Errorf("socketDir = %s", got)
			}
			if len(socketFile(got)) > maxSocket {
				t.Errorf("socket path of %d bytes", len(socketFile(got)))
			}
		})
	}
	if socketDir("/srv/a,b") == socketDir("/srv/a,c") {
		t.Error("two clusters share a socket directory")
	}
}

func TestURLIsReadByPgx(t *testing.T) {
	t.Parallel()
	h := home{socket: "/run/valebot-0011"}
	c, err := pgx.ParseConfig(h.url("valebot"))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.Host, c.Port, c.User, c.Database}
	if diff := cmp.Diff([]any{"/run/valebot-0011", uint16(5432), "valebot", "valebot"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	got := flags(merge(map[string]string{"fsync": "on", "a": "1"}, map[string]string{"fsync": "off"}))
	if diff := cmp.Diff([]string{"-c", "a=1", "-c", "fsync=off"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	if got := tail([]byte("one\ntwo\n")); got != "one | two" {
		t.Errorf("tail = %q", got)
	}
	if got := tail([]byte(strings.Repeat("x", 3*maxTail))); len(got) != maxTail {
		t.Errorf("tail has %d bytes", len(got))
	}
	if got := tailFile("/nonexistent", 0); !strings.Contains(got, "cannot be read") {
		t.Errorf("tailFile = %q", got)
	}
}

func TestLongLogMakesRoom(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postgres.log")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, maxLog+1); err != nil {
		t.Fatal(err)
	}
	f, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := os.Stat(path)
	if err != nil || info.Size() != 0 {
		t.Errorf("new log: %v, %v", info.Size(), err)
	}
	if info, err := os.Stat(path + ".1"); err != nil || info.Size() != maxLog+1 {
		t.Errorf("old log: %v", err)
	}
}

func TestInstalledNewestFirstAndOnce(t *testing.T) {
	t.Parallel()
	found := installed(deadline(t), "")
	if len(found) == 0 {
		t.Fatal("these tests need PostgreSQL: " + install)
	}
	for i, b := range found[1:] {
		if b.major > found[i].major || b == found[i] {
			t.Errorf("order: %+v", found)
		}
	}
}

func TestPostmasterOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"123\n/data\n": 123, "": 0, "x\n": 0, " 77 \n": 77} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "postmaster.pid"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := postmasterOf(dir); got != want {
			t.Errorf("postmasterOf(%q) = %d, want %d", text, got, want)
		}
	}
	if got := postmasterOf("/nonexistent"); got != 0 {
		t.Errorf("postmasterOf(nothing) = %d", got)
	}
}

func TestTryLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	take := func(mode lockMode) *os.File {
		f, err := tryLock(path, mode)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	a, b := take(shared), take(shared)
	if a == nil || b == nil {
		t.Fatal("two may share")
	}
	if take(exclusive) != nil {
		t.Error("exclusive while shared")
	}
	a.Close()
	b.Close()
	c := take(exclusive)
	if c == nil || take(shared) != nil {
		t.Error("exclusive must be alone")
	}
	c.Close()
	if _, err := tryLock(t.TempDir(), exclusive); err == nil {
		t.Error("a directory is no lock file")
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	path, err := Program(deadline(t), "pgbench")
	if err != nil || filepath.Base(path) != "pgbench" {
		t.Errorf("pgbench = %q, %v", path, err)
	}
	if _, err := Program(deadline(t), "pgnothing"); fault.CodeOf(err) != "postgres_missing" {
		t.Errorf("error = %v", err)
	}
}
