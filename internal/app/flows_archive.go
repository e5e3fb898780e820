package app

import (
	"context"
	"slices"
	"strings"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/postgres"
)

// archivedPath is the file that says which flows nobody begins any more. Like
// what the desk teaches it belongs to the database: publishing a folder neither
// brings a flow back nor archives one that the folder does not.
const archivedPath = "flows/" + flow.ArchivedFile

// Archive lets nobody begin a flow any more; whoever is in it finishes. A flow
// that another one calls, and the one of who has nothing open, are refused with
// a *Broken error. It waits for a second person where that is the rule. Faults:
// NotFound never_published or no_such_flow.
func (p *Publisher) Archive(ctx context.Context, name string, how Publication) (Result, error) {
	how.act = "flow.archive"
	return p.rearchive(ctx, name, how, func(names []string) []string { return append(names, name) })
}

// Unarchive lets people begin a flow again. Faults as of Archive.
func (p *Publisher) Unarchive(ctx context.Context, name string, how Publication) (Result, error) {
	how.act = "flow.unarchive"
	return p.rearchive(ctx, name, how, func(names []string) []string {
		return slices.DeleteFunc(names, func(n string) bool { return n == name })
	})
}

func (p *Publisher) rearchive(ctx context.Context, name string, how Publication, change func([]string) []string) (Result, error) {
	now, err := p.inForce(ctx)
	if err != nil {
		return Result{}, err
	}
	if len(now.bundle) == 0 {
		return Result{}, errNeverPublished
	}
	all := now.book.Flows.Names()
	if !slices.Contains(all, name) {
		return Result{}, fault.Newf(fault.NotFound, "no_such_flow", "No hay ningún flujo publicado que se llame «%s».", name)
	}
	before := slices.DeleteFunc(all, func(n string) bool { return !now.book.Flows.Archived(n) })
	after := change(slices.Clone(before))
	slices.Sort(after)
	if after = slices.Compact(after); slices.Equal(before, after) {
		current, _, err := p.store.CurrentFlows(ctx)
		return Result{Change: current, Unchanged: true}, err
	}
	ed, err := editionOf(archiving(now.bundle, after).files())
	if err != nil {
		return Result{}, err
	}
	how.subject = name
	return p.propose(ctx, ed, postgres.Published, how)
}

// archiving returns a bundle whose archived flows are these, sorted by name.
func archiving(b Bundle, names []string) Bundle {
	out := b.with(nil)
	delete(out, archivedPath)
	if len(names) > 0 {
		out[archivedPath] = "archived: [" + strings.Join(names, ", ") + "]\n"
	}
	return out
}

// keeping adds what belongs to the database to the files of a folder. A flow that
// the folder no longer has is archived no more: it is gone.
func keeping(own, folder Bundle) Bundle {
	out := own.with(folder)
	if _, brings := folder[archivedPath]; brings {
		return out
	}
	return archiving(out, slices.DeleteFunc(flow.ArchivedIn(own.files().Flows), func(n string) bool {
		_, there := folder.flowText(n)
		return !there
	}))
}

// marked gives older files the archived flows of those in force: going back to
// an older version brings nothing back that was archived.
func (b Bundle) marked(now Bundle) Bundle {
	return keeping(now.part(archivedPath), archiving(b, nil))
}
