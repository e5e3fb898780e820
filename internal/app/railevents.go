package app

import (
	"context"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

// railActions gives a rail's events to the lending core.
type railActions struct {
	act  func(ctx context.Context, actor, cause, name string, with map[string]any) (lending.Result, error)
	rail string
}

// Do implements rail.Actions. An event about an attempt that is not ours, or not
// this rail's, is refused for good: the rail must not believe that we know of
// the money. Fault: NotFound with code no_such_attempt.
func (r railActions) Do(ctx context.Context, name string, with map[string]any) error {
	result, err := r.act(ctx, "rail:"+r.rail, "webhook", name, with)
	if err == nil && result.Outcome == "not_found" {
		return fault.New(fault.NotFound, "no_such_attempt", "No conocemos esa entrega.")
	}
	return err
}
