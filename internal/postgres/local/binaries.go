package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"valebot/internal/fault"
)

// install is the command that a newcomer on Debian or Ubuntu has to type.
const install = "apt-get install -y postgresql"

// binaries are the programs of one PostgreSQL version.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(name string) string { return filepath.Join(b.dir, name) }

// Program returns the path of one of PostgreSQL's programs, such as pgbench or
// psql, of the newest version on this machine; few of them are on PATH. The
// error is the fault postgres_missing when there is no such program.
func Program(ctx context.Context, name string) (string, error) {
	for _, b := range installed(ctx, "") {
		if _, err := os.Stat(b.path(name)); err == nil {
			return b.path(name), nil
		}
	}
	return "", missing()
}

func missing() error {
	return fault.New(fault.Unavailable, "postgres_missing",
		"No encuentro PostgreSQL en esta máquina; instálalo con: "+install)
}

// findBinaries returns the programs that fit the data directory: those of its
// own major version, or the newest when there is no data yet.
func findBinaries(ctx context.Context, given, data string) (binaries, error) {
	want, err := dataVersion(data)
	if err != nil {
		return binaries{}, err
	}
	found := installed(ctx, given)
	if len(found) == 0 {
		return binaries{}, missing()
	}
	if want == 0 {
		return found[0], nil
	}
	for _, b := range found {
		if b.major == want {
			return b, nil
		}
	}
	return binaries{}, fault.Newf(fault.Conflict, "postgres_version",
		"Los datos de %s son de PostgreSQL %d y aquí hay PostgreSQL %d; instala la versión %d (apt-get install -y postgresql-%d) o migra con pg_upgrade. No se tocó nada.",
		data, want, found[0].major, want, want)
}

// dataVersion returns the major version of a data directory, or 0 when there is
// none yet. A directory with other files in it is not ours to fill.
func dataVersion(data string) (int, error) {
	raw, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err == nil {
		major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
		if err != nil {
			return 0, notOurs(data)
		}
		return major, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("read data version: %w", err)
	}
	entries, err := os.ReadDir(data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("read data directory: %w", err)
	}
	if len(entries) > 0 {
		return 0, notOurs(data)
	}
	return 0, nil
}

func notOurs(data string) error {
	return fault.Newf(fault.Conflict, "postgres_directory",
		"%s tiene archivos que no son de una base de PostgreSQL. No se tocó nada; elige otro directorio.", data)
}

// installed lists the usable versions, newest first. A given directory is the
// only candidate; otherwise one on PATH comes before those of the distribution.
func installed(ctx context.Context, given string) []binaries {
	var found []binaries
	for _, dir := range candidates(given) {
		b, err := inspect(ctx, dir)
		if err == nil && !slices.Contains(found, b) {
			found = append(found, b)
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return b.major - a.major })
	return found
}

func candidates(given string) []string {
	if given != "" {
		return []string{given}
	}
	var dirs []string
	if onPath, err := exec.LookPath("postgres"); err == nil {
		// Resolved: the directory of a link does not hold initdb and the library.
		if real, err := filepath.EvalSymlinks(onPath); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                      // Debian, Ubuntu
		"/usr/pgsql-*/bin",                               // Red Hat packages of the PostgreSQL project
		"/usr/libexec/postgresql*",                       // Alpine
		"/opt/homebrew/opt/postgresql@*/bin",             // Homebrew
		"/usr/local/opt/postgresql@*/bin",                // Homebrew on Intel
		"/Applications/Postgres.app/Contents/Ver*/*/bin", // Postgres.app
	} {
		more, _ := filepath.Glob(pattern) // the only error is a bad pattern
		dirs = append(dirs, more...)
	}
	return dirs
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func inspect(ctx context.Context, dir string) (binaries, error) {
	b := binaries{dir: dir}
	if _, err := os.Stat(b.path("initdb")); err != nil {
		return b, fmt.Errorf("find initdb: %w", err)
	}
	out, err := exec.CommandContext(ctx, b.path("postgres"), "--version").Output()
	if err != nil {
		return b, fmt.Errorf("ask postgres for its version: %w", err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return b, fmt.Errorf("read version from %q", out)
	}
	b.major, err = strconv.Atoi(string(m[1]))
	return b, err
}
