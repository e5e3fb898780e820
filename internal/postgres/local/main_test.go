package local

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperMode makes the test binary a second program: it starts or shares the
// cluster of helperDir, prints who it is, and waits to be killed or let go.
const (
	helperMode = "LOCAL_TEST_HELPER"
	helperDir  = "LOCAL_TEST_DIR"
	patience   = 3 * time.Minute
)

func TestMain(m *testing.M) {
	if mode := os.Getenv(helperMode); mode != "" {
		os.Exit(help(mode, os.Getenv(helperDir)))
	}
	os.Exit(m.Run())
}

func help(mode, dir string) int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := helperServer(ctx, mode, dir)
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("ready", s.Owned(), s.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(ctx); err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

func helperServer(ctx context.Context, mode, dir string) (*Server, error) {
	if mode == "share" {
		return share(ctx, dir, "0.2")
	}
	return Start(ctx, Options{Dir: dir})
}

// helper is another process that uses the same cluster.
type helper struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	owned bool
	url   string
}

func helperCommand(mode, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperMode+"="+mode, helperDir+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

func startHelper(t *testing.T, mode, dir string) *helper {
	t.Helper()
	cmd := helperCommand(mode, dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("read helper: %v", err)
	}
	words := strings.Fields(line)
	if len(words) != 3 || words[0] != "ready" {
		t.Fatalf("helper says %q", line)
	}
	return &helper{cmd: cmd, stdin: stdin, owned: words[1] == "true", url: words[2]}
}

func (h *helper) kill(t *testing.T) {
	t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = h.cmd.Wait()
}

// letGo ends the helper in order and expects it to be content.
func (h *helper) letGo(t *testing.T) {
	t.Helper()
	h.stdin.Close()
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("helper: %v", err)
	}
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(deadline(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Stop(deadline(t)); err != nil {
		t.Fatal(err)
	}
}

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func clusterDir(t *testing.T) string { return filepath.Join(t.TempDir(), "postgres") }

func openT(t *testing.T, dir string) home {
	t.Helper()
	h, err := openHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(deadline(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(deadline(t), sql); err != nil {
		t.Fatal(err)
	}
}

// remember commits a row that recall must find again.
func remember(t *testing.T, url string) {
	t.Helper()
	exec1(t, url, "CREATE TABLE kept (folio text)")
	exec1(t, url, "INSERT INTO kept VALUES ('V-1')")
}

func recall(t *testing.T, url string) {
	t.Helper()
	if got := ask(t, url, "SELECT string_agg(folio, ',') FROM kept"); got != "V-1" {
		t.Errorf("kept rows = %q, want V-1", got)
	}
}

func ask(t *testing.T, url, sql string) string {
	t.Helper()
	got, err := query(deadline(t), url, sql)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func query(ctx context.Context, url, sql string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.Background())
	var got string
	err = conn.QueryRow(ctx, sql).Scan(&got)
	return got, err
}

// until waits for a condition that another process brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx := deadline(t)
	for !ok() {
		if err := pause(ctx, pollEvery); err != nil {
			t.Fatalf("wait until %s: %v", what, err)
		}
	}
}

func nobodyIn(t *testing.T, data string) func() bool {
	return func() bool {
		pids, err := serversOf(data)
		if err != nil {
			t.Fatal(err)
		}
		return len(pids) == 0
	}
}
