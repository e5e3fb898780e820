package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/postgres/local"
)

// place is where a benchmark happens: a server, two databases of our own on it,
// and a directory, all gone afterwards.
type place struct {
	dir    string
	server *local.Server // nil if it is somebody else's
	admin  string
	names  []string
	ours   string // URL of the program's database
	theirs string // URL of pgbench's database
}

// open makes the databases, starting a private server with production
// durability if none is given.
func open(ctx context.Context, databaseURL string) (*place, error) {
	dir, err := os.MkdirTemp("", "valebot-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	p := &place{dir: dir, admin: databaseURL}
	if p.admin == "" {
		p.server, err = local.Start(ctx, local.Options{Dir: filepath.Join(dir, "postgres"), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			p.close()
			return nil, err
		}
		p.admin = p.server.URL()
	}
	stamp := strings.ToLower(rand.Text()) // several may run on one server
	if p.ours, err = p.create(ctx, "valebot_bench_"+stamp); err == nil {
		p.theirs, err = p.create(ctx, "valebot_pgbench_"+stamp)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *place) create(ctx context.Context, name string) (string, error) {
	if err := p.execute(ctx, "create database "+name); err != nil {
		return "", err
	}
	p.names = append(p.names, name)
	u, err := url.Parse(p.admin)
	if err != nil {
		return "", fmt.Errorf("read database url: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

func (p *place) execute(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, p.admin)
	if err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // nothing depends on a goodbye
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// close drops everything. What cannot be dropped on a foreign server keeps its
// telling name.
func (p *place) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if p.server == nil {
		for _, name := range p.names {
			_ = p.execute(ctx, "drop database if exists "+name+" with (force)")
		}
	} else {
		_ = p.server.Stop(ctx) // the directory goes anyway
	}
	_ = os.RemoveAll(p.dir)
}
