package app

import (
	"context"
	"fmt"
	"sync"

	"valebot/internal/engine"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/locale"
	"valebot/internal/mexid"
	"valebot/internal/postgres"
)

// running is what a node decides by: the flows in force, and older versions for
// people who are in the middle of them, each with the messages that it was
// checked with.
type running struct {
	seq   int64
	book  *Rulebook
	set   *flow.Set
	older map[engine.Pin]*locale.Catalog

	stopped flow.Stopped
}

// revision is what a node compares with the database's.
func (r *running) revision() postgres.Revision {
	return postgres.Revision{Seq: r.seq, Stopped: len(r.stopped)}
}

// flowShelf compiles what the database says is in force. It keeps what it has
// compiled: bundles never change.
type flowShelf struct {
	store   *postgres.Store
	deposit mexid.Deposit // of the configuration

	mu    sync.Mutex
	books map[string]*Rulebook // by bundle, as compiled with their own product
	kept  map[string]compiled  // by bundle, as compiled for older versions
}

// compiled are the flows of a bundle with their messages.
type compiled struct {
	set      *flow.Set
	messages *locale.Catalog
}

func newShelf(store *postgres.Store) *flowShelf {
	return &flowShelf{store: store, books: map[string]*Rulebook{}, kept: map[string]compiled{}}
}

// load reads what is in force now.
func (f *flowShelf) load(ctx context.Context) (*running, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change, ok, err := f.store.CurrentFlows(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("no flows were ever published here")
	}
	book, err := f.book(ctx, change.Bundle)
	if err != nil {
		return nil, fmt.Errorf("flows in force no longer hold: %w", err)
	}
	run := &running{seq: change.Seq, book: book, older: map[engine.Pin]*locale.Catalog{}}
	kept, err := f.older(ctx, run)
	if err != nil {
		return nil, err
	}
	run.set = book.Flows.Keep(kept...)
	arms, err := f.store.StoppedArms(ctx)
	if err != nil {
		return nil, err
	}
	run.stopped = flow.Stopped{}
	for _, a := range arms {
		run.stopped[a.Test+":"+a.Arm] = true
	}
	return run, nil
}

// know spares compiling a bundle once more that was just compiled. The book must
// be of exactly these files.
func (f *flowShelf) know(bundle Bundle, book *Rulebook) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.books[bundle.Hash()] = book
}

// book compiles a bundle for being in force.
func (f *flowShelf) book(ctx context.Context, hash string) (*Rulebook, error) {
	if book, ok := f.books[hash]; ok {
		return book, nil
	}
	files, err := f.bundle(ctx, hash)
	if err != nil {
		return nil, err
	}
	all := files.files()
	all.Deposit = f.deposit
	book, err := LoadRulebook(all)
	if err == nil {
		clear(f.books) // the one before is of use only as an older one
		f.books[hash] = book
	}
	return book, err
}

func (f *flowShelf) bundle(ctx context.Context, hash string) (Bundle, error) {
	packed, err := f.store.FlowBundle(ctx, hash)
	if err != nil {
		return nil, err
	}
	return unpack(packed, hash)
}

// older compiles the versions that people are in the middle of and that are not
// in force, each from the files that it was published with.
func (f *flowShelf) older(ctx context.Context, run *running) ([]*flow.Machine, error) {
	thronged, err := f.store.ThrongedFlows(ctx, run.book.Flows.Idle().Name())
	if err != nil {
		return nil, err
	}
	var out []*flow.Machine
	for _, v := range thronged {
		if _, current := run.book.Flows.Machine(v.Flow, v.Version); current {
			continue
		}
		from, err := f.keep(ctx, run.book, v)
		if err != nil {
			return nil, err
		}
		m, ok := from.set.Machine(v.Flow, v.Version)
		if !ok {
			return nil, fmt.Errorf("flow %s v%d, which people are in the middle of, no longer compiles", v.Flow, v.Version)
		}
		out = append(out, m)
		if from.messages != run.book.Messages {
			run.older[engine.Pin{Flow: v.Flow, Version: v.Version}] = from.messages
		}
	}
	return out, nil
}

// keep compiles the files that a version was published with. One that was pinned
// before files were kept is compiled among the files in force.
func (f *flowShelf) keep(ctx context.Context, book *Rulebook, v postgres.FlowSource) (compiled, error) {
	if v.Bundle == "" {
		files, err := BundleOf(book.files)
		if err != nil {
			return compiled{}, err
		}
		return compile(files.with(Bundle{flowPath(v.Flow): v.Source}).files(), book.Actions, book.Messages), nil
	}
	if c, ok := f.kept[v.Bundle]; ok {
		return c, nil
	}
	files, err := f.bundle(ctx, v.Bundle)
	if err != nil {
		return compiled{}, err
	}
	messages, _ := locale.Load(files.files().Locales) // they held when they were published
	c := compile(files.files(), book.Actions, messages)
	f.kept[v.Bundle] = c
	return c, nil
}

// compile leaves out flows with errors, as flow.Load does.
func compile(files Files, actions lending.Catalog, messages *locale.Catalog) compiled {
	set, _ := flow.Load(files.Flows, actions.Vocabulary(), messages)
	return compiled{set, messages}
}
