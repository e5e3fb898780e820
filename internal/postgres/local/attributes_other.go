//go:build unix && !linux

package local

import "syscall"

// attributes says how the child is born. Without Linux nothing tells it of our
// death: the next start stops the orphan.
func attributes(id identity, _ bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if id.setuid {
		a.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	return a
}

// serversOf lists the living postmaster that a data directory names.
func serversOf(data string) ([]int, error) {
	pid := postmasterOf(data)
	if pid == 0 || syscall.Kill(pid, 0) != nil {
		return nil, nil
	}
	return []int{pid}, nil
}
