package mexid

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// CLABE is the 18-digit number of a Mexican bank account, digits only: three of
// the institution, three of the place, eleven of the account, one check digit.
type CLABE string

// ParseCLABE reads a CLABE with or without blanks and hyphens. It refuses codes
// of institutions that are not in this package's table, because SPEI would
// return the money and nobody could read the bank's name back to its owner.
//
// Codes: clabe_characters, clabe_length, clabe_check, clabe_bank.
func ParseCLABE(text string) (CLABE, error) {
	s := compact(text)
	switch {
	case !allDigits(s):
		return "", invalid("clabe_characters", "La CLABE lleva solo números: son 18 dígitos.")
	case len(s) != 18:
		return "", invalidf("clabe_length", "La CLABE lleva 18 dígitos y conté %d.", len(s))
	case clabeDigit(s[:17]) != s[17]:
		return "", invalid("clabe_check", "Esa CLABE no es correcta: hay un dígito cambiado. Revísala en la app de tu banco.")
	case CLABE(s).Bank() == "":
		return "", invalid("clabe_bank", "No reconozco el banco de esa CLABE (los 3 primeros dígitos). Revísala, por favor.")
	}
	return CLABE(s), nil
}

// clabeDigit computes the check digit of the first 17 digits: weights 3, 7, 1,
// each product modulo 10, and the complement of their sum (Banco de México,
// rules of SPEI).
func clabeDigit(s string) byte {
	weights := [...]int{3, 7, 1}
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * weights[i%3] % 10
	}
	return byte('0' + (10-sum%10)%10)
}

// depositPrefix is how many digits of a CLABE a lender has to itself: three of
// the institution, three of the place, four of its own range of accounts.
const depositPrefix = 10

// Deposit is where somebody pays in: one whole CLABE, or the first ten digits of
// a range in which each payment reference has a CLABE of its own. "" is nowhere.
type Deposit string

// ParseDeposit reads a Deposit, with or without blanks and hyphens. It refuses
// what ParseCLABE does, and deposit_length for another number of digits.
func ParseDeposit(text string) (Deposit, error) {
	s := compact(text)
	if len(s) != depositPrefix || !allDigits(s) {
		c, err := ParseCLABE(text)
		if len(s) != 18 && allDigits(s) {
			err = invalidf("deposit_length", "Escribe una CLABE de 18 dígitos, o los 10 primeros de tu rango; conté %d.", len(s))
		}
		return Deposit(c), err
	}
	if CLABE(s).Bank() == "" {
		return "", invalid("clabe_bank", "No reconozco el banco de esa CLABE (los 3 primeros dígitos). Revísala, por favor.")
	}
	return Deposit(s), nil
}

// Own reports whether each number has a CLABE of its own.
func (d Deposit) Own() bool { return len(d) == depositPrefix }

// CLABE is where to pay in for a number of up to seven digits, which a whole
// CLABE does not tell apart; "" if there is none.
func (d Deposit) CLABE(number int) CLABE {
	if !d.Own() {
		return CLABE(d)
	}
	if number < 0 || number > 9_999_999 {
		return ""
	}
	first := fmt.Sprintf("%s%07d", string(d), number)
	return CLABE(first) + CLABE(rune(clabeDigit(first)))
}

// Number is the number that a CLABE of the range is for; ok is false for any other.
func (d Deposit) Number(c CLABE) (number int, ok bool) {
	rest, found := strings.CutPrefix(string(c), string(d))
	if !d.Own() || !found {
		return 0, false
	}
	if _, bad := ParseCLABE(string(c)); bad != nil {
		return 0, false
	}
	number, err := strconv.Atoi(rest[:7])
	return number, err == nil
}

// BankCode returns the first three digits, or "" if there are fewer.
func (c CLABE) BankCode() string {
	if len(c) < 3 {
		return ""
	}
	return string(c[:3])
}

// Bank returns the short public name of the institution, or "" if the code is
// not in the table.
func (c CLABE) Bank() string { return bankName(c.BankCode()) }

// Last4 returns the last four digits, which is what people are shown.
func (c CLABE) Last4() string {
	if len(c) < 4 {
		return string(c)
	}
	return string(c[len(c)-4:])
}

// Mask returns the CLABE with all but its last four digits hidden.
func (c CLABE) Mask() string { return mask(string(c), 4) }

// LogValue masks the CLABE in structured logs.
func (c CLABE) LogValue() slog.Value { return slog.StringValue(c.Mask()) }
