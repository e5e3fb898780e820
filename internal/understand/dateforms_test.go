package understand_test

import "testing"

// The tables of this file hold one way to say a day each. Today is Monday 9 March
// 2026; "-" is no date, which makes the flow ask.

func TestDateWeekday(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"el lunes":               "2026-03-16",
		"el martes":              "2026-03-10",
		"este viernes":           "2026-03-13",
		"el próximo viernes":     "2026-03-20",
		"viernes":                "2026-03-13",
		"el viernes que viene":   "2026-03-13",
		"el viernes pasado":      "2026-03-06",
		"el sabado":              "2026-03-14",
		"el domingo sin falta":   "2026-03-15",
		"para el miércoles":      "2026-03-11",
		"el jueves por la tarde": "2026-03-12",
		"el juebes":              "2026-03-12",
		"el biernes":             "2026-03-13",
		"hoy lunes":              "2026-03-09",
		"viernes 13":             "2026-03-13",
		"viernes 20":             "2026-03-20",
		"martes 10 de marzo":     "2026-03-10",
		"el lunes o el martes":   "-",
		"lunes y martes":         "-",
	})
}

func TestDateInDigits(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"15/03":         "2026-03-15",
		"15/03/2026":    "2026-03-15",
		"15-03-2026":    "2026-03-15",
		"15.03.2026":    "2026-03-15",
		"2026-03-15":    "2026-03-15",
		"15/3/26":       "2026-03-15",
		"3/15/2026":     "2026-03-15",
		"31/02/2026":    "-",
		"29/02":         "-",
		"29/02/2024":    "2024-02-29",
		"00/03/2026":    "-",
		"15/13/2026":    "-",
		"1/1":           "2027-01-01",
		"32/1":          "-",
		"15/03 o 16/03": "-",
	})
}

func TestDateByMonthName(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"15 de marzo":          "2026-03-15",
		"15 de marzo de 2027":  "2027-03-15",
		"15 de marzo del 27":   "2027-03-15",
		"marzo 15":             "2026-03-15",
		"el quince de marzo":   "2026-03-15",
		"primero de abril":     "2026-04-01",
		"1 de abril":           "2026-04-01",
		"1º de abril":          "2026-04-01",
		"31 de abril":          "-",
		"29 de febrero":        "-",
		"15 mzo":               "2026-03-15",
		"15 sept":              "2026-09-15",
		"quince de septiembre": "2026-09-15",
		"el 3 de enero":        "2027-01-03",
		"marzo":                "-",
	})
}

func TestDateByMonthNumber(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"el 17 del 11": "2026-11-17",
		"el 21 del 3":  "2026-03-21",
		"el 15 del 13": "-",
	})
}

func TestDateAtADistance(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"en tres días":            "2026-03-12",
		"en 3 dias":               "2026-03-12",
		"dentro de una semana":    "2026-03-16",
		"en dos semanas":          "2026-03-23",
		"en un mes":               "2026-04-09",
		"en quince días":          "2026-03-24",
		"hace 2 días":             "2026-03-07",
		"hace una semana":         "2026-03-02",
		"de hoy en ocho":          "2026-03-16",
		"de mañana en ocho":       "2026-03-17",
		"en 3 horas":              "2026-03-09",
		"tres días":               "-",
		"en mil dias":             "2028-12-03",
		"en una quincena":         "2026-03-15",
		"dentro de dos quincenas": "2026-03-31",
		"en un año":               "2027-03-09",
	})
}

func TestDateRelative(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"hoy":                      "2026-03-09",
		"hoy mismo":                "2026-03-09",
		"mañana":                   "2026-03-10",
		"pasado mañana":            "2026-03-11",
		"antier":                   "2026-03-07",
		"ayer":                     "2026-03-08",
		"antes de ayer":            "2026-03-07",
		"esta noche":               "2026-03-09",
		"al rato":                  "-",
		"por la mañana":            "-",
		"mañana en la mañana":      "2026-03-10",
		"hoy en la mañana":         "2026-03-09",
		"después de mañana":        "2026-03-11",
		"el día después de mañana": "2026-03-11",
		"ahorita":                  "2026-03-09",
		"manana":                   "2026-03-10",
		"mñn":                      "2026-03-10",
		"hoy o mañana":             "-",
	})
}

func TestDatePayday(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"la próxima quincena":   "2026-03-15",
		"esta quincena":         "2026-03-15",
		"la quincena que viene": "2026-03-15",
		"el día de la quincena": "2026-03-15",
		"a fin de mes":          "2026-03-31",
		"fin de mes":            "2026-03-31",
		"a finales de mes":      "2026-03-31",
		"fin de quincena":       "2026-03-15",
		"a principios de mes":   "-",
		"cuando cobre":          "-",
		"cuando me paguen":      "-",
		"el día de pago":        "-",
	})
}

func TestDateDayOfMonth(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"el 15":         "2026-03-15",
		"el día 20":     "2026-03-20",
		"el 9":          "2026-03-09",
		"el 31":         "2026-03-31",
		"para el 30":    "2026-03-30",
		"el 15 o 16":    "-",
		"el 15 y el 30": "-",
		"15":            "-",
		"el 45":         "-",
	})
}

func TestDateFeast(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"el primer lunes de abril":  "2026-04-06",
		"el último viernes del mes": "2026-03-27",
		"navidad":                   "2026-12-25",
		"el día de muertos":         "2026-11-02",
		"año nuevo":                 "2027-01-01",
		"semana santa":              "-",
	})
}
