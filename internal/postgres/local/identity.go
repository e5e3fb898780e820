package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"

	"valebot/internal/fault"
)

// identity is who postgres runs as. The zero value is: as we are.
type identity struct {
	namespace bool // in a user namespace that shows us as uid and gid
	setuid    bool // as the system user uid and gid
	uid, gid  int
}

// owner is the user that files of the cluster belong to, seen from outside.
func (id identity) owner() int {
	if id.setuid {
		return id.uid
	}
	return os.Geteuid()
}

// chooseIdentity answers the refusal of postgres to run as root. A user
// namespace needs no other user, no chown and no open parents, so it comes
// first; where namespaces are forbidden, as in most containers, a system user
// takes over. Data that already belongs to a system user stays with it.
func chooseIdentity(ctx context.Context, euid int, b binaries, data string, namespaces bool) (identity, error) {
	if euid != 0 {
		return identity{}, nil
	}
	if info, err := os.Stat(data); err == nil && ownerOf(info) != 0 {
		return setuidTo(strconv.Itoa(ownerOf(info)))
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return identity{}, fmt.Errorf("check data directory: %w", err)
	}
	u, err := systemUser()
	if err != nil {
		return identity{}, err
	}
	uid, gid, err := numbers(u)
	if err != nil {
		return identity{}, err
	}
	if id := (identity{namespace: true, uid: uid, gid: gid}); namespaces && works(ctx, id, b) {
		return id, nil
	}
	return identity{setuid: true, uid: uid, gid: gid}, nil
}

// systemUser is a user that exists: initdb looks up the name of its user id.
func systemUser() (*user.User, error) {
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return u, nil
		}
	}
	return nil, fault.New(fault.Unavailable, "postgres_missing",
		"PostgreSQL no corre como root y no existe el usuario postgres; créalo con: "+install)
}

func setuidTo(uid string) (identity, error) {
	u, err := user.LookupId(uid)
	if err != nil {
		return identity{}, fmt.Errorf("look up owner of data directory: %w", err)
	}
	id := identity{setuid: true}
	id.uid, id.gid, err = numbers(u)
	return id, err
}

func numbers(u *user.User) (uid, gid int, err error) {
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, fmt.Errorf("read user id: %w", err)
	}
	if gid, err = strconv.Atoi(u.Gid); err != nil {
		return 0, 0, fmt.Errorf("read group id: %w", err)
	}
	return uid, gid, nil
}

// works tries the identity on a harmless command.
func works(ctx context.Context, id identity, b binaries) bool {
	cmd := exec.CommandContext(ctx, b.path("postgres"), "--version")
	cmd.SysProcAttr = attributes(id, false)
	cmd.Dir = "/"
	return cmd.Run() == nil
}

// handOver gives the cluster's files to the system user of the identity, and
// opens our own directory to be walked through. Parents that we did not make
// keep their modes: where they are closed, the operator has to choose.
func (h home) handOver(id identity) error {
	if !id.setuid {
		return nil
	}
	if err := os.Chmod(h.root, 0o711); err != nil {
		return fmt.Errorf("open cluster directory to its server: %w", err)
	}
	for dir := filepath.Dir(h.root); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("check parent directory: %w", err)
		}
		if info.Mode()&0o001 == 0 && ownerOf(info) != id.uid {
			return fault.Newf(fault.Denied, "postgres_directory",
				"Como root, PostgreSQL corre con otro usuario, que no puede entrar a %s; elige otro directorio de datos, por ejemplo /var/lib/valebot, o corre valebot sin root.", dir)
		}
		if dir == filepath.Dir(dir) {
			return chownTree(h.data, id)
		}
	}
}

func chownTree(root string, id identity) error {
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, id.uid, id.gid)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("hand over data directory: %w", err)
	}
	return nil
}
