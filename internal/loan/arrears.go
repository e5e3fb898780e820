package loan

// Buckets are the days late from which each bucket of arrears begins: 1–7, 8–15,
// 16–30, 31–60, 61–90, 91–120 and more. A loan that is on time is in none.
func Buckets() []int { return []int{1, 8, 16, 31, 61, 91, 121} }

// Bucket is the number of the bucket of arrears for days late, from 1; 0 for a
// loan on time.
func Bucket(daysLate int) int {
	n := 0
	for _, from := range Buckets() {
		if daysLate < from {
			break
		}
		n++
	}
	return n
}

// MOP is the manner of payment that the credit bureau's tape (INTF, field 26)
// gives to days late: 01 current, 02 to 29 days, 03 to 59, 04 to 89, 05 to 119,
// 06 to 149, 07 to 359, 96 from there on. Losses (97) and fraud (99) are not
// derived from days.
func MOP(daysLate int) string {
	for _, m := range []struct {
		under int
		code  string
	}{{1, "01"}, {30, "02"}, {60, "03"}, {90, "04"}, {120, "05"}, {150, "06"}, {360, "07"}} {
		if daysLate < m.under {
			return m.code
		}
	}
	return "96"
}
