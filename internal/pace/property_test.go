package pace_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/pace"
)

// grant is one allowed request.
type grant struct {
	at   time.Time
	cost int
}

// play asks at random times for random costs and returns what was granted.
func play(t *rapid.T, b pace.Bucket, maxCost int) []grant {
	var grants []grant
	now := t0
	for range rapid.IntRange(1, 200).Draw(t, "requests") {
		step := rapid.Int64Range(0, 3*int64(b.Emission)).Draw(t, "pause")
		if rapid.IntRange(0, 2).Draw(t, "hurry") > 0 {
			step = 0
		}
		now = now.Add(time.Duration(step))
		b.Cost = rapid.IntRange(1, maxCost).Draw(t, "cost")
		b.Reserve = rapid.SampledFrom([]int{0, 10, 25, 40, 60}).Draw(t, "reserve")
		if ok, _ := ask(&b, now); ok {
			grants = append(grants, grant{now, b.Cost})
		}
	}
	return grants
}

func TestNoWindowHoldsMoreThanBurstAndRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := pace.Bucket{
			Emission: time.Duration(rapid.Int64Range(1, int64(7*time.Second)).Draw(t, "emission")),
			Burst:    rapid.IntRange(1, 50).Draw(t, "burst"),
		}
		grants := play(t, b, b.Burst)
		for i := range grants {
			units := 0
			for _, g := range grants[i:] {
				units += g.cost
				window := g.at.Sub(grants[i].at)
				if over := time.Duration(units-b.Burst) * b.Emission; over > window {
					t.Fatalf("%d units in %s with burst %d and one per %s", units, window, b.Burst, b.Emission)
				}
			}
		}
	})
}

func TestAPromisedWaitIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "buckets")
		buckets := make([]pace.Bucket, n)
		for i := range buckets {
			buckets[i] = pace.Bucket{
				TAT:      t0.Add(time.Duration(rapid.Int64Range(-int64(time.Minute), int64(time.Minute)).Draw(t, "tat"))),
				Emission: time.Duration(rapid.Int64Range(0, int64(7*time.Second)).Draw(t, "emission")),
				Burst:    rapid.IntRange(0, 50).Draw(t, "burst"),
				Cost:     rapid.IntRange(0, 60).Draw(t, "cost"),
				Reserve:  rapid.IntRange(0, 100).Draw(t, "reserve"),
			}
		}
		d := pace.Decide(t0, buckets)
		if d.Allowed != (d.Wait == 0) || d.Allowed != (d.Binding == -1) {
			t.Fatalf("%+v contradicts itself", d)
		}
		if d.Allowed {
			return
		}
		for i, b := range buckets {
			if !d.Next[i].Equal(b.TAT) {
				t.Fatalf("the refusal moved bucket %d", i)
			}
		}
		if early := pace.Decide(t0.Add(d.Wait-1), buckets); early.Allowed {
			t.Fatalf("allowed a nanosecond before %s", d.Wait)
		}
		if then := pace.Decide(t0.Add(d.Wait), buckets); !then.Allowed {
			t.Fatalf("refused after %s for another %s", d.Wait, then.Wait)
		}
	})
}

// A sender that sleeps as told reaches the rate within 1 % and never exceeds it.
func TestTheRateIsReached(t *testing.T) {
	t.Parallel()
	for _, perSecond := range []int{1, 3, 80, 400, 5000, 7000, 33333} {
		b := pace.Bucket{Emission: pace.Per(perSecond, time.Second), Burst: 1, Cost: 1}
		now, granted := t0, 0
		const seconds = 10
		for now.Before(t0.Add(seconds * time.Second)) {
			ok, wait := ask(&b, now)
			if ok {
				granted++
			}
			now = now.Add(wait)
		}
		want := perSecond * seconds
		if granted > want+1 || granted*100 < want*99 {
			t.Errorf("%d/s: %d in %d s, want %d", perSecond, granted, seconds, want)
		}
	}
}

func TestFreezeNeverShortens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := pace.Bucket{
			TAT:      t0.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "tat"))),
			Emission: time.Duration(rapid.Int64Range(1, int64(7*time.Second)).Draw(t, "emission")),
			Burst:    rapid.IntRange(1, 50).Draw(t, "burst"),
			Cost:     1,
		}
		pause := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "pause"))
		before := pace.Decide(t0, []pace.Bucket{b}).Wait
		b.TAT = pace.Freeze(t0, b, pause)
		after := pace.Decide(t0, []pace.Bucket{b}).Wait
		if after < before || after < pause {
			t.Fatalf("frozen for %s: waits %s, waited %s before", pause, after, before)
		}
	})
}

func FuzzDecide(f *testing.F) {
	f.Add(int64(0), int64(time.Second), 1, 1, 0)
	f.Add(int64(-1), int64(-1), -1, -1, -1)
	f.Fuzz(func(t *testing.T, tat, emission int64, burst, cost, reserve int) {
		const year = int64(365 * 24 * time.Hour)
		b := pace.Bucket{
			TAT: t0.Add(time.Duration(tat % year)), Emission: time.Duration(emission % int64(time.Hour)),
			Burst: burst % 1000, Cost: cost % 1000, Reserve: reserve,
		}
		d := pace.Decide(t0, []pace.Bucket{b})
		if d.Wait < 0 || d.Allowed != (d.Wait == 0) || d.Allowed && d.Next[0].Before(b.TAT) {
			t.Fatalf("Decide(%+v) = %+v", b, d)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	buckets := []pace.Bucket{
		{TAT: t0, Emission: time.Millisecond, Burst: 100, Cost: 1},
		{TAT: t0, Emission: 12 * time.Millisecond, Burst: 80, Cost: 1, Reserve: 25},
		{TAT: t0, Emission: 6 * time.Second, Burst: 45, Cost: 1},
	}
	b.ReportAllocs()
	for b.Loop() {
		pace.Decide(t0, buckets)
	}
}
