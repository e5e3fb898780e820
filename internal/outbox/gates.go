package outbox

import (
	"sync"
	"time"

	"valebot/internal/message"
)

// gates remember which queues need not be looked at for now: those whose sender
// has no room, and those whose provider is not to be troubled. They save
// questions, and lose nothing when they are lost. They go by the real clock.
type gates struct {
	mu       sync.Mutex
	until    map[Head]time.Time
	breakers map[message.Channel]*breaker
	pairs    map[string]time.Time // until when contacts rest whom the provider wants us to write to more slowly
}

func newGates() *gates {
	return &gates{until: map[Head]time.Time{}, breakers: map[message.Channel]*breaker{}, pairs: map[string]time.Time{}}
}

// open lists the queues to look at, and for how long the first of the others
// stays closed; 0 if none is.
func (g *gates) open(now time.Time) (heads []Head, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range Heads() {
		left := g.until[h].Sub(now)
		if b := g.breakers[h.Channel]; b != nil {
			left = max(left, b.closedFor(now))
		}
		switch {
		case left <= 0:
			heads = append(heads, h)
		case wait == 0 || left < wait:
			wait = left
		}
	}
	return heads, wait
}

// next is when the first queue opens that was closed at an instant; zero if all
// were open.
func (g *gates) next(at time.Time) time.Time {
	if _, wait := g.open(at); wait > 0 {
		return at.Add(wait)
	}
	return time.Time{}
}

// shut closes a queue and the less urgent ones of its channel, which may use
// less of the sender's room, for a while.
func (g *gates) shut(h Head, now time.Time, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for ; h.Lane <= message.LaneCampaign; h.Lane++ {
		if at := now.Add(wait); at.After(g.until[h]) {
			g.until[h] = at
		}
	}
}

// isShut reports whether a queue was closed while its messages were decided on.
func (g *gates) isShut(h Head, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until[h].After(now)
}

// admit asks the breaker of a channel whether one more message may go to its
// provider.
func (g *gates) admit(ch message.Channel, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.breakers[ch]
	return b == nil || b.admit(now)
}

// result tells the breaker of a channel how a hand-over ended, and reports
// whether that opened or closed it.
func (g *gates) result(ch message.Channel, class message.Class, now time.Time) (opened, closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.breakers[ch]
	if b == nil {
		b = &breaker{}
		g.breakers[ch] = b
	}
	was := b.tripped()
	b.result(class, now)
	return !was && b.tripped(), was && !b.tripped()
}

// broken lists the channels whose breaker is open.
func (g *gates) broken() (channels []message.Channel) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, ch := range []message.Channel{message.SMS, message.WhatsApp} {
		if b := g.breakers[ch]; b != nil && b.tripped() {
			channels = append(channels, ch)
		}
	}
	return channels
}

const (
	breakerTrips = 5                // failures in a row that open a breaker
	breakerRest  = 10 * time.Second // how long it then stays open, twice as long after each failed probe
	breakerMost  = 2 * time.Minute
)

// breaker keeps messages from a provider that takes none: after some failures in
// a row that are the provider's or our account's, nothing goes for a while, then
// one message as a probe. What is the recipient's business (a full phone, a
// number that does not exist, somebody who left) does not count.
type breaker struct {
	failures int
	rest     time.Duration // of the last opening
	until    time.Time     // open until then; zero if closed
	probe    time.Time     // when the probe went; zero if none is under way
}

// patience is how long a probe may take before the next one goes.
const patience = time.Minute

// closedFor is how long nothing may go.
func (b *breaker) closedFor(now time.Time) time.Duration {
	switch {
	case b.until.IsZero():
		return 0
	case !b.probe.IsZero():
		return max(0, b.probe.Add(patience).Sub(now))
	}
	return max(0, b.until.Sub(now))
}

// tripped reports whether the provider is known not to take messages.
func (b *breaker) tripped() bool { return !b.until.IsZero() }

// admit lets a message through; of an open breaker whose rest is over, one.
func (b *breaker) admit(now time.Time) bool {
	if b.until.IsZero() {
		return true
	}
	if b.closedFor(now) > 0 {
		return false
	}
	b.probe = now
	return true
}

// result counts how a hand-over ended; class is "" for one that was taken.
func (b *breaker) result(class message.Class, now time.Time) {
	probing := !b.probe.IsZero()
	b.probe = time.Time{}
	if class != message.Ambiguous && class != message.Config {
		*b = breaker{}
		return
	}
	b.failures++
	switch {
	case probing:
		b.rest = min(2*b.rest, breakerMost)
	case b.until.IsZero() && b.failures >= breakerTrips:
		b.rest = breakerRest
	default:
		return
	}
	b.until = now.Add(b.rest)
}
