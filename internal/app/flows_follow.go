package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"valebot/internal/engine"
	"valebot/internal/postgres"
	"valebot/internal/sandbox"
)

// firstFlows checks the files of this node and, where no flow was ever
// published, publishes them. Where drafts run, they are put in force.
func (a *App) firstFlows(ctx context.Context) error {
	ed, err := editionOf(a.cfg.files())
	if err != nil {
		return err
	}
	if a.cfg.FlowsDir == "" { // the program's own files cannot change between two looks
		a.shelf.know(ed.bundle, ed.book)
	}
	current, published, err := a.store.CurrentFlows(ctx)
	if err != nil {
		return err
	}
	switch {
	case a.cfg.Watch:
		_, err = a.publisher().draft(ctx, ed)
	case !published:
		_, err = a.publisher().propose(ctx, ed, postgres.AtStart, Publication{Author: "arranque"})
	case current.Bundle != ed.bundle.Hash():
		a.log.Warn("the flow files differ from what is published, which is what runs; `valebot flow diff` shows how", "published", current.ID)
	}
	return err
}

func (a *App) publisher() *Publisher { return &Publisher{store: a.store, now: a.clock.Now} }

// rulesOf makes what the engine decides by.
func (a *App) rulesOf(run *running) *engine.Rules {
	return &engine.Rules{
		Flows: run.set, Messages: run.book.Messages, Older: run.older, Stopped: run.stopped, Understand: run.book.Understand, Actions: run.book.Actions,
		NewID: engine.NewID, HashPIN: a.vault.HashPIN, VerifyPIN: a.vault.VerifyPIN, Accounts: a.cfg.accounts(), Metrics: a.engineMetrics,
	}
}

// refreshFlows brings the engine to what is in force. If that cannot be read or
// does not compile, the engine keeps what it has.
func (a *App) refreshFlows(ctx context.Context) error {
	run, err := a.shelf.load(ctx)
	if err != nil {
		return fmt.Errorf("read flows in force: %w", err)
	}
	a.engine.Use(a.rulesOf(run))
	if before := a.flowSeq.Swap(run.seq); before != run.seq {
		a.log.Info("flows changed", "from", before, "to", run.seq)
	}
	a.flowsAt.Store(new(run.revision()))
	return nil
}

// flowSweep is how often a node looks by itself whether the flows changed, in
// case nobody told it.
const flowSweep = 5 * time.Second

// followFlows brings this node to what is in force whenever it changes, be it by
// this node, another one or the command line.
func (a *App) followFlows(ctx context.Context) error {
	for ctx.Err() == nil {
		err := a.store.AwaitFlows(ctx, flowSweep)
		var now postgres.Revision
		if err == nil {
			now, err = a.store.FlowsRevision(ctx)
		}
		if at := a.flowsAt.Load(); err == nil && (at == nil || *at != now) {
			if err = a.refreshFlows(ctx); err == nil {
				a.engine.Wake() // people may have been moved
			}
		}
		if err != nil && ctx.Err() == nil {
			a.log.Error("follow flows", "err", err)
			pause(ctx, flowSweep)
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// drafts remembers what became of the last file that was saved.
type drafts struct {
	mu   sync.Mutex
	last sandbox.Line
	bad  string // what is wrong with the files now; "" if nothing is
}

func (d *drafts) note(at time.Time, text, bad string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bad = bad
	d.last = sandbox.Line{Seq: at.UnixMicro(), At: at, Kind: "note", Text: text}
}

// since returns the last note, if it came after seq.
func (d *drafts) since(seq int64) (sandbox.Line, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last, d.last.Seq > max(seq, 0)
}

// draftLook is how often the files of drafts are looked at. Looking is a few
// dozen calls of stat; a saved file is seen before its author is back in the
// browser.
const draftLook = 300 * time.Millisecond

// watchDrafts puts files in force when they change and hold together. While they
// do not, the ones before stay, and the errors are told. The first look takes
// what was saved since the rules were read. Files count as saved when two looks
// find them alike: many an editor empties a file before it writes it.
func (a *App) watchDrafts(ctx context.Context) error {
	files := a.cfg.files()
	var taken, last string
	for {
		stamp := stampOf(files)
		if stamp == last && stamp != taken {
			a.takeDraft(ctx, files, taken == "")
			taken = stamp
		}
		last = stamp
		pause(ctx, draftLook)
		if ctx.Err() != nil {
			return nil
		}
	}
}

// takeDraft puts files in force, or tells what is wrong with them. That they are
// what runs already goes without saying at the first look.
func (a *App) takeDraft(ctx context.Context, files Files, first bool) {
	ed, err := editionOf(files)
	var done Result
	if err == nil {
		done, err = a.publisher().draft(ctx, ed)
	}
	var broken *Broken
	switch {
	case ctx.Err() != nil: // nobody listens any more
	case errors.As(err, &broken):
		a.tell(fmt.Sprintf("Los flujos tienen %d errores; siguen los de antes: %s", len(broken.Problems), broken.Problems[0].String()), broken.Error())
	case err != nil:
		a.tell("Los flujos no se pudieron leer; siguen los de antes.", err.Error())
	case done.Unchanged && first:
	case done.Unchanged:
		a.tell("Los flujos son los que ya corrían.", "")
	default:
		a.tell(fmt.Sprintf("Flujos nuevos para las pláticas nuevas (cambio %d).", done.Change.Seq), "")
	}
}

// tell says in Spanish what became of a draft: on the terminal, in the log and on
// the phones page. bad holds the errors in full.
func (a *App) tell(text, bad string) {
	a.drafts.note(a.clock.Now(), text, bad)
	if bad != "" {
		a.log.Warn("draft refused", "problems", bad)
		text += "\n" + bad
	}
	if a.cfg.Tell != nil {
		a.cfg.Tell(text)
	}
}

// stampOf changes when a file of the folders does.
func stampOf(files Files) string {
	var b strings.Builder
	for _, fsys := range []fs.FS{files.Flows, files.Locales} {
		_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error { // an unreadable folder is like a changed one
			if err != nil || d.IsDir() || !bundled(name) {
				return nil
			}
			if info, err := d.Info(); err == nil {
				fmt.Fprintf(&b, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return b.String()
}

// flowStatus says which change this node decides by, and what is wrong with the
// drafts if they are watched.
func (a *App) flowStatus(w http.ResponseWriter, _ *http.Request) {
	a.drafts.mu.Lock()
	bad := a.drafts.bad
	a.drafts.mu.Unlock()
	writeStatus(w, http.StatusOK, struct {
		Change int64  `json:"change"`
		Errors string `json:"errors"`
	}{a.flowSeq.Load(), bad})
}
