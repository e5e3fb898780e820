package understand_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"valebot/internal/understand"
)

// FuzzRead asks every reading of any text: none panics, and what must never
// happen does not.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"sí", "no", "3 mil", "1,1^-2", "el 29 de febrero", "ѕі", "VALE 6671234567 3000 8", "mil mil", "¿…?", "1.2.3,4", "½", "2️⃣", "99999999999999999999", "\xff\xfe", "$$$", "5 de", "de hoy en ocho", "()[]|*"} {
		f.Add(s)
	}
	u := spanish(f)
	c := monday()
	c.Options = payout()
	f.Fuzz(func(t *testing.T, text string) {
		r := u.Read(text, c)
		r.All()
		r.Name()
		r.CURP()
		r.NewVale()
		r.Stop()
		r.Ordinal()
		if y := r.YesNo(); y.Plain && y.Answer == understand.Yes && !latin(text) {
			t.Errorf("%+q is a plain yes with letters of another script", text)
		}
		if d, ok := r.BirthDate(); ok && (d.Year > c.Now.Year() || d.Year < 1900) {
			t.Errorf("%q is a birth date %v", text, d)
		}
		if a, ok := r.Amount(); ok && a <= 0 {
			t.Errorf("%q is the amount %d", text, a)
		}
	})
}

// latin reports a text without letters beyond Latin-1, combining marks apart.
func latin(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if r > 0xFF && r < 0x300 || r >= 0x370 && r < 0x2000 || r >= 0x3040 && r < 0xD800 {
			return false
		}
	}
	return true
}

// FuzzLexicon loads any file: it is refused with its name, or it compiles or is
// refused by New.
func FuzzLexicon(f *testing.F) {
	f.Add("intents:\n  - name: x\n    patterns: [hola (a|b) [c] * NUM d $]\n")
	f.Add("classes:\n  a: [b, c d]\nanswers:\n  - name: yes\n    patterns: [\"<a> e\"]\n")
	f.Add("respell: {q: que}\npictures: {si: 👍}\nglue: que\ncommon: [casa]\n")
	f.Fuzz(func(t *testing.T, data string) {
		lex, err := understand.LoadLexicon(files("f.yaml", data), ".")
		if err != nil {
			if !strings.Contains(err.Error(), "f.yaml") {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		u, err := understand.New(lex)
		if err != nil {
			return
		}
		r := u.Read("hola si no 3", understand.Context{Now: time.Unix(0, 0)})
		r.All()
		u.Check(lex)
	})
}
