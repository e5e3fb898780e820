package understand

import (
	"strings"

	"valebot/internal/money"
)

// Income is what somebody earns, and how often.
type Income struct {
	Amount money.Amount
	Per    Unit // UnitWeek, UnitQuincena or UnitMonth; UnitNone if it was not said
}

// Income reads what somebody says that she earns: "gano 3 mil a la semana",
// "1500 cada 15 días", "12 mil al mes", "3000". A range, two amounts, two periods
// and what is earned a day (of who knows how many) are not one income: ask again.
// Catorcenas count as quincenas, of which there are fewer in a year.
func (r Reading) Income() (Income, bool) {
	rest, per, ok := withoutPeriod(strings.Fields(r.text))
	if !ok {
		return Income{}, false
	}
	again := r.u.Read(rest, r.context)
	amount, ok := again.Amount()
	return Income{Amount: amount, Per: per}, ok
}

// withoutPeriod takes the words that say how often out of a text. ok is false
// where they say it in two ways, or by the day.
func withoutPeriod(words []string) (rest string, per Unit, ok bool) {
	var kept []string
	for i := 0; i < len(words); i++ {
		unit, n := periodAt(words[i:])
		if unit == UnitNone {
			kept = append(kept, words[i])
			continue
		}
		if unit == UnitDay || per != UnitNone && per != unit {
			return "", UnitNone, false
		}
		per = unit
		kept = withoutLead(kept)
		i += n - 1
	}
	return strings.Join(kept, " "), per, true
}

// withoutLead takes the small words off the end that lead to a period: "a la".
func withoutLead(words []string) []string {
	for len(words) > 0 {
		switch bare(words[len(words)-1]) {
		case "a", "la", "al", "ala", "por", "cada", "x", "el", "c", "una", "un":
			words = words[:len(words)-1]
			continue
		}
		break
	}
	return words
}

// periodAt returns the period that begins a text, and in how many words it is said.
func periodAt(words []string) (Unit, int) {
	if len(words) > 2 && bare(words[0]) == "cada" && strings.HasPrefix(bare(words[2]), "dia") {
		switch bare(words[1]) {
		case "7", "8", "siete", "ocho":
			return UnitWeek, 3
		case "14", "15", "catorce", "quince":
			return UnitQuincena, 3
		case "30", "treinta":
			return UnitMonth, 3
		}
	}
	first := bare(words[0])
	if at := strings.LastIndexByte(words[0], '/'); at >= 0 {
		first = bare(words[0][at+1:]) // "c/semana"
	}
	switch first {
	case "semana", "semanal", "semanales", "semanalmente", "sem":
		return UnitWeek, 1
	case "quincena", "quincenal", "quincenales", "quincenalmente", "quinsena", "quincenita", "qna", "catorcena", "catorcenal", "catorcenales":
		return UnitQuincena, 1
	case "mes", "mensual", "mensuales", "mensualmente":
		return UnitMonth, 1
	case "dia", "diario", "diaria", "diarios", "diarias", "diariamente":
		return UnitDay, 1
	}
	return UnitNone, 0
}

// bare is a word in small letters without accents and what stands around it.
func bare(word string) string {
	var b strings.Builder
	for _, r := range word {
		if class, folded, _ := foldRune(r); class == classLetter || class == classDigit {
			b.WriteByte(folded)
		}
	}
	return b.String()
}
