package pgtest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/postgres/pgtest"
)

// schema is unique per run, so that no earlier run has made its template.
func schema() fstest.MapFS {
	sql := "CREATE TABLE town (name text PRIMARY KEY); -- " + uuid.NewString()
	return fstest.MapFS{"0001_town.sql": {Data: []byte(sql)}}
}

func applier(files fs.FS, runs *atomic.Int64) func(context.Context, string) error {
	return func(ctx context.Context, url string) error {
		runs.Add(1)
		sql, err := fs.ReadFile(files, "0001_town.sql")
		if err != nil {
			return err
		}
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, string(sql))
		return err
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func count(t *testing.T, conn *pgx.Conn, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	files := schema()
	var runs atomic.Int64
	apply := applier(files, &runs)
	t.Run("together", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				conn := connect(t, pgtest.Open(t, files, apply))
				if n := count(t, conn, "SELECT count(*) FROM town"); n != 0 {
					t.Errorf("a fresh database holds %d rows", n)
				}
				if _, err := conn.Exec(t.Context(), "INSERT INTO town VALUES ('Culiacán')"); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if n := runs.Load(); n != 1 {
		t.Errorf("migrations ran %d times, want once", n)
	}
}

func TestDatabaseIsDroppedWithTheTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) {
		conn := connect(t, pgtest.Open(t, nil, nil))
		if err := conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		// Left open on purpose: a forgotten pool must not keep the database.
		leaked, err := pgx.Connect(context.Background(), conn.Config().ConnString())
		if err != nil {
			t.Fatal(err)
		}
		_ = leaked
	})
	conn := connect(t, pgtest.Open(t, nil, nil))
	if n := count(t, conn, "SELECT count(*) FROM pg_database WHERE datname = $1", name); n != 0 {
		t.Errorf("database %s is still there", name)
	}
}

func TestChangedMigrationsMakeAnotherTemplate(t *testing.T) {
	t.Parallel()
	var runs atomic.Int64
	for range 2 {
		files := schema()
		pgtest.Open(t, files, applier(files, &runs))
	}
	if n := runs.Load(); n != 2 {
		t.Errorf("migrations ran %d times, want twice", n)
	}
}

// recorder is a test that may fail without failing this one.
type recorder struct {
	testing.TB
	once   sync.Once
	failed chan string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.once.Do(func() { r.failed <- fmt.Sprintf(format, args...) })
	panic(r)
}

func TestFailedMigrationsFailTheTestAndAreTriedAgain(t *testing.T) {
	t.Parallel()
	files := schema()
	broken := errors.New("syntax error in 0001_town.sql")
	var runs atomic.Int64
	good := applier(files, &runs)
	apply := func(ctx context.Context, url string) error {
		if err := good(ctx, url); err != nil || runs.Load() > 1 {
			return err
		}
		return broken
	}
	r := &recorder{TB: t, failed: make(chan string, 1)}
	func() {
		defer func() {
			if got := recover(); got != r {
				t.Errorf("recovered %v", got)
			}
		}()
		pgtest.Open(r, files, apply)
	}()
	want := "make the template database: apply migrations: syntax error in 0001_town.sql"
	if got := <-r.failed; got != want {
		t.Errorf("failure = %q, want %q", got, want)
	}
	conn := connect(t, pgtest.Open(t, files, apply))
	if n := count(t, conn, "SELECT count(*) FROM town"); n != 0 {
		t.Errorf("a fresh database holds %d rows", n)
	}
}

func TestOtherServer(t *testing.T) {
	// Not parallel: it sets the environment.
	server := pgtest.Open(t, nil, nil)
	t.Setenv(pgtest.EnvURL, server)
	conn := connect(t, pgtest.Open(t, nil, nil))
	if n := count(t, conn, "SELECT 1"); n != 1 {
		t.Errorf("got %d", n)
	}
	t.Setenv(pgtest.EnvURL, "postgres://127.0.0.1:1/nothing")
	r := &recorder{TB: t, failed: make(chan string, 1)}
	func() {
		defer func() { _ = recover() }()
		pgtest.Open(r, nil, nil)
	}()
	select {
	case <-r.failed:
	default:
		t.Error("a server that is away must fail the test")
	}
}
