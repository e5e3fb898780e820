package mexid

import (
	"log/slog"
	"strings"
)

// RFC is a Mexican tax number in upper case: 13 characters for a person, 12 for
// a company. Ñ and & may occur in its letters, so it is not plain ASCII.
type RFC string

// Generic tax numbers that invoices use for customers without one of their own.
const (
	RFCPublic  RFC = "XAXX010101000" // the general public in Mexico
	RFCForeign RFC = "XEXX010101000" // residents abroad
)

// RFCKind says whose a tax number is.
type RFCKind string

// The kinds of tax number.
const (
	Person  RFCKind = "person"
	Company RFCKind = "company"
	Generic RFCKind = "generic" // RFCPublic or RFCForeign
)

// ParseRFC reads a tax number in any case, with or without blanks and hyphens.
//
// A wrong check digit is no error: about 1.5 % of the numbers that the tax
// office itself issued carry one (LME060822IH5 is documented). Ask CheckDigitOK
// and warn.
//
// Codes: rfc_length, rfc_letters, rfc_date, rfc_homoclave, rfc_word.
func ParseRFC(text string) (RFC, error) {
	s := compact(text)
	r := []rune(s)
	if len(r) != 12 && len(r) != 13 {
		return "", invalidf("rfc_length", "El RFC lleva 13 letras y números (12 si es de empresa) y conté %d.", len(r))
	}
	cut := len(r) - 9
	letters, date, homoclave := string(r[:cut]), string(r[cut:cut+6]), string(r[cut+6:])
	switch {
	case strings.Trim(letters, "ABCDEFGHIJKLMNÑOPQRSTUVWXYZ&") != "":
		return "", invalidf("rfc_letters", "Los primeros %d lugares del RFC llevan letras.", cut)
	case !rfcDate(date):
		return "", invalid("rfc_date", "La fecha del RFC (año, mes y día) no existe.")
	case !alphanumeric(homoclave) || isLetter(homoclave[2]) && homoclave[2] != 'A':
		return "", invalid("rfc_homoclave", "Los 3 últimos lugares del RFC (la homoclave) no son correctos.")
	case rudeWord(letters):
		return "", invalid("rfc_word", "Ese RFC no es correcto: con esas iniciales la última letra es X.")
	}
	return RFC(s), nil
}

// rfcDate accepts 29 February wherever some century has it, since an RFC does
// not tell the century.
func rfcDate(s string) bool {
	if !allDigits(s) {
		return false
	}
	return realDate(2000+twoDigits(s[:2]), twoDigits(s[2:4]), twoDigits(s[4:6]))
}

// Kind says whether the number is a person's, a company's or generic.
func (r RFC) Kind() RFCKind {
	switch {
	case r == RFCPublic || r == RFCForeign:
		return Generic
	case len([]rune(string(r))) == 12:
		return Company
	}
	return Person
}

// CheckDigitOK reports whether the last character is the one that the tax
// office's algorithm gives. False is a reason to ask, not to refuse. Generic
// numbers have no meaningful digit and pass.
func (r RFC) CheckDigitOK() bool {
	chars := []rune(string(r))
	if r.Kind() == Generic {
		return true
	}
	return len(chars) >= 12 && rfcDigit(chars[:len(chars)-1]) == chars[len(chars)-1]
}

// rfcDigit computes the check character: values by position in SAT's table, the
// number of a company padded with a blank on the left, weights 13 to 2,
// complement modulo 11 with A for ten.
func rfcDigit(chars []rune) rune {
	values := []rune("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ")
	if len(chars) == 11 {
		chars = append([]rune{' '}, chars...)
	}
	sum := 0
	for i, c := range chars {
		sum += index(values, c) * (13 - i)
	}
	switch d := (11 - sum%11) % 11; d {
	case 10:
		return 'A'
	default:
		return rune('0' + d)
	}
}

func index(values []rune, c rune) int {
	for i, v := range values {
		if v == c {
			return i
		}
	}
	return 0
}

// Mask hides all but the last three characters: the rest holds name and birth.
func (r RFC) Mask() string {
	chars := []rune(string(r))
	if len(chars) <= 3 {
		return strings.Repeat(dot, len(chars))
	}
	return strings.Repeat(dot, len(chars)-3) + string(chars[len(chars)-3:])
}

// LogValue masks the number in structured logs.
func (r RFC) LogValue() slog.Value { return slog.StringValue(r.Mask()) }
