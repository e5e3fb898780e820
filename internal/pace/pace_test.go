package pace_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/pace"
)

var t0 = time.Date(2026, time.August, 31, 15, 0, 0, 0, time.UTC)

// ask decides on a copy of the bucket and stores the answer in it.
func ask(b *pace.Bucket, now time.Time) (bool, time.Duration) {
	d := pace.Decide(now, []pace.Bucket{*b})
	b.TAT = d.Next[0]
	return d.Allowed, d.Wait
}

// WhatsApp lets one message in 6 seconds go to one person, with a burst of 45.
func TestBurstThenRate(t *testing.T) {
	t.Parallel()
	b := pace.Bucket{Emission: 6 * time.Second, Burst: 45, Cost: 1}
	now := t0
	for i := range 45 {
		if ok, wait := ask(&b, now); !ok || wait != 0 {
			t.Fatalf("message %d of the burst waits %s", i+1, wait)
		}
		now = now.Add(time.Millisecond)
	}
	ok, wait := ask(&b, now)
	if ok || wait != 6*time.Second-45*time.Millisecond {
		t.Errorf("the 46th: allowed %v, wait %s", ok, wait)
	}
	if ok, _ := ask(&b, now.Add(wait-1)); ok {
		t.Error("allowed a nanosecond early")
	}
	if ok, _ := ask(&b, now.Add(wait)); !ok {
		t.Error("not allowed after the wait that was promised")
	}
	if want := t0.Add(46 * 6 * time.Second); !b.TAT.Equal(want) {
		t.Errorf("full again at %s, want %s", b.TAT, want)
	}
}

func TestARefusalConsumesNothingAnywhere(t *testing.T) {
	t.Parallel()
	buckets := []pace.Bucket{
		{TAT: t0, Emission: time.Millisecond, Burst: 100, Cost: 1},
		{TAT: t0.Add(10 * time.Second), Emission: 6 * time.Second, Burst: 1, Cost: 1},
		{TAT: t0.Add(3 * time.Second), Emission: time.Second, Burst: 1, Cost: 1},
		{Emission: 0, Burst: 0, Cost: 9},
	}
	got := pace.Decide(t0, buckets)
	want := pace.Decision{Wait: 10 * time.Second, Binding: 1, Next: []time.Time{buckets[0].TAT, buckets[1].TAT, buckets[2].TAT, {}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got = pace.Decide(t0.Add(10*time.Second), buckets)
	want = pace.Decision{Allowed: true, Binding: -1, Next: []time.Time{
		t0.Add(10*time.Second + time.Millisecond), t0.Add(16 * time.Second), t0.Add(11 * time.Second), {},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after the wait (-want +got)\n%s", diff)
	}
}

func TestNoBucketsMeanNoLimit(t *testing.T) {
	t.Parallel()
	if d := pace.Decide(t0, nil); !d.Allowed || d.Binding != -1 || d.Wait != 0 || len(d.Next) != 0 {
		t.Errorf("Decide(nil) = %+v", d)
	}
}

func TestReserveLeavesRoomForTheUrgent(t *testing.T) {
	t.Parallel()
	campaign := pace.Bucket{Emission: time.Second, Burst: 10, Cost: 1, Reserve: 60}
	sent := 0
	for range 10 {
		ok, _ := ask(&campaign, t0)
		if !ok {
			break
		}
		sent++
	}
	if sent != 4 {
		t.Errorf("the campaign took %d of 10, want 4", sent)
	}
	code := campaign
	code.Reserve = 0
	left := 0
	for range 20 {
		ok, _ := ask(&code, t0)
		if !ok {
			break
		}
		left++
	}
	if left != 6 {
		t.Errorf("codes found room for %d, want 6", left)
	}
}

func TestDearRequestsPassOnAFullBucketAndDelayTheRest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		bucket pace.Bucket
		wait   time.Duration // of a request of one unit right after
	}{
		{"three segments, burst of one", pace.Bucket{Emission: time.Second, Burst: 1, Cost: 3}, 3 * time.Second},
		{"all is reserved", pace.Bucket{Emission: time.Second, Burst: 1, Cost: 1, Reserve: 100}, time.Second},
		{"reserve above a hundred", pace.Bucket{Emission: time.Second, Burst: 4, Cost: 1, Reserve: 400}, 0},
		{"no burst given", pace.Bucket{Emission: time.Second, Cost: 1}, time.Second},
		{"negative reserve", pace.Bucket{Emission: time.Second, Burst: 2, Cost: 2, Reserve: -5}, time.Second},
	} {
		b := c.bucket
		if ok, wait := ask(&b, t0); !ok {
			t.Errorf("%s: waits %s on a full bucket", c.name, wait)
		}
		b.Cost, b.Reserve = 1, 0
		if _, wait := ask(&b, t0); wait != c.wait {
			t.Errorf("%s: the next waits %s, want %s", c.name, wait, c.wait)
		}
	}
}

func TestCostZeroAsksOnlyWhetherTheBucketIsOpen(t *testing.T) {
	t.Parallel()
	b := pace.Bucket{Emission: time.Second, Burst: 2, Cost: 0}
	if ok, _ := ask(&b, t0); !ok || !b.TAT.Equal(t0) {
		t.Errorf("open bucket: %v, state %s", ok, b.TAT)
	}
	b.Cost = -3
	if ok, _ := ask(&b, t0); !ok || !b.TAT.Equal(t0) {
		t.Errorf("negative cost: %v, state %s", ok, b.TAT)
	}
	b.TAT, b.Cost = pace.Freeze(t0, b, time.Minute), 0
	if ok, _ := ask(&b, t0); ok {
		t.Error("a frozen bucket is open")
	}
}

func TestFreeze(t *testing.T) {
	t.Parallel()
	b := pace.Bucket{Emission: 10 * time.Millisecond, Burst: 100, Cost: 1}
	b.TAT = pace.Freeze(t0, b, 30*time.Second)
	if ok, wait := ask(&b, t0); ok || wait != 30*time.Second {
		t.Errorf("allowed %v, wait %s, want 30s", ok, wait)
	}
	frozen := b.TAT
	if shorter := pace.Freeze(t0, b, time.Second); !shorter.Equal(frozen) {
		t.Errorf("a shorter freeze moved the state from %s to %s", frozen, shorter)
	}
	thaw := t0.Add(30 * time.Second)
	if ok, _ := ask(&b, thaw); !ok {
		t.Error("closed after the freeze")
	}
	if ok, wait := ask(&b, thaw); ok || wait != 10*time.Millisecond {
		t.Errorf("a burst after the freeze: allowed %v, wait %s", ok, wait)
	}
	if got := pace.Freeze(t0, pace.Bucket{}, time.Hour); !got.IsZero() {
		t.Errorf("a bucket without a limit froze until %s", got)
	}
}

func TestPerNeverExceedsTheRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    int
		d    time.Duration
		want time.Duration
	}{
		{1, time.Second, time.Second},
		{80, time.Second, 12500 * time.Microsecond},
		{3, time.Second, 333333334},
		{7000, time.Second, 142858},
		{1, 6 * time.Second, 6 * time.Second},
		{2_000_000_000, time.Second, 1},
		{0, time.Second, 0},
		{-1, time.Second, 0},
		{5, 0, 0},
	} {
		if got := pace.Per(c.n, c.d); got != c.want {
			t.Errorf("Per(%d, %s) = %d ns, want %d", c.n, c.d, got, c.want)
		}
	}
}
