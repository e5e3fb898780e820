package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
)

func TestOrdinaryUserStaysWhoSheIs(t *testing.T) {
	t.Parallel()
	got, err := chooseIdentity(deadline(t), 1000, binaries{}, "/nonexistent", true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(identity{}, got, cmp.AllowUnexported(identity{})); diff != "" {
		t.Error(diff)
	}
}

// asRoot reports whether this test can act for root; the other tests of this
// package cover whoever runs them.
func asRoot(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() == 0 {
		return true
	}
	t.Log("not root: nothing to show")
	return false
}

// openDir is a cluster directory whose parents a system user may walk through,
// which the parents of t.TempDir are not.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "valebot-open-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "postgres")
}

func TestRootWithoutNamespacesTakesASystemUser(t *testing.T) {
	t.Parallel()
	if !asRoot(t) {
		return
	}
	h := openT(t, openDir(t))
	c, err := prepare(deadline(t), h, "", kind{})
	if err != nil {
		t.Fatal(err)
	}
	if !c.id.setuid || c.id.uid == 0 {
		t.Fatalf("identity = %+v", c.id)
	}
	c.settings = merge(h.private(), durable())
	p, err := c.boot(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.ensureDatabase(deadline(t)); err != nil {
		t.Error(err)
	}
	remember(t, h.url(database))
	if err := p.stop(deadline(t)); err != nil {
		t.Fatal(err)
	}
	// Its data stays with the system user, also where namespaces work.
	s := start(t, Options{Dir: h.root})
	recall(t, s.URL())
	info, err := os.Stat(h.data)
	if err != nil || ownerOf(info) != c.id.uid {
		t.Errorf("data belongs to %d, %v; want %d", ownerOf(info), err, c.id.uid)
	}
}

// Made in a namespace, moved to a machine that forbids them.
func TestDataOfRootIsHandedOver(t *testing.T) {
	t.Parallel()
	if !asRoot(t) {
		return
	}
	h := openT(t, openDir(t))
	s := start(t, Options{Dir: h.root})
	remember(t, s.URL())
	stop(t, s)
	c, err := prepare(deadline(t), h, "", kind{})
	if err != nil {
		t.Fatal(err)
	}
	c.settings = merge(h.private(), durable())
	p, err := c.boot(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	recall(t, h.url(database))
	if err := p.stop(deadline(t)); err != nil {
		t.Error(err)
	}
}

func TestSystemUserCannotEnterAClosedHome(t *testing.T) {
	t.Parallel()
	if !asRoot(t) {
		return
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	h := openT(t, filepath.Join(closed, "postgres"))
	_, err := prepare(deadline(t), h, "", kind{})
	if fault.CodeOf(err) != "postgres_directory" || fault.KindOf(err) != fault.Denied {
		t.Errorf("error = %v", err)
	}
	info, err := os.Stat(closed)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the parent changed: %v, %v", info.Mode(), err)
	}
}

func TestPreparedSocketDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	me := os.Geteuid()
	t.Run("symlink", func(t *testing.T) {
		t.Parallel()
		h := openT(t, clusterDir(t))
		if err := os.Symlink(t.TempDir(), h.socket); err != nil {
			t.Fatal(err)
		}
		if err := h.makeSocketDir(me); fault.CodeOf(err) != "postgres_socket" {
			t.Errorf("error = %v", err)
		}
	})
	t.Run("somebody else's", func(t *testing.T) {
		t.Parallel()
		if !asRoot(t) {
			return
		}
		h := openT(t, clusterDir(t))
		if err := os.Mkdir(h.socket, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(h.socket, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if err := h.makeSocketDir(me); fault.CodeOf(err) != "postgres_socket" {
			t.Errorf("error = %v", err)
		}
	})
	t.Run("ours but open", func(t *testing.T) {
		t.Parallel()
		h := openT(t, clusterDir(t))
		if err := os.Mkdir(h.socket, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := h.makeSocketDir(me); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(h.socket)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	})
}
