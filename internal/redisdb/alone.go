package redisdb

import (
	"context"
	"time"

	"valebot/internal/message"
	"valebot/internal/outbox"
	"valebot/internal/pace"
)

// alone decides without Redis. What can wait waits, because nobody sees all
// nodes; what a person is waiting for goes at this node's share of the rate, and
// a notice takes the room of two, which leaves half of it to codes and replies.
func (p *Pacer) alone(ctx context.Context, c outbox.Candidate) outbox.Room {
	switch {
	case c.Lane >= message.LaneReminder:
		return outbox.Room{Wait: rest}
	case c.Lane == message.LaneNotice:
		c.Segments = 2 * max(c.Segments, 1)
	}
	return p.fallback().Take(ctx, c)
}

func (p *Pacer) fallback() *outbox.Local {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.local
}

// share sets how many nodes divide the rates while Redis is away. The nodes last
// heard of count: an outage says nothing about them.
func (p *Pacer) share(nodes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	nodes = max(nodes, 1)
	if nodes == p.nodes {
		return
	}
	p.nodes = nodes
	p.local = outbox.NewLocal(divide(p.o.Limits, nodes), p.o.Now)
	now := p.o.Now()
	for ch, until := range p.frozen {
		p.local.Freeze(context.Background(), anyTo(ch), until.Sub(now))
	}
}

// hold freezes a sender within this process, for as long as it has to hold
// whatever becomes of Redis and of the number of nodes.
func (p *Pacer) hold(ctx context.Context, ch message.Channel, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.o.Now().Add(pause); until.After(p.frozen[ch]) {
		p.frozen[ch] = until
	}
	p.local.Freeze(ctx, anyTo(ch), pause)
}

// anyTo stands for any message on the channel.
func anyTo(ch message.Channel) outbox.Candidate {
	return outbox.Candidate{Outbound: message.Outbound{To: message.Address{Channel: ch}}}
}

// divide gives one node its part of each rate, at least one a second: a provider
// that gets a little more for the length of an outage queues or refuses it, and
// a code that nobody may send is worse. Pairs are not divided, because one
// conversation is in the hands of one node at a time.
func divide(all map[message.Channel]outbox.Limits, nodes int) map[message.Channel]outbox.Limits {
	out := make(map[message.Channel]outbox.Limits, len(all))
	for ch, l := range all {
		if l.PerSecond > 0 {
			l.PerSecond = max(l.PerSecond/nodes, 1)
		}
		l.Burst = max(l.Burst/nodes, 1)
		out[ch] = l
	}
	return out
}

func (p *Pacer) debt(ch message.Channel) debt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.debts[ch]
}

// owe adds to what the shared bucket must hear. Nothing shortens a freeze.
func (p *Pacer) owe(ch message.Channel, more debt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.debts[ch]
	d.alone = d.alone || more.alone
	if more.until.After(d.until) {
		d.until = more.until
	}
	p.debts[ch] = d
}

func (p *Pacer) oweAll() {
	for ch := range p.o.Limits {
		p.owe(ch, debt{alone: true})
	}
}

// settle forgets a debt that was told, unless it grew meanwhile.
func (p *Pacer) settle(ch message.Channel, told debt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.debts[ch] == told {
		delete(p.debts, ch)
	}
}

// frozenFor is how far ahead of the clock the shared bucket must be for the
// debt: the pause, and then the bare rate without a burst, as pace.Freeze has
// it. 0 means that nothing is owed.
func (p *Pacer) frozenFor(ch message.Channel, d debt) time.Duration {
	pause := d.until.Sub(p.o.Now())
	if d.alone {
		pause = max(pause, thaw)
	}
	if pause <= 0 {
		return 0
	}
	l := p.o.Limits[ch]
	return micros(pause) + time.Duration(max(l.Burst, 1)-1)*micros(pace.Per(l.PerSecond, time.Second))
}
