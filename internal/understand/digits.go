package understand

// parseDigits reads digits with dots and commas by the Mexican habit: the last
// separator is decimal unless three digits follow it. "1,500.50", "1.500",
// "60.000,50" and "12,5" are all read; groups of other lengths are no number.
func parseDigits(s string) (n Number, decimals, ok bool) {
	last, count, other := -1, 0, 0
	for i := range len(s) {
		if isSeparator(s[i]) {
			last = i
			count++
		}
	}
	for i := range len(s) {
		if last >= 0 && isSeparator(s[i]) && s[i] != s[last] {
			other++
		}
	}
	fraction := last >= 0 && count-other == 1 && (len(s)-last-1 != 3 || other > 0 || leadingZero(s, last))
	if !fraction {
		last = len(s)
	}
	if !grouped(s[:last]) {
		return Number{}, false, false
	}
	return exact(s, last)
}

// leadingZero says that the part before the separator is "0": 0.500 is a half.
func leadingZero(s string, sep int) bool { return sep == 1 && s[0] == '0' }

// grouped checks that separators stand between groups of three and are all alike.
func grouped(s string) bool {
	group, sep := 0, byte(0)
	for i := range len(s) {
		if !isSeparator(s[i]) {
			group++
			continue
		}
		if sep == 0 && (group == 0 || group > 3) || sep != 0 && (group != 3 || s[i] != sep) {
			return false
		}
		sep, group = s[i], 0
	}
	return sep == 0 || group == 3
}

// exact adds the digits up; the separator at point, if any, is decimal.
func exact(s string, point int) (n Number, decimals, ok bool) {
	n = Number{0, 1}
	for i := range len(s) {
		if isSeparator(s[i]) {
			continue
		}
		if n.Num > limit*100 || i > point && n.Den > limit/10 {
			return Number{}, false, false
		}
		n.Num = n.Num*10 + int64(s[i]-'0')
		if i > point {
			n.Den *= 10
		}
	}
	return reduce(n), point < len(s), true
}

// digitsOf appends the digits of s to dst, up to its capacity, and returns how
// many s holds.
func digitsOf(dst []byte, s string) ([]byte, int) {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			continue
		}
		n++
		if len(dst) < cap(dst) {
			dst = append(dst, s[i])
		}
	}
	return dst, n
}
