package app

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/postgres"
)

// Publisher changes which flows are in force. Nodes that run notice by
// themselves; nothing is restarted.
type Publisher struct {
	store *postgres.Store
	now   func() time.Time
	by    string // who has shown who she is, in whose name everything is done; "" where that is given each time
	alone bool   // the desk has nobody, so whoever changes flows has proved nothing
}

// Publication is how something is published.
type Publication struct {
	Author   string // who; not empty
	Note     string // why, for the history
	People   postgres.People
	FourEyes bool // it waits until somebody else approves it

	act, subject string // for the audit; "" if it is no act upon one flow
}

// Result is what became of a publication.
type Result struct {
	Change     postgres.FlowChange
	Unchanged  bool // the files are those in force: nothing was published
	Moved      int  // dialogues that went on in the new version
	HandedOver int  // chats given to the desk
}

// edition is a folder of files, checked, and ready to be put in force.
type edition struct {
	bundle   Bundle
	book     *Rulebook
	versions []postgres.FlowVersion
}

// editionOf checks files; a *Broken error lists what is wrong with them.
func editionOf(files Files) (*edition, error) {
	book, err := LoadRulebook(files)
	if err != nil {
		return nil, err
	}
	bundle, err := BundleOf(files)
	if err != nil {
		return nil, err
	}
	versions, err := book.Versions()
	return &edition{bundle, book, versions}, err
}

// Publish puts the files in force, all of them or none. A version that was
// published with other content is refused with "flow_changed": its number must
// be raised, so that nobody's conversation changes in the middle.
func (p *Publisher) Publish(ctx context.Context, files Files, how Publication) (Result, error) {
	files, err := p.keepOwn(ctx, files)
	if err != nil {
		return Result{}, err
	}
	ed, err := editionOf(files)
	if err != nil {
		return Result{}, err
	}
	return p.propose(ctx, ed, postgres.Published, how)
}

func (p *Publisher) propose(ctx context.Context, ed *edition, kind postgres.ChangeKind, how Publication) (Result, error) {
	if how.FourEyes && p.alone {
		return Result{}, errNobody
	}
	how.Author = cmp.Or(p.by, how.Author)
	current, _, err := p.store.CurrentFlows(ctx)
	if err != nil {
		return Result{}, err
	}
	hash := ed.bundle.Hash()
	if current.Bundle == hash {
		return Result{Change: current, Unchanged: true}, nil
	}
	packed, err := ed.bundle.pack()
	if err != nil {
		return Result{}, err
	}
	change, err := p.store.ProposeFlows(ctx, postgres.Proposal{
		FlowChange: postgres.FlowChange{
			Kind: kind, Bundle: hash, People: cmp.Or(how.People, postgres.LeavePeople), Author: how.Author, Note: how.Note, At: p.now(), Flows: ed.versions,
		},
		Files: packed, FourEyes: how.FourEyes, After: current.Seq, Act: how.act, Subject: how.subject,
	})
	if err != nil || change.Seq == 0 {
		return Result{Change: change}, err
	}
	return p.settle(ctx, change, ed.book)
}

// FourEyes reports whether every publication waits for a second person.
func (p *Publisher) FourEyes(ctx context.Context) (bool, error) { return p.store.FourEyes(ctx) }

// RequireFourEyes makes that the rule, or no more, in the name of somebody; it
// returns false if it was so already.
func (p *Publisher) RequireFourEyes(ctx context.Context, required bool, by string) (bool, error) {
	if required && p.alone {
		return false, errNobody
	}
	by = cmp.Or(p.by, by)
	return p.store.RequireFourEyes(ctx, required, by, p.now())
}

// Approve puts the publication that waits in force, in the name of somebody who
// is not its author.
func (p *Publisher) Approve(ctx context.Context, by string) (Result, error) {
	if p.alone {
		return Result{}, errNobody
	}
	change, err := p.store.ApproveFlows(ctx, cmp.Or(p.by, by), p.now())
	if err != nil {
		return Result{}, err
	}
	book, err := newShelf(p.store).book(ctx, change.Bundle)
	if err != nil {
		return Result{Change: change}, err
	}
	return p.settle(ctx, change, book)
}

// settle does with the people in the middle what was chosen.
func (p *Publisher) settle(ctx context.Context, change postgres.FlowChange, book *Rulebook) (Result, error) {
	out := Result{Change: change}
	for _, v := range change.Flows {
		m, ok := book.Flows.Machine(v.Flow, v.Version)
		if !ok || m == book.Flows.Idle() {
			continue
		}
		var err error
		switch change.People {
		case postgres.MovePeople:
			var n int
			n, err = p.store.MoveDialogues(ctx, v.Flow, v.Version, m.Adopt, p.now())
			out.Moved += n
		case postgres.HandOverPeople:
			var n int
			n, err = p.handOver(ctx, m)
			out.HandedOver += n
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// handOver gives people who wait in steps that a version no longer has to the desk.
func (p *Publisher) handOver(ctx context.Context, m *flow.Machine) (int, error) {
	crowds, err := p.store.Crowds(ctx, m.Name())
	if err != nil {
		return 0, err
	}
	total := 0
	var done []string
	for _, c := range crowds {
		if c.Version == m.Version() || slices.Contains(m.Steps(), c.Step) || slices.Contains(done, c.Step) {
			continue
		}
		done = append(done, c.Step)
		reason := fmt.Sprintf("estaba en «%s», que %s v%d ya no tiene", c.Step, m.Name(), m.Version())
		n, err := p.store.HandOverDialogues(ctx, m.Name(), m.Version(), c.Step, reason, p.now())
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

// Rollback puts the version of a flow in force that was before the one in
// force, among the other flows as they are. Where its messages are gone, those
// of its time come back for all flows; if that does not hold together either, a
// *Broken error says why. What ran before needs no second person.
func (p *Publisher) Rollback(ctx context.Context, name string, how Publication) (Result, error) {
	current, ok, err := p.store.CurrentFlows(ctx)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, errNeverPublished
	}
	before, err := p.before(ctx, name, current)
	if err != nil {
		return Result{}, err
	}
	shelf := newShelf(p.store)
	now, err := shelf.bundle(ctx, current.Bundle)
	if err != nil {
		return Result{}, err
	}
	then, err := shelf.bundle(ctx, before.Bundle)
	if err != nil {
		return Result{}, err
	}
	files := now.with(then.part(flowPath(name)))
	if onlyDiffers(before, current, name) {
		files = then.marked(now)
	}
	ed, err := editionOf(files.files())
	if err != nil {
		ed, err = editionOf(now.with(then.part(flowPath(name))).with(then.part("locales/")).files())
	}
	if err != nil {
		return Result{}, err
	}
	how.FourEyes = false
	return p.propose(ctx, ed, postgres.RolledBack, how)
}

var errNeverPublished = fault.New(fault.NotFound, "never_published", "Aquí no se ha publicado ningún flujo.")

// before finds the newest change in which a flow had another version than now.
// A version that it was rolled back from does not count.
func (p *Publisher) before(ctx context.Context, name string, current postgres.FlowChange) (postgres.FlowChange, error) {
	history, err := p.store.FlowHistory(ctx, name, maxHistory)
	if err != nil {
		return postgres.FlowChange{}, err
	}
	now, ok := versionIn(current, name)
	if !ok {
		now = 1 << 30 // it was retired: any version is older
	}
	for _, c := range history {
		if v, ok := versionIn(c, name); ok && c.Seq > 0 && v < now {
			return c, nil
		}
	}
	return postgres.FlowChange{}, fault.Newf(fault.NotFound, "no_older_version", "%s no tiene una versión anterior a la cual volver.", name)
}

// onlyDiffers reports whether two changes differ in the version of one flow alone.
func onlyDiffers(a, b postgres.FlowChange, name string) bool {
	for _, v := range a.Flows {
		if n, ok := versionIn(b, v.Flow); !ok || v.Flow != name && n != v.Version {
			return false
		}
	}
	return len(a.Flows) == len(b.Flows)
}

// maxHistory bounds how many changes are looked at.
const maxHistory = 1000

func versionIn(c postgres.FlowChange, name string) (int, bool) {
	for _, v := range c.Flows {
		if v.Flow == name {
			return v.Version, true
		}
	}
	return 0, false
}

// draftAuthor is who puts drafts in force where files are watched.
const draftAuthor = "borrador"

// draft puts files in force where somebody works on them: a flow that changed
// without a number of its own is given the next free one, so that conversations
// under way keep the version that they began with.
func (p *Publisher) draft(ctx context.Context, ed *edition) (Result, error) {
	pinned, err := p.store.FlowSources(ctx, "")
	if err != nil {
		return Result{}, err
	}
	own, err := p.own(ctx)
	if err != nil {
		return Result{}, err
	}
	bundle := keeping(own, ed.bundle)
	for _, v := range ed.versions {
		if text, ok := bundle.flowText(v.Flow); ok {
			bundle[flowPath(v.Flow)] = renumbered(text, v, pinned)
		}
	}
	renewed, err := editionOf(bundle.files())
	if err != nil {
		return Result{}, err
	}
	return p.propose(ctx, renewed, postgres.Drafted, Publication{Author: draftAuthor})
}

// versionLine is the line of a flow file that numbers it.
var versionLine = regexp.MustCompile(`(?m)^version:[ \t]*\d+`)

func numbered(text string, version int) string {
	at := versionLine.FindStringIndex(text)
	if at == nil {
		return text
	}
	return text[:at[0]] + "version: " + strconv.Itoa(version) + text[at[1]:]
}

// renumbered gives a text the number under which it is pinned, or its own if
// that is free, or the next one.
func renumbered(text string, v postgres.FlowVersion, pinned []postgres.FlowSource) string {
	highest, taken := 0, false
	for _, p := range pinned {
		if p.Flow != v.Flow {
			continue
		}
		if p.SHA256 == v.SHA256 {
			return text
		}
		if same := numbered(text, p.Version); same == p.Source {
			return same
		}
		highest, taken = max(highest, p.Version), taken || p.Version == v.Version
	}
	if !taken {
		return text
	}
	return numbered(text, highest+1)
}
