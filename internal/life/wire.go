package life

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// wire is a stretch of the way to the database that can be cut at a chosen
// piece of what the program sends: before the piece arrives, or after it has
// arrived and before its answer is heard. The second is the commit that nobody
// knows of.
type wire struct {
	url      string // of the database by way of this wire
	dir      string
	network  string // where the server really is
	address  string
	listener net.Listener

	mu    sync.Mutex
	left  int  // pieces until the cut; 0 is never
	after bool // the last piece arrives
	cuts  int
}

// lay makes a wire to the database at address.
func lay(address string) (*wire, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read database url: %w", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read database url: %w", err)
	}
	w := &wire{network: "tcp", address: net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))}
	if filepath.IsAbs(cfg.Host) {
		w.network, w.address = "unix", filepath.Join(cfg.Host, fmt.Sprintf(".s.PGSQL.%d", cfg.Port))
	}
	if w.dir, err = os.MkdirTemp("", "vbw"); err != nil { // short: a socket's path is
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	if w.listener, err = net.Listen("unix", filepath.Join(w.dir, ".s.PGSQL.5432")); err != nil {
		_ = os.RemoveAll(w.dir)
		return nil, fmt.Errorf("listen: %w", err)
	}
	q := u.Query()
	q.Set("host", w.dir)
	q.Set("port", "5432")
	u.RawQuery = q.Encode()
	w.url = u.String()
	go w.serve()
	return w, nil
}

// close ends the wire. Connections by way of it end with their clients.
func (w *wire) close() {
	_ = w.listener.Close()
	_ = os.RemoveAll(w.dir)
}

// arm has the wire cut at the n-th piece from now, 1 or more; 0 disarms it.
func (w *wire) arm(n int, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left, w.after = n, after
}

// cut counts a piece and reports whether the wire is cut at it.
func (w *wire) cut() (cut, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left == 0 {
		return false, false
	}
	w.left--
	if w.left > 0 {
		return false, false
	}
	w.cuts++
	return true, w.after
}

func (w *wire) serve() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(w.network, w.address)
		if err != nil {
			_ = client.Close()
			continue
		}
		go w.carry(client, server)
	}
}

// carry passes pieces both ways until one side ends or the wire is cut.
func (w *wire) carry(client, server net.Conn) {
	var deaf atomic.Bool // what the server answers is not heard any more
	end := sync.OnceFunc(func() {
		_ = client.Close()
		_ = server.Close()
	})
	defer end()
	go func() {
		defer end()
		pass(client, server, func() bool { return !deaf.Load() })
	}()
	pass(server, client, func() bool {
		cut, after := w.cut()
		if cut && after {
			deaf.Store(true)
		}
		return !cut || after
	})
}

// pass copies from one side to the other while each piece may.
func pass(to io.Writer, from io.Reader, may func() bool) {
	piece := make([]byte, 64<<10)
	for {
		n, err := from.Read(piece)
		if n > 0 && (!may() || write(to, piece[:n]) != nil) || err != nil {
			return
		}
	}
}

func write(to io.Writer, piece []byte) error {
	_, err := to.Write(piece)
	return err
}
