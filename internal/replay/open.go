package replay

import (
	"context"
	"errors"
	"fmt"
	"os"

	"valebot/internal/flow/transcript"
	"valebot/internal/postgres/local"
	"valebot/internal/postgres/scratch"
)

// Open returns a stage on a database that is made for it beside the one that
// server names, or with "" on a cluster of its own. Close deletes either.
func Open(ctx context.Context, server string, lab *transcript.Lab) (_ *Stage, err error) {
	var undo []func() error
	defer func() {
		if err != nil {
			err = errors.Join(err, unwind(undo))
		}
	}()
	if server == "" {
		cluster, gone, err := ownCluster(ctx)
		if err != nil {
			return nil, err
		}
		undo, server = append(undo, gone), cluster
	}
	db, err := scratch.Create(ctx, server)
	if err != nil {
		return nil, err
	}
	undo = append(undo, func() error { return db.Drop(context.WithoutCancel(ctx)) })
	s, err := NewStage(ctx, db.URL, lab)
	if err != nil {
		return nil, err
	}
	s.undo = undo
	return s, nil
}

// ownCluster starts a cluster that nobody will miss, and says how it ends.
func ownCluster(ctx context.Context) (url string, gone func() error, err error) {
	dir, err := os.MkdirTemp("", "valebot-ensayo-")
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for the rehearsal: %w", err)
	}
	cluster, err := local.Start(ctx, local.Options{Dir: dir, Settings: map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}})
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return cluster.URL(), func() error {
		return errors.Join(cluster.Stop(context.WithoutCancel(ctx)), os.RemoveAll(dir))
	}, nil
}

// unwind takes steps back, the last one first.
func unwind(steps []func() error) error {
	var all error
	for i := len(steps) - 1; i >= 0; i-- {
		all = errors.Join(all, steps[i]())
	}
	return all
}
