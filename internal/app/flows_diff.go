package app

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"valebot/internal/flow"
	"valebot/internal/postgres"
)

// FlowDiff is what publishing files would change for one flow.
type FlowDiff struct {
	Flow     string          `json:"flow"`
	From     int             `json:"from"` // version in force; 0 if there is none
	To       int             `json:"to"`   // version of the files; 0 if it is not among them
	Added    []string        `json:"added"`
	Removed  []string        `json:"removed"`
	Changed  []string        `json:"changed"` // steps that do something else
	Messages []MessageChange `json:"messages"`
	Terms    []string        `json:"terms"`  // lines of products/, with - and +
	Others   []string        `json:"others"` // other files that changed around it
	Waiting  []WaitingPeople `json:"waiting"`
}

// MessageChange is a text that the flow says and that changes. Before or After
// is empty where there is none.
type MessageChange struct {
	Key    string `json:"key"` // "aceptacion.oferta.sms"
	Before string `json:"before"`
	After  string `json:"after"`
}

// WaitingPeople are people in the middle of the flow.
type WaitingPeople struct {
	Version int    `json:"version"`
	Step    string `json:"step"`
	People  int    `json:"people"`
	Removed bool   `json:"removed"` // the files no longer have the step
	Goes    string `json:"goes"`    // where migrate: leads from it; "" if nowhere
}

// Same reports whether nothing changes for the flow.
func (d FlowDiff) Same() bool {
	return d.From == d.To && len(d.Added)+len(d.Removed)+len(d.Changed)+len(d.Messages)+len(d.Terms) == 0
}

// Diff compares files with what is in force, for one flow or with "" for all
// that either has.
func (p *Publisher) Diff(ctx context.Context, name string, files Files) ([]FlowDiff, error) {
	files, err := p.keepOwn(ctx, files)
	if err != nil {
		return nil, err
	}
	ed, err := editionOf(files)
	if err != nil {
		return nil, err
	}
	now, err := p.inForce(ctx)
	if err != nil {
		return nil, err
	}
	crowds, err := p.store.Crowds(ctx, name)
	if err != nil {
		return nil, err
	}
	names := []string{name}
	if name == "" {
		names = slices.Compact(slices.Sorted(slices.Values(append(now.book.Flows.Names(), ed.book.Flows.Names()...))))
	}
	var out []FlowDiff
	for _, name := range names {
		out = append(out, diffOf(name, now, ed, crowds))
	}
	return out, nil
}

// inForce is what runs now; nothing at all on a database without flows.
func (p *Publisher) inForce(ctx context.Context) (*edition, error) {
	empty := &edition{bundle: Bundle{}, book: &Rulebook{Flows: &flow.Set{}}}
	current, ok, err := p.store.CurrentFlows(ctx)
	if err != nil || !ok {
		return empty, err
	}
	shelf := newShelf(p.store)
	bundle, err := shelf.bundle(ctx, current.Bundle)
	if err != nil {
		return nil, err
	}
	book, err := shelf.book(ctx, current.Bundle)
	if err != nil {
		return nil, err
	}
	return &edition{bundle: bundle, book: book}, nil
}

func diffOf(name string, now, then *edition, crowds []postgres.Crowd) FlowDiff {
	d := FlowDiff{Flow: name, Added: []string{}, Removed: []string{}, Changed: []string{}, Messages: []MessageChange{}, Terms: []string{}, Others: []string{}, Waiting: []WaitingPeople{}}
	before, had := now.book.Flows.Latest(name)
	after, has := then.book.Flows.Latest(name)
	var old, young map[string]string
	if had {
		d.From, old = before.Version(), stepsOf(before)
	}
	if has {
		d.To, young = after.Version(), stepsOf(after)
	}
	d.steps(old, young)
	d.texts(now, then)
	for file := range then.bundle.with(now.bundle) {
		if now.bundle[file] != then.bundle[file] {
			d.file(file, now.bundle[file], then.bundle[file])
		}
	}
	slices.Sort(d.Others)
	for _, c := range crowds {
		if c.Flow == name {
			d.Waiting = append(d.Waiting, waitingAt(c, after, young))
		}
	}
	return d
}

func waitingAt(c postgres.Crowd, after *flow.Machine, steps map[string]string) WaitingPeople {
	w := WaitingPeople{Version: c.Version, Step: c.Step, People: c.People}
	root, _, _ := strings.Cut(c.Step, "/")
	_, there := steps[root]
	w.Removed = !there && root == c.Step
	if after != nil {
		w.Goes, _ = after.Migrate(c.Step)
	}
	return w
}

// stepsOf describes what each step does and where it leads, for comparing.
func stepsOf(m *flow.Machine) map[string]string {
	out := map[string]string{}
	for _, name := range m.Steps() {
		info, _ := m.Info(name)
		info.Note = "" // for colleagues: nobody in the flow sees it
		out[name] = fmt.Sprint(info)
	}
	for _, e := range m.Edges() {
		out[e.Source] += fmt.Sprint(e)
	}
	return out
}

func (d *FlowDiff) steps(old, young map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(old)) {
		now, kept := young[name]
		switch {
		case !kept:
			d.Removed = append(d.Removed, name)
		case now != old[name]:
			d.Changed = append(d.Changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(young)) {
		if _, had := old[name]; !had {
			d.Added = append(d.Added, name)
		}
	}
}

// messageKey finds what may be the key of a message in a flow file.
var messageKey = regexp.MustCompile(`[a-z0-9_]+(?:\.[a-z0-9_]+)+`)

// texts compares what the flow says, in both versions of its file.
func (d *FlowDiff) texts(now, then *edition) {
	oldText, _ := now.bundle.flowText(d.Flow)
	newText, _ := then.bundle.flowText(d.Flow)
	keys := messageKey.FindAllString(oldText+"\n"+newText, -1)
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		before, after := said(now.book, key), said(then.book, key)
		for _, channel := range []string{"sms", "wa"} {
			if before[channel] != after[channel] {
				d.Messages = append(d.Messages, MessageChange{key + "." + channel, before[channel], after[channel]})
			}
		}
	}
}

// said returns a message's text by channel.
func said(book *Rulebook, key string) map[string]string {
	out := map[string]string{}
	if book.Messages == nil {
		return out
	}
	m, ok := book.Messages.Message(key)
	if !ok {
		return out
	}
	if m.SMS != nil {
		out["sms"] = m.SMS.Text
	}
	if m.WhatsApp != nil {
		out["wa"] = m.WhatsApp.Text
	}
	return out
}

// file notes that a file around the flow changed: terms line by line, others by
// name.
func (d *FlowDiff) file(name, before, after string) {
	switch {
	case strings.HasPrefix(name, "flows/products/"):
		old, young := strings.Split(before, "\n"), strings.Split(after, "\n")
		d.Terms = append(d.Terms, marked("- ", old, young)...)
		d.Terms = append(d.Terms, marked("+ ", young, old)...)
	case !strings.HasSuffix(name, ".flow.yaml"):
		d.Others = append(d.Others, name)
	}
}

// marked lists the lines that only the first text has.
func marked(sign string, lines, others []string) (out []string) {
	for _, line := range lines {
		if strings.TrimSpace(line) != "" && !slices.Contains(others, line) {
			out = append(out, sign+strings.TrimSpace(line))
		}
	}
	return out
}

// VersionLine is one version of a flow in its history.
type VersionLine struct {
	Flow    string `json:"flow"`
	Version int    `json:"version"`
	SHA256  string `json:"sha256"`
	Author  string `json:"author"` // who first published it
	Note    string `json:"note"`
	At      string `json:"at"` // RFC 3339, when it was first published
	By      string `json:"approved_by"`
	Kind    string `json:"kind"`
	State   string `json:"state"`  // current, ending (people are in it), waiting (for approval), archived, old
	People  int    `json:"people"` // in the middle of it
}

// Versions lists the versions of one flow, or with "" of all, the newest first.
func (p *Publisher) Versions(ctx context.Context, name string) ([]VersionLine, error) {
	sources, err := p.store.FlowSources(ctx, name)
	if err != nil {
		return nil, err
	}
	history, err := p.store.FlowHistory(ctx, name, maxHistory)
	if err != nil {
		return nil, err
	}
	crowds, err := p.store.Crowds(ctx, name)
	if err != nil {
		return nil, err
	}
	current, _, err := p.store.CurrentFlows(ctx)
	if err != nil {
		return nil, err
	}
	own, err := p.own(ctx)
	if err != nil {
		return nil, err
	}
	archived := flow.ArchivedIn(own.files().Flows)
	var out []VersionLine
	for _, s := range slices.Backward(sources) {
		line := VersionLine{Flow: s.Flow, Version: s.Version, SHA256: s.SHA256, At: s.PublishedAt.UTC().Format("2006-01-02T15:04:05Z"), State: "old"}
		for _, c := range crowds {
			if c.Flow == s.Flow && c.Version == s.Version {
				line.People += c.People
			}
		}
		line.tell(history, current, slices.Contains(archived, s.Flow))
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b VersionLine) int { return strings.Compare(a.Flow, b.Flow) })
	return out, nil
}

// tell fills in who published the version, and how it stands.
func (v *VersionLine) tell(history []postgres.FlowChange, current postgres.FlowChange, archived bool) {
	waits := false
	for _, c := range history {
		if n, ok := versionIn(c, v.Flow); !ok || n != v.Version {
			continue
		}
		waits = waits || c.Seq == 0 && c.Withdrawn.IsZero()
		v.Author, v.Note, v.By, v.Kind = c.Author, c.Note, c.ApprovedBy, string(c.Kind) // the oldest stays
	}
	n, ok := versionIn(current, v.Flow)
	switch {
	case ok && n == v.Version && !archived:
		v.State = "current"
	case v.People > 0:
		v.State = "ending"
	case waits:
		v.State = "waiting"
	case ok && n == v.Version:
		v.State = "archived"
	}
}
