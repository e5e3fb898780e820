package understand_test

import (
	"testing"

	"valebot/internal/understand"
)

// Certainty and its denial are said with the words of doubt: "no cabe duda" is a
// yes, "me cabe la duda" is none.
func TestCertainty(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]understand.Answer{
		"no me cabe la menor duda":             understand.Yes,
		"sin ninguna reserva":                  understand.Yes,
		"sin lugar a discusión":                understand.Yes,
		"estoy totalmente convencida":          understand.Yes,
		"puedo asegurarle que sí":              understand.Yes,
		"no tengo la menor objeción":           understand.Yes,
		"me cabe la duda":                      understand.Unclear,
		"tengo una duda":                       understand.Unclear,
		"no tengo más dudas":                   understand.Unclear,
		"no estoy convencida":                  understand.No,
		"sin ninguna duda, pero mañana":        understand.Unclear,
		"¿sin ninguna duda?":                   understand.Unclear,
		"dijo que no cabe duda":                understand.Unclear,
		"no cabe duda de que es una estafa":    understand.Unclear,
		"sin reserva, pero que sean 2 mil":     understand.Unclear,
		"no hay duda si me esperas al viernes": understand.Unclear,
	} {
		if got := u.Read(text, monday()).YesNo(); got.Answer != want {
			t.Errorf("%q is %v (%s), want %v", text, got.Answer, got.Why, want)
		}
	}
}

func TestFlatRefusals(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]understand.Answer{
		"bajo ningún concepto":             understand.No,
		"de ninguna forma posible":         understand.No,
		"por ningún motivo":                understand.No,
		"de eso ni hablar":                 understand.No,
		"ni remotamente":                   understand.No,
		"ni de chiste":                     understand.No,
		"no es viable":                     understand.No,
		"no era lo que yo pedía":           understand.Unclear,
		"no es lo que ocupo":               understand.No,
		"no, eso no me conviene":           understand.No,
		"en ese caso sí":                   understand.Unclear,
		"de eso quiero hablar":             understand.Unclear,
		"no es viable o sí?":               understand.Unclear,
		"ni de chiste lo dejo pasar, sí":   understand.Unclear,
		"por algún motivo no me llegó":     understand.Unclear,
		"no me resuelve nadie mi depósito": understand.Unclear,
	} {
		if got := u.Read(text, monday()).YesNo(); got.Answer != want {
			t.Errorf("%q is %v (%s), want %v", text, got.Answer, got.Why, want)
		}
	}
}

// The verb of accepting by itself leans to yes; money does not move on it.
func TestBareVerbOfAcceptingIsNotPlain(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, text := range []string{"acepta", "confirma", "autoriza por favor", "ratificar", "si acepta"} {
		if got := u.Read(text, monday()).YesNo(); got.Answer != understand.Yes || got.Plain {
			t.Errorf("%q is %v, plain %v", text, got.Answer, got.Plain)
		}
	}
	for _, text := range []string{"ella acepta", "¿acepta?", "acepta tarjeta", "mi esposo autoriza", "no acepta", "quién confirma"} {
		if got := u.Read(text, monday()).YesNo(); got.Answer == understand.Yes {
			t.Errorf("%q is a yes", text)
		}
	}
}

// What comes after a yes makes it no less plain, and is no yes by itself.
func TestAdverbAfterYes(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, tail := range []string{"de inmediato", "sin pensarlo", "con toda certeza", "completamente"} {
		if got := u.Read("sí, "+tail, monday()).YesNo(); !got.Plain || got.Answer != understand.Yes {
			t.Errorf("%q after a yes: %v, plain %v (%s)", tail, got.Answer, got.Plain, got.Why)
		}
		for _, text := range []string{tail, "no, " + tail, "sí pero no " + tail, "sí, ¿" + tail + "?"} {
			if got := u.Read(text, monday()).YesNo(); got.Answer == understand.Yes {
				t.Errorf("%q is a yes", text)
			}
		}
	}
}

// A country, a colour and a drink are no slips of the thumb for an insult.
func TestInsultsAreNotGuessed(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, text := range []string{"comida china", "tinta negra", "una tonga", "pincho de pollo", "la mesa", "un burrito de carne", "el rato"} {
		if u.Read(text, monday()).Has("insult") {
			t.Errorf("%q is an insult", text)
		}
	}
	for _, text := range []string{"pinches rateros", "eres una pendeja", "idiotaaa", "bola de rateros"} {
		if !u.Read(text, monday()).Has("insult") {
			t.Errorf("%q is none", text)
		}
	}
}
