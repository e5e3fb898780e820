package local

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"valebot/internal/fault"
)

func TestStartFromNothingStopAndStartAgain(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	var log strings.Builder
	s := start(t, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if !s.Owned() {
		t.Error("the first process must own the server")
	}
	remember(t, s.URL())
	stop(t, s)
	stop(t, s) // a second time does nothing
	<-s.Done()
	if err := s.Err(); err != nil {
		t.Errorf("after a stop, Err = %v", err)
	}
	h := openT(t, dir)
	if !nobodyIn(t, h.data)() {
		t.Error("processes are left after a stop")
	}
	if _, err := os.Stat(h.state); !os.IsNotExist(err) {
		t.Errorf("state file after a stop: %v", err)
	}
	raw, err := os.ReadFile(h.log)
	if err != nil || strings.Contains(string(raw), "was not properly shut down") {
		t.Errorf("the stop was not clean: %v\n%s", err, raw)
	}
	again := start(t, Options{Dir: dir})
	recall(t, again.URL())
	if !strings.Contains(log.String(), "private postgres answers") {
		t.Errorf("log = %q", log.String())
	}
}

func TestServerIsDurableAndPrivate(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	s := start(t, Options{Dir: dir, Settings: map[string]string{"work_mem": "9MB"}})
	for name, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"listen_addresses": "", "unix_socket_permissions": "0700", "max_connections": "100",
		"server_encoding": "UTF8", "TimeZone": "UTC", "log_error_verbosity": "terse", "work_mem": "9MB",
	} {
		if got := ask(t, s.URL(), "SHOW "+name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	h := openT(t, dir)
	for _, path := range []string{h.root, h.socket} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
	if got := ask(t, s.URL(), "SELECT current_user || ' ' || current_database()"); got != "valebot valebot" {
		t.Errorf("connected as %q", got)
	}
}

// What a broken constraint complains about may be a CURP.
func TestServerLogHoldsNoValues(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	s := start(t, Options{Dir: dir})
	exec1(t, s.URL(), "CREATE TABLE person (curp text PRIMARY KEY)")
	exec1(t, s.URL(), "INSERT INTO person VALUES ('SECRETO')")
	if _, err := query(deadline(t), s.URL(), "INSERT INTO person VALUES ('SECRETO') RETURNING curp"); err == nil {
		t.Fatal("the second row must be refused")
	}
	raw, err := os.ReadFile(openT(t, dir).log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "duplicate key") || strings.Contains(string(raw), "SECRETO") {
		t.Errorf("log:\n%s", raw)
	}
}

func TestClosedHome(t *testing.T) {
	t.Parallel()
	parent := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{Dir: filepath.Join(parent, "deep", "postgres")})
	remember(t, s.URL())
	recall(t, s.URL())
}

func TestLongAndOddPaths(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"long": filepath.Join(t.TempDir(), strings.Repeat("largo/", 20), "postgres"),
		"odd":  filepath.Join(t.TempDir(), `datos de "Ñandú", 1 %2F`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := openT(t, dir)
			t.Cleanup(func() { _ = os.RemoveAll(h.socket) })
			if strings.HasPrefix(h.socket, h.root) {
				t.Fatalf("socket directory %s needs a short name", h.socket)
			}
			s := start(t, Options{Dir: dir})
			remember(t, s.URL())
			recall(t, s.URL())
		})
	}
}

func TestSymlinkAndTargetAreOneCluster(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	link := filepath.Join(base, "link")
	if err := os.Symlink(base, link); err != nil {
		t.Fatal(err)
	}
	a, b := openT(t, filepath.Join(base, "pg")), openT(t, filepath.Join(link, "pg"))
	if diff := cmp.Diff(a.root, b.root); diff != "" {
		t.Error(diff)
	}
}

func TestSecondStartIsAClient(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	owner := start(t, Options{Dir: dir})
	remember(t, owner.URL())
	client := start(t, Options{Dir: dir})
	if client.Owned() || client.URL() != owner.URL() {
		t.Errorf("second start: owned %v, %s", client.Owned(), client.URL())
	}
	stop(t, client)
	recall(t, owner.URL())
	if err := client.Err(); err != nil {
		t.Error(err)
	}
}

func TestOneOfManyStartsOwnsTheServer(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	servers := make([]*Server, 4)
	var all sync.WaitGroup
	for i := range servers {
		all.Go(func() {
			s, err := Start(deadline(t), Options{Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			servers[i] = s
		})
	}
	all.Wait()
	owners := 0
	for _, s := range servers {
		if s == nil {
			continue
		}
		t.Cleanup(func() { _ = s.Stop(context.Background()) })
		if s.Owned() {
			owners++
		}
	}
	if owners != 1 {
		t.Errorf("%d owners, want one", owners)
	}
}

func TestStopInTheMiddleOfATransaction(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	s := start(t, Options{Dir: dir})
	remember(t, s.URL())
	conn, err := pgx.Connect(deadline(t), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range []string{"BEGIN", "INSERT INTO kept VALUES ('V-2')"} {
		if _, err := conn.Exec(deadline(t), sql); err != nil {
			t.Fatal(err)
		}
	}
	expired, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Stop(expired) // may or may not have been fast enough to be clean
	again := start(t, Options{Dir: dir})
	recall(t, again.URL())
}

func TestErrorsThatAnOperatorCanRepair(t *testing.T) {
	t.Parallel()
	write := func(name, text string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			data := filepath.Join(dir, "data")
			if err := os.MkdirAll(data, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name     string
		prepare  func(t *testing.T, dir string)
		binaries string
		code     string
		says     string
	}{
		{"no binaries", func(*testing.T, string) {}, "/nonexistent", "postgres_missing", "apt-get install -y postgresql"},
		{"older data", write("PG_VERSION", "9\n"), "", "postgres_version", "son de PostgreSQL 9"},
		{"strange version", write("PG_VERSION", "?\n"), "", "postgres_directory", "No se tocó nada"},
		{"somebody's files", write("carta.txt", "hola"), "", "postgres_directory", "No se tocó nada"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := clusterDir(t)
			tt.prepare(t, dir)
			before := listing(t, filepath.Join(dir, "data"))
			_, err := Start(deadline(t), Options{Dir: dir, Binaries: tt.binaries})
			if fault.CodeOf(err) != tt.code || !strings.Contains(fault.TextOf(err), tt.says) {
				t.Errorf("error = %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %q", err)
			}
			if diff := cmp.Diff(before, listing(t, filepath.Join(dir, "data"))); diff != "" {
				t.Errorf("files changed: %s", diff)
			}
			lock, err := tryLock(filepath.Join(dir, "lock"), exclusive)
			if lock == nil || err != nil {
				t.Fatalf("the lock is still held: %v", err)
			}
			lock.Close()
		})
	}
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			names = append(names, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestUnfinishedClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	left := filepath.Join(dir, unfinished+"1")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{Dir: dir})
	remember(t, s.URL())
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("what was left is still there: %v", err)
	}
}

func TestStartFailures(t *testing.T) {
	t.Parallel()
	t.Run("no directory", func(t *testing.T) {
		t.Parallel()
		if _, err := Start(deadline(t), Options{}); err == nil {
			t.Error("want an error")
		}
	})
	t.Run("wrong setting shows what postgres says", func(t *testing.T) {
		t.Parallel()
		_, err := Start(deadline(t), Options{Dir: clusterDir(t), Settings: map[string]string{"fsinc": "on"}})
		if err == nil || !strings.Contains(err.Error(), `unrecognized configuration parameter "fsinc"`) {
			t.Errorf("error = %v", err)
		}
	})
	t.Run("holder never answers", func(t *testing.T) {
		t.Parallel()
		h := openT(t, clusterDir(t))
		lock, err := tryLock(h.lock, exclusive)
		if err != nil || lock == nil {
			t.Fatal(err)
		}
		defer lock.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*pollEvery)
		defer cancel()
		if _, err := Start(ctx, Options{Dir: h.root}); err == nil {
			t.Error("want an error")
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		h := openT(t, clusterDir(t))
		if _, err := Start(ctx, Options{Dir: h.root}); err == nil {
			t.Error("want an error")
		}
		until(t, "nothing runs", nobodyIn(t, h.data))
	})
}

// Not parallel: it changes the environment.
func TestForeignEnvironmentIsIgnored(t *testing.T) {
	for name, value := range map[string]string{
		"PGDATA": "/nonexistent", "PGPORT": "1", "PGHOST": "nowhere.invalid", "PGDATABASE": "other", "PGUSER": "other",
	} {
		t.Setenv(name, value)
	}
	dir := clusterDir(t)
	s := start(t, Options{Dir: dir})
	if _, err := net.Dial("unix", socketFile(openT(t, dir).socket)); err != nil {
		t.Error(err)
	}
	remember(t, s.URL())
}
