package understand

// soundOf appends the sound of a folded Spanish word: letters that Mexicans
// pronounce alike become one, doubled letters single.
func soundOf(dst, word []byte) []byte {
	for i := 0; i < len(word); i++ {
		b, skip := soundAt(word, i)
		i += skip
		if b == 0 || len(dst) > 0 && dst[len(dst)-1] == b {
			continue
		}
		dst = append(dst, b)
	}
	return dst
}

// soundAt returns the sound at i (0 for none) and how many further letters it took.
func soundAt(word []byte, i int) (sound byte, skip int) {
	next := byte(0)
	if i+1 < len(word) {
		next = word[i+1]
	}
	switch word[i] {
	case 'h':
		return 0, 0
	case 'v', 'w':
		return 'b', 0
	case 'z':
		return 's', 0
	case 'c':
		return soundOfC(next)
	case 'q':
		if next == 'u' && i+2 < len(word) && (word[i+2] == 'e' || word[i+2] == 'i') {
			return 'k', 1
		}
		return 'k', 0
	case 'l':
		if next == 'l' {
			return 'y', 1
		}
	case 'g':
		if next == 'e' || next == 'i' {
			return 'j', 0
		}
	case 'm':
		if next == 'b' || next == 'p' || next == 'v' {
			return 'n', 0
		}
	}
	return word[i], 0
}

func soundOfC(next byte) (byte, int) {
	switch next {
	case 'e', 'i':
		return 's', 0
	case 'h':
		return 'c', 1
	case 'c':
		return 0, 0 // "acción" sounds like "asión" to many
	}
	return 'k', 0
}

// hashWithout is FNV-1a of the word with the letter at skip left out.
func hashWithout(word []byte, skip int) uint64 {
	h := uint64(14695981039346656037)
	for i, b := range word {
		if i == skip {
			continue
		}
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// oneSlip reports whether a and b differ by one insertion, deletion, substitution
// or swap of neighbours (or not at all).
func oneSlip(a []byte, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	restA, restB := a[i:], b[i:]
	switch {
	case len(restA) == len(restB):
		return len(restA) == 0 || swapped(restA, restB) ||
			string(restA[1:]) == restB[1:] && (len(a) >= minFar || neighbours(restA[0], restB[0]))
	case len(restA) == len(restB)+1:
		return string(restA[1:]) == restB
	case len(restA)+1 == len(restB):
		return string(restA) == restB[1:]
	}
	return false
}

// minFar is the length from which a wrong letter may be any letter; in shorter
// words it must be a neighbour on the keyboard, or "estufa" would be "estafa".
const minFar = 8

// neighbours reports keys that a thumb confuses.
func neighbours(a, b byte) bool {
	rows := [...]string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}
	ra, ca := keyOf(&rows, a)
	rb, cb := keyOf(&rows, b)
	return ra-rb >= -1 && ra-rb <= 1 && ca-cb >= -1 && ca-cb <= 1
}

func keyOf(rows *[3]string, key byte) (row, column int) {
	for r, keys := range rows {
		for c := range len(keys) {
			if keys[c] == key {
				return r, c
			}
		}
	}
	return -9, -9
}

func swapped(a []byte, b string) bool {
	return len(a) >= 2 && a[0] == b[1] && a[1] == b[0] && string(a[2:]) == b[2:]
}
