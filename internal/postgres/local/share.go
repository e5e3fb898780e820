package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// watch ends a shared cluster once nobody holds the users' lock, and holds the
// lock itself meanwhile, so that a newcomer sees the cluster whole or gone. It
// looks only every few seconds: test binaries run one after the other, and the
// next one should find the cluster of the last. Its waits are bounded, since a
// zombie that nobody reaps, as in a container without an init, never vanishes.
const watch = `
while kill -0 "$1" 2>/dev/null; do
  sleep "$3"
  flock -n -x "$2" sh -c '
    kill -INT "$1" 2>/dev/null
    for _ in $(seq 100); do kill -0 "$1" 2>/dev/null || break; sleep 0.1; done' sh "$1" && exit
done`

// linger is how many seconds pass between two looks of the watcher.
const linger = "5"

// Share returns a throw-away cluster in dir that every process naming dir uses
// together and that ends by itself some seconds after the last of them stopped
// or died. It starts empty, keeps nothing and does not sync to disk: it is for
// tests. Stop lets go of it. It needs flock(1).
func Share(ctx context.Context, dir string) (*Server, error) { return share(ctx, dir, linger) }

func share(ctx context.Context, dir, linger string) (*Server, error) {
	h, err := openHome(dir)
	if err != nil {
		return nil, err
	}
	if err := checkPrivate(h.root); err != nil {
		return nil, err
	}
	user, err := waitLock(ctx, filepath.Join(h.root, "users"), shared)
	if err != nil {
		return nil, err
	}
	url, err := joinOrStart(ctx, h, user.Name(), linger)
	if err != nil {
		user.Close()
		return nil, err
	}
	s := attached(url, slog.New(slog.DiscardHandler))
	s.release = func() { user.Close() }
	return s, nil
}

// checkPrivate refuses a directory that another user prepared for us.
func checkPrivate(root string) error {
	info, err := os.Lstat(root)
	if err != nil {
		return fmt.Errorf("check shared cluster: %w", err)
	}
	if uid := ownerOf(info); uid != os.Geteuid() || info.Mode()&0o022 != 0 {
		return fmt.Errorf("check shared cluster: %s belongs to user %d with mode %v", root, uid, info.Mode())
	}
	return nil
}

func joinOrStart(ctx context.Context, h home, users, linger string) (string, error) {
	lock, err := waitLock(ctx, h.lock, exclusive)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if url, err := joinShared(ctx, h); url != "" || err != nil {
		return url, err
	}
	p, err := startShared(ctx, h, users, linger)
	if err != nil {
		return "", err
	}
	url := h.url("postgres")
	if err := h.writeState(state{URL: url, Owner: os.Getpid(), Postmaster: p.pid}); err != nil {
		return "", errors.Join(err, p.stop(ctx))
	}
	return url, nil
}

// joinShared returns the address of the running cluster, or nothing when none
// runs. A living server that does not answer is waited for and never swept: it
// may be full or slow, and it belongs to the others as well.
func joinShared(ctx context.Context, h home) (string, error) {
	for {
		st, err := h.readState()
		if err != nil {
			return "", nil //nolint:nilerr // none was started to the end
		}
		pids, err := serversOf(h.data)
		if err != nil || !slices.Contains(pids, st.Postmaster) {
			return "", err
		}
		answer := ping(ctx, st.URL)
		if answer == nil {
			return st.URL, nil
		}
		if err := pause(ctx, pollEvery); err != nil {
			return "", fmt.Errorf("wait for the shared cluster: %w", errors.Join(err, answer))
		}
	}
}

func startShared(ctx context.Context, h home, users, linger string) (*process, error) {
	flock, err := exec.LookPath("flock")
	if err != nil {
		return nil, fmt.Errorf("share a cluster: %w", err)
	}
	if err := sweep(ctx, h.data); err != nil {
		return nil, err
	}
	// Without syncing, what a former run left may be torn. It was never kept data.
	if err := os.RemoveAll(h.data); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("clear shared cluster: %w", err)
	}
	c, err := prepare(ctx, h, "", kind{detached: true, namespaces: true})
	if err != nil {
		return nil, err
	}
	c.settings = merge(h.private(), throwaway())
	p, err := c.boot(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("sh", "-c", watch, "sh", strconv.Itoa(p.pid), users, linger)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + filepath.Dir(flock) + ":/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("watch shared cluster: %w", err), p.stop(ctx))
	}
	return p, cmd.Process.Release()
}
