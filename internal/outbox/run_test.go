package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"valebot/internal/message"
)

func TestRunKeepsOrderPerContact(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil)
		p.provider.took = 30 * time.Millisecond
		for i := range 10 {
			for contact := range 20 {
				p.write(contact, fmt.Sprintf("%02d/%d", contact, i))
			}
		}
		stop := p.run(t)
		time.Sleep(10 * time.Second)
		stop()
		bodies := p.provider.bodies()
		if len(bodies) != 200 || p.store.states()[Accepted] != 200 {
			t.Fatalf("sent %d messages, states %v", len(bodies), p.store.states())
		}
		slices.SortStableFunc(bodies, func(a, b string) int { return strings.Compare(a[:2], b[:2]) })
		if !slices.IsSorted(bodies) {
			t.Errorf("out of order: %v", bodies)
		}
		if len(p.provider.crowded) > 0 {
			t.Errorf("two messages in flight to %v", p.provider.crowded)
		}
	})
}

func TestRunCodeWaitsForNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil)
		p.provider.took = time.Second
		p.write(1, "aviso")
		p.write(1, "otro aviso")
		p.write(1, "clave", lane(message.LaneCode))
		stop := p.run(t)
		time.Sleep(1500 * time.Millisecond)
		if got := p.provider.bodies(); len(got) != 2 || !slices.Contains(got, "clave") {
			t.Errorf("after the first hand-over: %v", got)
		}
		stop()
	})
}

func TestRunHoldsTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rate = 20
		p := newPost(map[message.Channel]Limits{message.SMS: {PerSecond: rate, Burst: rate}}, func(c *Config) { c.Sweep = time.Second })
		for i := range 450 {
			p.write(i, "hola", func(c *Candidate) { c.Expires = noon.Add(time.Hour) })
		}
		stop := p.run(t)
		time.Sleep(20 * time.Second)
		stop()
		// A notice leaves 25 % of the burst to codes.
		if got, want := len(p.provider.at), rate*20+rate*3/4; got < want*99/100 || got > want+1 {
			t.Errorf("%d went in 20 s, want %d within 1 %%", got, want)
		}
		for i, at := range p.provider.at {
			over := 0
			for _, other := range p.provider.at[i:] {
				if other.Sub(at) < time.Second {
					over++
				}
			}
			if over > 2*rate {
				t.Fatalf("%d within one second", over)
			}
		}
	})
}

// A database that takes longer than the pause between two messages costs no rate.
func TestRunHoldsTheRateOnASlowDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rate = 20
		p := newPost(map[message.Channel]Limits{message.SMS: {PerSecond: rate, Burst: rate}})
		p.store.took = 30 * time.Millisecond
		for i := range 600 {
			p.write(i, "hola", func(c *Candidate) { c.Expires = noon.Add(time.Hour) })
		}
		stop := p.run(t)
		time.Sleep(20 * time.Second)
		stop()
		if got, want := len(p.provider.at), rate*20+rate*3/4; got < want*98/100 || got > want+1 {
			t.Errorf("%d went in 20 s, want %d within 2 %%", got, want)
		}
	})
}

// While pacing holds messages back, rows are not written over and over, and the
// pacer is asked once for each that goes.
func TestRunPacedAsksLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(map[message.Channel]Limits{message.SMS: {PerSecond: 10, Burst: 4}})
		counted := &counting{Pacer: p.pacer}
		p.pacer = counted
		for i := range 400 {
			p.write(i, "hola")
		}
		stop := p.run(t)
		time.Sleep(20 * time.Second)
		stop()
		granted := len(p.provider.bodies())
		if granted < 200 || counted.asked >= 2*granted {
			t.Errorf("asked %d times for %d messages", counted.asked, granted)
		}
		if p.store.looks > 4*granted {
			t.Errorf("%d looks for %d messages", p.store.looks, granted)
		}
		for _, r := range p.store.rows {
			if r.state == Queued && !r.before.IsZero() {
				t.Fatal("a message that waits for room was written")
			}
		}
	})
}

// counting counts what a pacer is asked.
type counting struct {
	Pacer
	asked int
}

func (c *counting) Take(ctx context.Context, m Candidate) Room {
	c.asked++
	return c.Pacer.Take(ctx, m)
}

// A sender without room does not hold up the other channel.
func TestRunChannelsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(map[message.Channel]Limits{message.SMS: {PerSecond: 1, Burst: 1}, message.WhatsApp: {PerSecond: 100, Burst: 100}})
		for i := range 300 {
			p.write(i, "sms")
		}
		for i := range 50 {
			p.write(500+i, "whatsapp", func(c *Candidate) { c.To.Channel, c.WindowFrom = message.WhatsApp, noon })
		}
		stop := p.run(t)
		time.Sleep(5 * time.Second)
		stop()
		n := 0
		for _, body := range p.provider.bodies() {
			if body == "whatsapp" {
				n++
			}
		}
		if n != 50 {
			t.Errorf("%d of 50 went by WhatsApp behind a slow SMS sender", n)
		}
	})
}

// However slow the provider and however many campaigns are with the workers, a
// code finds one free.
func TestRunACodePassesACampaign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil)
		p.provider.took = 9 * time.Second
		for i := range 500 {
			p.write(i, "campaña", promotion, func(c *Candidate) { c.Expires = noon.Add(5 * time.Hour) })
		}
		stop := p.run(t)
		time.Sleep(time.Minute)
		asked := time.Now()
		p.write(900, "clave", lane(message.LaneCode), func(c *Candidate) { c.Expires = noon.Add(5 * time.Hour) })
		p.Wake()
		time.Sleep(p.provider.took + 200*time.Millisecond)
		if !slices.Contains(p.provider.bodies(), "clave") {
			t.Errorf("the code was not handed over within %s", time.Since(asked))
		}
		stop()
	})
}

// A provider that takes nothing is left alone, and probed until it is back.
func TestRunLeavesABrokenProviderAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil, func(c *Config) { c.Workers = 1 })
		var tries atomic.Int32
		var up atomic.Bool
		p.provider.fail = func(message.Outbound) error {
			tries.Add(1)
			if !up.Load() {
				return &message.SendError{Class: message.Config, Code: 20003}
			}
			return nil
		}
		for i := range 100 {
			p.write(i, "hola", func(c *Candidate) { c.Expires = noon.Add(48 * time.Hour) })
		}
		stop := p.run(t)
		time.Sleep(time.Hour)
		if n := tries.Load(); n > 200 {
			t.Errorf("%d tries in an hour", n)
		}
		p.store.mu.Lock()
		diverted := len(p.store.diverted)
		p.store.mu.Unlock()
		if diverted != 1 {
			t.Error("the channel was not diverted")
		}
		up.Store(true)
		time.Sleep(time.Hour)
		stop()
		if got := p.store.states(); got[Accepted] != 100 {
			t.Errorf("after it came back: %v", got)
		}
	})
}

func TestRunStopsCleanly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil, func(c *Config) { c.Workers = 2 })
		p.provider.took = time.Second
		for i := range 20 {
			p.write(i, "hola")
		}
		stop := p.run(t)
		time.Sleep(1100 * time.Millisecond)
		stop()
		states := p.store.states()
		if states[Sending]+states[Unknown] != 0 {
			t.Errorf("a planned stop left %v", states)
		}
		if states[Accepted] != len(p.provider.bodies()) {
			t.Errorf("%d were sent and %v is known", len(p.provider.bodies()), states)
		}
	})
}

// A message that waits for a worker for longer than it is held goes back
// instead of out: after the lease somebody else may send it.
func TestRunNeverSendsPastTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil, func(c *Config) { c.Workers, c.Lease = 1, 30*time.Second })
		p.provider.took = 9 * time.Second
		for i := range 12 {
			p.write(i, fmt.Sprint(i))
		}
		stop := p.run(t)
		time.Sleep(3 * time.Minute)
		stop()
		bodies := p.provider.bodies()
		slices.Sort(bodies)
		if len(bodies) != 12 || len(slices.Compact(bodies)) != 12 || p.provider.finds != 0 {
			t.Errorf("sent %v with %d look-ups, want each once and none lost", bodies, p.provider.finds)
		}
	})
}

func TestRunSettlesOnceTheDatabaseIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil)
		p.write(1, "hola")
		p.provider.fail = func(message.Outbound) error { p.store.setFail(errAway); return nil }
		stop := p.run(t)
		time.Sleep(20 * time.Second)
		p.store.setFail(nil)
		time.Sleep(20 * time.Second)
		stop()
		if got := p.store.states(); got[Accepted] != 1 || len(p.provider.bodies()) != 1 {
			t.Errorf("states %v after %v", got, p.provider.bodies())
		}
	})
}

func TestRunOneRefusedRowHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil, func(c *Config) { c.Lease = time.Hour })
		for i := range 9 {
			p.write(i, "hola")
		}
		p.store.poison = p.write(9, "mala")
		stop := p.run(t)
		time.Sleep(30 * time.Second)
		p.write(10, "más tarde")
		p.Wake()
		time.Sleep(time.Second)
		stop()
		if got := p.store.states(); got[Accepted] != 10 || got[Sending] != 1 {
			t.Errorf("states %v, want ten accepted and the refused one held", got)
		}
	})
}

func TestRunBacksOffWhenAskedTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(map[message.Channel]Limits{message.SMS: {PerSecond: 100, Burst: 100}})
		var tries atomic.Int32
		p.provider.fail = func(message.Outbound) error {
			if tries.Add(1) == 1 {
				return &message.SendError{Class: message.Safe, Code: 20429, RetryAfter: 30 * time.Second}
			}
			return nil
		}
		p.write(1, "uno")
		p.write(1, "dos")
		stop := p.run(t)
		time.Sleep(29 * time.Second)
		if n := tries.Load(); n != 1 {
			t.Errorf("%d tries before the pause was over", n)
		}
		time.Sleep(20 * time.Second)
		stop()
		if diff := cmp.Diff([]string{"uno", "dos"}, p.provider.bodies()); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever the provider answers, in the end each message has a result, and a
// message whose answer was clear never went twice.
func TestRunUnderFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(nil)
		n := 0
		p.provider.fail = func(message.Outbound) error {
			n++
			switch n % 5 {
			case 0:
				return &message.SendError{Class: message.Safe}
			case 1:
				return &message.SendError{Class: message.Defer, Code: 30003}
			case 2:
				return &message.SendError{Class: message.Config}
			}
			return nil
		}
		for i := range 40 {
			p.write(i, fmt.Sprint(i), func(c *Candidate) { c.Expires = noon.Add(48 * time.Hour) })
		}
		stop := p.run(t)
		time.Sleep(24 * time.Hour)
		stop()
		got := p.provider.bodies()
		slices.Sort(got)
		if states := p.store.states(); states[Accepted] != len(got) || states[Accepted]+states[Failed] != 40 {
			t.Errorf("states %v", states)
		}
		if len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("sent twice: %v", got)
		}
	})
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset")
	for name, test := range map[string]struct {
		lane    message.Lane
		list    []Sent
		findErr error
		want    State
		sends   int
		finds   int
	}{
		"it had arrived":                      {message.LaneReply, []Sent{{ProviderID: "SM77"}}, nil, Accepted, 0, 1},
		"it had not, twice":                   {message.LaneReply, nil, nil, Accepted, 1, 2},
		"a code that had not":                 {message.LaneCode, nil, nil, Accepted, 1, 2},
		"what it finds is another message's":  {message.LaneReply, []Sent{{ProviderID: "SM1"}}, nil, Accepted, 1, 2},
		"another message's, and then its own": {message.LaneReply, []Sent{{ProviderID: "SM1"}, {ProviderID: "SM77"}}, nil, Accepted, 0, 1},
		"the list is away until it is late":   {message.LaneReply, nil, lost, Failed, 0, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(nil)
				p.store.find(p.write(2, "otra")).provider = "SM1"
				p.store.rows[0].state = Accepted
				p.write(1, "hola", lane(test.lane))
				p.provider.list, p.provider.findErr = test.list, test.findErr
				first := true
				p.provider.fail = func(message.Outbound) error {
					defer func() { first = false }()
					if first {
						return lost
					}
					return nil
				}
				stop := p.run(t)
				time.Sleep(2 * time.Hour)
				stop()
				if got := p.store.rows[1].state; got != test.want || len(p.provider.sent) != test.sends {
					t.Errorf("%s (%s) after %d sends; want %s after %d", got, p.store.rows[1].reason, len(p.provider.sent), test.want, test.sends)
				}
				if test.finds >= 0 && p.provider.finds != test.finds {
					t.Errorf("%d look-ups, want %d", p.provider.finds, test.finds)
				}
			})
		})
	}
}

func TestRecordSaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	store := &reports{}
	o := New(store, nil, nil, Config{Now: func() time.Time { return noon }})
	err := o.Record(t.Context(),
		message.Status{Rank: message.RankFailed, Class: message.Defer, Attempt: 1},
		message.Status{Rank: message.RankFailed, Class: message.BadNumber},
		message.Status{Rank: message.RankDelivered})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []time.Time{noon.Add(15 * time.Minute), {}, {}} {
		if got := store.got[i].Retry; !got.Equal(want) {
			t.Errorf("report %d: retry at %s, want %s", i, got, want)
		}
	}
	select {
	case <-o.wake:
	default:
		t.Error("the dispatcher was not woken")
	}
}

// reports keeps what is recorded.
type reports struct {
	Store
	got []Report
}

func (r *reports) Record(_ context.Context, _ time.Time, got []Report) error {
	r.got = got
	return nil
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	p := newPost(nil)
	p.cfg.Metrics = NewMetrics(registry)
	p.provider.fail = func(message.Outbound) error { return &message.SendError{Class: message.Fatal} }
	p.write(1, "hola")
	if _, err := p.dispatch(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.hand(t.Context(), (<-p.work).Candidate)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range families {
		names = append(names, f.GetName()+" "+fmt.Sprint(f.GetMetric()[0].GetLabel()))
	}
	if len(names) != 2 || !strings.Contains(names[0], "sending") || !strings.Contains(names[1], "fatal") {
		t.Errorf("metrics: %v", names)
	}
}

func TestStatesAreAllDifferent(t *testing.T) {
	t.Parallel()
	if all := States(); len(all) != 9 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 9 {
		t.Errorf("states: %v", all)
	}
}
