package pace_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/pace"
)

func TestThrottle(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	halved := func(times int) pace.Throttle {
		var th pace.Throttle
		for range times {
			th = th.Halve(start)
		}
		return th
	}
	for name, test := range map[string]struct {
		throttle pace.Throttle
		after    time.Duration
		want     int
	}{
		"never touched":           {pace.Throttle{}, 0, 100},
		"halved":                  {halved(1), 0, 50},
		"twice":                   {halved(2), 0, 25},
		"it has a floor":          {halved(9), 0, 10},
		"nothing within a minute": {halved(1), 59 * time.Second, 50},
		"a step a minute":         {halved(1), time.Minute, 55},
		"all of it in ten":        {halved(1), 10 * time.Minute, 100},
		"and no more than all":    {halved(1), 1000 * time.Hour, 100},
		"the floor takes 18":      {halved(9), 18 * time.Minute, 100},
		"a clock that went back":  {halved(1), -time.Hour, 50},
	} {
		if got := test.throttle.At(start.Add(test.after)); got != test.want {
			t.Errorf("%s: %d %%, want %d", name, got, test.want)
		}
	}
}

// However often and whenever it is halved, it stays between the floor and all,
// and a slowed rate is never faster than its percentage.
func TestThrottleProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
		var th pace.Throttle
		for range rapid.IntRange(0, 20).Draw(t, "times") {
			before := th.At(now)
			th = th.Halve(now)
			if got := th.At(now); got < 10 || got > before {
				t.Fatalf("halving %d %% gave %d %%", before, got)
			}
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(5*time.Minute)).Draw(t, "pause")))
			if got := th.At(now); got < 10 || got > 100 {
				t.Fatalf("%d %%", got)
			}
		}
		emission := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "emission"))
		percent := rapid.IntRange(1, 100).Draw(t, "percent")
		slow := pace.Slow(emission, percent)
		if slow*time.Duration(percent) < emission*100 || slow < emission {
			t.Fatalf("%s at %d %% became %s", emission, percent, slow)
		}
	})
}
