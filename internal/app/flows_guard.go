package app

import (
	"context"
	"time"

	"valebot/internal/flow"
	"valebot/internal/postgres"
)

// ArmLine is how an arm of a test of wordings fares by its guard.
type ArmLine struct {
	Test    string     `json:"test"`
	Arm     string     `json:"arm"`
	Stop    []string   `json:"stop"`  // words that count against it
	Above   int        `json:"above"` // percent from which it is stopped
	Heard   int        `json:"heard"` // people
	Bad     int        `json:"bad"`   // of them, who wrote one of Stop within three days
	Low     float64    `json:"low"`   // 95 % interval of the share (Wilson's)
	High    float64    `json:"high"`
	Stopped *time.Time `json:"stopped,omitempty"`
}

// guardWindow is how far back people count: what was heard before says little of
// the wording as it meets people now, and looking costs by the day.
const guardWindow = 30 * 24 * time.Hour

// ArmLines says how the arms of a flow's tests fare, for the flow in force.
func (p *Publisher) ArmLines(ctx context.Context, m *flow.Machine) ([]ArmLine, error) {
	stopped, err := p.store.StoppedArms(ctx)
	if err != nil {
		return nil, err
	}
	at := map[string]time.Time{}
	for _, s := range stopped {
		at[s.Test+":"+s.Arm] = s.At
	}
	out := []ArmLine{}
	for _, g := range m.Guards() {
		figures, err := p.store.ArmFigures(ctx, g.Test, p.now().Add(-guardWindow), g.Stop)
		if err != nil {
			return nil, err
		}
		for _, f := range figures {
			line := ArmLine{Test: g.Test, Arm: f.Arm, Stop: g.Stop, Above: g.Above, Heard: f.Heard, Bad: f.Bad}
			line.Low, line.High = wilson(f.Bad, f.Heard)
			if when, is := at[g.Test+":"+f.Arm]; is {
				line.Stopped = &when
			}
			out = append(out, line)
		}
	}
	return out, nil
}

// Guard stops arms of tests in the flows in force that made too many people leave
// or complain: at 95 %, the share is above what the file allows. It returns those
// that it stopped.
func (p *Publisher) Guard(ctx context.Context, flows *flow.Set) ([]ArmLine, error) {
	var out []ArmLine
	for _, name := range flows.Names() {
		m, _ := flows.Latest(name) // every name has a latest
		guards := m.Guards()
		if len(guards) == 0 {
			continue
		}
		lines, err := p.ArmLines(ctx, m)
		if err != nil {
			return out, err
		}
		for _, line := range lines {
			if line.Stopped != nil || !tooBad(line, guards) {
				continue
			}
			fresh, err := p.store.StopArm(ctx, postgres.ArmStop{
				Test: line.Test, ArmFigure: postgres.ArmFigure{Arm: line.Arm, Heard: line.Heard, Bad: line.Bad}, Above: line.Above, At: p.now(),
			})
			if err != nil {
				return out, err
			}
			if fresh {
				out = append(out, line)
			}
		}
	}
	return out, nil
}

// tooBad reports whether an arm is to be stopped.
func tooBad(line ArmLine, guards []flow.Guard) bool {
	for _, g := range guards {
		if g.Test == line.Test {
			return line.Heard >= g.After && line.Low > float64(g.Above)/100
		}
	}
	return false
}

// guardEvery is how often a node looks whether an arm must be stopped.
const guardEvery = 10 * time.Minute

// guardArms looks at the arms of tests until ctx ends.
func (a *App) guardArms(ctx context.Context) error {
	for ctx.Err() == nil {
		stopped, err := a.publisher().Guard(ctx, a.engine.Rules().Flows)
		if err != nil && ctx.Err() == nil {
			a.log.Error("guard tests of wordings", "err", err)
		}
		for _, line := range stopped {
			a.log.Warn("a wording under test was stopped", "test", line.Test, "arm", line.Arm, "heard", line.Heard, "bad", line.Bad)
		}
		pause(ctx, guardEvery)
	}
	return nil
}
