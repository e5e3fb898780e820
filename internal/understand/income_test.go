package understand_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/money"
	"valebot/internal/understand"
)

func TestIncome(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]understand.Income{
		"gano 3 mil a la semana":               {money.Pesos(3000), understand.UnitWeek},
		"3000 semanales":                       {money.Pesos(3000), understand.UnitWeek},
		"mil quinientos a la semana":           {money.Pesos(1500), understand.UnitWeek},
		"$1,500.50 por semana":                 {150050, understand.UnitWeek},
		"3500 ala semana":                      {money.Pesos(3500), understand.UnitWeek},
		"3 mil por semana mas o menos":         {money.Pesos(3000), understand.UnitWeek},
		"2,000 cada 8 días":                    {money.Pesos(2000), understand.UnitWeek},
		"como 6 mil por quincena":              {money.Pesos(6000), understand.UnitQuincena},
		"cada 15 dias 4000":                    {money.Pesos(4000), understand.UnitQuincena},
		"4000 cada quince días":                {money.Pesos(4000), understand.UnitQuincena},
		"4 mil c/quincena":                     {money.Pesos(4000), understand.UnitQuincena},
		"quincena 3500":                        {money.Pesos(3500), understand.UnitQuincena},
		"5 mil catorcenales":                   {money.Pesos(5000), understand.UnitQuincena},
		"12 mil al mes":                        {money.Pesos(12000), understand.UnitMonth},
		"unos 8 mil pesos mensuales.":          {money.Pesos(8000), understand.UnitMonth},
		"saco 9,500 al mes, de mi puesto":      {money.Pesos(9500), understand.UnitMonth},
		"3000":                                 {money.Pesos(3000), understand.UnitNone},
		"tres mil pesos":                       {money.Pesos(3000), understand.UnitNone},
		"a la semana gano dos mil a la semana": {money.Pesos(2000), understand.UnitWeek},
	} {
		got, ok := u.Read(text, monday()).Income()
		if !ok || got != want {
			t.Errorf("%q: %v %s, %t", text, got.Amount, got.Per, ok)
		}
	}
	for _, text := range []string{
		"", "no", "no gano nada", "depende", "prefiero no decir", "gano el minimo",
		"entre 2 y 3 mil a la semana", "de 2000 a 3000 al mes", "2 o 3 mil por quincena", "2000-3000 semanales",
		"300 diarios", "trabajo 5 dias y gano 300 por día",
		"2 mil a la semana y 5 mil al mes", "500 dolares al mes", "semana", "cada quincena",
	} {
		if got, ok := u.Read(text, monday()).Income(); ok {
			t.Errorf("%q is read as %v %s", text, got.Amount, got.Per)
		}
	}
}

// An amount is the same income however the period is said around it, and the
// period never changes the amount.
func TestIncomeIsTheAmountThatWasSaid(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	rapid.Check(t, func(t *rapid.T) {
		pesos := rapid.Int64Range(100, 99_999).Draw(t, "pesos")
		form := rapid.SampledFrom([]struct {
			text string
			per  understand.Unit
		}{
			{"%d", understand.UnitNone}, {"gano %d a la semana", understand.UnitWeek}, {"%d semanales", understand.UnitWeek},
			{"por quincena %d", understand.UnitQuincena}, {"$%d cada 15 dias", understand.UnitQuincena}, {"%d pesos al mes", understand.UnitMonth},
		}).Draw(t, "form")
		got, ok := u.Read(fmt.Sprintf(form.text, pesos), monday()).Income()
		if !ok || got.Amount != money.Pesos(pesos) || got.Per != form.per {
			t.Fatalf(form.text+": %v %s, %t", pesos, got.Amount, got.Per, ok)
		}
	})
}
