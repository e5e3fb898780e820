package understand_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
	"valebot/internal/quincena"
	"valebot/internal/understand"
)

// at reads a date as of a day, YYYY-MM-DD.
func at(t *testing.T, u *understand.Understander, day, text string) string {
	t.Helper()
	now, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	r := u.Read(text, understand.Context{Now: now.Add(15 * time.Hour)})
	if d, ok := r.Date(); ok {
		return d.String()
	}
	return "-"
}

func TestDateByDay(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, test := range []struct{ day, text, want string }{
		{"2026-01-31", "en un mes", "2026-02-28"},
		{"2026-01-31", "mañana", "2026-02-01"},
		{"2026-12-31", "mañana", "2027-01-01"},
		{"2026-12-30", "el 5", "2027-01-05"},
		{"2026-12-30", "el 5 de enero", "2027-01-05"},
		{"2026-02-10", "el 30", "2026-02-28"},
		{"2026-02-10", "29 de febrero", "-"},
		{"2027-03-10", "29 de febrero", "2028-02-29"},
		{"2028-02-10", "29 de febrero", "2028-02-29"},
		{"2026-02-15", "la quincena", "2026-02-15"},
		{"2026-02-15", "la proxima quincena", "2026-02-28"},
		{"2026-02-16", "la quincena", "2026-02-28"},
		{"2026-02-28", "esta quincena", "2026-02-28"},
		{"2026-02-28", "la quincena que viene", "2026-03-15"},
		{"2026-02-16", "fin de mes", "2026-02-28"},
		{"2026-02-16", "a fin de año", "2026-12-31"},
		{"2026-02-16", "fin de marzo", "2026-03-31"},
		{"2026-03-13", "el viernes", "2026-03-20"}, // it is Friday: who means today says today
		{"2026-03-13", "este viernes", "2026-03-13"},
		{"2026-03-13", "hoy viernes", "2026-03-13"},
		{"2026-03-15", "el domingo", "2026-03-22"},
		{"2026-03-11", "el viernes de esta semana", "2026-03-13"},
		{"2026-03-11", "el lunes de la semana pasada", "2026-03-02"},
		{"2026-03-11", "el primer viernes de abril", "2026-04-03"},
		{"2026-03-11", "el último viernes de marzo", "2026-03-27"},
		{"2026-03-11", "el primer lunes de enero", "2027-01-04"},
		{"2026-03-11", "el 20 del mes que viene", "2026-04-20"},
		{"2026-03-11", "el 5 del próximo mes", "2026-04-05"},
		{"2026-03-11", "el 31 del próximo mes", "2026-04-30"},
		{"2026-03-11", "víspera de navidad", "2026-12-24"},
		{"2026-11-10", "accion de gracias", "-"},
		{"2026-11-10", "dia de accion de gracias", "2026-11-26"},
		{"2026-12-26", "navidad", "2027-12-25"},
		{"2026-03-11", "en dos quincenas", "2026-03-31"},
		{"2026-03-11", "en una catorcena", "2026-03-25"},
		{"2026-03-11", "en 2 horas", "2026-03-11"},
		{"2026-03-11", "en 12 horas", "2026-03-12"},
		{"2026-03-11", "ahora, digo, el viernes", "2026-03-13"},
		{"2026-03-11", "5 de mayo del 2027", "2027-05-05"},
		{"2026-03-11", "5 de mayo de mil novecientos noventa", "1990-05-05"},
		{"2026-03-11", "13/14", "-"},
		{"2026-03-11", "4/22", "2026-04-22"},
		{"2026-03-11", "32/01", "-"},
		{"2026-03-11", "00/00", "-"},
		{"2026-03-11", "tel 66-71-23", "-"},
		{"2026-03-11", "el 15%", "-"},
		{"2026-03-11", "el 2 por ciento", "-"},
		{"2026-03-11", "el 15 mil", "-"},
		{"2026-03-11", "el primer pago", "-"},
		{"2026-03-11", "buenas tardes", "-"},
		{"2026-03-11", "a la mañana", "-"},
	} {
		if got := at(t, u, test.day, test.text); got != test.want {
			t.Errorf("on %s %q is %s, want %s", test.day, test.text, got, test.want)
		}
	}
}

func TestTodayIsThePersonsDay(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	now := time.Date(2026, 3, 10, 5, 30, 0, 0, time.UTC) // 23:30 of the 9th in Mexico City
	for zone, want := range map[*time.Location]string{
		quincena.Central(): "2026-03-09", time.UTC: "2026-03-10", nil: "2026-03-10",
		time.FixedZone("Tijuana", -7*3600): "2026-03-09",
	} {
		r := u.Read("hoy", understand.Context{Now: now, Zone: zone})
		if d, _ := r.Date(); d.String() != want {
			t.Errorf("in %v today is %v, want %s", zone, d, want)
		}
	}
}

// TestDatesComeBack writes any near date in the usual forms and reads it again.
func TestDatesComeBack(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	months := []string{"", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	rapid.Check(t, func(t *rapid.T) {
		c := monday()
		today := quincena.On(c.Now, c.Zone)
		d := today.AddDays(rapid.IntRange(0, 300).Draw(t, "days"))
		for _, text := range []string{
			d.String(), fmt.Sprintf("%02d/%02d/%d", d.Day, d.Month, d.Year), fmt.Sprintf("el %d de %s", d.Day, months[d.Month]),
			fmt.Sprintf("%d-%d", d.Day, d.Month), fmt.Sprintf("le pago el %d %s sin falta", d.Day, months[d.Month][:3]),
		} {
			r := u.Read(text, c)
			if got, ok := r.Date(); !ok || got != d {
				t.Fatalf("%q is %v, %v, want %v", text, got, ok, d)
			}
		}
	})
}

func TestBirthDatesComeBack(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	rapid.Check(t, func(t *rapid.T) {
		c := monday()
		d := quincena.Date{Year: 1930, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 75*365).Draw(t, "days"))
		for _, text := range []string{
			d.String(), fmt.Sprintf("%02d/%02d/%d", d.Day, d.Month, d.Year), fmt.Sprintf("%d-%d-%d", d.Day, d.Month, d.Year),
			fmt.Sprintf("%02d%02d%d", d.Day, d.Month, d.Year), fmt.Sprintf("%d %d %d", d.Day, d.Month, d.Year),
			fmt.Sprintf("nací el %d.%d.%d", d.Day, d.Month, d.Year),
		} {
			r := u.Read(text, c)
			if got, ok := r.BirthDate(); !ok || got != d {
				t.Fatalf("%q is %v, %v, want %v", text, got, ok, d)
			}
		}
	})
}
