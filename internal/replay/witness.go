package replay

import (
	"context"
	"strings"
	"time"

	"valebot/internal/engine"
	"valebot/internal/flow"
	"valebot/internal/flow/transcript"
)

// witness is the engine's store with somebody who looks at what is committed.
type witness struct {
	engine.Store
	wrote func([]engine.Change)
}

// InTx implements engine.Store.
func (w witness) InTx(ctx context.Context, do func(context.Context, engine.Tx) error) error {
	var changes []engine.Change
	err := w.Store.InTx(ctx, func(ctx context.Context, tx engine.Tx) error {
		changes = nil
		return do(ctx, witnessed{tx, &changes})
	})
	if err == nil {
		w.wrote(changes)
	}
	return err
}

type witnessed struct {
	engine.Tx
	changes *[]engine.Change
}

// Write implements engine.Tx.
func (w witnessed) Write(ctx context.Context, changes []engine.Change, at time.Time) error {
	*w.changes = append(*w.changes, changes...)
	return w.Tx.Write(ctx, changes, at)
}

// note keeps what a committed change tells.
func (p *phone) note(changes []engine.Change) {
	for _, c := range changes {
		p.conversation = c.Conversation
		p.letters = append(p.letters, c.Letters...)
		for _, step := range c.Steps {
			p.noteStep(step)
		}
		for _, h := range c.Handled {
			if h.Fault != "" {
				p.fault = h.Fault
			}
		}
	}
}

func (p *phone) noteStep(s engine.Step) {
	for i, way := range s.Ways {
		p.seen.Visited[transcript.VisitOf(s.Flow, s.Path[i], way)]++
	}
	for _, step := range s.Path {
		p.seen.Visited[transcript.VisitOf(s.Flow, step, "")]++
	}
	for _, effect := range s.Effects {
		switch verb, what, _ := strings.Cut(effect, " "); verb {
		case "act":
			p.seen.Calls = append(p.seen.Calls, what)
		case "handoff":
			p.seen.Human = what
		case "end":
			p.seen.Ended = what
		}
	}
}

// step is where the dialogue stands that a reply would go to.
func step(c engine.Conversation, idle string) string {
	at := ""
	for _, d := range c.Dialogues {
		switch {
		case d.Status == flow.Ended:
		case d.ID == c.Floor:
			return d.State.Step()
		case d.Flow != idle || at == "":
			at = d.State.Step()
		}
	}
	return at
}
