package understand_test

import (
	"testing"

	"valebot/internal/understand"
)

// TestWishToBeLeftAlone holds the difference between the exact stop words, which
// are obeyed, and the wish said in other words, for which the flow offers BAJA. A
// refusal that holds the wish must not be swallowed as a no to the open question.
func TestWishToBeLeftAlone(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, test := range []struct {
		text          string
		stop          understand.Stop
		wish, refuses bool
	}{
		{"BAJA", understand.StopOut, true, false},
		{"baja por favor", understand.StopNone, true, false},
		{"stop", understand.StopOut, true, false},
		{"no más mensajes", understand.StopOut, true, false},
		{"ya no me manden mensajes", understand.StopNone, true, false},
		{"no, ya no me escriban", understand.StopNone, true, false},
		{"no quiero recibir sus avisos", understand.StopNone, true, false},
		{"quítenme de su lista", understand.StopNone, true, false},
		{"no me interesa, bórrenme", understand.StopNone, true, false},
		{"ya párenle con los mensajes", understand.StopNone, true, false},
		{"no me manden nada", understand.StopNone, true, true},
		{"no gracias", understand.StopNone, false, true},
		{"no lo manden", understand.StopNone, false, true},
		{"no quiero", understand.StopNone, false, true},
		{"cancelar", understand.StopCancel, false, true},
		{"ya di de baja mi número viejo", understand.StopNone, false, false},
		{"solicito la baja de un vale", understand.StopNone, false, false},
		{"sí", understand.StopNone, false, false},
	} {
		r := u.Read(test.text, monday())
		if got := r.Stop(); got != test.stop {
			t.Errorf("%q: stop %d, want %d", test.text, got, test.stop)
		}
		if got := r.Has(understand.IntentOptOut); got != test.wish {
			t.Errorf("%q: wish %v, want %v", test.text, got, test.wish)
		}
		if got := r.YesNo().Answer == understand.No; got != test.refuses {
			t.Errorf("%q: a no %v, want %v (%s)", test.text, got, test.refuses, r.YesNo().Why)
		}
	}
}
