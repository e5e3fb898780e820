package engine

import (
	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/quincena"
)

// trigger starts the flows that a core event starts, unless the same dialogue
// is already open.
func (t *talk) trigger(emit lending.Emit) error {
	for _, m := range t.Flows.Triggered(emit.Name) {
		if err := t.first(m, emit.About, nil, flow.Event{Kind: flow.Started, Name: emit.Name, Result: emit.Data}); err != nil {
			return err
		}
	}
	return nil
}

// opening starts the flow that somebody asked for; one that was archived since
// then nobody begins.
func (t *talk) opening(emit lending.Emit) error {
	if t.Flows.Archived(emit.Name) {
		t.handled.Heard = "archived: " + emit.Name
		return nil
	}
	m, ok := t.Flows.Latest(emit.Name)
	if !ok {
		return fault.Newf(fault.Internal, noSuchFlow, "falta el flujo %s", emit.Name)
	}
	if m.About() != emit.About.Kind {
		return fault.Newf(fault.Internal, "wrong_about", "el flujo %s no trata de %q", emit.Name, emit.About.Kind)
	}
	return t.first(m, emit.About, emit.Data, flow.Event{Kind: flow.Started})
}

// first starts a dialogue that the person did not ask for, unless it is open.
func (t *talk) first(m *flow.Machine, about lending.About, told map[string]any, ev flow.Event) error {
	if t.open(m.Name(), about) {
		t.handled.Heard = "already open: " + m.Name()
		return nil
	}
	t.lane = message.LaneNotice
	if m.Limits().Hours != (quincena.Window{}) {
		t.lane = message.LaneReminder
	}
	return t.start(m, about, told, ev)
}

// begin starts a dialogue that the person asked for. What was open with the
// same flow is replaced, and so is all that was open about the same payment, so
// that a promise given now is not followed by a reminder from before; anything
// else that held the floor waits.
func (t *talk) begin(b flow.Begin) error {
	m, ok := t.Flows.Latest(b.Flow)
	if !ok {
		return fault.Newf(fault.Internal, noSuchFlow, "falta el flujo %s", b.Flow)
	}
	about, err := t.aboutOf(m)
	if err != nil {
		return err
	}
	for i := range t.c.Dialogues {
		switch d := &t.c.Dialogues[i]; {
		case d.Status == flow.Ended:
		case d.About == about && (d.Flow == m.Name() || about.Kind == lending.AboutPayment):
			t.end(d, "reemplazado")
		case d.Status == flow.Asking:
			t.park(d)
		}
	}
	t.c.Floor = uuid.Nil
	return t.start(m, about, b.Told, flow.Event{Kind: flow.Started})
}

// aboutOf says what a dialogue is about that the person began by herself: of
// payments it is the one that falls due first.
func (t *talk) aboutOf(m *flow.Machine) (lending.About, error) {
	switch m.About() {
	case lending.AboutDistributor:
		d, ok, err := t.book.DistributorOf(t.c.PersonID)
		if err != nil || !ok {
			return lending.About{}, err
		}
		return lending.About{Kind: lending.AboutDistributor, ID: d.ID.String()}, nil
	case lending.AboutPayment:
		return t.book.NextPayment(t.c.PersonID)
	}
	return lending.About{}, nil
}

// start opens a dialogue and takes its first turn.
func (t *talk) start(m *flow.Machine, about lending.About, told map[string]any, ev flow.Event) error {
	d := Dialogue{
		ID: t.NewID(), Flow: m.Name(), Version: m.Version(), About: about, State: m.Start(told),
		Status: flow.Parked, Priority: m.Priority(), Started: t.now, Moved: t.now, changed: true,
	}
	t.c.Dialogues = append(t.c.Dialogues, d)
	return t.turn(&t.c.Dialogues[len(t.c.Dialogues)-1], ev)
}
