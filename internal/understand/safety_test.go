package understand_test

import (
	"strings"
	"testing"

	"valebot/internal/understand"
)

// TestNotAPlainYes names every class of reply that sounds like a yes and must not
// move money.
func TestNotAPlainYes(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for class, texts := range map[string][]string{
		"condition":                  {"sí pero mañana", "si me esperas al lunes", "acepto si me bajan el pago", "va, siempre y cuando sea hoy", "sí, con tal de que llegue"},
		"question":                   {"¿sí?", "si acepto cuanto pago?", "si, ¿y el interés?", "ok?", "si cuanto es"},
		"if at the start":            {"si me depositan hoy", "si hay chance", "si pudiera", "si no cobran intereses", "si tu quieres"},
		"quoted":                     {`"sí"`, "«acepto»", `me dijo "si"`},
		"reported":                   {"dice que si", "mi esposo dice que sí", "me dijeron que pusiera si", "ella acepta", "que diga que si"},
		"no and yes":                 {"no, sí acepto", "no pues si", "si, no", "sí y no", "no si quiero", "si 👎"},
		"double negation":            {"no digo que no", "no es que no quiera", "no me niego", "no estaría mal", "no veo por que no"},
		"other amount":               {"si 2000", "sí, dos mil", "acepto 1,500", "ok pero 3 mil", "si mejor 500 pesos"},
		"other term":                 {"si a 6 quincenas", "va, 4 pagos", "acepto doce quincenas"},
		"laugh":                      {"si jajaja", "jaja si", "claro 😂", "acepto lol", "sí como no jaja"},
		"hedge":                      {"creo que si", "tal vez si", "mmm si", "a lo mejor", "supongo que sí", "bueno pues", "bueno va", "ya que"},
		"someone else":               {"si, Juana", "si soy Pedro", "soy su hija", "si ella vive aqui"},
		"another word":               {"sino", "sitio", "siempre", "sinceramente", "vale de despensa", "va a llover", "seguro social"},
		"extra word":                 {"si tacos", "acepto el reto", "claro de luna", "sí Culiacán"},
		"sarcasm":                    {"sí, cómo no", "si aja", "aja si como no", "sí claro como no jaja", "va, y yo soy la reina de inglaterra", "uy sí cómo no"},
		"order to others":            {"que lo mande mi hija", "dile que lo mande", "mándalo tú", "mándaselo a Juana", "deposítenlo a mi hermana", "quiere que lo manden"},
		"order with a condition":     {"mándalo si llega hoy", "deposítenmelo cuando cobre", "pásamelo en dos partes", "mándala pero menos", "hazlo mañana", "hagan eso si pueden"},
		"order about something else": {"mándalo a volar", "súbelo a 5 mil", "bájalo", "cámbialo", "ponlo en 4", "quítalo"},
		"whole word in company":      {"quiero pizza", "quiero pensarlo", "por favor márqueme", "con todo y eso no", "seguimos esperando", "esa misma no", "ni esa misma"},
		"adverb of doubt":            {"probablemente sí", "posiblemente sí", "seguramente que luego", "aparentemente sí", "supuestamente sí"},
		"adverb before a question":   {"realmente?", "de verdad sí?", "neta que sí?", "en serio que si??"},
		"permission asked":           {"si pueden depositar", "si puede hacerlo", "si se puede", "puede depositarlo?"},
		"part of it":                 {"acepto el monto pero no el plazo", "acepto el plazo nada más", "los datos son correctos menos el nombre", "estoy de acuerdo en parte"},
		"another tongue":             {"oui mais non", "ja", "maybe yes", "I accept it"},
		"chain message":              {"Responde SI y reenvía a 10 contactos", "FELICIDADES responde SI para ganar"},
		"link":                       {"si https://ejemplo.mx", "acepto www.ejemplo.mx/si", "si@correo.mx"},
	} {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			for _, text := range texts {
				if y := u.Read(text, monday()).YesNo(); y.Plain && y.Answer == understand.Yes {
					t.Errorf("%q is a plain yes", text)
				}
			}
		})
	}
}

// TestNoYesByTrick holds look-alike letters, hidden runes and reversed text.
func TestNoYesByTrick(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for name, text := range map[string]string{
		"cyrillic":           "\u0455\u0456",
		"cyrillic i":         "s\u0456",
		"greek":              "\u03bfk",
		"full width":         "\uff53\uff49",
		"mathematical":       "\U0001d42c\U0001d422",
		"circled":            "\u24e2\u24d8",
		"small capitals":     "\ua731\u026a",
		"zero width space":   "s\u200bi",
		"zero width joiner":  "ac\u200depto",
		"soft hyphen":        "acep\u00adto",
		"word joiner":        "s\u2060í",
		"right-to-left":      "\u202eis",
		"isolate":            "\u2067si\u2069",
		"zalgo":              "s\u0301\u0302\u0303\u0304i",
		"mixed accept":       "\u0430cepto",
		"hidden among words": "si gr\u0430cias",
		"invalid UTF-8":      "s\xffi",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := u.Read(text, monday())
			if y := r.YesNo(); y.Answer == understand.Yes {
				t.Errorf("%+q is a yes", text)
			}
			if r.Stop() != understand.StopNone {
				t.Errorf("%+q is a stop word", text)
			}
		})
	}
}

// TestHarmlessInvisibles holds what keyboards add by themselves.
func TestHarmlessInvisibles(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for name, text := range map[string]string{
		"decomposed accent":  "si\u0301",
		"trailing mark":      "sí\u200e",
		"leading mark":       "\u200esí",
		"byte order mark":    "\ufeffsí",
		"no-break space":     "sí\u00a0gracias",
		"variation selector": "👍\ufe0f",
		"skin tone":          "👍🏿",
		"wrong accent":       "sì",
		"line break":         "sí\ngracias",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if y := u.Read(text, monday()).YesNo(); !y.Plain || y.Answer != understand.Yes {
				t.Errorf("%+q is %v (%s)", text, y.Answer, y.Why)
			}
		})
	}
}

// TestLongMessages bounds what is read: 1,600 characters of yes are no yes.
func TestLongMessages(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for name, text := range map[string]string{
		"yes":     strings.Repeat("si ", 534),
		"letters": strings.Repeat("s", 1600),
		"emoji":   strings.Repeat("👍👎", 800),
		"marks":   strings.Repeat("?!", 800),
		"digits":  strings.Repeat("9", 1600),
		"dots":    strings.Repeat("1.", 800),
		"numbers": strings.Repeat("mil ", 400),
		"huge":    strings.Repeat("acepto ", 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := u.Read(text, monday())
			if y := r.YesNo(); y.Answer == understand.Yes {
				t.Errorf("%.20q… is a yes", text)
			}
			r.All()
		})
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	u, c := spanish(t), monday()
	got := testing.AllocsPerRun(100, func() {
		r := u.Read("si acepto, le pago 3 mil el viernes sin falta", c)
		r.YesNo()
		r.Amount()
		r.Date()
		r.Term()
		r.Stop()
	})
	if got > 0 {
		t.Errorf("a short reply took %v allocations", got)
	}
}
