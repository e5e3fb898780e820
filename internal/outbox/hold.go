package outbox

import (
	"context"
	"time"

	"valebot/internal/message"
)

// holdOf says who waits besides the message after a failed hand-over. A provider
// that asks to wait without a word for whom means the sender.
func holdOf(err error) message.Hold {
	e, ok := asSendError(err)
	switch {
	case ok && e.Hold != message.HoldNobody:
		return e.Hold
	case message.ClassOf(err) == message.Safe:
		return message.HoldSender
	}
	return message.HoldNobody
}

// held makes those wait for whom the provider said it. What is wrong with our
// account is the breaker's business.
func (o *Outbox) held(ctx context.Context, c Candidate, err error) {
	class, after := message.ClassOf(err), time.Duration(0)
	if e, ok := asSendError(err); ok {
		after = e.RetryAfter
	}
	switch hold := holdOf(err); {
	case class != message.Safe && class != message.Defer:
	case hold == message.HoldPair:
		o.gates.hold(pairOf(c.To), time.Now(), max(after, pairPause(c.Attempt)))
	case hold == message.HoldSender:
		o.pacer.Freeze(ctx, c, max(after, backoff(c.Attempt)))
	}
}

// pairOf names the pair of our sender and a contact on one channel.
func pairOf(to message.Address) string { return string(to.Channel) + "|" + to.Key() }

// pairPause is how long a pair rests after the provider refused a message for its
// rate: six seconds, what one message to a person costs at WhatsApp, and four
// times as long after each further refusal, up to half an hour (Cloud API, error
// 131056). attempt counts from 1.
func pairPause(attempt int) time.Duration {
	const one, most = 6 * time.Second, 30 * time.Minute
	return min(one<<(2*min(max(attempt-1, 0), 6)), most)
}

// hold makes a pair rest. Nothing shortens a rest.
func (g *gates) hold(pair string, now time.Time, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.pairs) >= maxPairs {
		for key, until := range g.pairs {
			if !until.After(now) {
				delete(g.pairs, key)
			}
		}
	}
	if until := now.Add(pause); until.After(g.pairs[pair]) {
		g.pairs[pair] = until
	}
}

// resting is how long a pair still rests; 0 if it does not.
func (g *gates) resting(pair string, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	until, ok := g.pairs[pair]
	if !ok {
		return 0
	}
	if !until.After(now) {
		delete(g.pairs, pair)
		return 0
	}
	return until.Sub(now)
}

// slowed freezes the senders that statuses say are too fast. Their rate is only
// known by channel, which the store knows of a message.
func (o *Outbox) slowed(ctx context.Context, statuses []message.Status) error {
	var fast []message.Status
	for _, s := range statuses {
		if s.Rank == message.RankFailed && s.Class == message.Defer && s.Hold == message.HoldSender {
			fast = append(fast, s)
		}
	}
	if len(fast) == 0 {
		return nil
	}
	channels, err := o.store.ChannelsOf(ctx, fast)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		o.pacer.Freeze(ctx, Candidate{Outbound: message.Outbound{To: message.Address{Channel: ch}}}, time.Minute)
	}
	return nil
}
