package money_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/money"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[money.Amount]string{
		0:                     "CERO PESOS 00/100 M.N.",
		5:                     "CERO PESOS 05/100 M.N.",
		1_00:                  "UN PESO 00/100 M.N.",
		16_00:                 "DIECISÉIS PESOS 00/100 M.N.",
		21_00:                 "VEINTIÚN PESOS 00/100 M.N.",
		22_10:                 "VEINTIDÓS PESOS 10/100 M.N.",
		30_00:                 "TREINTA PESOS 00/100 M.N.",
		31_00:                 "TREINTA Y UN PESOS 00/100 M.N.",
		100_00:                "CIEN PESOS 00/100 M.N.",
		101_00:                "CIENTO UN PESOS 00/100 M.N.",
		487_50:                "CUATROCIENTOS OCHENTA Y SIETE PESOS 50/100 M.N.",
		555_00:                "QUINIENTOS CINCUENTA Y CINCO PESOS 00/100 M.N.",
		1000_00:               "MIL PESOS 00/100 M.N.",
		1001_00:               "MIL UN PESOS 00/100 M.N.",
		3000_00:               "TRES MIL PESOS 00/100 M.N.",
		3900_00:               "TRES MIL NOVECIENTOS PESOS 00/100 M.N.",
		21000_00:              "VEINTIÚN MIL PESOS 00/100 M.N.",
		100000_00:             "CIEN MIL PESOS 00/100 M.N.",
		701731_99:             "SETECIENTOS UN MIL SETECIENTOS TREINTA Y UN PESOS 99/100 M.N.",
		1000000_00:            "UN MILLÓN DE PESOS 00/100 M.N.",
		1000001_00:            "UN MILLÓN UN PESOS 00/100 M.N.",
		21000000_00:           "VEINTIÚN MILLONES DE PESOS 00/100 M.N.",
		1000000000_00:         "MIL MILLONES DE PESOS 00/100 M.N.",
		money.Max:             "NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE MILLONES NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE PESOS 99/100 M.N.",
		1_000_000_000_000_00:  "UN BILLÓN DE PESOS 00/100 M.N.",
		-5_00:                 "MENOS CINCO PESOS 00/100 M.N.",
		money.Pesos(2_000_01): "DOSCIENTOS MIL UN PESOS 00/100 M.N.",
	} {
		if got := money.Words(in); got != want {
			t.Errorf("Words(%d)\n got %q\nwant %q", int64(in), got, want)
		}
	}
}

func TestWordsAreWellFormed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.Amount(rapid.Int64().Draw(t, "centavos"))
		got := money.Words(a)
		if strings.Contains(got, "  ") || strings.TrimSpace(got) != got || !strings.HasSuffix(got, "/100 M.N.") {
			t.Fatalf("Words(%d) = %q", a, got)
		}
	})
}
