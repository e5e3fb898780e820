// Package pgtest gives each test a PostgreSQL database of its own, already
// migrated, in some tens of milliseconds.
//
// All test binaries of a user share one throw-away cluster, started from the
// PostgreSQL of the machine by whoever comes first; it ends by itself after the
// last. Migrations run once per set of migrations, into a template that every
// test copies. Tests may run in parallel, and several test binaries at once.
//
// VALEBOT_TEST_DATABASE_URL names another server to use instead. Its user must
// be allowed to create databases.
//
// Only tests may import this package. Nothing in these databases is durable.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/postgres/local"
)

// EnvURL is the variable that names another server than the shared cluster.
const EnvURL = "VALEBOT_TEST_DATABASE_URL"

// patience bounds everything that a test may wait for here.
const patience = 2 * time.Minute

// Open returns the URL of a fresh database for this test, which is dropped when
// the test ends.
//
// Migrations are the files that apply runs; apply gets the URL of an empty
// database and brings it to the newest schema. It runs once per content of
// migrations, per apply function and per set of module versions; the other
// tests get copies. Both may be nil: the database is then empty.
func Open(t testing.TB, migrations fs.FS, apply func(ctx context.Context, url string) error) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	server, release, err := findServer(ctx)
	if err != nil {
		t.Fatalf("find a test database server: %v", err)
	}
	t.Cleanup(release)
	template := ""
	if apply != nil {
		if template, err = ensureTemplate(ctx, server, migrations, apply); err != nil {
			t.Fatalf("make the template database: %v", err)
		}
	}
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := create(ctx, server, name, template); err != nil {
		t.Fatalf("make the test database: %v", err)
	}
	t.Cleanup(func() { drop(t, server, name) })
	return withDatabase(t, server, name)
}

// findServer returns an administrative URL and what lets go of the server.
func findServer(ctx context.Context) (string, func(), error) {
	if given := os.Getenv(EnvURL); given != "" {
		return given, func() {}, nil
	}
	dir := filepath.Join(os.TempDir(), "valebot-pgtest-"+strconv.Itoa(os.Getuid()))
	s, err := local.Share(ctx, dir)
	if err != nil {
		return "", nil, err
	}
	// Letting go of a shared server cannot fail.
	return s.URL(), func() { _ = s.Stop(context.Background()) }, nil
}

func create(ctx context.Context, server, name, template string) error {
	return admin(ctx, server, func(conn *pgx.Conn) error {
		sql := "CREATE DATABASE " + name
		if template != "" {
			sql += " TEMPLATE " + template
		}
		_, err := conn.Exec(ctx, sql)
		return err
	})
}

func drop(t testing.TB, server, name string) {
	// The test's own context has ended by now.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := admin(ctx, server, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		return err
	})
	if err != nil {
		t.Errorf("drop the test database: %v", err)
	}
}

func admin(ctx context.Context, server string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}

func withDatabase(t testing.TB, server, name string) string {
	t.Helper()
	out, err := replaceDatabase(server, name)
	if err != nil {
		t.Fatalf("address the test database: %v", err)
	}
	return out
}

func replaceDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("parse server address: %w", err)
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", fmt.Errorf("parse server address: want postgres://…, have scheme %q", u.Scheme)
	}
	u.Path = "/" + name
	return u.String(), nil
}

// ensureTemplate makes the template of these migrations unless it is there. One
// process builds while the others wait; an unfinished template has another name.
func ensureTemplate(ctx context.Context, server string, migrations fs.FS, apply func(context.Context, string) error) (string, error) {
	sum, err := digest(migrations, apply)
	if err != nil {
		return "", err
	}
	name := "template_" + sum
	err = admin(ctx, server, func(conn *pgx.Conn) error {
		if there, err := exists(ctx, conn, name); err != nil || there {
			return err
		}
		// Held until the connection closes.
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtextextended($1, 0))", name); err != nil {
			return fmt.Errorf("lock template: %w", err)
		}
		if there, err := exists(ctx, conn, name); err != nil || there {
			return err
		}
		return build(ctx, conn, server, name, apply)
	})
	return name, err
}

func exists(ctx context.Context, conn *pgx.Conn, name string) (bool, error) {
	var there bool
	err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("look for template: %w", err)
	}
	return there, nil
}

func build(ctx context.Context, conn *pgx.Conn, server, name string, apply func(context.Context, string) error) error {
	draft := name + "_draft"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+draft+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop unfinished template: %w", err)
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+draft); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	address, err := replaceDatabase(server, draft)
	if err != nil {
		return err
	}
	if err := apply(ctx, address); err != nil {
		return fmt.Errorf("apply migrations: %w", err)
	}
	// A connection that apply left open would forbid both the name and the copies.
	_, err = conn.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", draft)
	if err != nil {
		return fmt.Errorf("close connections to template: %w", err)
	}
	if _, err := conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name); err != nil {
		return fmt.Errorf("name template: %w", err)
	}
	return nil
}

// digest names what a template holds. Module versions and the function are part
// of it: migrations that live in Go code or in a library leave no file to hash.
func digest(migrations fs.FS, apply func(context.Context, string) error) (string, error) {
	h := sha256.New()
	fn := runtime.FuncForPC(reflect.ValueOf(apply).Pointer())
	fmt.Fprintln(h, fn.Name())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			fmt.Fprintln(h, dep.Path, dep.Version)
		}
	}
	if migrations == nil {
		return hex.EncodeToString(h.Sum(nil)[:8]), nil
	}
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return hashFile(h, migrations, path)
	})
	if err != nil {
		return "", fmt.Errorf("read migrations: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func hashFile(h io.Writer, fsys fs.FS, path string) error {
	raw, err := fs.ReadFile(fsys, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%q %d\n", path, len(raw))
	_, err = h.Write(raw)
	return err
}
