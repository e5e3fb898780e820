package redisdb

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"valebot/internal/message"
	"valebot/internal/outbox"
)

var noon = time.Date(2026, time.August, 31, 18, 0, 0, 0, time.UTC)

// world is a pacer and the clock that it goes by.
type world struct {
	outbox.Pacer
	add func(time.Duration)
}

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

// maker makes a world with the given limits.
type maker func(limits map[message.Channel]outbox.Limits) world

func localWorld(limits map[message.Channel]outbox.Limits) world {
	clock := &stopped{now: noon}
	return world{outbox.NewLocal(limits, clock.Now), clock.add}
}

// redisWorlds makes worlds on a server whose clock is a pair of keys: the same
// script runs, and the test moves the time. Buckets outlive every pause of the
// machine.
func redisWorlds(t *testing.T, c *Client) maker {
	t.Helper()
	n := 0
	return func(limits map[message.Channel]outbox.Limits) world {
		n++
		space := fmt.Sprint("world", n)
		clock := &stopped{now: noon}
		tell := func() {
			now := clock.Now().UnixMicro()
			if err := c.redis.MSet(context.Background(), "s:"+space, now/1e6, "us:"+space, now%1e6).Err(); err != nil {
				t.Fatal(err)
			}
		}
		tell()
		lua := strings.NewReplacer("redis.call('TIME')", "{redis.call('GET', 's:"+space+"'), redis.call('GET', 'us:"+space+"')}",
			"+ 1000 --", "+ 600000 --").Replace(paceLua)
		ask := c.asker(redis.NewScript(lua))
		patient := func(_ context.Context, r request) (outbox.Room, error) { return ask(context.Background(), r) }
		o := Options{Limits: limits, Space: space, Node: "a", Now: clock.Now, Log: quietLog()}
		return world{newPacer(o, rest, patient, c.counter(o)), func(d time.Duration) { clock.add(d); tell() }}
	}
}

// both runs a test over pacing within the process and over Redis.
func both(t *testing.T, test func(*testing.T, maker)) {
	t.Run("local", func(t *testing.T) { t.Parallel(); test(t, localWorld) })
	t.Run("redis", func(t *testing.T) { t.Parallel(); test(t, redisWorlds(t, open(t, anyServer(t)))) })
}

func sms(n int, lane message.Lane) outbox.Candidate {
	return outbox.Candidate{Outbound: message.Outbound{
		To: message.Address{Channel: message.SMS, Value: fmt.Sprintf("+52667%07d", n)}, Lane: lane, Segments: 1}}
}

func limited(l outbox.Limits) map[message.Channel]outbox.Limits {
	return map[message.Channel]outbox.Limits{message.SMS: l}
}

func TestBurstThenRate(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{PerSecond: 10, Burst: 5}))
		for i := range 5 {
			if wait := w.Take(t.Context(), sms(i, message.LaneCode)).Wait; wait != 0 {
				t.Fatalf("message %d of the burst waits %s", i+1, wait)
			}
		}
		wait := w.Take(t.Context(), sms(9, message.LaneCode)).Wait
		if wait != 100*time.Millisecond {
			t.Fatalf("the sixth waits %s, want 100ms", wait)
		}
		w.add(wait - time.Microsecond)
		if again := w.Take(t.Context(), sms(9, message.LaneCode)).Wait; again != time.Microsecond {
			t.Errorf("a microsecond early it waits %s", again)
		}
		w.add(time.Microsecond)
		if again := w.Take(t.Context(), sms(9, message.LaneCode)).Wait; again != 0 {
			t.Errorf("after its wait it waits %s more", again)
		}
	})
}

func TestPairRefusalCostsTheSenderNothing(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{PerSecond: 1, Burst: 10, Pair: time.Minute, PairBurst: 1}))
		for i := range 50 {
			if wait := w.Take(t.Context(), sms(1, message.LaneCode)).Wait; (wait == 0) != (i == 0) {
				t.Fatalf("ask %d to one contact: wait %s", i, wait)
			}
		}
		granted := 0
		for i := range 20 {
			if w.Take(t.Context(), sms(2+i, message.LaneCode)).Wait == 0 {
				granted++
			}
		}
		if granted != 9 {
			t.Errorf("%d others went, want the 9 that the burst had left", granted)
		}
	})
}

func TestSenderRefusalCostsThePairNothing(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{PerSecond: 1, Burst: 1, Pair: time.Minute, PairBurst: 1}))
		w.Take(t.Context(), sms(1, message.LaneCode))
		for range 20 {
			if wait := w.Take(t.Context(), sms(2, message.LaneCode)).Wait; wait != time.Second {
				t.Fatalf("a full sender asks to wait %s", wait)
			}
		}
		w.add(time.Second)
		if wait := w.Take(t.Context(), sms(2, message.LaneCode)).Wait; wait != 0 {
			t.Errorf("the refusals cost the contact %s", wait)
		}
	})
}

func TestSpellingsOfOnePhoneMeet(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{Pair: time.Minute, PairBurst: 1}))
		old, now := sms(0, message.LaneReply), sms(0, message.LaneReply)
		old.To.Value, now.To.Value = "+5216671234567", "+526671234567"
		if w.Take(t.Context(), old).Wait != 0 || w.Take(t.Context(), now).Wait == 0 {
			t.Error("the two spellings of one phone are one contact")
		}
	})
}

func TestLanesLeaveRoom(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{PerSecond: 1, Burst: 100}))
		want := map[message.Lane]int{
			message.LaneCampaign: 40, message.LaneReminder: 20, message.LaneNotice: 15, message.LaneReply: 15, message.LaneCode: 10}
		for lane := message.LaneCampaign; lane >= message.LaneCode; lane-- {
			got := 0
			for i := range 110 {
				if w.Take(t.Context(), sms(i, lane)).Wait == 0 {
					got++
				}
			}
			if got != want[lane] {
				t.Errorf("lane %s got %d of the burst, want %d", lane, got, want[lane])
			}
		}
	})
}

func TestLongMessagesPassAndDelay(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{PerSecond: 1, Burst: 2}))
		long := sms(1, message.LaneCampaign)
		long.Segments = 7
		if wait := w.Take(t.Context(), long).Wait; wait != 0 {
			t.Fatalf("longer than the burst, it waits %s on a full bucket", wait)
		}
		if wait := w.Take(t.Context(), sms(2, message.LaneCode)).Wait; wait != 6*time.Second {
			t.Errorf("the next waits %s, want 6s", wait)
		}
	})
}

func TestFreezeNeverShortens(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		limits := limited(outbox.Limits{PerSecond: 10, Burst: 5})
		limits[message.WhatsApp] = outbox.Limits{PerSecond: 10, Burst: 5}
		w := make(limits)
		w.Freeze(t.Context(), sms(1, message.LaneCode), time.Minute)
		w.Freeze(t.Context(), sms(2, message.LaneCode), time.Second)
		if wait := w.Take(t.Context(), sms(3, message.LaneCode)).Wait; wait != time.Minute+300*time.Millisecond { // at a quarter of the rate
			t.Errorf("a frozen sender asks to wait %s", wait)
		}
		other := sms(3, message.LaneCode)
		other.To.Channel = message.WhatsApp
		if wait := w.Take(t.Context(), other).Wait; wait != 0 {
			t.Errorf("freezing one channel held another for %s", wait)
		}
		w.add(time.Minute)
		// A quarter of the rate and a minute's step: 30 % of ten a second.
		wait := w.Take(t.Context(), sms(3, message.LaneCode)).Wait
		if wait != 233_334*time.Microsecond {
			t.Errorf("after the freeze it waits %s", wait)
		}
		w.add(wait)
		if wait := w.Take(t.Context(), sms(3, message.LaneCode)).Wait; wait != 0 {
			t.Errorf("after its wait it waits %s more", wait)
		}
		if wait := w.Take(t.Context(), sms(4, message.LaneCode)).Wait; wait != 333_334*time.Microsecond {
			t.Errorf("after the freeze there is a burst: wait %s", wait)
		}
	})
}

func TestNoLimitsNoWait(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(nil)
		w.Freeze(t.Context(), sms(1, message.LaneCode), time.Hour)
		for range 100 {
			if wait := w.Take(t.Context(), sms(1, message.LaneCampaign)).Wait; wait != 0 {
				t.Fatalf("no limits, and it waits %s", wait)
			}
		}
	})
}

func TestAFrozenSenderComesBackBitByBit(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{PerSecond: 10, Burst: 1}))
		w.Freeze(t.Context(), sms(1, message.LaneCode), time.Second)
		w.add(time.Second)
		every := func(want time.Duration) {
			t.Helper()
			if wait := w.Take(t.Context(), sms(2, message.LaneCode)).Wait; wait != 0 {
				t.Fatalf("the first waits %s", wait)
			}
			if wait := w.Take(t.Context(), sms(3, message.LaneCode)).Wait; wait != want {
				t.Errorf("the next waits %s, want %s", wait, want)
			}
		}
		every(200 * time.Millisecond) // half of the rate
		w.Freeze(t.Context(), sms(1, message.LaneCode), time.Second)
		w.add(2 * time.Second)
		every(400 * time.Millisecond)
		w.add(5 * time.Minute)
		every(200 * time.Millisecond) // five steps of 5 % above a quarter
		w.add(15 * time.Minute)
		every(100 * time.Millisecond)
	})
}

func TestTheAccountLimitsAllChannels(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		limits := limited(outbox.Limits{PerSecond: 100, Burst: 100})
		limits[message.WhatsApp] = outbox.Limits{PerSecond: 100, Burst: 100}
		limits[outbox.Account] = outbox.Limits{PerSecond: 10, Burst: 4}
		w := make(limits)
		granted := 0
		for i := range 20 {
			c := sms(i, message.LaneCode)
			if i%2 == 1 {
				c.To.Channel = message.WhatsApp
			}
			if w.Take(t.Context(), c).Wait == 0 {
				granted++
			}
		}
		if granted != 4 {
			t.Errorf("%d went at once, want the account's burst of 4", granted)
		}
		if r := w.Take(t.Context(), sms(1, message.LaneCode)); r.Wait != 100*time.Millisecond || r.Pair {
			t.Errorf("the next gets %+v, want the account's wait", r)
		}
	})
}

// What a pacer says of the next message is what it answers when it is asked.
func TestRoomSaysWhatComesNext(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, make maker) {
		w := make(limited(outbox.Limits{PerSecond: 10, Burst: 2, Pair: time.Minute, PairBurst: 1}))
		if r := w.Take(t.Context(), sms(1, message.LaneCode)); r != (outbox.Room{}) {
			t.Errorf("there is room for a second, yet %+v", r)
		}
		if r := w.Take(t.Context(), sms(1, message.LaneCode)); !r.Pair || r.Wait != time.Minute {
			t.Errorf("the contact's own limit binds, yet %+v", r)
		}
		if r := w.Take(t.Context(), sms(2, message.LaneCode)); r != (outbox.Room{Next: 100 * time.Millisecond}) {
			t.Errorf("the burst is used up, yet %+v", r)
		}
		if r := w.Take(t.Context(), sms(3, message.LaneCode)); r != (outbox.Room{Wait: 100 * time.Millisecond}) {
			t.Errorf("the third gets %+v", r)
		}
	})
}

// Rates that are whole microseconds are decided alike to the last microsecond.
func TestRedisDecidesLikeThisProcess(t *testing.T) {
	t.Parallel()
	worlds := redisWorlds(t, open(t, anyServer(t)))
	rapid.Check(t, func(rt *rapid.T) {
		limits := limited(outbox.Limits{
			PerSecond: rapid.SampledFrom([]int{0, 1, 5, 10, 80, 1000}).Draw(rt, "rate"), Burst: rapid.IntRange(0, 90).Draw(rt, "burst"),
			Pair: time.Duration(rapid.IntRange(0, 3).Draw(rt, "pair")) * time.Second, PairBurst: rapid.IntRange(0, 4).Draw(rt, "pair burst"),
		})
		here, there := localWorld(limits), worlds(limits)
		for i := range rapid.IntRange(1, 40).Draw(rt, "steps") {
			d := time.Duration(rapid.IntRange(0, 400_000).Draw(rt, "pause")) * time.Microsecond
			here.add(d)
			there.add(d)
			c := sms(rapid.IntRange(0, 3).Draw(rt, "to"), message.Lane(rapid.IntRange(0, 4).Draw(rt, "lane")))
			c.Segments = rapid.IntRange(0, 8).Draw(rt, "segments")
			if rapid.IntRange(0, 9).Draw(rt, "freeze") == 0 {
				pause := time.Duration(rapid.IntRange(1, 3000).Draw(rt, "frozen")) * time.Millisecond
				here.Freeze(t.Context(), c, pause)
				there.Freeze(t.Context(), c, pause)
			}
			want, got := micros(here.Take(t.Context(), c).Wait), there.Take(t.Context(), c).Wait
			if got != want {
				rt.Fatalf("step %d: redis says %s, this process %s", i, got, want)
			}
		}
	})
}
