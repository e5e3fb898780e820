package casework

import (
	"testing"
	"time"

	"valebot/internal/lending"
)

func TestClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		state lending.ComplaintState
		left  time.Duration
		want  Clock
	}{
		{lending.ComplaintOpen, -time.Second, Overdue},
		{lending.ComplaintOpen, 0, Overdue},
		{lending.ComplaintOpen, time.Second, Half},
		{lending.ComplaintOpen, 12 * time.Hour, Half},
		{lending.ComplaintOpen, 12*time.Hour + 1, Day},
		{lending.ComplaintOpen, 24 * time.Hour, Day},
		{lending.ComplaintOpen, 48 * time.Hour, TwoDays},
		{lending.ComplaintAnswered, -time.Hour, Verdict},
		{lending.ComplaintClosed, -time.Hour, Finished},
	} {
		if got := (Complaint{State: tt.state, DueBy: now.Add(tt.left)}).Clock(now); got != tt.want {
			t.Errorf("%s with %s left is %q, want %q", tt.state, tt.left, got, tt.want)
		}
	}
}

func TestOnTime(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		answered, now time.Time
		want          bool
	}{
		{time.Time{}, due.Add(-1), true}, {time.Time{}, due, false},
		{due, due.Add(time.Hour), true}, {due.Add(1), due.Add(time.Hour), false},
	} {
		if got := (Complaint{DueBy: due, Answered: tt.answered}).OnTime(tt.now); got != tt.want {
			t.Errorf("answered %v, now %v: %v", tt.answered, tt.now, got)
		}
	}
}
