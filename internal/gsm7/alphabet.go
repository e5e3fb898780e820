package gsm7

import (
	"strings"

	"valebot/internal/fault"
)

// escape announces a character of the extension table.
const escape = 0x1B

// basic is the default alphabet in the order of its codes (TS 23.038 §6.2.1).
// Code 0x1B is the escape and stands for no character.
const basic = "@£$¥èéùìòÇ\nØø\rÅå" +
	"Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ" +
	" !\"#¤%&'()*+,-./" +
	"0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNO" +
	"PQRSTUVWXYZÄÖÑÜ§" +
	"¿abcdefghijklmno" +
	"pqrstuvwxyzäöñüà"

var (
	// The tables are built once and never written again.
	toCode   = codes()
	fromCode = runesOf(basic)
	latin1   = widths() // most characters of most texts, found without hashing
	extended = map[rune]byte{
		'\f': 0x0A, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2F,
		'[': 0x3C, '~': 0x3D, ']': 0x3E, '|': 0x40, '€': 0x65,
	}
)

func runesOf(s string) []rune { return []rune(s) }

func codes() map[rune]byte {
	m := make(map[rune]byte, 128)
	for i, r := range runesOf(basic) {
		if i != escape {
			m[r] = byte(i)
		}
	}
	return m
}

func widths() (w [256]uint8) {
	for r := range w {
		w[r] = uint8(width(rune(r)))
	}
	return w
}

// septets returns how many septets a character takes: 1 or 2, or 0 if it is not
// in the GSM alphabet.
func septets(r rune) int {
	if r >= 0 && int(r) < len(latin1) {
		return int(latin1[r])
	}
	return width(r)
}

func width(r rune) int {
	if _, ok := toCode[r]; ok {
		return 1
	}
	if _, ok := extended[r]; ok {
		return 2
	}
	return 0
}

// Encode returns a text as unpacked septets, one a byte, with an escape before
// each character of the extension table. It refuses a text that is not GSM-7
// with the code sms_alphabet.
func Encode(text string) ([]byte, error) {
	var out []byte
	for _, r := range text {
		if code, ok := toCode[r]; ok {
			out = append(out, code)
		} else if code, ok := extended[r]; ok {
			out = append(out, escape, code)
		} else {
			return nil, fault.Newf(fault.Invalid, "sms_alphabet", "El carácter %q no se puede enviar por SMS.", r)
		}
	}
	return out, nil
}

// Decode returns the text of unpacked septets. As the standard asks, an unknown
// extension code reads as the basic character of the same code, and a lone
// escape at the end as a blank. It refuses bytes above 0x7F with the code
// sms_septet.
func Decode(septets []byte) (string, error) {
	var b strings.Builder
	for i := 0; i < len(septets); i++ {
		c := septets[i]
		switch {
		case c > 0x7F:
			return "", fault.New(fault.Invalid, "sms_septet", "Eso no es texto en el alfabeto de los SMS.")
		case c != escape:
			b.WriteRune(fromCode[c])
		case i+1 == len(septets):
			b.WriteByte(' ')
		default:
			i++
			r, err := extendedRune(septets[i])
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		}
	}
	return b.String(), nil
}

func extendedRune(code byte) (rune, error) {
	for r, c := range extended {
		if c == code {
			return r, nil
		}
	}
	switch {
	case code > 0x7F:
		return 0, fault.New(fault.Invalid, "sms_septet", "Eso no es texto en el alfabeto de los SMS.")
	case code == escape:
		return ' ', nil
	}
	return fromCode[code], nil
}
