package mexid

import (
	"log/slog"
	"strings"
	"time"
)

// CURP is the 18-character key of a person in Mexico's population register, in
// upper case. It holds the initials, the birth date, the sex and the state of
// birth.
type CURP string

const curpAlphabet = "0123456789ABCDEFGHIJKLMN\xd1OPQRSTUVWXYZ" // Ñ as one byte; it counts, but never occurs

// ParseCURP reads a CURP in any case, with or without blanks and hyphens, by the
// rules of RENAPO (Instructivo normativo para la asignación de la CURP, DOF
// 18 October 2021). The sex X, which newer keys carry, is accepted.
//
// Codes: curp_length, curp_characters, curp_name, curp_date, curp_sex,
// curp_state, curp_consonants, curp_homonymy, curp_check, curp_word.
func ParseCURP(text string) (CURP, error) {
	c := CURP(compact(text))
	if n := len([]rune(string(c))); n != 18 {
		return "", invalidf("curp_length", "La CURP lleva 18 letras y números y conté %d.", n)
	}
	if !alphanumeric(string(c)) {
		return "", invalid("curp_characters", "La CURP lleva solo letras y números, sin Ñ ni acentos.")
	}
	for _, check := range []func(CURP) error{
		CURP.checkName, CURP.checkPlace, CURP.checkDate, CURP.checkDigit, CURP.checkWord,
	} {
		if err := check(c); err != nil {
			return "", err
		}
	}
	return c, nil
}

func (c CURP) checkName() error {
	if !isLetter(c[0]) || !strings.ContainsRune("AEIOUX", rune(c[1])) || !isLetter(c[2]) || !isLetter(c[3]) {
		return invalid("curp_name", "Las 4 primeras letras de la CURP no son correctas: son las iniciales del nombre.")
	}
	for _, b := range []byte(c[13:16]) {
		if !isLetter(b) || strings.IndexByte("AEIOU", b) >= 0 {
			return invalid("curp_consonants", "Las posiciones 14 a 16 de la CURP llevan consonantes.")
		}
	}
	if isLetter(c[17]) {
		return invalid("curp_check", "La CURP termina en un número.")
	}
	return nil
}

func (c CURP) checkPlace() error {
	if strings.IndexByte("HMX", c[10]) < 0 {
		return invalid("curp_sex", "La posición 11 de la CURP lleva H o M.")
	}
	if stateName(c.State()) == "" {
		return invalid("curp_state", "El estado de la CURP (posiciones 12 y 13) no existe.")
	}
	return nil
}

func (c CURP) checkDate() error {
	if !allDigits(string(c[4:10])) {
		return invalid("curp_date", "Las posiciones 5 a 10 de la CURP llevan la fecha de nacimiento: año, mes y día.")
	}
	if y, m, d := c.Birth(); !realDate(y, int(m), d) {
		return invalid("curp_date", "La fecha de nacimiento de la CURP no existe.")
	}
	return nil
}

func (c CURP) checkDigit() error {
	if curpDigit(string(c[:17])) != c[17] {
		return invalid("curp_check", "Esa CURP no es correcta: hay una letra o un número cambiado.")
	}
	return nil
}

func (c CURP) checkWord() error {
	if rudeWord(string(c[:4])) {
		return invalid("curp_word", "Esa CURP no es correcta: con esas iniciales la segunda letra es X.")
	}
	return nil
}

// curpDigit computes the check digit of the first 17 characters: values by
// position in the alphabet with Ñ, weights 18 to 2, complement modulo 10.
func curpDigit(s string) byte {
	sum := 0
	for i := range len(s) {
		sum += strings.IndexByte(curpAlphabet, s[i]) * (18 - i)
	}
	return byte('0' + (10-sum%10)%10)
}

// Birth returns the birth date. The character of homonymy tells the century: a
// digit until 1999, a letter from 2000 on. All values are zero for a CURP that
// was not parsed and is too short.
func (c CURP) Birth() (year int, month time.Month, day int) {
	if len(c) != 18 {
		return 0, 0, 0
	}
	century := 1900
	if isLetter(c[16]) {
		century = 2000
	}
	return century + twoDigits(string(c[4:6])), time.Month(twoDigits(string(c[6:8]))), twoDigits(string(c[8:10]))
}

// Sex returns "H", "M" or "X", or "" for a CURP that was not parsed.
func (c CURP) Sex() string {
	if len(c) != 18 {
		return ""
	}
	return string(c[10])
}

// State returns the two letters of the state of birth, "NE" for abroad.
func (c CURP) State() string {
	if len(c) != 18 {
		return ""
	}
	return string(c[11:13])
}

// StateName returns the Spanish name of the state of birth, or "".
func (c CURP) StateName() string { return stateName(c.State()) }

// Mask hides all but the last two characters: the rest holds name and birth.
func (c CURP) Mask() string { return mask(string(c), 2) }

// LogValue masks the CURP in structured logs.
func (c CURP) LogValue() slog.Value { return slog.StringValue(c.Mask()) }

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' }

func alphanumeric(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// twoDigits reads two ASCII digits; the caller has checked that they are digits.
func twoDigits(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

func realDate(y, m, d int) bool {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return m >= 1 && m <= 12 && d >= 1 && t.Day() == d && int(t.Month()) == m
}
