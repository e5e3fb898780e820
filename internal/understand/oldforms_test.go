package understand_test

import "testing"

// TestOldSpellings holds numbers as people wrote them at school long ago.
func TestOldSpellings(t *testing.T) {
	t.Parallel()
	expect(t, "int", map[string]string{
		"diez y seis":           "16",
		"diez y siete":          "17",
		"diez y ocho":           "18",
		"diez y nueve":          "19",
		"diez y cinco":          "-",
		"diez y seis mil":       "16000",
		"ciento diez y ocho":    "118",
		"mil diez y nueve":      "1019",
		"veinte y uno":          "21",
		"veinte y tres":         "23",
		"dos cientos diez":      "210",
		"tres cientas":          "300",
		"diez 6":                "-",
		"10 y 6":                "-",
		"diez y seis quincenas": "16",
	})
	expect(t, "amount", map[string]string{
		"diez y seis mil pesos": "16000.00",
		"dos cientos pesos":     "200.00",
		"quinientos con 50":     "500.50",
		"3000 con 12 quincenas": "3000.00",
		".50":                   "0.50",
		"son .75":               "0.75",
		"sí,3000":               "3000.00",
		"va .3000":              "3000.00",
		"menos de 3 mil":        "-",
		"más de mil":            "-",
	})
	expect(t, "date", map[string]string{
		"el próximo día":       "2026-03-10",
		"el siguiente día":     "2026-03-10",
		"el día siguiente":     "2026-03-10",
		"el diez y seis":       "2026-03-16",
		"el diez y ocho del 4": "2026-04-18",
		"el 15 o 16":           "-",
		"el 15 ó el 16":        "-",
	})
}
