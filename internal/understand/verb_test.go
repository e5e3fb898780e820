package understand

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestConjugate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ verb, has, lacks string }{
		{"llamar", "llamo llame llamen llamenme llamarme llamando llamaron llamado llamame", "llami llamir"},
		{"buscar", "busque busquen busquenme buscaron busca", "busce buscen"},
		{"llegar", "llegue lleguen llegando llega", "llege llegen"},
		{"autorizar", "autorice autoricen autorizo autorizaron", "autorize"},
		{"deber", "debo debes debemos debia debere deberia", "debimos debar"},
		{"recibir", "recibo reciba reciban recibi recibio recibimos recibirlo recibidas", "recibemos"},
		{"conocer", "conozco conozca conoci conocen", "conoza"},
		{"escoger", "escojo escoja escogi", "escogo"},
		{"convencer", "convenzo convenza convencen", "convenzco"},
	} {
		forms := conjugate(tt.verb, false)
		for _, w := range strings.Fields(tt.has) {
			if !slices.Contains(forms, w) {
				t.Errorf("%s lacks %q", tt.verb, w)
			}
		}
		for _, w := range strings.Fields(tt.lacks) {
			if slices.Contains(forms, w) {
				t.Errorf("%s has %q", tt.verb, w)
			}
		}
	}
}

func TestOnlyInfinitivesConjugate(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", "ir", "ar", "llama", "calor", "sur", "señor"} {
		if forms := conjugate(word, false); forms != nil {
			t.Errorf("%q has forms: %v", word, forms)
		}
	}
}

func TestWishesTellNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ verb, has, lacks string }{
		{"llamar", "llamen llames llamar llamarme llamame llamenme llameme", "llamaron llama llamo llamando llamandome llamado llamaba"},
		{"recibir", "reciban recibas recibir recibirlo recibanlo", "recibi recibio recibo recibe recibido recibiendo"},
	} {
		forms := conjugate(tt.verb, true)
		for _, w := range strings.Fields(tt.has) {
			if !slices.Contains(forms, w) {
				t.Errorf("the wishes of %s lack %q", tt.verb, w)
			}
		}
		for _, w := range strings.Fields(tt.lacks) {
			if slices.Contains(forms, w) {
				t.Errorf("the wishes of %s have %q", tt.verb, w)
			}
		}
	}
}

// Whatever the verb, its forms are words that the scanner can meet, and the
// infinitive is one of them.
func TestFormsAreWords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		verb := rapid.StringMatching(`[a-z]{2,8}[aei]r`).Draw(t, "verb")
		forms := conjugate(verb, false)
		if !slices.Contains(forms, verb) {
			t.Fatalf("%q is not among its forms", verb)
		}
		for _, f := range forms {
			if folded, ok := foldWord(f); !ok || folded != f {
				t.Fatalf("%q of %q is no word", f, verb)
			}
		}
	})
}

// The stems of everyday verbs that change: present, wishes, preterite and future.
func TestIrregularVerbs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ verb, has, lacks string }{
		{"poder", "puedo puedes pueden pueda pudo pudieron podria podran pudiendo podido", "pudio"},
		{"querer", "quiero quieren quiera quise quiso querria queria queriendo querido", "quisio"},
		{"tener", "tengo tienes tenga tengan tuve tuvieron tendria tendran teniendo tenerlo", "tienamos"},
		{"hacer", "hago haces haga hagan hagame haganlo hice hicieron hara haria hecho", "hicio"},
		{"poner", "pongo ponga pongan ponganme pone puse pusieron pondria puesto poniendo", "pusio"},
		{"decir", "digo dice diga digan digame dije dijeron dira diria dicho diciendo", "dijio"},
		{"traer", "traigo trae traiga traigan traje trajeron trayendo traido", "trajio"},
		{"volver", "vuelvo vuelven vuelva vuelvan volvio volvieron volver vuelto", "vuelvio"},
		{"pedir", "pido pide pida pidan pidiendo pedi pedimos pedir pidame", "pidiron"},
		{"cerrar", "cierro cierra cierre cierren cierrela cerre cerraron cerrando", "cierraron"},
		{"perder", "pierdo pierde pierda perdi perdio perdieron", "pierdio"},
	} {
		forms := conjugate(tt.verb, false)
		for _, w := range strings.Fields(tt.has) {
			if !slices.Contains(forms, w) {
				t.Errorf("%s lacks %q", tt.verb, w)
			}
		}
		for _, w := range strings.Fields(tt.lacks) {
			if slices.Contains(forms, w) {
				t.Errorf("%s has %q", tt.verb, w)
			}
		}
	}
}

func TestIrregularWishes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ verb, has, lacks string }{
		{"poner", "ponga pongan ponganme poner ponerme pongalo", "puse pusieron pongo pondria puesto poniendo"},
		{"volver", "vuelva vuelvan volver", "volvio vuelvo vuelto volvieron"},
		{"decir", "diga digan digame decir decirme digale", "dije dijo digo dicho"},
	} {
		forms := conjugate(tt.verb, true)
		for _, w := range strings.Fields(tt.has) {
			if !slices.Contains(forms, w) {
				t.Errorf("the wishes of %s lack %q", tt.verb, w)
			}
		}
		for _, w := range strings.Fields(tt.lacks) {
			if slices.Contains(forms, w) {
				t.Errorf("the wishes of %s have %q", tt.verb, w)
			}
		}
	}
}

// A table that lists a verb which its own rules can conjugate is a row too many:
// every row changes some form.
func TestIrregularVerbsAreIrregular(t *testing.T) {
	t.Parallel()
	for verb, stems := range irregularVerbs() {
		regular := conjugateRegular(verb, false)
		changed := false
		for _, f := range stems.conjugate(verb, false) {
			if folded, ok := foldWord(f); !ok || folded != f {
				t.Errorf("%q of %q is no word", f, verb)
			}
			changed = changed || !slices.Contains(regular, f)
		}
		if regular == nil || !changed {
			t.Errorf("%q is regular, or no infinitive", verb)
		}
	}
}
