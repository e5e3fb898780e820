package understand_test

import "testing"

// What people write when they promise a day, relative to Monday 9 March 2026.
func TestPromisedDays(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for class, texts := range map[string]map[string]string{
		"a week ahead": {
			"el viernes de la otra semana":        "2026-03-20",
			"el viernes de la semana que entra":   "2026-03-20",
			"el lunes de la semana que sigue":     "2026-03-16",
			"el miércoles de la semana entrante":  "2026-03-18",
			"el otro viernes":                     "2026-03-20",
			"le pago el otro sábado sin falta":    "2026-03-21",
			"el lunes esta semana":                "2026-03-09",
			"el viernes de esta semana":           "2026-03-13",
			"la otra semana":                      "-",
			"la semana que entra le deposito":     "-",
			"este viernes, no el de la que entra": "2026-03-13",
		},
		"the next month": {
			"el 15 del mes que entra":   "2026-04-15",
			"el 15 del mes que viene":   "2026-04-15",
			"el 5 del otro mes":         "2026-04-05",
			"el 15 del próximo":         "2026-04-15",
			"el 30 del mes entrante":    "2026-04-30",
			"el 31 del mes que entra":   "2026-04-30",
			"el 15 de este mes":         "2026-03-15",
			"el mes que entra":          "-",
			"el último día del mes":     "2026-03-31",
			"el último de mes le quedo": "2026-03-31",
		},
		"counted from another day": {
			"2 días a partir de ahora":        "2026-03-11",
			"tres semanas a partir de mañana": "2026-03-31",
			"5 días a partir de hoy":          "2026-03-14",
			"de aquí a 8 días":                "2026-03-17",
			"de hoy en ocho":                  "2026-03-16",
			"dentro de dos semanas":           "2026-03-23",
			"hace dos semanas":                "2026-02-23",
			"a partir del lunes":              "2026-03-16",
		},
		"short for March": {
			"15-mar":       "2026-03-15",
			"15/mar/2026":  "2026-03-15",
			"2026/mar/15":  "2026-03-15",
			"20 mar":       "2026-03-20",
			"fui al mar":   "-",
			"mar y tierra": "-",
		},
		"slips": {
			"el vienes sin falta": "2026-03-13",
			"este vienes":         "2026-03-13",
			"cuando vienes":       "-",
			"si vienes te pago":   "-",
			"el juebes":           "2026-03-12",
			"el martez":           "2026-03-10",
		},
		"days of their own": {
			"el viernes santo":      "2026-04-03",
			"el viernes negro":      "-",
			"el día del trabajador": "2026-05-01",
			"el día de las madres":  "2026-05-10",
			"el 29/2":               "-",
		},
	} {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			for text, want := range texts {
				if got := read("date", u.Read(text, monday())); got != want {
					t.Errorf("%q is %s, want %s", text, got, want)
				}
			}
		})
	}
}

// Birth dates as people say them, write them and type them in a hurry.
func TestSpokenBirthDates(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, text := range []string{
		"5 de marzo del noventa", "cinco de marzo de mil novecientos noventa", "cinco del tres del noventa",
		"5 mar 90", "5 marzo 90", "050390", "05031990", "nací el 5 de marzo del 90", "marzo 5 de 1990",
		"5 del 3 de 1990", "el 5 del 3 del 90", "05 marzo 1990", "05/mar/90",
	} {
		if got := read("birth", u.Read(text, monday())); got != "1990-03-05" {
			t.Errorf("%q is %s", text, got)
		}
	}
	for _, text := range []string{
		"5 de marzo", "marzo del noventa", "310290", "320190", "tengo 36", "5 de marzo 500", "990305123", "0503", "nunca",
	} {
		if got := read("birth", u.Read(text, monday())); got != "-" {
			t.Errorf("%q is %s, and no birth date", text, got)
		}
	}
}

// Sums that may mean two things are asked for again.
func TestSumsThatAreAskedAgain(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"2mil5":                 "-",
		"1k5":                   "-",
		"tres mil 5":            "-",
		"1,5000":                "-",
		"entre mil y dos mil":   "-",
		"mil o dos mil":         "-",
		"más de 3000":           "-",
		"2 mil 500":             "2500.00",
		"2mil500":               "2500.00",
		"mil cinco":             "1005.00",
		"dos y medio mil":       "2500.00",
		"dos mil y medio":       "2500.00",
		"1,500":                 "1500.00",
		"1,50":                  "1.50",
		"tres y media millones": "3500000.00",
	} {
		if got := read("amount", u.Read(text, monday())); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// A name comes with what people say around it.
func TestNamesInCompany(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"a nombre de rosa martinez":   "Rosa Martinez",
		"se llama Pedro Infante":      "Pedro Infante",
		"es Juana Gallo":              "Juana Gallo",
		"Ana María Ruiz, gracias":     "Ana María Ruiz",
		"me dicen Chuy":               "Chuy",
		"soy Rosa Ruiz para servirle": "-",
		"es que no sé":                "-",
		"es mi cuñada":                "-",
		"gracias":                     "-",
	} {
		if got := read("name", u.Read(text, monday())); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// The options of a menu by where they stand, and both of them, which is none.
func TestOptionsByPlace(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"la de arriba":                        "transferencia",
		"la de abajo":                         "retiro",
		"la última":                           "retiro",
		"las dos":                             "-",
		"los 2":                               "-",
		"la dos":                              "retiro",
		"de abajo para arriba no le entiendo": "-",
	} {
		if got := read("option", u.Read(text, monday())); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
