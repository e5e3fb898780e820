package outbox

import (
	"context"
	"sync"
	"time"

	"valebot/internal/message"
	"valebot/internal/pace"
)

// Pacer says whether a message may go now. It is asked only by the dispatcher.
type Pacer interface {
	// Take takes room for the message and returns 0, or takes nothing and returns
	// how long to wait.
	Take(ctx context.Context, c Candidate) time.Duration
	// Freeze holds back the message's sender, because the provider asked for it.
	Freeze(ctx context.Context, c Candidate, pause time.Duration)
}

// Limits are the rates of one sender.
type Limits struct {
	PerSecond int           // segments per second; 0 = unlimited
	Burst     int           // segments that may go at once after a pause
	Pair      time.Duration // between two messages to one contact; 0 = none
	PairBurst int           // messages to one contact that may go at once
}

// Local paces within this process. It is exact for one node and is what
// remains when shared pacing is away.
type Local struct {
	mu     sync.Mutex
	limits map[message.Channel]Limits
	sender map[message.Channel]time.Time
	pairs  map[string]time.Time
	now    func() time.Time
}

// NewLocal returns a pacer with limits per channel. now is the real clock:
// providers count real seconds.
func NewLocal(limits map[message.Channel]Limits, now func() time.Time) *Local {
	return &Local{limits: limits, sender: map[message.Channel]time.Time{}, pairs: map[string]time.Time{}, now: now}
}

// maxPairs bounds the memory of pair pacing; buckets that are full again are
// forgotten first.
const maxPairs = 100_000

// Take implements Pacer.
func (p *Local) Take(_ context.Context, c Candidate) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, l := p.now(), p.limits[c.To.Channel]
	pair := string(c.To.Channel) + "|" + c.To.Key()
	buckets := []pace.Bucket{
		{TAT: p.sender[c.To.Channel], Emission: pace.Per(l.PerSecond, time.Second), Burst: max(l.Burst, 1), Cost: max(c.Segments, 1), Reserve: reserve(c.Lane)},
		{TAT: p.pairs[pair], Emission: l.Pair, Burst: max(l.PairBurst, 1), Cost: 1},
	}
	d := pace.Decide(now, buckets)
	if !d.Allowed {
		return d.Wait
	}
	p.sender[c.To.Channel] = d.Next[0]
	if l.Pair > 0 {
		p.forget(now)
		p.pairs[pair] = d.Next[1]
	}
	return 0
}

// Freeze implements Pacer.
func (p *Local) Freeze(_ context.Context, c Candidate, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.limits[c.To.Channel]
	p.sender[c.To.Channel] = pace.Freeze(p.now(), pace.Bucket{
		TAT: p.sender[c.To.Channel], Emission: pace.Per(l.PerSecond, time.Second), Burst: max(l.Burst, 1)}, pause)
}

// forget drops pair buckets that are full again, once there are too many.
func (p *Local) forget(now time.Time) {
	if len(p.pairs) < maxPairs {
		return
	}
	for key, tat := range p.pairs {
		if tat.Before(now) {
			delete(p.pairs, key)
		}
	}
}

// reserve is the share of the burst, in percent, that a lane leaves to the more
// urgent ones, so that a code always finds room.
func reserve(lane message.Lane) int {
	return [...]int{0, 10, 25, 40, 60}[min(max(int(lane), 0), 4)]
}
