package outbox

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/message"
)

// stopped is a clock that a test moves.
type stopped struct {
	mu  sync.Mutex
	now time.Time
}

func (s *stopped) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stopped) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func to(n int) func(*Candidate) {
	return func(c *Candidate) { c.To.Value = fmt.Sprintf("+52667%07d", n) }
}

func TestLocalHoldsTheRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clock := &stopped{now: noon}
		rate, burst := rapid.IntRange(1, 50).Draw(t, "rate"), rapid.IntRange(1, 50).Draw(t, "burst")
		p := NewLocal(map[message.Channel]Limits{message.SMS: {PerSecond: rate, Burst: burst}}, clock.Now)
		segments := 0
		for range rapid.IntRange(1, 300).Draw(t, "asks") {
			clock.add(time.Duration(rapid.Int64Range(0, int64(time.Second)/int64(rate)).Draw(t, "pause")))
			c := candidate(to(rapid.IntRange(0, 9).Draw(t, "to")), lane(message.Lane(rapid.IntRange(0, 4).Draw(t, "lane"))))
			c.Segments = rapid.IntRange(1, min(3, burst)).Draw(t, "segments")
			if p.Take(t.Context(), c).Wait == 0 {
				segments += c.Segments
			}
			if room := float64(burst) + clock.now.Sub(noon).Seconds()*float64(rate) + 1e-6; float64(segments) > room {
				t.Fatalf("%d segments where %g were allowed", segments, room)
			}
		}
	})
}

func TestLocalWaitIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clock := &stopped{now: noon}
		p := NewLocal(map[message.Channel]Limits{message.SMS: {PerSecond: 7, Burst: 3, Pair: time.Second, PairBurst: 2}}, clock.Now)
		c := candidate()
		for range rapid.IntRange(1, 30).Draw(t, "asks") {
			wait := p.Take(t.Context(), c).Wait
			if wait == 0 {
				continue
			}
			clock.add(wait - 1)
			if p.Take(t.Context(), c).Wait == 0 {
				t.Fatal("it had room before the wait was over")
			}
			clock.add(1)
			if again := p.Take(t.Context(), c).Wait; again != 0 {
				t.Fatalf("after the wait it must wait for %s more", again)
			}
		}
	})
}

func TestLocalPairRefusalCostsTheSenderNothing(t *testing.T) {
	t.Parallel()
	clock := &stopped{now: noon}
	p := NewLocal(map[message.Channel]Limits{message.SMS: {PerSecond: 1, Burst: 10, Pair: time.Minute, PairBurst: 1}}, clock.Now)
	for i := range 50 {
		if wait := p.Take(t.Context(), candidate(to(1))).Wait; (wait == 0) != (i == 0) {
			t.Fatalf("ask %d to one contact: wait %s", i, wait)
		}
	}
	granted := 0
	for i := range 20 {
		if p.Take(t.Context(), candidate(to(2+i), lane(message.LaneCode))).Wait == 0 {
			granted++
		}
	}
	if granted != 9 {
		t.Errorf("%d others went, want the 9 that the burst had left", granted)
	}
}

func TestLocalPairSpellings(t *testing.T) {
	t.Parallel()
	clock := &stopped{now: noon}
	p := NewLocal(map[message.Channel]Limits{message.WhatsApp: {Pair: time.Minute, PairBurst: 1}}, clock.Now)
	old, now := candidate(), candidate()
	old.To = message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}
	now.To = message.Address{Channel: message.WhatsApp, Value: "+526671234567"}
	if p.Take(t.Context(), old).Wait != 0 || p.Take(t.Context(), now).Wait == 0 {
		t.Error("the two spellings of one phone are one contact")
	}
}

func TestLocalCodesFindRoom(t *testing.T) {
	t.Parallel()
	clock := &stopped{now: noon}
	p := NewLocal(map[message.Channel]Limits{message.SMS: {PerSecond: 1, Burst: 10}}, clock.Now)
	granted := map[message.Lane]int{}
	for _, l := range []message.Lane{message.LaneCampaign, message.LaneReminder, message.LaneNotice, message.LaneReply, message.LaneCode} {
		for i := range 20 {
			if p.Take(t.Context(), candidate(to(i), lane(l))).Wait == 0 {
				granted[l]++
			}
		}
		if granted[l] == 0 {
			t.Errorf("lane %s found no room after the less urgent ones", l)
		}
	}
	if total := granted[0] + granted[1] + granted[2] + granted[3] + granted[4]; total != 10 {
		t.Errorf("%d went at once, want the burst of 10: %v", total, granted)
	}
}

func TestLocalFreeze(t *testing.T) {
	t.Parallel()
	clock := &stopped{now: noon}
	p := NewLocal(map[message.Channel]Limits{message.SMS: {PerSecond: 10, Burst: 5}, message.WhatsApp: {PerSecond: 10, Burst: 5}}, clock.Now)
	p.Freeze(t.Context(), candidate(), time.Minute)
	p.Freeze(t.Context(), candidate(), time.Second) // never shortens
	other := candidate()
	other.To.Channel = message.WhatsApp
	if p.Take(t.Context(), other).Wait != 0 {
		t.Error("freezing one channel held another")
	}
	if wait := p.Take(t.Context(), candidate(lane(message.LaneCode))).Wait; wait < time.Minute {
		t.Errorf("a frozen sender asks to wait %s", wait)
	}
	clock.add(time.Minute + time.Second)
	if wait := p.Take(t.Context(), candidate()).Wait; wait != 0 {
		t.Errorf("after the freeze it must wait %s", wait)
	}
}

func TestLocalUnlimited(t *testing.T) {
	t.Parallel()
	p := NewLocal(nil, func() time.Time { return noon })
	for range 1000 {
		if p.Take(t.Context(), candidate()).Wait != 0 {
			t.Fatal("no limits, and yet it waits")
		}
	}
}

func TestLocalForgetsFullBuckets(t *testing.T) {
	t.Parallel()
	clock := &stopped{now: noon}
	p := NewLocal(map[message.Channel]Limits{message.SMS: {Pair: time.Second, PairBurst: 3}}, clock.Now)
	for i := range maxPairs {
		p.Take(t.Context(), candidate(to(i)))
	}
	clock.add(2 * time.Second)
	p.Take(t.Context(), candidate(to(maxPairs)))
	if len(p.pairs) != 1 {
		t.Errorf("%d buckets are remembered, want only the one in use", len(p.pairs))
	}
}
