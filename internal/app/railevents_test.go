package app

import (
	"context"
	"errors"
	"testing"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

func TestRailEventsOfStrangersAreRefused(t *testing.T) {
	t.Parallel()
	away := errors.New("database away")
	for _, tt := range []struct {
		outcome string
		err     error
		want    error
		kind    fault.Kind
	}{
		{outcome: "ok"}, {outcome: "repeated"}, {outcome: "review"},
		{outcome: "not_found", kind: fault.NotFound},
		{err: away, want: away},
	} {
		var actor string
		door := railActions{rail: "atm", act: func(_ context.Context, who, _, _ string, _ map[string]any) (lending.Result, error) {
			actor = who
			return lending.Result{Outcome: tt.outcome}, tt.err
		}}
		err := door.Do(t.Context(), "rail.code_redeemed", nil)
		if tt.kind == 0 && !errors.Is(err, tt.want) || tt.kind != 0 && fault.KindOf(err) != tt.kind || actor != "rail:atm" {
			t.Errorf("outcome %q, error %v: %v by %s", tt.outcome, tt.err, err, actor)
		}
	}
}
