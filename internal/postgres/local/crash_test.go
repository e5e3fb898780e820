package local

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSecondProcessIsAClientUntilTheFirstIsGone(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	owner := startHelper(t, "start", dir)
	client := startHelper(t, "start", dir)
	if !owner.owned || client.owned || owner.url != client.url {
		t.Errorf("owner %+v, client %+v", owner, client)
	}
	remember(t, client.url)
	client.letGo(t)
	recall(t, owner.url)
	owner.letGo(t)
	next := start(t, Options{Dir: dir})
	if !next.Owned() {
		t.Error("after the owner's end the next process must own the server")
	}
	recall(t, next.URL())
}

func TestServerDiesWithItsKilledOwner(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	owner := startHelper(t, "start", dir)
	remember(t, owner.url)
	owner.kill(t)
	until(t, "the server is gone", nobodyIn(t, openT(t, dir).data))
}

func TestStartRightAfterTheOwnerWasKilled(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	owner := startHelper(t, "start", dir)
	remember(t, owner.url)
	before := openStateT(t, dir)
	owner.kill(t)
	s := start(t, Options{Dir: dir})
	after := openStateT(t, dir)
	if !s.Owned() || after.Owner != os.Getpid() || after.Postmaster == before.Postmaster {
		t.Errorf("owned %v, before %+v, after %+v", s.Owned(), before, after)
	}
	recall(t, s.URL())
}

func TestStartAfterTheFirstStartWasKilled(t *testing.T) {
	t.Parallel()
	h := openT(t, clusterDir(t))
	cmd := helperCommand("start", h.root)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "initdb works", func() bool {
		found, err := filepath.Glob(filepath.Join(h.root, unfinished+"*", "base"))
		return err == nil && len(found) > 0
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	s := start(t, Options{Dir: h.root})
	remember(t, s.URL())
	recall(t, s.URL())
}

func openStateT(t *testing.T, dir string) state {
	t.Helper()
	st, err := openT(t, dir).readState()
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// An orphan that nobody told of its owner's death still runs when the next
// process starts: it is stopped in order, and its rows are kept.
func TestOrphanIsStoppedAndReplaced(t *testing.T) {
	t.Parallel()
	h := openT(t, clusterDir(t))
	c, err := prepare(deadline(t), h, "", kind{detached: true, namespaces: true})
	if err != nil {
		t.Fatal(err)
	}
	c.settings = merge(h.private(), durable())
	orphan, err := c.boot(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.ensureDatabase(deadline(t)); err != nil {
		t.Fatal(err)
	}
	remember(t, h.url(database))
	s := start(t, Options{Dir: h.root})
	<-orphan.exited
	if orphan.err != nil {
		t.Errorf("the orphan did not end in order: %v", orphan.err)
	}
	recall(t, s.URL())
}

func TestKilledPostmasterComesBack(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	s := start(t, Options{Dir: dir})
	remember(t, s.URL())
	killPostmaster(t, dir)
	until(t, "the server answers again", func() bool { return ping(deadline(t), s.URL()) == nil })
	recall(t, s.URL())
	stop(t, s)
}

// killPostmaster kills it and returns once it is gone.
func killPostmaster(t *testing.T, dir string) {
	t.Helper()
	data := openT(t, dir).data
	pid := postmasterOf(data)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "the postmaster is another one", func() bool { return postmasterOf(data) != pid })
}

func TestPostmasterThatKeepsDyingIsGivenUp(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	s := start(t, Options{Dir: dir})
	data := openT(t, dir).data
	until(t, "the server is given up", func() bool {
		// Any of its lives may be cut short, also before it answers.
		if pid := postmasterOf(data); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		select {
		case <-s.Done():
			return true
		default:
			return false
		}
	})
	if s.Err() == nil {
		t.Error("Err must say why")
	}
	next := start(t, Options{Dir: dir})
	if !next.Owned() {
		t.Error("the lock of a server that was given up must be free")
	}
}

func TestStateOfADeadProcessIsNotBelieved(t *testing.T) {
	t.Parallel()
	h := openT(t, clusterDir(t))
	if err := h.writeState(state{URL: "postgres://elsewhere/x", Owner: 1, Postmaster: 1}); err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{Dir: h.root})
	if !s.Owned() {
		t.Error("nobody holds the lock: the server must be ours")
	}
}

func TestStaleProcessIDIsNotTouched(t *testing.T) {
	t.Parallel()
	h := openT(t, clusterDir(t))
	s := start(t, Options{Dir: h.root})
	stop(t, s)
	// The id of a process that is alive and nobody's server: this one.
	line := []byte("1\n" + h.data + "\n")
	if err := os.WriteFile(filepath.Join(h.data, "postmaster.pid"), line, 0o600); err != nil {
		t.Fatal(err)
	}
	pids, err := serversOf(h.data)
	if err != nil || len(pids) != 0 {
		t.Errorf("servers of a stopped cluster = %v, %v", pids, err)
	}
}

func TestSweepStep(t *testing.T) {
	t.Parallel()
	all := []int{7, 8, 9}
	for _, tt := range []struct {
		name       string
		waited     time.Duration
		postmaster int
		sig        syscall.Signal
		targets    []int
	}{
		{"an orphan is asked", 0, 7, syscall.SIGINT, []int{7}},
		{"and given time", politeGrace, 7, syscall.SIGINT, []int{7}},
		{"then told", politeGrace + 1, 7, syscall.SIGQUIT, all},
		{"backends without a postmaster are told at once", 0, 3, syscall.SIGQUIT, all},
		{"no postmaster.pid", 0, 0, syscall.SIGQUIT, all},
		{"last resort", politeGrace + abruptGrace + 1, 7, syscall.SIGKILL, all},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sig, targets := sweepStep(tt.waited, tt.postmaster, all)
			if sig != tt.sig {
				t.Errorf("signal = %v, want %v", sig, tt.sig)
			}
			if diff := cmp.Diff(tt.targets, targets); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCountShort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		before int
		life   time.Duration
		want   int
	}{{0, 0, 1}, {2, shortLife - 1, 3}, {2, shortLife, 0}} {
		if got := countShort(tt.before, tt.life); got != tt.want {
			t.Errorf("countShort(%d, %v) = %d, want %d", tt.before, tt.life, got, tt.want)
		}
	}
}
