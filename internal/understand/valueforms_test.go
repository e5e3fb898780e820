package understand_test

import "testing"

// The tables of this file hold the ways to write one kind of value; "-" is none.

// expect reads every text of a table as one kind of value.
func expect(t *testing.T, kind string, table map[string]string) {
	t.Helper()
	u := spanish(t)
	for text, want := range table {
		if got := read(kind, u.Read(text, monday())); got != want {
			t.Errorf("%s of %q is %s, want %s", kind, text, got, want)
		}
	}
}

func TestAmountForms(t *testing.T) {
	t.Parallel()
	expect(t, "amount", map[string]string{
		"3000":                          "3000.00",
		"3,000":                         "3000.00",
		"3,000.00":                      "3000.00",
		"3.000":                         "3000.00",
		"$3000":                         "3000.00",
		"$ 3,000":                       "3000.00",
		"$3,000.50":                     "3000.50",
		"3000 pesos":                    "3000.00",
		"3 mil":                         "3000.00",
		"3mil":                          "3000.00",
		"3 mil pesos":                   "3000.00",
		"tres mil":                      "3000.00",
		"tres mil quinientos":           "3500.00",
		"tres mil quinientos pesos":     "3500.00",
		"3 mil 500":                     "3500.00",
		"3k":                            "3000.00",
		"3.5k":                          "3500.00",
		"2500 varos":                    "2500.00",
		"2,500 mxn":                     "2500.00",
		"mil quinientos":                "1500.00",
		"mil":                           "1000.00",
		"un mil":                        "1000.00",
		"dos mil y medio":               "2500.00",
		"5 mil bolas":                   "5000.00",
		"quinientos":                    "500.00",
		"quinientos pesos":              "500.00",
		"50 centavos":                   "-",
		"85 pesos con 50 centavos":      "85.50",
		"85 con 50":                     "85.50",
		"85.50":                         "85.50",
		"1,500.5":                       "1500.50",
		"$1500.-":                       "1500.00",
		"un millón":                     "1000000.00",
		"medio millón":                  "500000.00",
		"200 del águila":                "200.00",
		"veinte varos":                  "20.00",
		"3000 pesotes":                  "3000.00",
		"necesito 3000 pesos por favor": "3000.00",
		"quiero 3 mil a 6 quincenas":    "3000.00",
		"entre 2 y 3 mil":               "-",
		"de 2 a 3 mil":                  "-",
		"2 o 3 mil":                     "-",
		"unos 3 mil":                    "3000.00",
		"como 3 mil":                    "3000.00",
		"hasta 5 mil":                   "5000.00",
		"menos de 3 mil":                "-",
		"3 mil no, mejor 2 mil":         "-",
		"-500":                          "-",
		"0":                             "-",
		"cero pesos":                    "-",
		"3000 dólares":                  "-",
		"15%":                           "-",
		"1,50,000":                      "-",
		"3..000":                        "-",
		"mil mil":                       "-",
	})
}

func TestTermForms(t *testing.T) {
	t.Parallel()
	expect(t, "term", map[string]string{
		"6 quincenas":                "6 quincena",
		"seis quincenas":             "6 quincena",
		"6 qnas":                     "6 quincena",
		"a 6":                        "6",
		"a ocho":                     "8",
		"en 8":                       "8",
		"8":                          "8",
		"12 meses":                   "12 mes",
		"un año":                     "1 año",
		"2 semanas":                  "2 semana",
		"3 catorcenas":               "3 catorcena",
		"6 pagos":                    "6 pago",
		"10 abonos":                  "10 pago",
		"6 quinsenas":                "6 quincena",
		"a doce quincenas por favor": "12 quincena",
		"6 o 8 quincenas":            "-",
		"quincena":                   "-",
		"media quincena":             "-",
		"0 quincenas":                "-",
		"500 quincenas":              "-",
		"3 mil a 6":                  "6",
		"3 mil pesos a 12 quincenas": "12 quincena",
	})
}

func TestIntForms(t *testing.T) {
	t.Parallel()
	expect(t, "int", map[string]string{
		"5":                 "5",
		"cinco":             "5",
		"veintiuno":         "21",
		"treinta y dos":     "32",
		"treinta y 2":       "32",
		"dos cientos":       "200",
		"dos cientos tres":  "203",
		"cuatro cientas":    "400",
		"doscientos tres":   "203",
		"mil cien":          "1100",
		"cien mil":          "100000",
		"una docena":        "12",
		"media docena":      "6",
		"2 docenas":         "24",
		"1 2":               "-",
		"5 5":               "-",
		"folio 88123":       "-",
		"terminada en 1234": "-",
		"5to":               "5",
	})
}

func TestOptionForms(t *testing.T) {
	t.Parallel()
	expect(t, "option", map[string]string{
		"1":                  "transferencia",
		"la 1":               "transferencia",
		"la uno":             "transferencia",
		"opcion 1":           "transferencia",
		"opción dos":         "retiro",
		"el primero":         "transferencia",
		"la primera":         "transferencia",
		"el segundo":         "retiro",
		"2":                  "retiro",
		"1\ufe0f\u20e3":      "transferencia",
		"2\ufe0f\u20e3":      "retiro",
		"1)":                 "transferencia",
		"2.":                 "retiro",
		"#1":                 "transferencia",
		"la de hasta arriba": "-",
		"la última":          "retiro",
		"transferencia":      "transferencia",
		"transfernecia":      "transferencia",
		"por trasnferencia":  "transferencia",
		"retiro":             "retiro",
		"retiro sin tarjeta": "retiro",
		"en efectivo":        "retiro",
		"por spei":           "transferencia",
		"al banco":           "transferencia",
		"cajero":             "retiro",
		"la 3":               "-",
		"0":                  "-",
		"1 y 2":              "-",
		"la 1 o la 2":        "-",
		"ninguna":            "-",
		"no quiero la 2":     "-",
		"la 1 no, la 2":      "-",
		"sí, la 2":           "retiro",
		"la 2 por favor":     "retiro",
		"quiero la 2":        "retiro",
		"12":                 "-",
	})
}

func TestPhoneForms(t *testing.T) {
	t.Parallel()
	expect(t, "phone", map[string]string{
		"6671234567":              "+526671234567",
		"667 123 4567":            "+526671234567",
		"667-123-4567":            "+526671234567",
		"(667) 123 4567":          "+526671234567",
		"667.123.4567":            "+526671234567",
		"+52 667 123 4567":        "+526671234567",
		"526671234567":            "+526671234567",
		"5216671234567":           "+526671234567",
		"044 667 123 4567":        "+526671234567",
		"01 667 123 4567":         "+526671234567",
		"mi cel es 6671234567":    "+526671234567",
		"6671234567 y 6679876543": "-",
		"667123456":               "-",
		"66712345678":             "-",
		"seis seis siete":         "-",
		"1234567890":              "-",
	})
}

func TestPINForms(t *testing.T) {
	t.Parallel()
	expect(t, "pin", map[string]string{
		"1234":           "1234",
		"12345":          "12345",
		"123456":         "123456",
		"123":            "-",
		"1234567":        "-",
		"mi nip es 4321": "4321",
		"1234 5678":      "-",
		"12a4":           "-",
	})
}

func TestBirthDateForms(t *testing.T) {
	t.Parallel()
	expect(t, "birth", map[string]string{
		"15/03/1985":          "1985-03-15",
		"15-03-85":            "1985-03-15",
		"15 de marzo de 1985": "1985-03-15",
		"quince de marzo de mil novecientos ochenta y cinco": "1985-03-15",
		"nací el 15 de marzo de 1985":                        "1985-03-15",
		"15/03/2025":                                         "-",
		"15/03/1885":                                         "-",
		"1985":                                               "-",
		"31/02/1985":                                         "-",
	})
}

func TestNameForms(t *testing.T) {
	t.Parallel()
	expect(t, "name", map[string]string{
		"Rosa Martínez López":                 "Rosa Martínez López",
		"rosa martinez":                       "Rosa Martinez",
		"me llamo Rosa Martínez":              "Rosa Martínez",
		"soy Rosa":                            "Rosa",
		"mi nombre es José Luis Pérez García": "José Luis Pérez García",
		"MARÍA DEL CARMEN DE LA CRUZ":         "María del Carmen de la Cruz",
		"rosa":                                "Rosa",
		"no sé":                               "-",
		"sí":                                  "-",
		"3000":                                "-",
	})
}

// Letters that look like digits are read only where the check digit agrees, and
// never where they belong to a word.
func TestCLABEWithLettersForDigits(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"O3218OOOO118359719":                "032180000118359719 ok",
		"o32I8oooo II8359719":               "032180000118359719 ok",
		"clabe 03218OOOO118359719, gracias": "032180000118359719 ok",
		"03218OOOO118359718":                "-", // the check digit says no
		"03218000011835971O":                "-",
		"032180000118359719 o 1":            "-", // "o" is a word here
	} {
		if got := read("clabe", u.Read(text, monday())); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestPINDigitByDigit(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"4 8 2 1":               "4821",
		"cuatro ocho dos uno":   "4821",
		"mi nip es 4 8 2 1":     "4821",
		"cuatro 8 dos 1":        "4821",
		"cero cero uno dos":     "0012",
		"4 8 2":                 "-",
		"4 8 2 1 4 8 2 1":       "-",
		"48 21":                 "-",
		"dame 4 o 8 o 2 o 1":    "-",
		"tengo 4 hijos 8 2 1":   "-",
		"cuatro mil ocho dos":   "-",
		"mil ocho dos uno tres": "-",
	} {
		if got := read("pin", u.Read(text, monday())); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
