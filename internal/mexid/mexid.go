// Package mexid parses, checks and masks the identifiers of people and accounts
// in Mexico: phone numbers, CLABE, debit cards, CURP and RFC.
//
// A parsed value is canonical: two spellings of one identifier give equal
// values. A value made by conversion instead of by its Parse function was never
// checked, and callers may not treat it as if it were. Checks are arithmetic:
// they say that an identifier is well formed, never that it exists or whose it
// is.
//
// Every refusal is a *fault.Fault of kind Invalid whose Spanish text says what is
// wrong and repeats nothing of what was typed. In structured logs every type
// masks itself; fmt prints the bare value, as messages to its owner need it.
package mexid

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"valebot/internal/fault"
)

const dot = "•"

// compact composes and upper-cases text and drops what people put between groups
// of characters: blanks of any kind, hyphens, dots, slashes and invisible marks.
func compact(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Pd, r), strings.ContainsRune("./*_", r):
			return -1
		default:
			return unicode.ToUpper(r)
		}
	}, norm.NFC.String(text))
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// mask hides all but the last keep bytes of an ASCII identifier.
func mask(s string, keep int) string {
	if len(s) <= keep {
		return strings.Repeat(dot, len(s))
	}
	return strings.Repeat(dot, len(s)-keep) + s[len(s)-keep:]
}

func invalid(code, text string) error { return fault.New(fault.Invalid, code, text) }

func invalidf(code, format string, args ...any) error {
	return fault.Newf(fault.Invalid, code, format, args...)
}
