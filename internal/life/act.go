package life

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

// Of a hundred acts so many meet with a cut connection, and so many are done by
// two nodes at once.
const cutOdds, raceOdds = 10, 6

// farthest is how many pieces into an act a connection may be cut. Most acts
// take fewer, so that some cuts come too late to matter.
const farthest = 9

// act has somebody ask for an order and returns what came of it in the end: cut
// connections are tried again, as a rail, a phone or an agent would. ok is false
// if the lender refused. The error is a finding.
func (b *business) act(ctx context.Context, o order) (result lending.Result, ok bool, err error) {
	b.Report.Acts++
	cause := fmt.Sprintf("life:%d", b.Report.Acts)
	switch n := b.some(100); {
	case n < cutOdds:
		result, err = b.cut(ctx, o, cause)
	case n < cutOdds+raceOdds:
		result, err = b.race(ctx, o, cause)
	default:
		result, err = b.nodes[b.some(2)].run(ctx, o, cause)
	}
	b.note(o, result, err)
	if err == nil {
		b.done++
		return result, true, nil
	}
	if kind := fault.KindOf(err); kind == fault.Internal || kind == fault.Unavailable {
		return result, false, err
	}
	b.Report.Refused++
	return result, false, nil
}

// cut runs an order on a connection that is cut somewhere, and again until it is
// answered.
func (b *business) cut(ctx context.Context, o order, cause string) (lending.Result, error) {
	n, other := b.nodes[b.some(2)], b.nodes[b.some(2)]
	n.wire.arm(1+b.some(farthest), b.odds(50))
	result, err := n.run(ctx, o, cause)
	n.wire.arm(0, false)
	for fault.KindOf(err) == fault.Unavailable && ctx.Err() == nil {
		b.Report.Cuts++
		result, err = other.run(ctx, o, cause)
	}
	return result, err
}

// race runs an order on both nodes at once. What the winner was told counts; if
// only one was told anything but a refusal, that.
func (b *business) race(ctx context.Context, o order, cause string) (lending.Result, error) {
	b.Report.Races++
	var results [2]lending.Result
	var errs [2]error
	var group sync.WaitGroup
	var first atomic.Int32
	for i, n := range b.nodes {
		group.Go(func() {
			results[i], errs[i] = n.run(ctx, o, cause)
			if errs[i] == nil && won(results[i]) {
				first.CompareAndSwap(0, int32(i)+1)
			}
		})
	}
	group.Wait()
	for i, err := range errs {
		if fault.KindOf(err) == fault.Internal && err != nil {
			return results[i], err
		}
	}
	if i := first.Load(); i > 0 {
		return results[i-1], nil
	}
	if errs[0] == nil {
		return results[0], nil
	}
	return results[1], errs[1]
}

// won reports whether an outcome says that the act did something.
func won(r lending.Result) bool {
	switch r.Outcome {
	case "repeated", "duplicate", "already_accepted", "unchanged", "error", "nothing":
		return false
	}
	return true
}

// note remembers an act for whoever reads a finding, and counts it.
func (b *business) note(o order, r lending.Result, err error) {
	outcome := r.Outcome
	switch {
	case err != nil:
		outcome = fault.CodeOf(err)
	case r.Deferred:
		outcome = "deferred"
	}
	b.Report.Outcomes[o.name+" "+outcome]++
	b.said[b.Report.Acts%len(b.said)] = fmt.Sprintf("%d %s %s %v: %s %v", b.Report.Acts, b.now.Format("2006-01-02 15:04"), o.name, o.with, outcome, r.Value)
}

// latest lists the acts before a finding, oldest first.
func (b *business) latest() string {
	var text strings.Builder
	for i := range b.said {
		if line := b.said[(b.Report.Acts+1+i)%len(b.said)]; line != "" {
			text.WriteString("  " + line + "\n")
		}
	}
	return text.String()
}

// deed is something that happens in the life of a lender, so often.
type deed struct {
	weight int
	do     func(*business, context.Context) error
}

func deeds() []deed {
	return []deed{
		{3, (*business).newPerson}, {2, (*business).newDistributor}, {8, (*business).lend}, {8, (*business).authorise}, {8, (*business).answer},
		{10, (*business).payOut}, {12, (*business).hearRail}, {30, (*business).pay}, {6, (*business).payRelacion}, {2, (*business).reverseRelacion},
		{4, (*business).reverse}, {3, (*business).stray}, {3, (*business).settleStray}, {5, (*business).correct}, {5, (*business).decide},
		{2, (*business).useCredit}, {3, (*business).promise}, {2, (*business).replan}, {3, (*business).changeDistributor}, {3, (*business).changePerson},
		{2, (*business).merge}, {1, (*business).takeOver}, {6, (*business).wait}, {6, (*business).newDay}, {2, (*business).rush},
	}
}

// step does one deed. One that finds nothing to do is passed over.
func (b *business) step(ctx context.Context) error {
	all := deeds()
	total := 0
	for _, d := range all {
		total += d.weight
	}
	at := b.some(total)
	for _, d := range all {
		if at -= d.weight; at < 0 {
			if err := d.do(b, ctx); err != nil && err != errNothing {
				return err
			}
			return nil
		}
	}
	return nil
}
