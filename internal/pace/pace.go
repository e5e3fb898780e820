// Package pace decides whether something may happen now or how long it must
// wait, for several rate limits at once. It is the generic cell rate algorithm
// (GCRA) as arithmetic: no store, no clock, no lock.
//
// A limit is a bucket whose whole state is one time, the theoretical arrival
// time (TAT): when the bucket will be full again if nothing more happens. The
// zero time is a bucket that was never used. Whoever keeps the buckets must
// read, decide and write them in one step; two decisions on the same state grant
// the same room twice.
//
// A limit of one per Emission with a burst of Burst lets through, in any window
// of length w, at most Burst + w/Emission units, rounded up.
package pace

import "time"

// Bucket is one limit and what is asked of it.
type Bucket struct {
	TAT      time.Time     // state as stored; the zero time if never used
	Emission time.Duration // time that one unit takes at the limit; 0 or less means no limit
	Burst    int           // units that may go at once after a pause; at least 1
	Cost     int           // units asked for now, such as SMS segments; 0 asks only whether the bucket is open
	Reserve  int           // percent of Burst, 0 to 100, that this request must leave for more urgent ones
	Percent  int           // of the rate that may be used, 1 to 100; 0 stands for 100. Each unit then fills more of the same bucket
}

// Decision is the answer for all buckets together.
type Decision struct {
	Allowed bool
	Wait    time.Duration // until the same request would pass, if nothing else takes room; 0 if allowed
	Binding int           // index of the bucket that makes it wait the longest; -1 if allowed
	Next    []time.Time   // states to store, one a bucket; on refusal they are the states given
}

// Decide grants a request in all buckets or in none: a refusal consumes nothing,
// so that a full limit of one recipient costs the sender's limit nothing. No
// buckets mean no limit.
//
// A request that costs more than a bucket's burst (or than what its reserve
// leaves) passes when the bucket is full, and then delays what follows by its
// whole cost; otherwise a long message could never be sent on a slow sender.
func Decide(now time.Time, buckets []Bucket) Decision {
	d := Decision{Allowed: true, Binding: -1, Next: make([]time.Time, len(buckets))}
	for i, b := range buckets {
		next, wait := b.take(now)
		d.Next[i] = next
		if wait > d.Wait {
			d.Allowed, d.Wait, d.Binding = false, wait, i
		}
	}
	if !d.Allowed {
		for i, b := range buckets {
			d.Next[i] = b.TAT
		}
	}
	return d
}

// take returns the state after granting the request, and how long it would have
// to wait first.
func (b Bucket) take(now time.Time) (next time.Time, wait time.Duration) {
	if b.Emission <= 0 {
		return b.TAT, 0
	}
	start := b.TAT
	if start.Before(now) {
		start = now
	}
	cost := time.Duration(max(0, b.Cost)) * b.Emission
	if b.Percent > 0 {
		cost = Slow(cost, b.Percent)
	}
	next = start.Add(cost)
	return next, max(0, next.Add(-b.tolerance(cost)).Sub(now))
}

// tolerance is how far the TAT may run ahead of the clock: the burst less the
// reserve, but never less than the request itself.
func (b Bucket) tolerance(cost time.Duration) time.Duration {
	burst := time.Duration(max(1, b.Burst)) * b.Emission
	reserved := burst / 100 * time.Duration(min(100, max(0, b.Reserve))) // division first: no overflow
	return max(cost, burst-reserved)
}

// Freeze returns the state that lets nothing through for the given time and then
// goes on at the bare rate, without a burst: the answer to a provider that said
// "too many". It never shortens an earlier freeze. A bucket without a limit
// cannot be frozen.
func Freeze(now time.Time, b Bucket, pause time.Duration) time.Time {
	if b.Emission <= 0 {
		return b.TAT
	}
	tat := now.Add(pause).Add(time.Duration(max(1, b.Burst)-1) * b.Emission)
	if tat.Before(b.TAT) {
		return b.TAT
	}
	return tat
}

// Per returns the emission of n units in each d, rounded up to the nanosecond so
// that the limit is never exceeded. It is 0, which means no limit, if n or d is
// not positive.
func Per(n int, d time.Duration) time.Duration {
	if n <= 0 || d <= 0 {
		return 0
	}
	return (d + time.Duration(n) - 1) / time.Duration(n)
}
