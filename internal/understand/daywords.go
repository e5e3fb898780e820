package understand

// dayKind says what a word does in a date.
type dayKind uint8

const (
	dayNone    dayKind = iota
	dayMonth           // enero; value 1 to 12
	dayWeek            // lunes; value as time.Weekday
	dayOffset          // hoy, mañana, ayer; value in days
	dayNext            // próximo, siguiente, entrante
	dayLast            // pasado, anterior
	dayHoliday         // value month*100+day
)

type dayWord struct {
	kind  dayKind
	value int
}

func addDays(add func(word string, kind dayKind, value int)) {
	for month, words := range [...][]string{
		1: {"enero", "ene"}, 2: {"febrero", "feb"}, 3: {"marzo", "mzo"}, 4: {"abril", "abr"},
		5: {"mayo", "may"}, 6: {"junio", "jun"}, 7: {"julio", "jul"}, 8: {"agosto", "ago"},
		9: {"septiembre", "setiembre", "sept", "sep", "set"}, 10: {"octubre", "oct"},
		11: {"noviembre", "nov"}, 12: {"diciembre", "dic"},
	} {
		for _, w := range words {
			add(w, dayMonth, month)
		}
	}
	for day, words := range [...][]string{
		{"domingo", "dom", "domingos"}, {"lunes", "lun"}, {"martes", "mart"},
		{"miercoles", "mie", "mx", "mier"}, {"jueves", "jue"}, {"viernes", "vie", "vier"},
		{"sabado", "sab", "sabados"},
	} {
		for _, w := range words {
			add(w, dayWeek, day)
		}
	}
	for word, offset := range map[string]int{
		"hoy": 0, "manana": 1, "ayer": -1, "anteayer": -2, "antier": -2, "antes": 0, "mediodia": 0, "vispera": -1, "anoche": -1,
	} {
		if word != "antes" {
			add(word, dayOffset, offset)
		}
	}
	for _, w := range [...]string{"proximo", "proxima", "siguiente", "entrante", "viene", "prox", "sig"} {
		add(w, dayNext, 0)
	}
	for _, w := range [...]string{"pasado", "pasada", "anterior", "ultimo", "ultima"} {
		add(w, dayLast, 0)
	}
	addHolidays(add)
}

// addHolidays lists feasts of a fixed date that are one word; those of several
// words are read in holiday.
func addHolidays(add func(string, dayKind, int)) {
	for word, date := range map[string]int{
		"navidad": 1225, "nochebuena": 1224, "nochevieja": 1231, "candelaria": 202,
		"halloween": 1031, "guadalupana": 1212,
	} {
		add(word, dayHoliday, date)
	}
	for _, w := range [...]string{
		"dia", "noche", "buena", "vieja", "nuevo", "reyes", "muertos", "madre", "madres", "independencia",
		"trabajo", "valentin", "amor", "revolucion", "accion", "gracias", "patricio", "san", "inocentes", "santos",
		"padre", "todos", "nino", "semana", "mes", "fin", "fines", "final", "finales", "quincena", "que", "en", "dentro", "hace", "este",
		"esta", "tarde", "ahora", "momento", "rato", "partir", "desde", "ahorita", "despues", "misma", "mismo", "al", "para", "ocho",
		"un", "raya", "pago", "por", "las", "penultimo", "curso", "presente", "actual", "corriente", "media", "medio", "cuarto",
		"hora", "atras", "previo", "madrugada", "ceniza", "ramos", "santo", "gloria", "pascua", "resurreccion", "corpus", "bandera", "maestro", "maestra", "grito", "raza", "virgen",
		"guadalupe", "constitucion", "entra", "sigue", "mas",
	} {
		add(w, dayNone, 0)
	}
}
