package redisdb

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"valebot/internal/message"
	"valebot/internal/outbox"
)

// Options say what is paced and for whom.
type Options struct {
	Limits map[message.Channel]outbox.Limits // of all nodes together
	// Space names whose rate is shared, such as account and sender. Nodes with
	// the same Space share one rate; it must not hold braces.
	Space   string
	Node    string           // unique to this process
	Now     func() time.Time // the real clock: providers count real seconds
	Log     *slog.Logger
	Metrics *Metrics // nil counts nothing
}

// Pacer paces what all nodes send together. While Redis is away, each node paces
// its own share: codes and replies go on, notices at half of it, reminders and
// campaigns wait.
// It implements outbox.Pacer and is safe for concurrent use.
type Pacer struct {
	o       Options
	ask     func(context.Context, request) (outbox.Room, error)
	count   func(context.Context) (nodes int, err error)
	breaker *gobreaker.CircuitBreaker[outbox.Room]

	// mu is never held while Redis is asked or the breaker is called: the breaker
	// calls us back.
	mu     sync.Mutex
	nodes  int // alive when last heard
	local  *outbox.Local
	debts  map[message.Channel]debt
	frozen map[message.Channel]time.Time // what the provider asked for, told or not
}

// debt is what the shared bucket of a sender does not know yet.
type debt struct {
	alone bool      // this node has sent at its own pace
	until time.Time // the provider asked for silence until then
}

const (
	// trips is after how many failures in a row Redis counts as away.
	trips = 3
	// rest is how long it is then left alone, and how long a message that waits for
	// it waits.
	rest = 2 * time.Second
	// thaw is how long a sender is silent after Redis is back: by then the other
	// nodes have noticed too, and what each sent alone does not add up with a fresh
	// burst.
	thaw = time.Second
)

var _ outbox.Pacer = (*Pacer)(nil)

// NewPacer returns a pacer. Run tells the other nodes of this one; a pacer that
// does not run still paces, but its share during an outage is then the whole
// rate.
func NewPacer(c *Client, o Options) *Pacer {
	return newPacer(o, rest, c.asker(redis.NewScript(paceLua)), c.counter(o))
}

func newPacer(o Options, rest time.Duration, ask func(context.Context, request) (outbox.Room, error),
	count func(context.Context) (int, error)) *Pacer {
	p := &Pacer{o: o, ask: ask, count: count, debts: map[message.Channel]debt{}, frozen: map[message.Channel]time.Time{}}
	p.share(1)
	p.breaker = gobreaker.NewCircuitBreaker[outbox.Room](gobreaker.Settings{
		Name: "redis", MaxRequests: 1, Timeout: rest,
		ReadyToTrip:   func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= trips },
		OnStateChange: p.changed,
		IsExcluded:    func(err error) bool { return errors.Is(err, errCallerLeft) },
	})
	return p
}

// Take implements outbox.Pacer: one call to Redis, or none if nothing limits the
// message.
func (p *Pacer) Take(ctx context.Context, c outbox.Candidate) outbox.Room {
	owed := p.debt(c.To.Channel)
	r, limited := p.requestFor(c)
	if !limited {
		return outbox.Room{}
	}
	room, err := p.call(ctx, r)
	if err != nil {
		return p.alone(ctx, c)
	}
	if r.frozen > 0 {
		p.settle(c.To.Channel, owed)
	}
	return room
}

// Freeze implements outbox.Pacer. A freeze that Redis does not hear of holds in
// this process and is told once Redis is back.
func (p *Pacer) Freeze(ctx context.Context, c outbox.Candidate, pause time.Duration) {
	ch := c.To.Channel
	p.owe(ch, debt{until: p.o.Now().Add(pause)})
	p.hold(ctx, ch, pause)
	owed := p.debt(ch)
	b, limited := p.senderBucket(ch, 0, 0)
	if !limited {
		p.settle(ch, owed)
		return
	}
	if _, err := p.call(ctx, request{frozen: p.frozenFor(ch, owed), halve: true, slowed: p.key(ch, "slowed"), shared: 1, buckets: []bucket{b}}); err == nil {
		p.settle(ch, owed)
	}
}

var errCallerLeft = errors.New("caller left")

// call asks Redis unless it is known to be away.
func (p *Pacer) call(ctx context.Context, r request) (outbox.Room, error) {
	start := time.Now()
	room, err := p.breaker.Execute(func() (outbox.Room, error) {
		brief, cancel := context.WithTimeout(ctx, callTime)
		defer cancel()
		room, err := p.ask(brief, r)
		if err != nil && ctx.Err() != nil {
			return outbox.Room{}, errors.Join(errCallerLeft, err) // says nothing about Redis
		}
		return room, err
	})
	p.o.Metrics.called(time.Since(start), room.Wait, err)
	return room, err
}

// away reports whether the breaker refused to ask.
func away(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
}

// changed is told by the breaker, under its lock.
func (p *Pacer) changed(_ string, from, to gobreaker.State) {
	p.o.Metrics.state(to)
	switch {
	case to == gobreaker.StateOpen && from == gobreaker.StateClosed:
		p.o.Log.Warn("redis is away: this node paces its own share; reminders and campaigns wait")
		p.oweAll()
	case to == gobreaker.StateClosed:
		p.o.Log.Info("redis is back: pacing is shared again")
	}
}
