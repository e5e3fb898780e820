package pace

import "time"

// Throttle is how far a rate has given way to a provider that said "too many":
// it is halved each time and comes back bit by bit (additive increase,
// multiplicative decrease). The zero value is the whole rate.
type Throttle struct {
	Percent int       // of the rate, 10 to 100, at Since; 0 stands for 100
	Since   time.Time // when it was last halved
}

const (
	throttleFloor = 10 // percent that are always left
	throttleStep  = 5  // percent that come back each minute
)

// At is how many percent of the rate may be used now, 10 to 100.
func (t Throttle) At(now time.Time) int {
	if t.Percent == 0 {
		return 100
	}
	minutes := max(0, int(now.Sub(t.Since)/time.Minute))
	return min(100, t.Percent+throttleStep*min(minutes, 100))
}

// Halve gives way once more.
func (t Throttle) Halve(now time.Time) Throttle {
	return Throttle{Percent: max(throttleFloor, t.At(now)/2), Since: now}
}

// Slow is how long something takes at a part of its rate, rounded up to whole
// microseconds so that the rate is never exceeded and all nodes reckon alike. At
// the whole rate it stays as it is.
func Slow(d time.Duration, percent int) time.Duration {
	if percent >= 100 {
		return d
	}
	p := time.Duration(max(1, percent))
	return ((d*100+p-1)/p + time.Microsecond - 1).Truncate(time.Microsecond)
}
