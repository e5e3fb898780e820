package loan_test

import (
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/loan"
)

func TestBucketsAndMOP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		days, bucket int
		mop          string
	}{
		{0, 0, "01"}, {1, 1, "02"}, {7, 1, "02"}, {8, 2, "02"}, {15, 2, "02"}, {16, 3, "02"}, {29, 3, "02"}, {30, 3, "03"},
		{31, 4, "03"}, {59, 4, "03"}, {60, 4, "04"}, {61, 5, "04"}, {89, 5, "04"}, {90, 5, "05"}, {91, 6, "05"},
		{119, 6, "05"}, {120, 6, "06"}, {121, 7, "06"}, {149, 7, "06"}, {150, 7, "07"}, {359, 7, "07"}, {360, 7, "96"}, {5000, 7, "96"},
	} {
		if bucket, mop := loan.Bucket(tt.days), loan.MOP(tt.days); bucket != tt.bucket || mop != tt.mop {
			t.Errorf("%d days: bucket %d, MOP %s, want %d, %s", tt.days, bucket, mop, tt.bucket, tt.mop)
		}
	}
}

// A day later is never a better bucket.
func TestBucketsRise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(0, 1000).Draw(t, "days")
		if loan.Bucket(days+1) < loan.Bucket(days) || loan.Bucket(days) > len(loan.Buckets()) || loan.MOP(days+1) < loan.MOP(days) {
			t.Fatalf("day %d", days)
		}
	})
}
