package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"valebot/internal/fault"
)

const (
	port = "5432"
	// maxSocket is what fits into sockaddr_un.sun_path with its closing zero.
	maxSocket = 107
	// unfinished begins the names of data directories that initdb still fills.
	unfinished = "data.new-"
)

// home is the layout of a cluster's directory.
type home struct {
	root   string
	data   string // PGDATA
	lock   string // flock: held by the owner
	state  string // how to reach the owner's server
	log    string // what postgres says
	socket string // directory of the socket
}

type state struct {
	URL        string `json:"url"`
	Owner      int    `json:"owner"`
	Postmaster int    `json:"postmaster"`
}

func openHome(dir string) (home, error) {
	if dir == "" {
		return home{}, errors.New("open cluster directory: no directory given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return home{}, fmt.Errorf("make cluster directory: %w", err)
	}
	abs, err := filepath.Abs(dir)
	if err == nil {
		// Resolved, because the kernel reports resolved working directories and
		// two spellings of one directory must meet at one socket.
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return home{}, fmt.Errorf("resolve cluster directory: %w", err)
	}
	in := func(name string) string { return filepath.Join(abs, name) }
	h := home{
		root: abs, data: in("data"), lock: in("lock"),
		state: in("state.json"), log: in("postgres.log"),
	}
	h.socket = socketDir(abs)
	return h, nil
}

// plain paths need no quoting in unix_socket_directories, a comma-separated list.
var plain = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// socketDir prefers a directory inside the cluster's own, which nobody else can
// enter, and takes a short hashed one where the path would not fit a socket.
func socketDir(root string) string {
	inside := filepath.Join(root, "run")
	if plain.MatchString(inside) && socketFits(inside) {
		return inside
	}
	sum := sha256.Sum256([]byte(root))
	name := "valebot-" + hex.EncodeToString(sum[:8])
	if short := filepath.Join(os.TempDir(), name); plain.MatchString(short) && socketFits(short) {
		return short
	}
	return filepath.Join("/tmp", name)
}

func socketFits(dir string) bool { return len(socketFile(dir)) <= maxSocket }

func socketFile(dir string) string { return filepath.Join(dir, ".s.PGSQL."+port) }

// url is the address of one database. The socket directory travels as a
// parameter because a host part cannot hold slashes.
func (h home) url(name string) string {
	q := url.Values{"host": {h.socket}, "port": {port}}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + name, RawQuery: q.Encode()}
	return u.String()
}

// makeSocketDir makes the socket's directory, or checks the one that is there:
// local connections are trusted, so whoever can enter it is the superuser.
func (h home) makeSocketDir(owner int) error {
	if err := os.Mkdir(h.socket, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make socket directory: %w", err)
	}
	info, err := os.Lstat(h.socket)
	if err != nil {
		return fmt.Errorf("check socket directory: %w", err)
	}
	uid := ownerOf(info)
	if !info.IsDir() || (uid != os.Geteuid() && uid != owner) {
		return fault.Newf(fault.Denied, "postgres_socket",
			"El directorio del socket %s es de otro usuario. Bórralo o elige otro directorio de datos.", h.socket)
	}
	if err := os.Chmod(h.socket, 0o700); err != nil {
		return fmt.Errorf("close socket directory: %w", err)
	}
	if err := os.Chown(h.socket, owner, -1); err != nil {
		return fmt.Errorf("hand over socket directory: %w", err)
	}
	return nil
}

func ownerOf(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return os.Geteuid()
}

func (h home) readState() (state, error) {
	var st state
	raw, err := os.ReadFile(h.state)
	if err != nil {
		return st, fmt.Errorf("read state: %w", err)
	}
	if err := json.Unmarshal(raw, &st); err != nil {
		return st, fmt.Errorf("parse state: %w", err)
	}
	return st, nil
}

// writeState replaces the state in one step, so that a reader never sees half.
func (h home) writeState(st state) error {
	raw, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	next := h.state + ".new"
	if err := os.WriteFile(next, raw, 0o600); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := os.Rename(next, h.state); err != nil {
		return fmt.Errorf("replace state: %w", err)
	}
	return nil
}

// clearUnfinished removes what starts left that were killed. It is best effort:
// what still changes today is removed by a later start.
func (h home) clearUnfinished() {
	entries, _ := os.ReadDir(h.root)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinished) {
			_ = os.RemoveAll(filepath.Join(h.root, e.Name()))
		}
	}
}

// leave tidies up after the owner. It is best effort: a state that nobody holds
// the lock for is not read, and a socket directory is made again when needed.
func (h home) leave() {
	_ = os.Remove(h.state)
	_ = os.Remove(h.socket) // stays when a killed server left its socket in it
}
