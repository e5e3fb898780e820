package casework

import (
	"strings"
	"unicode"

	"valebot/internal/mexid"
)

// Veil hides what a person wrote unasked that no agent needs: an account, a card,
// a CURP, and what may be a NIP. A flow that asks for a secret marks the reply;
// this is for those that come when nobody asked, such as the NIP that a locked
// distributor tries again in front of the desk. heard is what the message was
// understood as, "" or "desk" if nothing understood it.
//
// A message of four digits alone is taken for a NIP, unless a flow understood it
// or it is a round amount: an agent who asks "¿cuánto?" must see the answer.
func Veil(text, heard string) string {
	if digits := strings.Trim(text, " \t\r\n.,;:!"); isPIN(digits) && (heard == "" || heard == "desk") && !isRound(digits) {
		return hidden
	}
	words := strings.FieldsFunc(text, unicode.IsSpace)
	for i, w := range words {
		bare := strings.Trim(w, ".,;:!¡¿?()\"'")
		if known := veilWord(bare); known != bare {
			text = strings.ReplaceAll(text, bare, known)
		} else if isPIN(bare) && followsNIP(words[:i]) {
			text = strings.ReplaceAll(text, bare, hidden)
		}
	}
	return veilSpaced(text)
}

const hidden = "••••"

// veilWord masks a word that is an identifier.
func veilWord(word string) string {
	if clabe, err := mexid.ParseCLABE(word); err == nil {
		return clabe.Mask()
	}
	if card, err := mexid.ParseCard(word); err == nil {
		return card.Mask()
	}
	if curp, err := mexid.ParseCURP(word); err == nil {
		return curp.Mask()
	}
	return word
}

// veilSpaced masks accounts and cards that are written in groups of digits.
func veilSpaced(text string) string {
	start, last := -1, -1 // of the run of digits, blanks and hyphens
	for i, r := range text + "\x00" {
		switch {
		case r >= '0' && r <= '9':
			if start < 0 {
				start = i
			}
			last = i
		case start >= 0 && r != ' ' && r != '-':
			run := text[start : last+1]
			if known := veilGroups(run); known != run {
				return text[:start] + known + veilSpaced(text[last+1:])
			}
			start = -1
		}
	}
	return text
}

// veilGroups masks a run of digits in groups. A card is written in fours; any
// other sixteen digits may be a phone, an amount and a term.
func veilGroups(run string) string {
	for _, group := range strings.FieldsFunc(run, func(r rune) bool { return r == ' ' || r == '-' }) {
		if len(group) != 4 {
			if clabe, err := mexid.ParseCLABE(run); err == nil {
				return clabe.Mask()
			}
			return run
		}
	}
	return veilWord(run)
}

// followsNIP reports whether one of the last three words speaks of a NIP.
func followsNIP(words []string) bool {
	for _, w := range words[max(0, len(words)-3):] {
		switch strings.ToLower(strings.Trim(w, ".,;:!¡¿?()\"'")) {
		case "nip", "pin", "clave", "contraseña":
			return true
		}
	}
	return false
}

func isPIN(s string) bool {
	return len(s) == 4 && strings.Trim(s, "0123456789") == ""
}

// isRound reports an amount as people say them: hundreds and fifties.
func isRound(s string) bool {
	return strings.HasSuffix(s, "00") || strings.HasSuffix(s, "50")
}
