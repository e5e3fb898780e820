package outbox

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/message"
)

func TestBreaker(t *testing.T) {
	t.Parallel()
	fail := func(b *breaker, n int, class message.Class, now time.Time) {
		for range n {
			b.result(class, now)
		}
	}
	t.Run("the recipient's business does not count", func(t *testing.T) {
		t.Parallel()
		b := &breaker{}
		for _, class := range []message.Class{message.OptedOut, message.BadNumber, message.Defer, message.Switch, message.Fatal, message.Safe} {
			fail(b, 50, class, noon)
		}
		if b.tripped() {
			t.Error("it opened")
		}
	})
	t.Run("one that is taken starts the count again", func(t *testing.T) {
		t.Parallel()
		b := &breaker{}
		fail(b, breakerTrips-1, message.Ambiguous, noon)
		b.result("", noon)
		fail(b, breakerTrips-1, message.Config, noon)
		if b.tripped() {
			t.Error("it opened")
		}
		b.result(message.Ambiguous, noon)
		if !b.tripped() || b.admit(noon.Add(breakerRest-1)) {
			t.Error("it did not open")
		}
	})
	t.Run("one probe at a time, longer and longer rests", func(t *testing.T) {
		t.Parallel()
		b := &breaker{}
		fail(b, breakerTrips, message.Config, noon)
		now, rest := noon, breakerRest
		for range 6 {
			now = now.Add(rest)
			if !b.admit(now) || b.admit(now) {
				t.Fatalf("after %s: want one probe", rest)
			}
			b.result(message.Config, now)
			if rest = min(2*rest, breakerMost); b.closedFor(now) != rest {
				t.Fatalf("it rests %s, want %s", b.closedFor(now), rest)
			}
		}
		now = now.Add(rest)
		b.admit(now)
		b.result("", now)
		if b.tripped() || !b.admit(now) {
			t.Error("a probe that was taken did not close it")
		}
	})
	t.Run("a probe that never ends is given up", func(t *testing.T) {
		t.Parallel()
		b := &breaker{}
		fail(b, breakerTrips, message.Config, noon)
		probe := noon.Add(breakerRest)
		if !b.admit(probe) || b.admit(probe.Add(patience-1)) || !b.admit(probe.Add(patience)) {
			t.Error("want a second probe once the first is given up, and not before")
		}
	})
}

func TestGatesCloseLessUrgentLanesToo(t *testing.T) {
	t.Parallel()
	g := newGates()
	g.shut(Head{message.SMS, message.LaneNotice}, noon, time.Second)
	heads, wait := g.open(noon)
	for _, h := range heads {
		if h.Channel == message.SMS && h.Lane >= message.LaneNotice {
			t.Errorf("%v is open", h)
		}
	}
	if len(heads) != 7 || wait != time.Second {
		t.Errorf("%d queues are open, the next in %s", len(heads), wait)
	}
	if heads, wait = g.open(noon.Add(time.Second)); len(heads) != 10 || wait != 0 {
		t.Errorf("later %d queues are open, the next in %s", len(heads), wait)
	}
}

// A queue that opened while the others were looked at is not slept through.
func TestGatesRememberWhatWasClosed(t *testing.T) {
	t.Parallel()
	g := newGates()
	if next := g.next(noon); !next.IsZero() {
		t.Errorf("all are open, and the next opens %s", next)
	}
	g.shut(Head{message.SMS, message.LaneNotice}, noon, time.Millisecond)
	if next := g.next(noon); !next.Equal(noon.Add(time.Millisecond)) {
		t.Errorf("the next opens %s", next)
	}
}

// Whatever is shut, something is open or there is a wait after which something
// is: the dispatcher never sleeps for ever and never spins.
func TestGatesNeverSpinAndNeverHang(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g, now := newGates(), noon
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "pause")))
			h := rapid.SampledFrom(Heads()).Draw(t, "head")
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				g.shut(h, now, time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "wait")))
			case 1:
				g.result(h.Channel, rapid.SampledFrom([]message.Class{"", message.Config, message.Ambiguous, message.Defer}).Draw(t, "class"), now)
			case 2:
				g.admit(h.Channel, now)
			}
			heads, wait := g.open(now)
			if len(heads) == 0 && (wait <= 0 || wait > breakerMost) {
				t.Fatalf("nothing is open, and the wait is %s", wait)
			}
			if len(heads) < len(Heads()) {
				if again, _ := g.open(now.Add(wait)); wait <= 0 || len(again) <= len(heads) {
					t.Fatalf("%d open; after %s %d", len(heads), wait, len(again))
				}
			}
		}
	})
}
