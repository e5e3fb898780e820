package outbox

import (
	"context"
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
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Reconcile looks up the unknown messages whose time has come, once.
func (o *Outbox) Reconcile(ctx context.Context) error {
	lost, err := o.store.Lost(ctx, o.cfg.Now(), time.Now(), o.cfg.Batch, o.cfg.Lease)
	if err != nil || len(lost) == 0 {
		return err
	}
	verdicts := make([]Verdict, 0, len(lost))
	for _, c := range lost {
		verdicts = append(verdicts, o.find(ctx, c))
	}
	if err := o.store.Settle(ctx, o.cfg.Now(), verdicts); err != nil {
		return err
	}
	o.Wake()
	return nil
}

// find asks the provider whether it has the message.
func (o *Outbox) find(ctx context.Context, c Candidate) Verdict {
	ctx, cancel := context.WithTimeout(ctx, o.cfg.Timeout)
	defer cancel()
	sent, err := o.sender.Find(ctx, c.Outbound, c.SendingAt.Add(-5*time.Second))
	now := o.cfg.Now()
	v := Verdict{ID: c.ID, State: Unknown, Attempt: c.Attempt, Finds: c.Finds, Reason: "sin respuesta clara del proveedor"}
	switch {
	case err != nil:
		o.cfg.Log.WarnContext(ctx, "look up message", "message", c.ID, "err", err)
	case len(sent) > 0:
		v.State, v.ProviderID, v.Reason = Accepted, sent[len(sent)-1].ProviderID, ""
	case c.Finds+1 < finds:
		v.Finds++
	default:
		return giveUp(c, v, now)
	}
	return v
}

// giveUp decides about a message that the provider does not have. A code is not
// sent again: its owner asks for another. Nor is what has been tried enough.
func giveUp(c Candidate, v Verdict, now time.Time) Verdict {
	switch {
	case c.Lane == message.LaneCode:
		v.State, v.Reason = Failed, "no se supo si llegó; la clave no se repite"
	case c.Attempt > resends, !now.Before(c.Expires):
		v.State, v.Reason = Failed, "no se pudo entregar"
	default:
		v.State, v.NotBefore, v.Reason = Queued, now, "el proveedor no lo recibió; se manda otra vez"
	}
	return v
}
