package redisdb

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
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
			return
		}
		said.WriteString(line + "\n")
	}
	p.t.Fatalf("redis-server ended:\n%s", said.String())
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

// freePort is a port of this machine that nobody used a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// patience is how long tests wait for a server that is coming back.
const patience = 30 * time.Second
