package money

import "math/bits"

// Allocate divides total into n parts that add to it exactly and differ by at
// most one centavo, the larger ones first. It returns nil for n ≤ 0.
func Allocate(total Amount, n int) []Amount {
	if n <= 0 {
		return nil
	}
	parts := make([]Amount, n)
	each, rest := total/Amount(n), total%Amount(n)
	step := Amount(1)
	if rest < 0 {
		rest, step = -rest, -1
	}
	for i := range parts {
		parts[i] = each
		if Amount(i) < rest {
			parts[i] += step
		}
	}
	return parts
}

// Split divides total in proportion to the weights, into parts that add to it
// exactly and each lie within one centavo of the exact share. Negative weights
// count as zero; where all are zero the parts are equal. The weights together
// must fit an int64.
func Split(total Amount, weights []int64) []Amount {
	var sum uint64
	for _, w := range weights {
		sum += weight(w)
	}
	if sum == 0 {
		return Allocate(total, len(weights))
	}
	parts := make([]Amount, len(weights))
	var upTo uint64
	var given Amount
	for i, w := range weights {
		// Cutting the running total instead of each share makes the parts
		// add up without a correction at the end.
		upTo += weight(w)
		cut := portion(total, upTo, sum)
		parts[i] = cut - given
		given = cut
	}
	return parts
}

func weight(w int64) uint64 { return uint64(max(w, 0)) }

// portion returns total·part/whole toward zero; part ≤ whole.
func portion(total Amount, part, whole uint64) Amount {
	hi, lo := bits.Mul64(total.abs(), part)
	q, _ := bits.Div64(hi, lo, whole)
	if total < 0 {
		return Amount(-q)
	}
	return Amount(q)
}
