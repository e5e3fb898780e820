package understand_test

import (
	"strings"
	"testing"

	"valebot/internal/understand"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// wholeAnswers is a lexicon with words that count only as the whole message.
const wholeAnswers = `
answers:
  - name: assent
    patterns: ["= quiero", "= de una [vez]", va]
  - name: accept
    patterns: [manda~, "por favor envia~"]
  - name: more
    patterns: [de una]
  - name: filler
    patterns: [gracias, por favor, hola]
  - name: laugh
    patterns: [va tu]
  - name: yes
    patterns: [si, va tu]
  - name: "no"
    patterns: ["no"]
`

func TestWholeAnswers(t *testing.T) {
	t.Parallel()
	_, u := small(t, strings.Replace(wholeAnswers, "name: yes", `name: "yes"`, 1))
	for text, want := range map[string]string{
		"quiero":               "plain",
		"quiero gracias":       "plain",
		"hola, quiero":         "plain",
		"por favor quiero":     "plain",
		"quiero pizza":         "other",
		"quiero quiero":        "other",
		"no quiero":            "other",
		"si quiero":            "other",
		"quiero?":              "other",
		"quiero 3":             "other",
		"de una":               "plain",
		"de una vez":           "plain",
		"si de una":            "plain",
		"si, de una vez":       "other",
		"mandalo":              "plain",
		"mándamelo":            "plain",
		"mandala, gracias":     "plain",
		"manda":                "other",
		"mandarina":            "other",
		"por favor envíanoslo": "plain",
		"va":                   "plain",
		"va tu":                "other",
		"si, va tu":            "other",
		"gracias":              "other",
		"":                     "other",
	} {
		if got := answerLabel(u.Read(text, understand.Context{}).YesNo()); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestPictures holds what emoji say: hands and ticks answer, whatever their skin;
// joy, fire and faces say nothing.
func TestPictures(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for want, texts := range map[string][]string{
		"plain": {"👍", "👍🏻", "👍🏼", "👍🏽", "👍🏾", "👍🏿", "👍️", "👍👍👍", "✅", "👌🏽", "🆗", "sí 👍🏽", "🙏 sí", "sí 🎉", "va 🔥", "👍 gracias 🙏🏽"},
		"no":    {"👎", "👎🏿", "❌", "🚫", "🙅🏽‍♀️", "no 👎", "🙏 no"},
		"other": {"🔥", "🔥🔥", "🎉", "🥳", "💪🏽", "😎", "😂", "🤔", "🙄", "🤷🏽‍♂️", "😡", "😢", "👋", "🙏", "❤️", "☝🏽", "👍👎", "👍?", "👍😂", "👍🤔", "👍🏽 pero mañana", "👍 2000", "🍕", "🇲🇽", "1️⃣", ":)", "xD"},
	} {
		for _, text := range texts {
			if got := answerLabel(u.Read(text, monday()).YesNo()); got != want {
				t.Errorf("%q is %s, want %s", text, got, want)
			}
		}
	}
}

// TestSeveralSlotsInOneMessage fills every slot that one message names.
func TestSeveralSlotsInOneMessage(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, test := range []struct{ text, amount, term, date, phone string }{
		{"quiero 3 mil a 6 quincenas", "3000.00", "6 quincena", "-", "-"},
		{"2500 pesos en 8 pagos", "2500.00", "8 pago", "-", "-"},
		{"le pago 500 el viernes", "500.00", "-", "2026-03-13", "-"},
		{"el 15 le deposito mil quinientos", "1500.00", "-", "2026-03-15", "-"},
		{"mañana $1,200.50", "1200.50", "-", "2026-03-10", "-"},
		{"vale 6671234567 3000 8", "-", "-", "-", "+526671234567"},
		{"mi cel es 667 123 4567, quiero 4 mil pesos a 12 quincenas", "4000.00", "12 quincena", "-", "+526671234567"},
		{"sí, 3 mil", "3000.00", "3", "-", "-"},
	} {
		r := u.Read(test.text, monday())
		for kind, want := range map[string]string{"amount": test.amount, "date": test.date, "phone": test.phone} {
			if got := read(kind, r); got != want {
				t.Errorf("%s of %q is %s, want %s", kind, test.text, got, want)
			}
		}
		if got := read("term", r); test.term != "-" && test.term != "3" && got != test.term {
			t.Errorf("term of %q is %s, want %s", test.text, got, test.term)
		}
	}
}
