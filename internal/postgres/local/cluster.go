package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// maxLog is where a log of a former run makes room for a new one.
	maxLog = 10 << 20
	// maxTail is how much of what postgres said an error repeats.
	maxTail = 2 << 10
)

// cluster is a prepared data directory and how to run it.
type cluster struct {
	home     home
	bin      binaries
	id       identity
	settings map[string]string
	kind     kind
}

// kind is what differs between clusters.
type kind struct {
	detached   bool // outlives us and keeps nothing
	namespaces bool // a user namespace may be tried
}

// bringUp prepares the cluster of a directory that we hold the lock of, and
// starts it.
func bringUp(ctx context.Context, h home, given string, settings map[string]string) (cluster, *process, error) {
	c, err := prepare(ctx, h, given, kind{namespaces: true})
	if err != nil {
		return c, nil, err
	}
	c.settings = merge(h.private(), settings)
	p, err := c.boot(ctx)
	if err != nil {
		return c, nil, err
	}
	if err := c.ensureDatabase(ctx); err != nil {
		return c, nil, errors.Join(err, p.stop(ctx))
	}
	return c, p, nil
}

func prepare(ctx context.Context, h home, given string, k kind) (cluster, error) {
	c := cluster{home: h, kind: k}
	var err error
	if c.bin, err = findBinaries(ctx, given, h.data); err != nil {
		return c, err
	}
	if c.id, err = chooseIdentity(ctx, os.Geteuid(), c.bin, h.data, k.namespaces); err != nil {
		return c, err
	}
	if err := h.handOver(c.id); err != nil {
		return c, err
	}
	if err := h.makeSocketDir(c.id.owner()); err != nil {
		return c, err
	}
	return c, c.initialise(ctx)
}

// initialise makes the data directory where there is none. It is filled under
// another name and renamed when complete, so that a death in the middle leaves
// nothing that looks like data. The name is new each time: an initdb whose owner
// was killed removes its own files while we are already at work.
func (c cluster) initialise(ctx context.Context) error {
	if v, err := dataVersion(c.home.data); err != nil || v != 0 {
		return err
	}
	c.home.clearUnfinished()
	fresh, err := os.MkdirTemp(c.home.root, unfinished) // mode 0700
	if err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if err := os.Chown(fresh, c.id.owner(), -1); err != nil {
		return fmt.Errorf("hand over data directory: %w", err)
	}
	args := []string{"-D", fresh, "-U", superuser, "-E", "UTF8", "--locale=C.UTF-8",
		"--auth-local=trust", "--auth-host=reject", "--data-checksums"}
	if c.kind.detached {
		args = append(args, "--no-sync")
	}
	if out, err := c.command(ctx, "initdb", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("make cluster: %w: %s", err, tail(out))
	}
	if err := os.Rename(fresh, c.home.data); err != nil {
		return fmt.Errorf("name data directory: %w", err)
	}
	return syncDir(c.home.root)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// command runs one of PostgreSQL's programs away from our working directory,
// which its user may not be able to enter, and without our PG* variables, which
// would change what it does.
func (c cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.bin.path(name), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + c.bin.dir + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = attributes(c.id, !c.kind.detached)
	return cmd
}

// boot starts postgres on the data directory and waits until it answers.
func (c cluster) boot(ctx context.Context) (*process, error) {
	if err := sweep(ctx, c.home.data); err != nil {
		return nil, err
	}
	out, err := openLog(c.home.log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	said, err := out.Seek(0, 2)
	if err != nil {
		return nil, fmt.Errorf("find end of log: %w", err)
	}
	// Not bound to ctx: the server outlives the call that starts it.
	cmd := c.command(context.WithoutCancel(ctx), "postgres", append([]string{"-D", c.home.data}, flags(c.settings)...)...)
	cmd.Stdout, cmd.Stderr = out, out
	p, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	if err := c.await(ctx, p); err != nil {
		return nil, fmt.Errorf("%w: %s", err, tailFile(c.home.log, said))
	}
	return p, nil
}

// await polls until the server answers. Recovery after a crash takes as long as
// it takes: only ctx and the death of the server end the wait.
func (c cluster) await(ctx context.Context, p *process) error {
	for {
		select {
		case <-p.exited:
			return fmt.Errorf("run postgres: %w", p.failure())
		default:
		}
		if ping(ctx, c.home.url("postgres")) == nil {
			return nil
		}
		if err := pause(ctx, pollEvery); err != nil {
			return errors.Join(fmt.Errorf("wait for postgres: %w", err), p.stop(ctx))
		}
	}
}

func ping(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return conn.Close(ctx)
}

func (c cluster) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.home.url("postgres"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&there)
	if err != nil {
		return fmt.Errorf("look for database: %w", err)
	}
	if there {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+database); err != nil {
		return fmt.Errorf("make database: %w", err)
	}
	return nil
}

// openLog opens the log for appending and puts a long one of a former run aside.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put old log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return f, nil
}

func tailFile(path string, from int64) string {
	raw, err := os.ReadFile(path)
	if err != nil || from > int64(len(raw)) {
		return "its log " + path + " cannot be read"
	}
	return tail(raw[from:])
}

func tail(out []byte) string {
	out = out[max(0, len(out)-maxTail):]
	return strings.ReplaceAll(strings.TrimSpace(string(out)), "\n", " | ")
}

// postmasterOf returns the process id in postmaster.pid, or 0. The process may
// be long gone and its id may belong to a stranger.
func postmasterOf(data string) int {
	raw, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	return pid
}
