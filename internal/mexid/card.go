package mexid

import "log/slog"

// Card is the 16-digit number of a debit card, digits only. SPEI pays to it as
// account type 3.
type Card string

// ParseCard reads a card number with or without blanks and hyphens.
//
// Codes: card_characters, card_length, card_check.
func ParseCard(text string) (Card, error) {
	s := compact(text)
	switch {
	case !allDigits(s):
		return "", invalid("card_characters", "El número de la tarjeta lleva solo números: son 16 dígitos.")
	case len(s) != 16:
		return "", invalidf("card_length", "El número de la tarjeta lleva 16 dígitos y conté %d.", len(s))
	case !Luhn(s):
		return "", invalid("card_check", "Ese número de tarjeta no es correcto: hay un dígito cambiado.")
	}
	return Card(s), nil
}

// Last4 returns the last four digits, which is what people are shown.
func (c Card) Last4() string {
	if len(c) < 4 {
		return string(c)
	}
	return string(c[len(c)-4:])
}

// Mask returns the number with all but its last four digits hidden.
func (c Card) Mask() string { return mask(string(c), 4) }

// LogValue masks the number in structured logs.
func (c Card) LogValue() slog.Value { return slog.StringValue(c.Mask()) }

// Luhn reports whether digits is not empty, holds nothing but ASCII digits and
// ends in the right check digit (ISO/IEC 7812-1, annex B).
func Luhn(digits string) bool {
	if !allDigits(digits) {
		return false
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
