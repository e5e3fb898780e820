package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/flow/graph"
	"valebot/internal/postgres"
)

// deskFlows shows the flows at the desk and changes them in an agent's name.
// What is published there always waits for a second person.
type deskFlows struct {
	app *App
}

// statDays is how far back the desk counts.
const statDays = 7

func (d deskFlows) query(name string) postgres.StatsQuery {
	now := d.app.clock.Now()
	return postgres.StatsQuery{Flow: name, From: now.AddDate(0, 0, -statDays), To: now}
}

// Flows lists all flows with what goes wrong in them, and compares the files of
// this machine with what is in force.
func (d deskFlows) Flows(ctx context.Context) (casework.FlowsPage, error) {
	page := casework.FlowsPage{Days: statDays}
	p := d.app.publisher()
	run, err := p.inForce(ctx)
	if err != nil {
		return page, err
	}
	if page.Flows, err = d.lines(ctx, run); err != nil {
		return page, err
	}
	waiting, ok, err := d.app.store.WaitingFlows(ctx)
	if err != nil {
		return page, err
	}
	if ok {
		page.Waiting = &casework.FlowChange{Author: waiting.Author, Note: waiting.Note, At: waiting.At, Flows: len(waiting.Flows)}
	}
	diffs, err := p.Diff(ctx, "", d.app.cfg.files())
	if broken := (*Broken)(nil); errors.As(err, &broken) {
		page.Broken = broken.Error()
		return page, nil
	}
	for _, x := range diffs {
		if !x.Same() {
			page.Diffs = append(page.Diffs, diffLine(x))
		}
	}
	return page, err
}

// lines counts all flows by a few statements, however many there are.
func (d deskFlows) lines(ctx context.Context, run *edition) ([]casework.FlowLine, error) {
	q := d.query("")
	troubles, err := d.app.store.Troubles(ctx, q.From, q.To)
	if err != nil {
		return nil, err
	}
	crowds, err := d.app.store.Crowds(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []casework.FlowLine
	for _, name := range run.book.Flows.Names() {
		m, _ := run.book.Flows.Latest(name)
		line := casework.FlowLine{Flow: name, Title: m.Title(), Version: m.Version()}
		for _, t := range troubles {
			if t.Flow == name {
				blame(&line, t)
			}
		}
		for _, c := range crowds {
			if c.Flow == name {
				line.People += c.People
				if c.Version != m.Version() {
					line.Ending += c.People
				}
			}
		}
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b casework.FlowLine) int { return cmp.Compare(b.WorstN, a.WorstN) })
	return out, nil
}

// blame adds a step to the line of its flow; the worst is where most went wrong.
func blame(line *casework.FlowLine, t postgres.StepTrouble) {
	line.Started += t.Started
	line.Handed += t.Handed
	if wrong := t.Handed + t.Unclear; wrong > line.WorstN {
		line.Worst, line.WorstN, line.WorstOf = t.Step, wrong, t.Entered
	}
}

func diffLine(x FlowDiff) casework.FlowDiff {
	out := casework.FlowDiff{Flow: x.Flow, From: x.From, To: x.To, Added: x.Added, Removed: x.Removed, Changed: x.Changed, Terms: x.Terms}
	for _, m := range x.Messages {
		out.Messages = append(out.Messages, casework.FlowText{Key: m.Key, Before: m.Before, After: m.After})
	}
	for _, w := range x.Waiting {
		if w.Removed {
			out.Stranded += w.People
		}
	}
	return out
}

// Flow shows one flow: its versions, and how each step fares.
func (d deskFlows) Flow(ctx context.Context, name string) (casework.FlowPage, error) {
	p := d.app.publisher()
	run, err := p.inForce(ctx)
	if err != nil {
		return casework.FlowPage{}, err
	}
	m, ok := run.book.Flows.Latest(name)
	if !ok {
		return casework.FlowPage{}, fault.New(fault.NotFound, "no_such_flow", "Ese flujo no existe.")
	}
	page := casework.FlowPage{FlowLine: casework.FlowLine{Flow: name, Title: m.Title(), Version: m.Version()}}
	versions, err := p.Versions(ctx, name)
	if err != nil {
		return page, err
	}
	for _, v := range versions {
		page.Versions = append(page.Versions, casework.FlowVersion{Version: v.Version, State: v.State, Author: v.Author, By: v.By, Note: v.Note, At: v.At, People: v.People})
	}
	stats, err := p.Stats(ctx, d.query(name), "")
	if err != nil {
		return page, err
	}
	crowds, err := d.app.store.Crowds(ctx, name)
	for _, s := range stats.Steps {
		step := casework.FlowStep{Step: s.Step, Entered: s.Entered, Replies: s.Replies, FirstTime: int(s.FirstTime*100 + 0.5), Left: s.Left, Handed: s.HandedOver}
		for _, c := range crowds {
			if c.Step == s.Step {
				step.Waiting += c.People
			}
		}
		page.Steps = append(page.Steps, step)
	}
	return page, err
}

// Drawing is a picture of a flow in force with the counts of the last days, SVG.
func (d deskFlows) Drawing(ctx context.Context, name string) (string, error) {
	p := d.app.publisher()
	run, err := p.inForce(ctx)
	if err != nil {
		return "", err
	}
	m, ok := run.book.Flows.Latest(name)
	if !ok {
		return "", fault.New(fault.NotFound, "no_such_flow", "Ese flujo no existe.")
	}
	count, err := p.Counts(ctx, d.query(name))
	if err != nil {
		return "", err
	}
	return graph.SVG(m, count), nil
}

// Publish proposes the files of this machine; somebody else approves them.
func (d deskFlows) Publish(ctx context.Context, agent, note string) (string, error) {
	return d.told(d.app.publisher().Publish(ctx, d.app.cfg.files(), Publication{Author: agent, Note: note, FourEyes: true}))
}

// Approve puts what waits in force.
func (d deskFlows) Approve(ctx context.Context, agent string) (string, error) {
	return d.told(d.app.publisher().Approve(ctx, agent))
}

// Rollback puts the version before the one in force back.
func (d deskFlows) Rollback(ctx context.Context, agent, name, note string) (string, error) {
	return d.told(d.app.publisher().Rollback(ctx, name, Publication{Author: agent, Note: note}))
}

// told says what became of a publication, and brings this node up to date at once.
func (d deskFlows) told(r Result, err error) (string, error) {
	if broken := (*Broken)(nil); errors.As(err, &broken) {
		return "", fault.Newf(fault.Invalid, "broken_flows", "Los archivos tienen %d problemas; «valebot flow lint» los muestra.", len(broken.Problems))
	}
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := d.app.refreshFlows(ctx); err != nil {
		return "", err
	}
	switch {
	case r.Unchanged:
		return "No hay nada que cambiar: es lo que ya rige.", nil
	case r.Change.Seq == 0:
		return "Quedó propuesta. Rige cuando otra persona la apruebe.", nil
	}
	return fmt.Sprintf("Ya rige para las pláticas nuevas. %d pasaron a la versión nueva y %d van a una persona; las demás terminan en la suya.", r.Moved, r.HandedOver), nil
}
