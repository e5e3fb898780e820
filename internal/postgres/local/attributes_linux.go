package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// attributes says how the child is born. Its own process group keeps a Ctrl-C at
// the terminal from reaching it before we have stopped using it. With guard, the
// kernel sends it SIGINT, a clean stop, when the thread that started it dies.
func attributes(id identity, guard bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if guard {
		a.Pdeathsig = syscall.SIGINT
	}
	switch {
	case id.namespace:
		a.Cloneflags = syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: id.uid, HostID: os.Geteuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: id.gid, HostID: os.Getegid(), Size: 1}}
	case id.setuid:
		a.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	return a
}

// serversOf lists the processes that work in a data directory. Postgres and all
// its backends have it as their working directory, which no reused process id
// of a stale postmaster.pid does.
func serversOf(data string) ([]int, error) {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var pids []int
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || cwd != data {
			continue // gone meanwhile, or of another user: not ours
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil && isPostgres(pid) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// isPostgres keeps a person's shell in the data directory out of the list. The
// kernel's name of the process survives the titles that postgres gives itself.
func isPostgres(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && string(name) == "postgres\n"
}
