package understand_test

import (
	"strings"
	"testing"
	"unicode"

	"valebot/internal/understand"
)

// mutation is one way to spoil a plain yes. make returns the spoiled texts; none
// of them may be a plain yes.
type mutation struct {
	class string
	make  func(yes string) []string
}

// around puts each piece before, behind and between the words of a yes.
func around(pieces ...string) func(string) []string {
	return func(yes string) []string {
		var out []string
		words := strings.Fields(yes)
		for _, p := range pieces {
			out = append(out, p+", "+yes, yes+", "+p)
			for i := range len(words) + 1 {
				mixed := append(append(append([]string{}, words[:i]...), p), words[i:]...)
				out = append(out, strings.Join(mixed, " "))
			}
		}
		return out
	}
}

// behind appends each clause, with a comma and without.
func behind(clauses ...string) func(string) []string {
	return func(yes string) []string {
		var out []string
		for _, c := range clauses {
			out = append(out, yes+" "+c, yes+", "+c, yes+". "+c, yes+"\n"+c)
		}
		return out
	}
}

// before puts each clause first.
func before(clauses ...string) func(string) []string {
	return func(yes string) []string {
		var out []string
		for _, c := range clauses {
			out = append(out, c+" "+yes, c+", "+yes)
		}
		return out
	}
}

// wrapped writes the yes within signs.
func wrapped(pairs ...[2]string) func(string) []string {
	return func(yes string) []string {
		var out []string
		for _, p := range pairs {
			out = append(out, p[0]+yes+p[1])
		}
		return out
	}
}

// looksLike are letters of other scripts that look like Latin ones, and Latin
// letters in other clothes.
var looksLike = strings.NewReplacer("a", "а", "e", "е", "o", "о", "c", "с", "p", "р", "x", "х", "y", "у", "s", "ѕ", "i", "і", "v", "ν")

func disguised(yes string) []string {
	lower := strings.ToLower(yes)
	var wide, bold, hidden strings.Builder
	inside := false // a word: what is hidden before it or behind it, keyboards put there
	for _, r := range lower {
		switch {
		case r >= 'a' && r <= 'z':
			wide.WriteRune(r - 'a' + 'ａ')
			bold.WriteRune(r - 'a' + '𝐚')
			if inside {
				hidden.WriteRune('\u200b')
			}
			hidden.WriteRune(r)
		default:
			wide.WriteRune(r)
			bold.WriteRune(r)
			hidden.WriteRune(r)
		}
		inside = unicode.IsLetter(r)
	}
	out := []string{"\u202e" + lower, "\u2067" + lower + "\u2069"}
	for _, text := range []string{looksLike.Replace(lower), wide.String(), bold.String(), hidden.String()} {
		if text != lower {
			out = append(out, text)
		}
	}
	return out
}

// tooLong goes beyond what is read. A row of thumbs is one thumb, however long.
func tooLong(yes string) []string {
	out := []string{yes + strings.Repeat(" ", 7000) + "no"}
	if strings.ContainsFunc(yes, unicode.IsLetter) {
		out = append(out, strings.Repeat(yes+" ", 150))
	}
	return out
}

func mutations() []mutation {
	return []mutation{
		{"condition", behind("si me esperan al lunes", "pero hasta el viernes", "siempre y cuando llegue hoy", "nomás que cobre", "cuando me paguen",
			"con la condición de que sea hoy", "depende de cuánto sea", "si mi esposo me deja", "mientras no suban los pagos", "a menos que cobren más", "en caso de que sí llegue")},
		{"if", before("y si", "es que si", "a ver si", "como si", "pregunta si", "no sé si", "dígame si")},
		{"question", wrapped([2]string{"¿", "?"}, [2]string{"", "?"}, [2]string{"¿", ""}, [2]string{"", " ??"}, [2]string{"por qué ", ""}, [2]string{"cómo que ", ""})},
		{"asked", behind("cuánto sería", "¿y a qué hora?", "y cuánto me cobran", "qué sigue", "cómo le hago", "cuándo llega", "por qué", "en dónde")},
		{"reported", before("ella dice que", "me dijo que", "dicen que", "mi hija contestó", "según él", "dile a mi mamá que", "le dije que", "ya le habían dicho que")},
		{"quoted", wrapped([2]string{"\"", "\""}, [2]string{"“", "”"}, [2]string{"«", "»"}, [2]string{"escribí \"", "\""})},
		{"negated", before("no", "yo no", "nunca", "ya no", "tampoco", "ni", "no digo que", "no es que", "no creo que")},
		{"taken back", behind("no", "que no", "bueno no", "mejor no", "no es cierto", "digo no", "siempre no", "perdón no", "me equivoqué", "cancela", "olvídalo", "es broma")},
		{"other amount", behind("2000", "3 mil", "pero 500", "mejor mil", "dos mil nada más", "por 1500", "$800", "la mitad", "sin intereses", "a 6 quincenas", "en dos pagos")},
		{"other person", behind("para mi comadre Lupita", "pero a nombre de Juana", "a Pedro", "a mi esposo", "soy su hija", "que lo reciba Rosa", "dáselo a Chuy")},
		{"doubt", around("creo", "tal vez", "a lo mejor", "quizá", "no sé", "mmm", "igual", "chance", "según")},
		{"laugh", around("jajaja", "😂", "jeje no", "ja ja ja", "🤣🤣")},
		{"thumb down", around("👎", "🙄", "🤔", "❌")},
		{"later", behind("mañana", "luego", "al rato te digo", "deja lo pienso", "pero después", "otro día", "el lunes te confirmo", "ahorita no")},
		{"word nobody taught", around("tortillas", "zxqw", "camión", "Guadalajara")},
		{"disguised", disguised},
		{"too long", tooLong},
	}
}

// TestNoMutantOfAYesIsPlain spoils every plain yes of the corpus in every way. A
// yes that moves money and was not said is the one error that costs money.
func TestNoMutantOfAYesIsPlain(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	yeses := pick(t, "plain")
	for _, m := range mutations() {
		t.Run(m.class, func(t *testing.T) {
			t.Parallel()
			flips, mutants := 0, 0
			for _, yes := range yeses {
				for _, text := range m.make(yes) {
					mutants++
					if y := u.Read(text, monday()).YesNo(); y.Answer == understand.Yes && y.Plain {
						if flips++; flips <= 40 {
							t.Errorf("%q (of %q) is a plain yes", text, yes)
						}
					}
				}
			}
			if flips > 0 || mutants < len(yeses) {
				t.Errorf("%d of %d mutants are a plain yes", flips, mutants)
			}
		})
	}
}

// slips returns every text that one error of the thumb makes of this one.
func slips(text string) []string {
	const rows = "qwertyuiop asdfghjkl zxcvbnm"
	r := []rune(text)
	var out []string
	for i := range r {
		if i > 0 && i+1 < len(r) {
			out = append(out, string(r[:i])+string(r[i+1:]), string(r[:i])+string(r[i+1])+string(r[i])+string(r[i+2:]))
		}
		out = append(out, string(r[:i+1])+string(r[i:]))
		at := strings.IndexRune(rows, r[i])
		for _, side := range []int{-1, 1} {
			if at >= 0 && r[i] != ' ' && at+side >= 0 && at+side < len(rows) && rows[at+side] != ' ' {
				out = append(out, string(r[:i])+string(rows[at+side])+string(r[i+1:]))
			}
		}
	}
	return out
}

// oneLetterFromAYes are replies that one letter parts from a yes that people do
// write: no grammar could see the slip.
var oneLetterFromAYes = map[string]bool{
	"así estoy bien": true, "así está bien": true, // ssí está bien
	"acepto lol":         true, // acepto kol, for cool
	"exacto peso":        true, // exacto eso
	"ya va":              true, // y va
	"muy bien y tu":      true, // muy bien y ty, for thank you
	"échale ganas m'ijo": true, // échale ganas mijo
	"di acepto":          true, // si acepto
	"su acepto":          true,
	"clatro que si":      true, // claro que si
	"si pero ya":         true, // si perro ya
	"sí diga":            true, // sí siga
	"bueno sí diga":      true,
}

// TestNoSlipMakesAYes makes every error of one letter in every reply of several
// words that is no plain yes.
func TestNoSlipMakesAYes(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, label := range []string{"no", "other"} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			for _, text := range pick(t, label) {
				if !strings.Contains(text, " ") || oneLetterFromAYes[text] {
					continue
				}
				for _, s := range slips(text) {
					if y := u.Read(s, monday()).YesNo(); y.Answer == understand.Yes && y.Plain {
						t.Errorf("%q (of %q) is a plain yes", s, text)
					}
				}
			}
		})
	}
}

// TestIntentsAreNoYes: whatever else a message wants, it is no plain yes, and
// wanting it beside a yes spoils the yes.
func TestIntentsAreNoYes(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	courtesies := map[string]bool{"ninguna": true, "greet": true, "thanks": true, "goodbye": true}
	for _, s := range corpus(t, "intenciones.txt") {
		if courtesies[s.label] {
			continue
		}
		for _, text := range []string{s.text, "sí, " + s.text, s.text + ", sí", "ok " + s.text} {
			if y := u.Read(text, monday()).YesNo(); y.Answer == understand.Yes && y.Plain {
				t.Errorf("intenciones.txt:%d: %q is a plain yes", s.line, text)
			}
		}
	}
}
