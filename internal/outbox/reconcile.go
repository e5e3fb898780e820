package outbox

import (
	"context"
	"slices"
	"time"

	"valebot/internal/message"
)

// finds is how often an unknown message is looked for before it is given up as
// never taken, and resends how often it may then go again.
const (
	finds   = 2
	resends = 2
)

// sweeper turns expired leases into unknown messages and finds out what became
// of unknown ones. A status callback may do so before it.
func (o *Outbox) sweeper(ctx context.Context) error {
	ticker := time.NewTicker(o.cfg.Sweep)
	defer ticker.Stop()
	for {
		if err := o.Reconcile(ctx); err != nil && ctx.Err() == nil {
			o.cfg.Log.ErrorContext(ctx, "reconcile messages", "err", err)
		}
		if err := o.FallBack(ctx); err != nil && ctx.Err() == nil {
			o.cfg.Log.ErrorContext(ctx, "fall back to sms", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// FallBack has what WhatsApp did not deliver go by SMS, once.
func (o *Outbox) FallBack(ctx context.Context) error {
	n, err := o.store.FallBack(ctx, o.cfg.Now(), o.gates.broken(), o.cfg.Batch)
	if n > 0 {
		o.lost(true) // those that could not go by SMS either
		o.Wake()
	}
	return err
}

// Reconcile looks up the unknown messages whose time has come, once.
func (o *Outbox) Reconcile(ctx context.Context) error {
	lost, err := o.store.Lost(ctx, o.cfg.Now(), time.Now(), o.cfg.Batch, o.cfg.Lease)
	if err != nil || len(lost) == 0 {
		return err
	}
	var failed error
	for _, c := range lost {
		// One at a time: what was found for one is then taken for the next.
		if err := o.store.Settle(ctx, o.cfg.Now(), []Verdict{o.find(ctx, c)}); err != nil {
			failed = err
		}
	}
	o.Wake()
	return failed
}

// find asks the provider whether it has the message.
func (o *Outbox) find(ctx context.Context, c Candidate) Verdict {
	ctx, cancel := context.WithTimeout(ctx, o.cfg.Timeout)
	defer cancel()
	id, err := o.look(ctx, c)
	now := o.cfg.Now()
	v := Verdict{ID: c.ID, State: Unknown, Attempt: c.Attempt, Finds: c.Finds, Reason: "sin respuesta clara del proveedor"}
	switch {
	case err != nil:
		o.cfg.Log.WarnContext(ctx, "look up message", "message", c.ID, "err", err)
		if !now.Before(c.Expires) { // nobody waits for it, and others wait behind it
			v.State, v.Reason = Failed, "no se supo si llegó"
		}
	case id != "":
		v.State, v.ProviderID, v.Reason = Accepted, id, ""
	case c.Finds+1 < finds:
		v.Finds++
	default:
		return giveUp(c, v, now)
	}
	return v
}

// look returns the provider's id of the message, or "" if the provider does not
// have it. An id that belongs to another message is none: two messages may say
// the same.
func (o *Outbox) look(ctx context.Context, c Candidate) (string, error) {
	sent, err := o.sender.Find(ctx, c.Outbound, c.SendingAt.Add(-5*time.Second))
	if err != nil || len(sent) == 0 {
		return "", err
	}
	ids := make([]string, len(sent))
	for i, s := range sent {
		ids[i] = s.ProviderID
	}
	linked, err := o.store.Linked(ctx, ids)
	if err != nil {
		return "", err
	}
	for _, s := range sent {
		if !slices.Contains(linked, s.ProviderID) {
			return s.ProviderID, nil
		}
	}
	return "", nil
}

// giveUp decides about a message that the provider said twice it does not have.
// It goes again while it is of use, a withdrawal code only once: the money
// behind it waits for its owner, who has no other way to learn the code.
//
// A try in which this program stopped is not counted: else an outage of our own
// could spend them all, and the message would be lost.
func giveUp(c Candidate, v Verdict, now time.Time) Verdict {
	if c.Stopped && now.Before(c.Expires) {
		v.State, v.NotBefore, v.Attempt, v.Reason = Queued, now, max(0, c.Attempt-1), "nos detuvimos al mandarlo; se manda otra vez"
		return v
	}
	switch {
	case c.Lane == message.LaneCode && c.Attempt > 1:
		v.State, v.Reason = Failed, "no se supo si llegó; la clave ya se mandó dos veces"
	case c.Attempt > resends, !now.Before(c.Expires):
		v.State, v.Reason = Failed, "no se pudo entregar"
	default:
		v.State, v.NotBefore, v.Reason = Queued, now, "el proveedor no lo recibió; se manda otra vez"
	}
	return v
}
