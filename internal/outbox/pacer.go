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
	// Take takes room for the message, or takes nothing and says how long to wait.
	Take(ctx context.Context, c Candidate) Room
	// Freeze holds back the message's sender, because the provider asked for it,
	// and halves its rate, which then comes back bit by bit.
	Freeze(ctx context.Context, c Candidate, pause time.Duration)
}

// Room is a pacer's answer.
type Room struct {
	Wait time.Duration // 0: the message may go, and its room is taken
	Pair bool          // only this contact has to wait
	Next time.Duration // once taken: how long there is no room for another message like it
}

// Account stands for all channels together in a table of limits: what the
// provider lets one account hand over.
const Account message.Channel = ""

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
	mu       sync.Mutex
	limits   map[message.Channel]Limits
	sender   map[message.Channel]time.Time // and the account's
	throttle map[message.Channel]pace.Throttle
	pairs    map[string]time.Time
	now      func() time.Time
}

// NewLocal returns a pacer with limits per channel, and of the Account where it
// has any. now is the real clock: providers count real seconds.
func NewLocal(limits map[message.Channel]Limits, now func() time.Time) *Local {
	return &Local{limits: limits, sender: map[message.Channel]time.Time{}, throttle: map[message.Channel]pace.Throttle{},
		pairs: map[string]time.Time{}, now: now}
}

// maxPairs bounds the memory of pair pacing; buckets that are full again are
// forgotten first.
const maxPairs = 100_000

// The places of a message's buckets.
const (
	senderBucket = iota
	accountBucket
	pairBucket
)

// Take implements Pacer.
func (p *Local) Take(_ context.Context, c Candidate) Room {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, ch := p.now(), c.To.Channel
	pair := string(ch) + "|" + c.To.Key()
	buckets := p.buckets(now, c, pair)
	d := pace.Decide(now, buckets)
	if !d.Allowed {
		return Room{Wait: d.Wait, Pair: d.Binding == pairBucket}
	}
	p.sender[ch], p.sender[Account] = d.Next[senderBucket], d.Next[accountBucket]
	if p.limits[ch].Pair > 0 {
		p.forget(now)
		p.pairs[pair] = d.Next[pairBucket]
	}
	for i := range buckets {
		buckets[i].TAT = d.Next[i]
	}
	return Room{Next: pace.Decide(now, buckets[:pairBucket]).Wait}
}

func (p *Local) buckets(now time.Time, c Candidate, pair string) []pace.Bucket {
	ch := c.To.Channel
	l, account := p.limits[ch], p.limits[Account]
	return []pace.Bucket{
		senderBucket: {TAT: p.sender[ch], Emission: pace.Per(l.PerSecond, time.Second), Burst: max(l.Burst, 1), Cost: max(c.Segments, 1),
			Reserve: Reserve(c.Lane), Percent: p.throttle[ch].At(now)},
		accountBucket: {TAT: p.sender[Account], Emission: pace.Per(account.PerSecond, time.Second), Burst: max(account.Burst, 1), Cost: 1, Reserve: Reserve(c.Lane)},
		pairBucket:    {TAT: p.pairs[pair], Emission: l.Pair, Burst: max(l.PairBurst, 1), Cost: 1},
	}
}

// Freeze implements Pacer.
func (p *Local) Freeze(_ context.Context, c Candidate, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, ch, l := p.now(), c.To.Channel, p.limits[c.To.Channel]
	p.throttle[ch] = p.throttle[ch].Halve(now)
	p.sender[ch] = pace.Freeze(now, pace.Bucket{
		TAT: p.sender[ch], Emission: pace.Per(l.PerSecond, time.Second), Burst: max(l.Burst, 1)}, pause)
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

// Reserve is the share of the burst, in percent, that a lane leaves to the more
// urgent ones, so that a code always finds room.
func Reserve(lane message.Lane) int {
	return [...]int{0, 10, 25, 40, 60}[min(max(int(lane), 0), 4)]
}
