package mexid

import (
	"log/slog"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Phone is a Mexican phone number in E.164: "+52" and ten digits. Its JSON and
// SQL form is that text. Foreign numbers have no Phone.
type Phone string

// ParsePhone reads a Mexican number as people and providers write it: ten
// digits, with 52, 521, 044, 045 or 01 before them, with "whatsapp:" or "tel:",
// and with blanks, hyphens, dots or brackets anywhere.
//
// The mobile 1 of 521 and the prefixes 044, 045 and 01 left the numbering plan
// in August 2019, and the phone library calls numbers that carry them invalid,
// but WhatsApp and many people still use them; so they are dropped here.
//
// Codes: phone_characters, phone_length, phone_foreign, phone_plan.
func ParsePhone(text string) (Phone, error) {
	digits, plus, ok := dialled(text)
	switch {
	case !ok:
		return "", invalid("phone_characters", "El teléfono lleva solo números, por ejemplo 667 123 4567.")
	case len(digits) < 10:
		return "", invalidf("phone_length", "El teléfono lleva 10 dígitos y conté %d.", len(digits))
	}
	prefix, national := digits[:len(digits)-10], digits[len(digits)-10:]
	if plus && !strings.HasPrefix(prefix, "52") {
		return "", invalid("phone_foreign", "Ese teléfono no es de México. Necesito uno de 10 dígitos.")
	}
	if !knownPrefix(prefix) {
		return "", invalidf("phone_length", "El teléfono lleva 10 dígitos y conté %d.", len(digits))
	}
	if !assigned(national) {
		return "", invalid("phone_plan", "Ese teléfono no existe en México. Revisa la lada y el número.")
	}
	return Phone("+52" + national), nil
}

// dialled returns the digits of text and whether they came after a plus sign;
// ok is false if text holds anything that is neither digit nor punctuation.
func dialled(text string) (digits string, plus, ok bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "whatsapp:"), "tel:")
	ok = true
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r == '+':
			return r
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Pd, r), strings.ContainsRune(".()/", r):
			return -1
		}
		ok = false
		return -1
	}, s)
	s, plus = strings.CutPrefix(s, "+")
	if !plus {
		s, plus = strings.CutPrefix(s, "00") // how a plus is dialled; no Mexican number begins with 00
	}
	return s, plus, ok && !strings.Contains(s, "+")
}

func knownPrefix(prefix string) bool {
	switch prefix {
	case "", "52", "521", "044", "045", "01", "52044", "52045", "5201":
		return true
	}
	return false
}

// assigned asks the numbering plan about ten digits; freephone and premium
// numbers are refused, since no person answers a message on them.
//
// A number is handed to the library ready made where that is the same as having
// it parsed, which costs three times as much: its parser only ever changes
// numbers that begin with the old prefixes 0 and 1.
func assigned(national string) bool {
	n := numberOf(national)
	if n == nil {
		return false
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return true
	}
	return false
}

// numberOf is the library's form of ten digits, or nil if it refuses them.
func numberOf(national string) *phonenumbers.PhoneNumber {
	if national[0] <= '1' {
		n, err := phonenumbers.Parse("+52"+national, "MX")
		if err != nil || !phonenumbers.IsValidNumberForRegion(n, "MX") {
			return nil
		}
		return n
	}
	digits, err := strconv.ParseUint(national, 10, 64)
	if err != nil {
		return nil
	}
	country := int32(52)
	return &phonenumbers.PhoneNumber{CountryCode: &country, NationalNumber: &digits}
}

// National returns the ten digits, without the country code.
func (p Phone) National() string { return strings.TrimPrefix(string(p), "+52") }

// Pretty returns the number as Mexicans write it: "667 123 4567", or
// "55 1234 5678" in the areas with a code of two digits.
func (p Phone) Pretty() string {
	n := p.National()
	if len(n) != 10 {
		return n
	}
	switch n[:2] {
	case "33", "55", "56", "81":
		return n[:2] + " " + n[2:6] + " " + n[6:]
	}
	return n[:3] + " " + n[3:6] + " " + n[6:]
}

// Zone returns the IANA name of the time zone of the number's area, for quiet
// hours. It is "America/Mexico_City" where the area does not settle it. People
// move and keep their number: an address on file is better evidence.
func (p Phone) Zone() string {
	const usual = "America/Mexico_City"
	n, err := phonenumbers.Parse(string(p), "MX")
	if err != nil {
		return usual
	}
	zones, err := phonenumbers.GetTimezonesForNumber(n)
	if err != nil || len(zones) != 1 || zones[0] == phonenumbers.UNKNOWN_TIMEZONE {
		return usual
	}
	return zones[0]
}

// Mask returns the number with all but its last four digits hidden:
// "+52••••••4567".
func (p Phone) Mask() string {
	if !strings.HasPrefix(string(p), "+52") {
		return mask(string(p), 4)
	}
	return "+52" + mask(p.National(), 4)
}

// LogValue masks the number in structured logs.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.Mask()) }
