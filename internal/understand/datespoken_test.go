package understand_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/quincena"
	"valebot/internal/understand"
)

// Today is Monday 9 March 2026 in these tables; "-" makes the flow ask.

func TestDateInEight(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"el viernes en ocho":         "2026-03-20",
		"de este viernes en ocho":    "2026-03-20",
		"del lunes en ocho":          "2026-03-23",
		"de hoy en ocho":             "2026-03-16",
		"de hoy en quince":           "2026-03-23",
		"de mañana en quince":        "2026-03-24",
		"el viernes en ocho días":    "2026-03-20",
		"el viernes en 8 quincenas":  "2026-03-20",
		"el viernes en dos pagos":    "2026-03-13",
		"el viernes en la sucursal":  "2026-03-13",
		"el miércoles en el oxxo":    "2026-03-11",
		"me veo contigo en ocho":     "-",
		"en quince días te lo pongo": "2026-03-24",
	})
}

func TestDateSpanAsks(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"del 10 al 15":            "-",
		"del 10 al 15 de abril":   "-",
		"10 - 22 de agosto":       "-",
		"el 3 al 5":               "-",
		"entre el 10 y el 15":     "-",
		"del uno al cinco":        "-",
		"10-08-2026":              "2026-08-10",
		"el 10-8":                 "2026-08-10",
		"el 15 a las 5":           "2026-03-15",
		"el 15 a primera hora":    "2026-03-15",
		"abono al 15":             "2026-03-15",
		"del 10 al 15, mejor hoy": "-",
	})
}

func TestDateOfNamedMonth(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"el tercer día de octubre":     "2026-10-03",
		"el 3er día de octubre":        "2026-10-03",
		"el primer día del mes":        "2026-04-01",
		"el primer día de este mes":    "2026-03-01",
		"el primer día de abril":       "2026-04-01",
		"primero de mes":               "2026-04-01",
		"el día primero":               "2026-04-01",
		"el día último":                "2026-03-31",
		"el último día de abril":       "2026-04-30",
		"último día del mes que entra": "2026-04-30",
		"fin del mes que viene":        "2026-04-30",
		"el tercer día":                "-",
		"el segundo pago":              "-",
	})
}

func TestDateAroundToday(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"dos días después":          "2026-03-11",
		"tres días más":             "2026-03-12",
		"dos días más tarde":        "2026-03-11",
		"dos días antes":            "2026-03-07",
		"dos semanas atrás":         "2026-02-23",
		"el día anterior":           "2026-03-08",
		"el día de antes":           "2026-03-08",
		"el día de después":         "2026-03-10",
		"al otro día":               "2026-03-10",
		"dos días antes del cobro":  "-",
		"tres días después de que":  "-",
		"dos días más que ella":     "-",
		"esta mañana":               "2026-03-09",
		"en mes y medio":            "-",
		"en un mes y medio":         "2026-04-24",
		"hace un mes y medio":       "2026-01-25",
		"dentro de semana y media":  "-",
		"en dos semanas y media":    "-",
		"dentro de media hora":      "2026-03-09",
		"dentro de 1/2 hora":        "2026-03-09",
		"15 de este mes":            "2026-03-15",
		"15 del mes en curso":       "2026-03-15",
		"el 3 del que viene":        "2026-04-03",
		"lunes 8/2/2027":            "2027-02-08",
		"el veinticinco del cinco":  "2026-05-25",
		"el cinco del veinticinco":  "-",
		"el dos del trece":          "-",
		"este 15":                   "2026-03-15",
		"este 3 mil":                "-",
		"el último viernes del mes": "2026-03-27",
	})
}

// A time of day alone is its next moment; which half of the day must be plain.
func TestDateOfAnHour(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"a las tres de la tarde":          "2026-03-09",
		"a las 7 de la noche":             "2026-03-09",
		"a las 15:30":                     "2026-03-09",
		"a las tres y media de la tarde":  "2026-03-09",
		"a las 3 de la mañana":            "2026-03-10",
		"mañana a las 3 de la tarde":      "2026-03-10",
		"el viernes a las 8 de la noche":  "2026-03-13",
		"a las tres":                      "-",
		"a las vecinas de la tarde":       "-",
		"a las 25 de la tarde":            "-",
		"ahorita no, a las 6 de la tarde": "2026-03-09",
	})
}

func TestDateMovingFeast(t *testing.T) {
	t.Parallel()
	expect(t, "date", map[string]string{
		"miércoles de ceniza":         "2027-02-10",
		"domingo de ramos":            "2026-03-29",
		"jueves santo":                "2026-04-02",
		"el viernes santo":            "2026-04-03",
		"sábado de gloria":            "2026-04-04",
		"domingo de resurrección":     "2026-04-05",
		"domingo de pascua del 2027":  "2027-03-28",
		"jueves de corpus":            "2026-06-04",
		"el día del padre":            "2026-06-21",
		"el día del padre de mi hija": "2026-06-21",
		"semana santa":                "-",
		"después de semana santa":     "-",
		"domingo de playa":            "2026-03-15",
	})
}

// Whatever the year, each feast keeps its weekday and its distance from Easter,
// and never lies behind the day that asks.
func TestMovingFeastKeepsItsWeekday(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(rapid.IntRange(1950, 2150).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			rapid.IntRange(1, 28).Draw(t, "day"), 12, 0, 0, 0, time.UTC)
		today := quincena.On(now, time.UTC)
		for text, want := range map[string]time.Weekday{
			"miércoles de ceniza": time.Wednesday, "el jueves santo": time.Thursday, "el viernes santo": time.Friday,
			"domingo de ramos": time.Sunday, "el día del padre": time.Sunday,
		} {
			d, ok := u.Read(text, understand.Context{Now: now, Zone: time.UTC}).Date()
			if !ok || d.Weekday() != want || d.Before(today) || today.DaysUntil(d) > 400 {
				t.Fatalf("%q on %s is %s, %v", text, today, d, ok)
			}
		}
	})
}
