package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

const (
	// politeGrace is how long an orphan may take to write its last checkpoint.
	politeGrace = 30 * time.Second
	// abruptGrace is how long a server that was told to drop everything may take.
	abruptGrace = 5 * time.Second
)

// process is a postmaster that we started.
type process struct {
	pid    int
	handle *os.Process
	exited chan struct{}
	err    error // of Wait; read after exited is closed
}

// launch starts the command on a thread of its own: the kernel ties the child's
// death signal to the thread that made it, not to the process, and Go promises
// nothing about the life of a thread that no goroutine holds.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid, p.handle = cmd.Process.Pid, cmd.Process
		}
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	return p, nil
}

// failure describes the end of a process that nobody stopped.
func (p *process) failure() error {
	if p.err != nil {
		return p.err
	}
	return errors.New("exit status 0")
}

// stop asks for a clean end, and takes an abrupt one when ctx ends first. Both
// keep every committed row.
func (p *process) stop(ctx context.Context) error {
	if err := p.handle.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop postgres: %w", err)
	}
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
	}
	for _, sig := range []os.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		_ = p.handle.Signal(sig) // it may have ended by itself
		select {
		case <-p.exited:
			return fmt.Errorf("stop postgres in time: %w", ctx.Err())
		case <-time.After(abruptGrace):
		}
	}
	return fmt.Errorf("stop postgres: process %d does not end", p.pid)
}

// sweep ends what still works in the data directory although its owner is dead:
// a postmaster that is shutting down or was orphaned, or backends of a killed
// postmaster, which would keep the shared memory and fail the next start.
func sweep(ctx context.Context, data string) error {
	began := time.Now()
	for {
		pids, err := serversOf(data)
		if err != nil || len(pids) == 0 {
			return err
		}
		sig, targets := sweepStep(time.Since(began), postmasterOf(data), pids)
		for _, pid := range targets {
			_ = syscall.Kill(pid, sig) // it may just have ended
		}
		if err := pause(ctx, 5*pollEvery); err != nil {
			return fmt.Errorf("wait for the former postgres to end: %w", err)
		}
	}
}

// sweepStep says which signal goes to whom: a clean stop while there is a
// postmaster to lead it, then an abrupt one for all, then the last resort.
func sweepStep(waited time.Duration, postmaster int, pids []int) (syscall.Signal, []int) {
	switch {
	case waited > politeGrace+abruptGrace:
		return syscall.SIGKILL, pids
	case waited <= politeGrace && slices.Contains(pids, postmaster):
		return syscall.SIGINT, []int{postmaster}
	default:
		return syscall.SIGQUIT, pids
	}
}
