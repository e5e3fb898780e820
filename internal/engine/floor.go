package engine

import (
	"slices"

	"github.com/google/uuid"

	"valebot/internal/flow"
)

// settleFloor gives or takes the floor after a turn, and starts what the person
// asked for meanwhile.
func (t *talk) settleFloor(id uuid.UUID, err error) error {
	if err != nil {
		return err
	}
	if d := t.dialogue(id); d.Status == flow.Asking {
		t.c.Floor = id
	} else if t.c.Floor == id {
		t.c.Floor = uuid.Nil
	}
	for len(t.begins) > 0 {
		b := t.begins[0]
		t.begins = t.begins[1:]
		if err := t.begin(b); err != nil {
			return err
		}
	}
	return t.passFloor()
}

// passFloor lets the most urgent dialogue that waits for the floor ask.
func (t *talk) passFloor() error {
	if t.c.Owner != Bot || t.c.Floor != uuid.Nil {
		return nil
	}
	held := t.inDoubt()
	var next *Dialogue
	for i := range t.c.Dialogues {
		if d := &t.c.Dialogues[i]; d.Status == flow.Parked && (!held || t.proves(d.Flow)) && (next == nil || d.Priority > next.Priority) {
			next = d
		}
	}
	if next == nil {
		return nil
	}
	return t.turn(next, flow.Event{Kind: flow.Floored})
}

// idle is the dialogue of somebody who was asked nothing.
func (t *talk) idle() *Dialogue {
	m := t.Flows.Idle()
	for i := range t.c.Dialogues {
		if d := &t.c.Dialogues[i]; d.Flow == m.Name() && d.Status != flow.Ended {
			return d
		}
	}
	t.c.Dialogues = append(t.c.Dialogues, Dialogue{
		ID: t.NewID(), Flow: m.Name(), Version: m.Version(), State: m.Start(nil), Status: flow.Waiting,
		Priority: m.Priority(), Started: t.now, Moved: t.now, changed: true,
	})
	return &t.c.Dialogues[len(t.c.Dialogues)-1]
}

func (t *talk) park(d *Dialogue) {
	d.Status, d.Question, d.Asked, d.changed = flow.Parked, uuid.Nil, Asked{}, true
	if t.c.Floor == d.ID {
		t.c.Floor = uuid.Nil
	}
}

func (t *talk) end(d *Dialogue, outcome string) {
	d.Status, d.Outcome, d.Ended, d.changed = flow.Ended, outcome, t.now, true
	d.Question, d.Asked = uuid.Nil, Asked{}
	d.Turn++
	t.change.Dropped = append(t.change.Dropped, d.ID)
	t.change.Timers = slices.DeleteFunc(t.change.Timers, func(x Timer) bool { return x.Dialogue == d.ID })
	if t.c.Floor == d.ID {
		t.c.Floor = uuid.Nil
	}
}
