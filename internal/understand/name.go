package understand

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"valebot/internal/mexid"
)

// Names of intents that flows ask for by name.
const (
	IntentTerms  = "terms"  // INFO, condiciones
	IntentChange = "change" // CAMBIAR
)

// Terms reports a wish to read the conditions.
func (r Reading) Terms() bool { return r.Has(IntentTerms) }

// Change reports a wish to change what was just shown.
func (r Reading) Change() bool { return r.Has(IntentChange) }

// maxNameWords bounds a person's name: two given names, two surnames, particles.
const maxNameWords = 7

// Name returns a person's name in title case: after "me llamo", "soy" or "mi
// nombre es", or when the message is nothing but words that are no common words.
// It allocates the name.
func (r Reading) Name() (string, bool) {
	from := r.afterIntroduction()
	var parts []string
	for i := from; i < r.tok.count; i++ {
		k := r.tok.word(i)
		if len(parts) > 0 && r.cover[i].role == roleFiller && r.cover[i].n > 0 {
			break // "Ana Ruiz, gracias"
		}
		if k.kind != kindWord || k.flags&(flagSuspect|flagCopy) != 0 || !r.namely(k) || len(parts) == maxNameWords {
			return "", false
		}
		parts = append(parts, titled(r.text[k.start:k.end], r.u.particles[k.id]))
		if k.flags&flagStop != 0 {
			break
		}
	}
	if len(parts) == 0 || from == 0 && r.has('?') {
		return "", false
	}
	return strings.Join(parts, " "), utf8.RuneCountInString(parts[0]) > 1
}

// namely accepts given names, particles and words that mean nothing else.
func (r *Reading) namely(k *token) bool {
	return k.id == 0 || k.flags&flagFuzzy != 0 || r.u.given[k.id] || r.u.particles[k.id]
}

// afterIntroduction returns the word after "me llamo", "soy", "mi nombre es".
func (r *Reading) afterIntroduction() int {
	word := func(i int, s string) bool { return i < r.tok.count && r.u.is(r.tok.word(i), s) }
	for i := range min(r.tok.count, 4) {
		switch {
		case word(i, "soy"), word(i, "llamo"), word(i, "llama"), word(i, "dicen"), i == 0 && word(i, "es"):
			return i + 1
		case word(i, "nombre") && (word(i+1, "es") || word(i+1, "de")):
			return i + 2
		}
	}
	return 0
}

func titled(s string, particle bool) string {
	s = strings.ToLower(s)
	if particle {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// CURP returns the one valid CURP inside the message, wherever it stands.
func (r Reading) CURP() (mexid.CURP, bool) {
	const length = 18
	for i := 0; i+length <= len(r.text); i++ {
		if i > 0 && alphanumeric(r.text[i-1]) || i+length < len(r.text) && alphanumeric(r.text[i+length]) {
			continue
		}
		if c, err := mexid.ParseCURP(r.text[i : i+length]); err == nil {
			return c, true
		}
	}
	return "", false
}

func alphanumeric(b byte) bool {
	return isDigit(b) || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= utf8.RuneSelf
}
