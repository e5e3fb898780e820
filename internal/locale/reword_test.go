package locale_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/gsm7"
	"valebot/internal/locale"
)

func TestReword(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]locale.Rewording{
		"":                          nil,
		"Tu clave es 482913.":       nil,
		"después y también pagué":   nil,
		"TU CÓDIGO tiene 6 dígitos": {{Word: "código", Say: []string{"clave"}}, {Word: "dígitos", Say: []string{"cifras"}}},
		"día a día, más":            {{Word: "día", Say: []string{"fecha"}}, {Word: "más", Say: []string{"otra vez", "también"}}},
		"aquí":                      {{Word: "aquí", Say: []string{""}}},
	} {
		if diff := cmp.Diff(want, locale.Reword(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// What is proposed must itself be free of what it is proposed against.
func TestRewordingsFitTheAlphabet(t *testing.T) {
	t.Parallel()
	all := "autorizó código códigos depósito depósitos línea razón dígitos dígito día días más está cuánto cuándo número números aquí"
	list := locale.Reword(all)
	if len(list) != 18 {
		t.Errorf("%d of 18 words are known", len(list))
	}
	for _, r := range list {
		if gsm7.Fits(r.Word) {
			t.Errorf("%q needs no rewording", r.Word)
		}
		for _, say := range r.Say {
			if !gsm7.Fits(say) {
				t.Errorf("%q for %q does not fit the alphabet", say, r.Word)
			}
		}
	}
}
