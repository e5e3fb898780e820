package redisdb

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

func quietLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

// haveServer reports whether a real server can be started. Where every change
// is checked it must be there.
func haveServer(t *testing.T) bool {
	t.Helper()
	_, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("redis-server is missing; install it: apt-get install redis-server")
	}
	return err == nil
}

// process is a real server that a test may stop, kill and start again.
type process struct {
	t    *testing.T
	args []string
	cmd  *exec.Cmd
}

// run starts redis-server and waits until it answers or says why not.
func run(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, args: args}
	p.start()
	t.Cleanup(p.kill)
	return p
}

func (p *process) start() {
	p.t.Helper()
	if said := p.tryStart(); said != "" {
		p.t.Fatalf("redis-server ended:\n%s", said)
	}
}

// tryStart returns what a server said that did not stay, "" if it did.
func (p *process) tryStart() string {
	p.t.Helper()
	p.cmd = exec.Command("redis-server", p.args...)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if strings.Contains(line, "eady to accept connections") || strings.Contains(line, "+monitor master") {
			go func() { _, _ = io.Copy(io.Discard, out) }() // a full pipe would stop it
			return ""
		}
		said.WriteString(line + "\n")
	}
	_ = p.cmd.Wait()
	return "it ends: " + said.String()
}

// runOnPort starts a server on a port of this machine and returns the port. It
// tries several: whichever looks free may be taken meanwhile, and so may the one
// 10,000 above it, by which the nodes of a cluster talk.
func runOnPort(t *testing.T, args ...string) string {
	t.Helper()
	said := ""
	for range 20 {
		port := fmt.Sprint(10_000 + rand.IntN(12_000)) // below those that connections get
		p := &process{t: t, args: append(slices.Clone(args), "--port", port, "--bind", "127.0.0.1")}
		if said = p.tryStart(); said == "" {
			t.Cleanup(p.kill)
			return port
		}
	}
	t.Fatalf("no port will do:\n%s", said)
	return ""
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// kill ends the server without a word, also when it is stopped.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // ended already
	_ = p.cmd.Wait()
}

// socketArgs are those of a server that keeps nothing.
func socketArgs(t *testing.T) (path string, args []string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "vb") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	return path, []string{"--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", dir}
}

// realServer starts one server on a socket.
func realServer(t *testing.T) (*process, string) {
	t.Helper()
	path, args := socketArgs(t)
	return run(t, args...), "unix://" + path
}

// anyServer is a real server where there is one, and an imitation elsewhere.
func anyServer(t *testing.T) string {
	t.Helper()
	if haveServer(t) {
		_, url := realServer(t)
		return url
	}
	t.Log("redis-server is not installed: the contract runs on an imitation of it")
	return "redis://" + miniredis.RunT(t).Addr()
}

// needReal returns false, with a line in the log, where only an imitation is
// there. What it guards is about processes that die and hang.
func needReal(t *testing.T) bool {
	t.Helper()
	ok := haveServer(t)
	if !ok {
		t.Log("redis-server is not installed: nothing to kill, nothing shown")
	}
	return ok
}

// open makes a client whose only deadlines are those of the callers: a machine
// that is busy with other tests must not look like an outage.
func open(t *testing.T, url string) *Client {
	t.Helper()
	u, err := parse(url)
	if err != nil {
		t.Fatal(err)
	}
	o := u.options()
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = patience, patience, patience, patience
	c := &Client{redis: redis.NewUniversalClient(o)}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// patience is how long tests wait for a server that is coming back.
const patience = 2 * time.Minute
