package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/pace"
)

// Run sends until ctx ends. Messages already marked as being sent are then still
// handed over and settled, so that a planned stop leaves nothing unknown.
func (o *Outbox) Run(ctx context.Context) error {
	var g, workers errgroup.Group
	kept := o.cfg.Workers / keptShare
	for i := range o.cfg.Workers {
		workers.Go(func() error { return o.worker(ctx, i < kept) })
	}
	g.Go(func() error {
		defer close(o.done)
		return workers.Wait()
	})
	g.Go(func() error {
		defer close(o.urgent)
		defer close(o.work)
		return o.dispatcher(ctx)
	})
	g.Go(func() error { return o.settler(ctx) })
	g.Go(func() error { return o.sweeper(ctx) })
	return g.Wait()
}

// dispatcher takes due messages and hands them to the workers. Nobody else asks
// the pacer, so a refused token costs one call, not one per worker.
func (o *Outbox) dispatcher(ctx context.Context) error {
	for {
		wait, err := o.dispatch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			o.cfg.Log.ErrorContext(ctx, "dispatch messages", "err", err)
			wait = time.Second
		}
		if wait == 0 {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-o.wake:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// dispatch takes one batch and returns how long to wait before the next look.
func (o *Outbox) dispatch(ctx context.Context) (time.Duration, error) {
	var taken []Candidate
	var gone bool
	now, wall := o.cfg.Now(), time.Now()
	heads, shut := o.gates.open(wall)
	heads, room := o.room(heads)
	if room == 0 {
		return time.Millisecond, nil
	}
	if len(heads) == 0 {
		return shut, nil
	}
	// A stop in the middle of the commit would leave it open whether messages
	// are marked as being sent; the commit is therefore waited for.
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.cfg.Timeout)
	defer cancel()
	until := wall.Add(o.cfg.Lease)
	moved := 0
	_, err := o.store.Dispatch(whole, now, heads, room, o.cfg.Lease, func(cs []Candidate) []Verdict {
		verdicts := o.decideAll(whole, cs, now)
		taken, gone, moved = sendable(cs, verdicts), anyLost(verdicts), len(verdicts)
		return verdicts
	})
	if err != nil {
		return 0, err
	}
	o.lost(gone)
	for _, c := range taken {
		o.lineFor(c.Lane) <- parcel{c, until}
	}
	if moved > 0 {
		time.Sleep(pace.Rest(moved)) // while many come, the next batch is to be large too
		return 0, nil
	}
	wait, err := o.idle(ctx, now)
	if next := o.gates.next(wall); !next.IsZero() { // it may have opened while we looked elsewhere
		wait = max(0, min(wait, time.Until(next)))
	}
	return wait, err
}

// idle is how long nothing will become due, bounded by the sweep.
func (o *Outbox) idle(ctx context.Context, now time.Time) (time.Duration, error) {
	due, ok, err := o.store.NextDue(ctx, now)
	if err != nil || !ok || !due.After(now) {
		return o.cfg.Sweep, err
	}
	return min(due.Sub(now), o.cfg.Sweep), nil
}

// decideAll decides on a batch: first whether each may go at all, then which of
// them have room now. A message whose sender has no room gets no verdict: it
// stays as it is, and so do those behind it, without a question.
func (o *Outbox) decideAll(ctx context.Context, cs []Candidate, now time.Time) (verdicts []Verdict) {
	for i := range cs {
		c := &cs[i]
		head := Head{c.To.Channel, c.Lane}
		if o.gates.isShut(head, time.Now()) {
			continue
		}
		v := decide(*c, now, o.cfg.policy())
		if rest := o.gates.resting(pairOf(c.To), time.Now()); v.State == Sending && rest > 0 {
			v = waits(*c, now.Add(rest))
		}
		if v.State == Sending {
			if !o.gates.admit(c.To.Channel, time.Now()) {
				continue
			}
			room := o.pacer.Take(ctx, *c)
			if wait := max(room.Wait, room.Next); wait > 0 && !room.Pair {
				o.gates.shut(head, time.Now(), wait)
			}
			switch {
			case room.Pair:
				v = waits(*c, now.Add(room.Wait))
			case room.Wait > 0:
				continue
			default:
				c.Attempt, c.Validity = v.Attempt, c.Expires.Sub(now)
			}
		}
		o.cfg.Metrics.decided(c.Lane, v.State)
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// waits puts a message off because its contact has to wait.
func waits(c Candidate, until time.Time) Verdict {
	return Verdict{ID: c.ID, State: Queued, NotBefore: until, Attempt: c.Attempt, Reason: "espera su turno"}
}

// sendable returns the candidates that are to be sent. The verdicts are in the
// candidates' order, but some may have none.
func sendable(cs []Candidate, verdicts []Verdict) []Candidate {
	var out []Candidate
	for _, c := range cs {
		if len(verdicts) == 0 || verdicts[0].ID != c.ID {
			continue
		}
		if verdicts[0].State == Sending {
			out = append(out, c)
		}
		verdicts = verdicts[1:]
	}
	return out
}

// keptShare says of how many workers one is kept for codes and replies, so that
// these find one free while a slow provider holds all the others.
const keptShare = 8

// lineFor is where messages of a lane wait for a worker.
func (o *Outbox) lineFor(lane message.Lane) chan parcel {
	if lane <= message.LaneReply {
		return o.urgent
	}
	return o.work
}

// room is how many messages may be taken, of which queues. While the workers are
// behind with what can wait, codes and replies are taken all the same.
func (o *Outbox) room(heads []Head) ([]Head, int) {
	urgent, rest := cap(o.urgent)-len(o.urgent), cap(o.work)-len(o.work)
	if rest < cap(o.work)/2 {
		heads = slices.DeleteFunc(heads, func(h Head) bool { return h.Lane > message.LaneReply })
		return heads, urgent
	}
	return heads, min(urgent, rest)
}

// worker hands messages to the provider, one at a time, the urgent ones first.
func (o *Outbox) worker(ctx context.Context, urgentOnly bool) error {
	urgent, rest := o.urgent, o.work
	if urgentOnly {
		rest = nil
	}
	for urgent != nil || rest != nil {
		p, open, from := next(urgent, rest)
		switch {
		case open && time.Now().Add(o.cfg.Timeout).After(p.until):
			o.done <- late(p.Candidate, o.cfg.Now())
		case open:
			o.done <- o.hand(ctx, p.Candidate)
		case from == urgent:
			urgent = nil
		default:
			rest = nil
		}
	}
	return nil
}

// next waits for a message, an urgent one if there is any.
func next(urgent, rest chan parcel) (p parcel, open bool, from chan parcel) {
	select {
	case p, open = <-urgent:
		return p, open, urgent
	default:
	}
	select {
	case p, open = <-urgent:
		return p, open, urgent
	case p, open = <-rest:
		return p, open, rest
	}
}

// parcel is a message on its way to a worker, and until when we hold it.
type parcel struct {
	Candidate
	until time.Time
}

// late puts a message back that waited for a worker until its lease could run
// out during the hand-over: somebody else might then send it too.
func late(c Candidate, now time.Time) Verdict {
	return Verdict{ID: c.ID, State: Queued, NotBefore: now, Attempt: c.Attempt - 1, Reason: "espera su turno"}
}

// hand gives one message to the provider. The hand-over outlives a shutdown of
// the program by its own time limit, so that its result is not lost.
func (o *Outbox) hand(ctx context.Context, c Candidate) Verdict {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.cfg.Timeout)
	defer cancel()
	start := time.Now()
	id, err := o.sender.Send(ctx, c.Outbound)
	o.cfg.Metrics.handed(c.Lane, time.Since(start), err)
	o.judged(ctx, c.To.Channel, err)
	if err == nil {
		return Verdict{ID: c.ID, State: Accepted, ProviderID: id, Attempt: c.Attempt, Lane: c.Lane}
	}
	v := judge(c, err, o.cfg.Now())
	o.held(ctx, c, err)
	o.cfg.Log.WarnContext(ctx, "message not handed over", "message", c.ID, "lane", c.Lane.String(), "to", c.To, "state", string(v.State), "err", err)
	return v
}

// judged tells the channel's breaker how a hand-over ended.
func (o *Outbox) judged(ctx context.Context, ch message.Channel, err error) {
	class := message.Class("")
	if err != nil {
		class = message.ClassOf(err)
	}
	opened, closed := o.gates.result(ch, class, time.Now())
	if opened {
		o.cfg.Log.ErrorContext(ctx, "provider takes no messages: the channel rests", "channel", string(ch), "class", string(class), "err", err)
	}
	if closed {
		o.cfg.Log.InfoContext(ctx, "provider takes messages again", "channel", string(ch))
		o.Wake()
	}
	if opened || closed {
		o.cfg.Metrics.broken(o.gates.broken())
	}
}

// settler commits results as they come, many at a time when they come fast.
func (o *Outbox) settler(ctx context.Context) error {
	for v := range o.done {
		batch := o.gather([]Verdict{v})
		o.settle(ctx, batch)
		time.Sleep(pace.Rest(len(batch)))
	}
	return nil
}

// gather adds what else is ready, without waiting.
func (o *Outbox) gather(batch []Verdict) []Verdict {
	for len(batch) < o.cfg.Batch {
		select {
		case v, open := <-o.done:
			if !open {
				return batch
			}
			batch = append(batch, v)
		default:
			return batch
		}
	}
	return batch
}

// settle commits results and tries on while the database is away: a result that
// is lost turns its message into an unknown one.
func (o *Outbox) settle(ctx context.Context, batch []Verdict) {
	slices.SortFunc(batch, func(a, b Verdict) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := o.store.Settle(context.WithoutCancel(ctx), o.cfg.Now(), batch)
		if err == nil {
			o.Wake() // the next message of these contacts may go now
			o.noticed(batch)
			o.lost(anyLost(batch))
			return
		}
		o.cfg.Log.ErrorContext(ctx, "settle messages", "count", len(batch), "err", err)
		if fault.KindOf(err) != fault.Unavailable {
			batch = o.apart(ctx, batch)
		}
		if ctx.Err() != nil || len(batch) == 0 {
			return // the leases run out and the messages are looked up
		}
		time.Sleep(wait)
	}
}

// noticed tells of the notices among settled results that a provider has taken.
func (o *Outbox) noticed(batch []Verdict) {
	if o.cfg.Noticed == nil {
		return
	}
	var ids []uuid.UUID
	for _, v := range batch {
		if v.State == Accepted && v.Lane == message.LaneNotice {
			ids = append(ids, v.ID)
		}
	}
	if len(ids) > 0 {
		o.cfg.Noticed(ids)
	}
}

// anyLost reports whether one of the verdicts gives a message up.
func anyLost(verdicts []Verdict) bool {
	return slices.ContainsFunc(verdicts, func(v Verdict) bool {
		return v.State == Failed || v.State == Expired || v.State == Suppressed
	})
}

// lost tells whoever wants to know that messages were given up, if any were.
func (o *Outbox) lost(any bool) {
	if any && o.cfg.Lost != nil {
		o.cfg.Lost()
	}
}

// apart settles results one by one, so that one that the database refuses does
// not hold up the others, and returns those to be tried again. The lease of a
// refused one runs out, and the message is then looked up.
func (o *Outbox) apart(ctx context.Context, batch []Verdict) (again []Verdict) {
	for _, v := range batch {
		err := o.store.Settle(context.WithoutCancel(ctx), o.cfg.Now(), []Verdict{v})
		switch {
		case err == nil:
		case fault.KindOf(err) == fault.Unavailable:
			again = append(again, v)
		default:
			o.cfg.Log.ErrorContext(ctx, "settle message", "message", v.ID, "state", string(v.State), "err", err)
		}
	}
	o.Wake()
	return again
}

func asSendError(err error) (*message.SendError, bool) {
	var e *message.SendError
	ok := errors.As(err, &e)
	return e, ok
}
