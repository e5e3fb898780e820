package engine

import (
	"valebot/internal/flow"
	"valebot/internal/locale"
)

// Pin names one version of a flow.
type Pin struct {
	Flow    string
	Version int
}

// noSuchFlow is the code of the fault that a version of a flow is not among the
// rules.
const noSuchFlow = "no_such_flow"

// Use makes the engine decide by other rules from the next conversation on. One
// that is being decided keeps those that it began with. It may be called while
// the engine works.
func (e *Engine) Use(rules *Rules) { e.rules.Store(rules) }

// Rules returns what the engine decides by now.
func (e *Engine) Rules() *Rules { return e.rules.Load() }

// texts is what a message is said with: a version keeps the messages that it was
// checked with, within another flow too.
func (t *talk) texts(x flow.Say) *locale.Catalog {
	if own, ok := t.Older[Pin{x.Flow, x.Version}]; ok {
		return own
	}
	return t.Messages
}

// renew moves an idle dialogue at rest to the newest version. It was asked
// nothing and holds nothing, and it never ends: pinned, it would keep its
// version alive for ever.
func (t *talk) renew() {
	m := t.Flows.Idle()
	for i := range t.c.Dialogues {
		d := &t.c.Dialogues[i]
		if d.Flow == m.Name() && d.Version != m.Version() && d.Status == flow.Waiting {
			d.Version, d.State, d.changed = m.Version(), m.Start(nil), true
		}
	}
}
