package life

import (
	"context"
	"fmt"
	"sync"
	"time"

	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// wait lets some hours pass.
func (b *business) wait(context.Context) error {
	b.now = b.now.Add(time.Duration(1+b.some(400)) * time.Minute)
	return nil
}

// newDay lets a day or more pass and does what begins with a day: every loan is
// brought up to it, late relaciones are noted, and cortes are made. Days in
// between are closed too, or missed. It may be broken off and gone on with, or
// done by two nodes at once.
func (b *business) newDay(ctx context.Context) error {
	days := 1
	if b.odds(50) {
		days += b.some(6)
	}
	for i := range days {
		b.now = b.today().AddDays(1).At(5+b.some(4), b.some(60), quincena.Central()).UTC()
		if i < days-1 && b.odds(40) {
			continue // nobody closed that day
		}
		if err := b.beginDay(ctx); err != nil {
			return fmt.Errorf("begin %s: %w", b.today(), err)
		}
	}
	return nil
}

func (b *business) beginDay(ctx context.Context) error {
	b.Report.Acts++
	b.Report.Days++
	b.Report.Today = b.today()
	b.said[b.Report.Acts%len(b.said)] = fmt.Sprintf("%d %s begins", b.Report.Acts, b.today())
	switch n := b.some(10); {
	case n < 3:
		return b.brokenDay(ctx)
	case n < 5:
		return b.sharedDay(ctx)
	}
	return b.wholeDay(ctx, b.nodes[b.some(2)])
}

func (b *business) wholeDay(ctx context.Context, n *node) error {
	p, err := n.closeDay(ctx, b.today())
	if err != nil {
		return err
	}
	if p.Failed > 0 || p.Finished.IsZero() {
		return fmt.Errorf("the close left %d loans: %+v", p.Failed, p)
	}
	return n.cut(ctx, b.today())
}

// brokenDay cuts the connection somewhere in the day's work, some times over,
// and has the other node go on.
func (b *business) brokenDay(ctx context.Context) error {
	for range 1 + b.some(3) {
		n := b.nodes[b.some(2)]
		n.wire.arm(1+b.some(60), b.odds(50))
		_, err := n.closeDay(ctx, b.today())
		if err == nil {
			err = n.cut(ctx, b.today())
		}
		n.wire.arm(0, false)
		if err != nil && fault.KindOf(err) != fault.Unavailable && fault.CodeOf(err) != "stale" {
			return err
		}
		if err != nil {
			b.Report.Cuts++
		}
	}
	return b.wholeDay(ctx, b.nodes[b.some(2)])
}

// sharedDay has both nodes begin the day at once. One may lose a race for a
// corte, which the next look makes up for.
func (b *business) sharedDay(ctx context.Context) error {
	b.Report.Races++
	var errs [2]error
	var group sync.WaitGroup
	for i, n := range b.nodes {
		group.Go(func() {
			if _, errs[i] = n.closeDay(ctx, b.today()); errs[i] == nil {
				errs[i] = n.cut(ctx, b.today())
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return b.wholeDay(ctx, b.nodes[0])
}

// rush is what happens at noon of a payday: many pay at once, on both nodes,
// while distributors authorise and the day is still being closed.
func (b *business) rush(ctx context.Context) error {
	var orders []order
	for range 3 + b.some(5) {
		c, err := b.someLoan(ctx, loan.LoanActive)
		if err != nil {
			break
		}
		d := received{source: "stp", reference: fmt.Sprintf("T%d", b.next()), amount: max(1, c.Position.NextAmount)}
		orders = append(orders, order{name: "payment.post", actor: "rail:stp", with: map[string]any{
			"source": d.source, "reference": d.reference, "account": c.Folio, "amount": d.amount, "value_date": b.today(),
		}})
	}
	if len(orders) == 0 {
		return errNothing
	}
	return b.together(ctx, orders)
}

// together runs orders at once, each on both nodes, beside a close of the day.
func (b *business) together(ctx context.Context, orders []order) error {
	var group sync.WaitGroup
	took, errs := make([]bool, 2*len(orders)), make([]error, 2*len(orders)+1)
	first := b.Report.Acts
	for i := range took {
		o, n := orders[i/2], b.nodes[i%2]
		group.Go(func() {
			r, err := n.run(ctx, o, fmt.Sprintf("life:%d", first+i/2+1))
			took[i] = err == nil && (r.Outcome == "ok" || r.Outcome == "unmatched")
			if errs[i] = err; err != nil && fault.KindOf(err) != fault.Internal && fault.KindOf(err) != fault.Unavailable {
				errs[i] = nil
			}
		})
	}
	group.Go(func() { _, errs[len(took)] = b.nodes[0].closeDay(ctx, b.today()) })
	group.Wait()
	b.Report.Acts += len(orders)
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	for i := 0; i < len(took); i += 2 {
		if took[i] && took[i+1] {
			return fmt.Errorf("two nodes both took the deposit %v", orders[i/2].with)
		}
		if took[i] || took[i+1] {
			b.done++
			b.Report.Payments++
			with := orders[i/2].with
			d := received{source: "stp", reference: with["reference"].(string), amount: with["amount"].(money.Amount)}
			b.cash += d.amount
			b.keys = keep(b.keys, d, 400)
		}
	}
	return nil
}
