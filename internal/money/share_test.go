package money_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/money"
)

func TestAllocate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total money.Amount
		n     int
		want  []money.Amount
	}{
		{3900_00, 8, []money.Amount{487_50, 487_50, 487_50, 487_50, 487_50, 487_50, 487_50, 487_50}},
		{100, 3, []money.Amount{34, 33, 33}},
		{-100, 3, []money.Amount{-34, -33, -33}},
		{2, 3, []money.Amount{1, 1, 0}},
		{0, 2, []money.Amount{0, 0}},
		{100, 0, nil},
		{100, -1, nil},
	} {
		if diff := cmp.Diff(c.want, money.Allocate(c.total, c.n)); diff != "" {
			t.Errorf("Allocate(%d, %d) (-want +got):\n%s", c.total, c.n, diff)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total   money.Amount
		weights []int64
		want    []money.Amount
	}{
		{100, []int64{1, 1, 1}, []money.Amount{33, 33, 34}},
		{1000, []int64{7, 2, 1}, []money.Amount{700, 200, 100}},
		{1000, []int64{1, 0, -5, 1}, []money.Amount{500, 0, 0, 500}},
		{-101, []int64{1, 1}, []money.Amount{-50, -51}},
		{10, []int64{0, 0}, []money.Amount{5, 5}},
		{10, nil, nil},
		{math.MaxInt64, []int64{math.MaxInt64}, []money.Amount{math.MaxInt64}},
	} {
		if diff := cmp.Diff(c.want, money.Split(c.total, c.weights)); diff != "" {
			t.Errorf("Split(%d, %v) (-want +got):\n%s", c.total, c.weights, diff)
		}
	}
}

func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := money.Amount(rapid.Int64().Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(-10, math.MaxInt64/64), 1, 60).Draw(t, "weights")
		var sum money.Amount
		for i, part := range money.Split(total, weights) {
			sum += part
			if (total > 0 && part < 0) || (total < 0 && part > 0) {
				t.Fatalf("part %d of %d is %d", i, total, part)
			}
		}
		if sum != total {
			t.Fatalf("the parts of %d add to %d", total, sum)
		}
		parts := money.Allocate(total, len(weights))
		sum = 0
		for _, part := range parts {
			sum += part
			if d := parts[0] - part; d < -1 || d > 1 {
				t.Fatalf("parts %d and %d", parts[0], part)
			}
		}
		if sum != total {
			t.Fatalf("the equal parts of %d add to %d", total, sum)
		}
	})
}
