package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"valebot/internal/gsm7"
)

func offendingOf(o gsm7.Offence) offending {
	write, _ := insteadOf(o.Rune)
	return offending{Character: string(o.Rune), Position: o.Pos + 1, Code: fmt.Sprintf("%U", o.Rune), Kind: kindOf(o.Rune), Write: write}
}

// shown is the character as a terminal can show it.
func (o offending) shown() string {
	if strings.IndexFunc(o.Character, unicode.IsPrint) == 0 {
		return o.Character
	}
	return strings.Trim(strconv.QuoteToASCII(o.Character), `"`)
}

func (o offending) advice() string {
	switch {
	case o.Write == o.Character:
		return "déjalo si hace falta"
	case o.Kind == looseAccent:
		return "escribe la letra con su acento de una vez"
	case o.Write == "":
		return "quítalo"
	case o.Write == " ":
		return "escribe un espacio"
	case o.Write == "\n":
		return "cambia de línea"
	}
	return "escribe «" + o.Write + "»"
}

// insteadOf is what to write for a character so that it costs least, and whether
// anything of it is left. A euro has no shorter form and stays.
func insteadOf(r rune) (string, bool) {
	switch r {
	case '[', '{':
		return "(", true
	case ']', '}':
		return ")", true
	case '|', '\\':
		return "/", true
	case '~':
		return "-", true
	case '^':
		return "'", true
	case '\f':
		return "\n", true
	}
	folded := gsm7.Fold(string(r))
	if gsm7.Count(folded).Encoding == gsm7.UCS2 {
		return "", false
	}
	return folded, true
}

// reworded writes a text with what stands for each character that costs, and
// reports whether some had to be left out. Letters and their accents are put
// together first: an e with a loose accent is the é of the alphabet.
func reworded(text string) (plain string, left bool) {
	var b strings.Builder
	for _, r := range gsm7.Fold(text) {
		write, ok := insteadOf(r)
		b.WriteString(write)
		left = left || !ok
	}
	if left {
		return strings.TrimSpace(b.String()), true
	}
	return b.String(), false
}

// looseAccent is an accent that is a character of its own, behind its letter.
const looseAccent = "acento suelto"

// kindOf says in plain Spanish what a character is.
func kindOf(r rune) string {
	switch {
	case unicode.In(r, unicode.Pi, unicode.Pf) || strings.ContainsRune("„‚′″`´", r):
		return "comilla tipográfica"
	case unicode.Is(unicode.Pd, r):
		return "guion o raya"
	case unicode.Is(unicode.Zs, r) || r == '\t':
		return "espacio especial"
	case r == '\u200d' || unicode.Is(unicode.Variation_Selector, r):
		return "parte de un emoji"
	case unicode.Is(unicode.Mn, r):
		return looseAccent
	case unicode.In(r, unicode.Cf, unicode.Cc):
		return "marca invisible"
	case unicode.Is(unicode.Latin, r) && unicode.IsLetter(r):
		return "letra que los SMS no tienen"
	case unicode.IsLetter(r):
		return "letra de otro alfabeto"
	case unicode.In(r, unicode.So, unicode.Sk) && r > 0x2000:
		return "emoji o dibujo"
	}
	return "signo"
}
