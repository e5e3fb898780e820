package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

type lockMode int

const (
	exclusive lockMode = syscall.LOCK_EX
	shared    lockMode = syscall.LOCK_SH
)

// tryLock takes the lock or returns nil when another open file holds it. The
// kernel drops it when the process dies, and Go opens files close-on-exec, so
// that no child can keep it.
func tryLock(path string, mode lockMode) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), int(mode)|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// waitLock takes the lock, waiting for it as long as ctx allows.
func waitLock(ctx context.Context, path string, mode lockMode) (*os.File, error) {
	for {
		f, err := tryLock(path, mode)
		if f != nil || err != nil {
			return f, err
		}
		if err := pause(ctx, pollEvery); err != nil {
			return nil, fmt.Errorf("wait for lock %s: %w", path, err)
		}
	}
}
