package understand_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
	"valebot/internal/understand"
)

// pick returns the texts of the corpus with one of the labels.
func pick(t testing.TB, labels ...string) []string {
	var out []string
	for _, s := range corpus(t, "si_no.txt") {
		for _, l := range labels {
			if s.label == l {
				out = append(out, s.text)
			}
		}
	}
	return out
}

// spoilers take the plainness from any yes, wherever they are added.
func spoilers() []string {
	return []string{
		"pero", "pero mañana", "cuanto", "¿cuánto?", "?", "2000", "3 mil", "jajaja", "😂", "👎", "no", "no gracias",
		"creo", "tal vez", "depende", "cuando cobre", "aunque", "dice", "si me esperan", "siempre y cuando llegue",
		"mejor no", "a 6 quincenas", "tortillas", "a lo mejor", "hasta el viernes", "menos", "mi esposo", "en dos partes",
	}
}

func TestSpoiledYesIsNotPlain(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, yes := range pick(t, "plain") {
		for _, s := range spoilers() {
			for _, text := range []string{yes + " " + s, yes + ", " + s, s + " " + yes, s + ", " + yes} {
				if y := u.Read(text, monday()).YesNo(); y.Plain && y.Answer == understand.Yes {
					t.Errorf("%q is a plain yes", text)
				}
			}
		}
	}
}

// courtesies change nothing.
func TestPoliteAnswersStay(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, label := range []string{"plain", "no"} {
		for _, text := range pick(t, label) {
			for _, polite := range []string{text + ", gracias", "hola, " + text, text + " 🙏", "buenas tardes. " + text} {
				if got := answerLabel(u.Read(polite, monday()).YesNo()); got != label {
					t.Errorf("%q is %s, want %s", polite, got, label)
				}
			}
		}
	}
}

// TestMutatedNoIsNeverYes slips, swaps, doubles and drops letters of refusals and
// doubts of several words: they may become unclear, never a yes.
func TestMutatedNoIsNeverYes(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	var refusals []string
	for _, text := range pick(t, "no") {
		if strings.Contains(text, " ") {
			refusals = append(refusals, text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := slip(t, rapid.SampledFrom(refusals).Draw(t, "text"))
		if y := u.Read(text, monday()).YesNo(); y.Answer == understand.Yes && y.Plain {
			t.Fatalf("%q is a plain yes", text)
		}
	})
}

// TestMutatedYesIsNeverNo is the other direction, for words long enough that one
// slip does not make another word.
func TestMutatedYesIsNeverNo(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	var yeses []string
	for _, text := range pick(t, "plain") {
		if len(text) >= 10 {
			yeses = append(yeses, text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := slip(t, rapid.SampledFrom(yeses).Draw(t, "text"))
		if y := u.Read(text, monday()).YesNo(); y.Answer == understand.No && y.Plain {
			t.Fatalf("%q is a no", text)
		}
	})
}

// slip makes one error of the thumb after the first letter of the text.
func slip(t *rapid.T, text string) string {
	r := []rune(text)
	if len(r) < 3 {
		return text
	}
	i := rapid.IntRange(1, len(r)-2).Draw(t, "at")
	switch rapid.SampledFrom([]string{"drop", "double", "swap", "other"}).Draw(t, "how") {
	case "drop":
		return string(r[:i]) + string(r[i+1:])
	case "double":
		return string(r[:i+1]) + string(r[i:])
	case "swap":
		r[i], r[i+1] = r[i+1], r[i]
	default:
		r[i] = neighbour(t, r[i])
	}
	return string(r)
}

// neighbour returns a key beside the one that was meant. A letter from the other
// end of the keyboard is no slip, and "no lo quiero" to "yo lo quiero" no error
// that any grammar could see.
func neighbour(t *rapid.T, key rune) rune {
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"} {
		if at := strings.IndexRune(row, key); at >= 0 {
			return rune(row[min(max(at+rapid.SampledFrom([]int{-1, 1}).Draw(t, "side"), 0), len(row)-1)])
		}
	}
	return key
}
