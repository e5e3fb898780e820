package redisdb

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"valebot/internal/message"
	"valebot/internal/outbox"
)

var errDown = errors.New("nobody listens")

// shaky stands for Redis: it answers, fails or hangs as told, and keeps what it
// was asked.
type shaky struct {
	mu    sync.Mutex
	down  bool
	hangs bool
	nodes int
	asked []request
}

func (s *shaky) set(change func(*shaky)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *shaky) ask(ctx context.Context, r request) (outbox.Room, error) {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	down, hangs := s.down, s.hangs
	s.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return outbox.Room{}, ctx.Err()
	}
	if down {
		return outbox.Room{}, errDown
	}
	return outbox.Room{}, nil
}

func (s *shaky) count(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return 0, errDown
	}
	return s.nodes, nil
}

// calls returns what was asked since the last time.
func (s *shaky) calls() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.asked
	s.asked = nil
	return out
}

func (s *shaky) pacer(limits map[message.Channel]outbox.Limits) *Pacer {
	return newPacer(Options{Limits: limits, Space: "x", Now: time.Now, Log: quietLog()}, rest, s.ask, s.count)
}

func TestThreeFailuresAndRedisIsLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{down: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 100, Burst: 100}))
		for i := range 20 {
			if wait := p.Take(t.Context(), sms(i, message.LaneCode)).Wait; wait != 0 {
				t.Fatalf("code %d waits %s because Redis is away", i, wait)
			}
		}
		if n := len(s.calls()); n != 3 {
			t.Errorf("Redis was asked %d times, want 3", n)
		}
		time.Sleep(rest + time.Millisecond)
		for i := range 20 {
			p.Take(t.Context(), sms(i, message.LaneCode))
		}
		if n := len(s.calls()); n != 1 {
			t.Errorf("after the rest it was asked %d times, want once", n)
		}
	})
}

func TestAHungRedisCostsLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{hangs: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 100, Burst: 100}))
		start := time.Now()
		for i := range 60 {
			if wait := p.Take(t.Context(), sms(i, message.LaneReply)).Wait; wait != 0 {
				t.Fatalf("reply %d waits %s because Redis hangs", i, wait)
			}
		}
		if took := time.Since(start); took != 3*callTime {
			t.Errorf("60 decisions took %s, want %s", took, 3*callTime)
		}
	})
}

func TestWhatCanWaitWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{down: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 100, Burst: 100}))
		for lane := message.LaneCode; lane <= message.LaneCampaign; lane++ {
			wait := p.Take(t.Context(), sms(int(lane), lane)).Wait
			if waits := lane >= message.LaneReminder; waits != (wait > 0) {
				t.Errorf("lane %s: wait %s", lane, wait)
			}
		}
	})
}

// Half of the rate is left to codes and replies while nobody sees all nodes.
func TestNoticesGoAtHalf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{down: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 20, Burst: 1}))
		notices := 0
		for range 10 * 1000 {
			if p.Take(t.Context(), sms(1, message.LaneNotice)).Wait == 0 {
				notices++
			}
			time.Sleep(time.Millisecond)
		}
		if notices < 99 || notices > 102 {
			t.Errorf("%d notices in 10 s at 20 a second, want half", notices)
		}
	})
}

// Reminders alone must find out that Redis is back.
func TestWhatWaitsProbes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{down: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 100, Burst: 100}))
		for range 5 {
			p.Take(t.Context(), sms(1, message.LaneReminder))
		}
		s.set(func(s *shaky) { s.down = false })
		if p.Take(t.Context(), sms(1, message.LaneReminder)).Wait == 0 {
			t.Error("granted before the rest was over")
		}
		time.Sleep(rest + time.Millisecond)
		if wait := p.Take(t.Context(), sms(1, message.LaneReminder)).Wait; wait != 0 {
			t.Errorf("Redis is back and the reminder waits %s", wait)
		}
	})
}

func TestEachNodeTakesItsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{nodes: 4}
		p := s.pacer(limited(outbox.Limits{PerSecond: 80, Burst: 40}))
		p.heartbeat(t.Context())
		s.set(func(s *shaky) { s.down = true })
		p.heartbeat(t.Context()) // hears nothing and keeps what it knew
		granted := 0
		for i := range 100 {
			if p.Take(t.Context(), sms(i, message.LaneCode)).Wait == 0 {
				granted++
			}
		}
		if granted != 10 {
			t.Errorf("%d went at once, want a quarter of the burst of 40", granted)
		}
		if wait := p.Take(t.Context(), sms(0, message.LaneCode)).Wait; wait != 50*time.Millisecond {
			t.Errorf("the next waits %s, want a twentieth of a second", wait)
		}
	})
}

func TestDivide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		nodes     int
		all, want outbox.Limits
	}{
		{1, outbox.Limits{PerSecond: 10, Burst: 10}, outbox.Limits{PerSecond: 10, Burst: 10}},
		{3, outbox.Limits{PerSecond: 10, Burst: 10}, outbox.Limits{PerSecond: 3, Burst: 3}},
		{20, outbox.Limits{PerSecond: 10, Burst: 10}, outbox.Limits{PerSecond: 1, Burst: 1}},
		{4, outbox.Limits{}, outbox.Limits{Burst: 1}},
		{4, outbox.Limits{PerSecond: 8, Burst: 8, Pair: time.Second, PairBurst: 3}, outbox.Limits{PerSecond: 2, Burst: 2, Pair: time.Second, PairBurst: 3}},
	} {
		if got := divide(limited(c.all), c.nodes)[message.SMS]; got != c.want {
			t.Errorf("%+v over %d nodes: %+v, want %+v", c.all, c.nodes, got, c.want)
		}
	}
}

// After an outage each sender's bucket hears once that it was used behind its
// back.
func TestRecoveryFreezesEachSenderOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{down: true}
		limits := limited(outbox.Limits{PerSecond: 10, Burst: 5})
		limits[message.WhatsApp] = outbox.Limits{PerSecond: 20, Burst: 1}
		p := s.pacer(limits)
		for range 3 {
			p.Take(t.Context(), sms(1, message.LaneCode))
		}
		s.set(func(s *shaky) { s.down = false })
		time.Sleep(rest + time.Millisecond)
		s.calls()
		whatsApp := sms(1, message.LaneCode)
		whatsApp.To.Channel = message.WhatsApp
		for range 2 {
			p.Take(t.Context(), sms(1, message.LaneCode))
			p.Take(t.Context(), whatsApp)
		}
		var got []time.Duration
		for _, r := range s.calls() {
			got = append(got, r.frozen)
		}
		want := [...]time.Duration{thaw + 400*time.Millisecond, thaw, 0, 0}
		if len(got) != 4 || [4]time.Duration(got) != want {
			t.Errorf("freezes %v, want %v", got, want)
		}
	})
}

// One lost answer is no outage.
func TestAHiccupFreezesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{down: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 10, Burst: 5}))
		p.Take(t.Context(), sms(1, message.LaneCode))
		p.Take(t.Context(), sms(2, message.LaneCode))
		s.set(func(s *shaky) { s.down = false })
		s.calls()
		p.Take(t.Context(), sms(3, message.LaneCode))
		if calls := s.calls(); len(calls) != 1 || calls[0].frozen != 0 {
			t.Errorf("asked %+v, want one question without a freeze", calls)
		}
	})
}

func TestAFreezeDuringAnOutageHoldsAndIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{down: true, nodes: 2}
		p := s.pacer(limited(outbox.Limits{PerSecond: 10, Burst: 1}))
		p.Freeze(t.Context(), sms(1, message.LaneCode), time.Minute)
		if wait := p.Take(t.Context(), sms(1, message.LaneCode)).Wait; wait != time.Minute {
			t.Errorf("alone, a frozen sender waits %s", wait)
		}
		s.set(func(s *shaky) { s.down = false })
		p.heartbeat(t.Context()) // another share, the same freeze
		if wait := p.alone(t.Context(), sms(1, message.LaneCode)).Wait; wait != time.Minute {
			t.Errorf("with a new share it waits %s", wait)
		}
		time.Sleep(10 * time.Second)
		s.calls()
		p.Take(t.Context(), sms(1, message.LaneCode))
		p.Take(t.Context(), sms(1, message.LaneCode))
		calls := s.calls()
		if len(calls) != 2 || calls[0].frozen != 50*time.Second || calls[1].frozen != 0 {
			t.Errorf("asked %+v, want the rest of the freeze once", calls)
		}
	})
}

// A freeze that Redis has heard of must hold if Redis is then lost.
func TestAFreezeOutlivesRedis(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{nodes: 3}
		p := s.pacer(limited(outbox.Limits{PerSecond: 9, Burst: 1}))
		p.Freeze(t.Context(), sms(1, message.LaneCode), time.Minute)
		p.Freeze(t.Context(), sms(1, message.LaneCode), time.Second)
		p.heartbeat(t.Context())
		s.set(func(s *shaky) { s.down = true })
		if wait := p.Take(t.Context(), sms(1, message.LaneCode)).Wait; wait != time.Minute {
			t.Errorf("waits %s, want a minute", wait)
		}
	})
}

// A caller that gives up says nothing about Redis.
func TestACallerThatLeavesTripsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{hangs: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 10, Burst: 5}))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 10 {
			p.Take(gone, sms(1, message.LaneCode))
		}
		if n := len(s.calls()); n != 10 {
			t.Errorf("asked %d times, want 10: the breaker must not open", n)
		}
	})
}

func TestRunBeatsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shaky{nodes: 2}
		p := s.pacer(limited(outbox.Limits{PerSecond: 10, Burst: 10}))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(ctx) }()
		nodes := func() int {
			synctest.Wait()
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.nodes
		}
		if n := nodes(); n != 2 {
			t.Errorf("%d nodes after the first beat, want 2", n)
		}
		s.set(func(s *shaky) { s.nodes = 5 })
		time.Sleep(beat)
		if n := nodes(); n != 5 {
			t.Errorf("%d nodes after the second beat, want 5", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// What the provider asks for while the debt is being told must be told too.
func TestADebtThatGrewIsNotForgotten(t *testing.T) {
	t.Parallel()
	s := &shaky{}
	p := s.pacer(limited(outbox.Limits{PerSecond: 10, Burst: 1}))
	p.owe(message.SMS, debt{alone: true})
	p.ask = func(context.Context, request) (outbox.Room, error) {
		p.owe(message.SMS, debt{until: noon})
		return outbox.Room{}, nil
	}
	p.Take(t.Context(), sms(1, message.LaneCode))
	if got := p.debt(message.SMS); !got.until.Equal(noon) {
		t.Errorf("debt %+v, want a freeze until %s", got, noon)
	}
}

// An outage of an hour is two lines in the log, not one for each try.
func TestAnOutageIsLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &shaky{down: true}
		p := s.pacer(limited(outbox.Limits{PerSecond: 10, Burst: 5}))
		p.o.Log = slog.New(slog.NewTextHandler(&log, nil))
		for i := range 30 {
			if i == 25 {
				s.set(func(s *shaky) { s.down = false })
			}
			p.Take(t.Context(), sms(1, message.LaneCode))
			time.Sleep(time.Minute)
		}
		if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "redis is back") {
			t.Errorf("%d lines:\n%s", n, log.String())
		}
	})
}
