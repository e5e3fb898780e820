package outbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/message"
)

// frozen notes who was made to wait as a whole.
type frozen struct {
	Pacer
	mu       sync.Mutex
	channels []message.Channel
}

func (f *frozen) Freeze(_ context.Context, c Candidate, _ time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.channels = append(f.channels, c.To.Channel)
}

func (f *frozen) times() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.channels)
}

func TestWhoWaitsAfterAFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err          error
		pair, sender bool
	}{
		"Meta: too many to this person":    {&message.SendError{Class: message.Safe, Code: 131056, Hold: message.HoldPair, RetryAfter: 6 * time.Second}, true, false},
		"Twilio: too many to this person":  {&message.SendError{Class: message.Defer, Code: 63018, Hold: message.HoldPair}, true, false},
		"the number's rate":                {&message.SendError{Class: message.Safe, Code: 130429, Hold: message.HoldSender}, false, true},
		"the limit for spam":               {&message.SendError{Class: message.Defer, Code: 131048, Hold: message.HoldSender}, false, true},
		"asked to wait, without for whom":  {&message.SendError{Class: message.Safe}, false, true},
		"a phone that is off":              {&message.SendError{Class: message.Defer, Code: 30003}, false, false},
		"our account: the breaker's thing": {&message.SendError{Class: message.Config, Code: 30002, Hold: message.HoldSender}, false, false},
		"no clear answer":                  {context.DeadlineExceeded, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pacer := &frozen{}
			o := New(nil, nil, pacer, Config{})
			o.held(t.Context(), candidate(), c.err)
			if got := o.gates.resting(pairOf(candidate().To), time.Now()) > 0; got != c.pair {
				t.Errorf("the pair rests: %t, want %t", got, c.pair)
			}
			if got := pacer.times() > 0; got != c.sender {
				t.Errorf("the sender rests: %t, want %t", got, c.sender)
			}
		})
	}
}

func TestPairPauseGrowsFourfold(t *testing.T) {
	t.Parallel()
	var got []time.Duration
	for attempt := range 8 {
		got = append(got, pairPause(attempt))
	}
	s := time.Second
	if diff := cmp.Diff([]time.Duration{6 * s, 6 * s, 24 * s, 96 * s, 384 * s, 1536 * s, 1800 * s, 1800 * s}, got); diff != "" {
		t.Error(diff)
	}
}

// Whoever is refused for the rate of a pair rests, codes included; everybody
// else goes on, and nothing is lost.
func TestOnlyThePairRests(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]*message.SendError{
		"not processed": {Class: message.Safe, Code: 131056, Hold: message.HoldPair},
		"deferred":      {Class: message.Defer, Code: 63018, Hold: message.HoldPair},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { onlyThePairRests(t, refusal) })
		})
	}
}

func onlyThePairRests(t *testing.T, refusal *message.SendError) {
	p := newPost(map[message.Channel]Limits{message.SMS: {PerSecond: 100, Burst: 100}}, func(c *Config) { c.Sweep = time.Second })
	var mu sync.Mutex
	refused := false
	p.provider.fail = func(m message.Outbound) error {
		mu.Lock()
		defer mu.Unlock()
		if m.Body == "primero" && !refused {
			refused = true
			return refusal
		}
		return nil
	}
	p.write(1, "primero")
	stop := p.run(t)
	time.Sleep(time.Second)
	p.write(1, "clave", lane(message.LaneCode))
	p.write(1, "segundo")
	for i := range 20 {
		p.write(2+i, fmt.Sprint("otro ", i))
	}
	time.Sleep(2 * time.Second)
	if got := p.provider.bodies(); len(got) != 20 || slices.Contains(got, "clave") {
		t.Errorf("while one rests, %d went: %v", len(got), got)
	}
	time.Sleep(20 * time.Second)
	stop()
	mine := slices.DeleteFunc(p.provider.bodies(), func(s string) bool { return s[0] == 'o' })
	slices.Sort(mine)
	if diff := cmp.Diff([]string{"clave", "primero", "segundo"}, mine); diff != "" {
		t.Error(diff)
	}
}

// A rest never gets shorter, and ends.
func TestRestsOnlyGrow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g, now, until := newGates(), noon, noon
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "pass")) * time.Millisecond)
			if rapid.Bool().Draw(t, "refused") {
				pause := time.Duration(rapid.IntRange(1, 9000).Draw(t, "pause")) * time.Millisecond
				g.hold("a", now, pause)
				if end := now.Add(pause); end.After(until) {
					until = end
				}
			}
			if got, want := g.resting("a", now), max(0, until.Sub(now)); got != want {
				t.Fatalf("it rests %s, want %s", got, want)
			}
			if g.resting("b", now) != 0 {
				t.Fatal("somebody else rests")
			}
		}
	})
}

func TestRestsAreForgotten(t *testing.T) {
	t.Parallel()
	g := newGates()
	for i := range maxPairs {
		g.hold(fmt.Sprint(i), noon, time.Second)
	}
	g.hold("last", noon.Add(time.Minute), time.Second)
	if len(g.pairs) != 1 {
		t.Errorf("%d rests are remembered, want the one that lasts", len(g.pairs))
	}
}

func TestRecordObeysHolds(t *testing.T) {
	t.Parallel()
	store, pacer := &reports{}, &frozen{}
	o := New(store, nil, pacer, Config{Now: func() time.Time { return noon }})
	err := o.Record(t.Context(),
		message.Status{Rank: message.RankFailed, Class: message.Defer, Attempt: 2, Code: 63018, Hold: message.HoldPair},
		message.Status{Rank: message.RankFailed, Class: message.Defer, Attempt: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := store.got[0]; !got.Rest.Equal(noon.Add(24*time.Second)) || !got.Retry.Equal(got.Rest) {
		t.Errorf("the pair rests until %s and the message until %s", got.Rest, got.Retry)
	}
	if !store.got[1].Rest.IsZero() || pacer.times() != 0 {
		t.Error("a phone that is off made somebody rest")
	}
	if err := o.Record(t.Context(), message.Status{Rank: message.RankFailed, Class: message.Defer, Code: 131048, Hold: message.HoldSender}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]message.Channel{message.WhatsApp}, pacer.channels); diff != "" {
		t.Error(diff)
	}
}

func (r *reports) ChannelsOf(context.Context, []message.Status) ([]message.Channel, error) {
	return []message.Channel{message.WhatsApp}, nil
}
