package app

import (
	"strings"
	"testing"

	"valebot/internal/understand"
)

const rosa = "+526673334455"

// A borrower gets a word; a number that nobody knows writes it, says yes and is
// one of ours; the borrower hears that somebody came, and no more.
func TestAWordBringsAStranger(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.active()
	v.write(rosa, "hola") // a stranger is for the desk …
	v.silence(rosa)
	v.wants(map[string]int64{"select count(*) from conversation where owner = 'queue' and queue = 'desconocidos'": 1})

	word, ok := understand.Invitation(v.says(ana, "quiero recomendar a una amiga", "Esta palabra es para una sola persona", "HOLA AMIGA-"))
	if !ok {
		t.Fatal("Ana got no word")
	}
	v.says(rosa, "Hola "+strings.ToLower(word), "Ana te recomienda") // … until she writes a word
	v.wants(map[string]int64{
		"select count(*) from conversation where owner = 'queue'":             0,
		"select count(*) from person where phone = '" + rosa + "'":            0,
		"select count(*) from consent where contact_key = 'tel:" + rosa + "'": 0,
	})
	v.says(rosa, "sí", "Escribe tu nombre")
	v.says(rosa, "Rosa Luna Paz", "¿Quieres? Responde SI o NO")
	v.says(rosa, "sí", "De qué monto")
	v.says(rosa, "2 mil", "Solicitud S-")
	v.quiet()
	v.wants(map[string]int64{
		"select count(*) from outbox where message_key = 'recomendar.llego'":                                                                  1, // in the hours for it
		"select count(*) from person p join conversation c on c.person_id = p.id where p.phone = '" + rosa + "' and p.name = 'Rosa Luna Paz'": 1,
		"select count(*) from referral where taken_by is not null":                                                                            1,
		"select count(*) from request where kind = 'alta' and closed_at is null":                                                              1,
		"select count(*) from consent where contact_key = 'tel:" + rosa + "' and purpose = 'service' and granted":                             1,
		"select count(*) from audit where action = 'referral.accept' and outcome = 'ok'":                                                      1,
	})
	v.says(beto, word, "Ya te conocemos")
	v.balanced()
}

// A stranger who says no, and one whose word nobody gave out, are answered and
// leave nothing but what they wrote.
func TestAStrangerWhoSaysNo(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	word, _ := understand.Invitation(v.says(maria, "RECOMENDAR", "Esta palabra es para una sola persona", "HOLA AMIGA-"))
	v.says(rosa, word, "te recomienda")
	v.says(rosa, "no", "no guardamos tus datos")
	v.says(rosa, "AMIGA-9ZZ9", "No encontramos esa palabra")
	v.says(rosa, "AMIGA-8ZZ8", "No encontramos esa palabra")
	v.says(rosa, "AMIGA-7ZZ7", "No encontramos esa palabra")
	v.write(rosa, word) // tried too often for today
	v.silence(rosa)
	v.wants(map[string]int64{
		"select count(*) from person where phone = '" + rosa + "'": 0,
		"select count(*) from referral where taken_by is null":     1,
		"select count(*) from conversation where owner <> 'bot'":   0,
	})
}
