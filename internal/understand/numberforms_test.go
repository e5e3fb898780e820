package understand_test

import (
	"testing"

	"pgregory.net/rapid"
)

// TestNumberForms holds further ways to write a number, each beside what looks
// like it and is none.
func TestNumberForms(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		// In one word.
		"tresmil": "3000", "tresmil quinientos": "3500", "milquinientos": "1500", "dosmilquinientos": "2500",
		"diezmil": "10000", "cientoveinte": "120", "3milquinientos": "3500", "treintaycincomil": "35000",
		"milagros": "-", "familia": "-", "milanesa": "-", "similar": "-", "cienpies": "-", "milmil": "-", "humilde": "-",
		// By the pair, the ten, the dozen.
		"un par": "2", "dos pares": "4", "un par de miles": "2000", "una decena": "10", "dos decenas": "20",
		"un millar": "1000", "2 dz": "24", "dos docenas y media": "30", "una docena y media": "18", "media decena": "5",
		"cien y dos docenas": "124", "par": "-", "a la par": "-", "dos y tres docenas": "-",
		"un millón y medio millar": "1000500", "un billón y medio millón": "1000000500000",
		// Left open on purpose.
		"tres mil y pico": "-", "ciento y tantos": "-", "3000 y algo": "3000",
		// Points and shares.
		"punto cinco": "1/2", "coma 25": "1/4", "menos punto cinco": "-1/2", "coma cero cinco": "1/20",
		"el punto 5": "5", "coma 5 veces": "5", "punto": "-",
		"-.05": "-1/20", ".0500": "1/20", ".300": "300",
		"1 con cinco": "3/2", "1 con 5": "3/2", "85 con cincuenta": "171/2", "3000 con 6": "-", "3000 con seis": "-",
		"dos millones y tres cuartos": "2750000", "dos millones con un cuarto": "2250000", "dos mil y un cuarto": "8001/4",
		"1½": "3/2", "½": "-",
		"dos millonésimos": "1/500000", "una millonésima": "1/1000000", "100 millonésimo": "100", "tres cuarto": "3/4",
		// Groups.
		"1'500": "1500", "1’500": "1500", "1'500,000.00": "1500000", "1'500,000": "1500000", "2'000.50": "4001/2",
		"5'10": "-", "5'1000": "-", "1 '500": "-", "1 500.50": "3001/2", "12 34.5": "-",
		// Capitals that machines and shops write.
		"3M": "3000000", "-1.2M": "-1200000", "10G": "10000000000", "3m": "-", "3MB": "-", "3 M": "3", "M": "-", "3M4": "-",
		// Said twice.
		"5 (cinco)": "5", "cinco (5)": "5", "5 (seis)": "-", "5 5": "-",
		"el número es cinco": "5", "folio 889123": "-", "ventidós": "22", "bentidos": "22",
	} {
		if got := numberText(u.Read(text, monday())); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestAmountsByForm holds the same forms where money is asked for: what may mean
// two sums is asked again.
func TestAmountsByForm(t *testing.T) {
	t.Parallel()
	expect(t, "amount", map[string]string{
		"tresmil":                "3000.00",
		"tresmil quinientos":     "3500.00",
		"dosmilpesos":            "2000.00",
		"quiero milquinientos":   "1500.00",
		"un par de miles":        "2000.00",
		"tres mil y pico":        "-",
		"mil y tantos pesos":     "-",
		"10 con 5":               "-",
		"quinientos con cinco":   "-",
		"quinientos con 50":      "500.50",
		"quinientos con setenta": "500.70",
		"3M":                     "-",
		"1'500 pesos":            "1500.00",
		"$1'500.00":              "1500.00",
		"85 pesos 50":            "85.50",
		"3000 pesos 12":          "3000.00",
		"50 pesos 10 quincenas":  "50.00",
		"50 pesos a 10":          "50.00",
		"15 pesetas":             "-",
		"punto cinco":            "-",
	})
	expect(t, "term", map[string]string{
		"6M":                  "-",
		"un par de meses":     "2 mes",
		"6 (seis) quincenas":  "6 quincena",
		"6 (siete) quincenas": "-",
		"un par":              "2",
		"6 (seis)":            "-",
		"6 quincenas":         "6 quincena",
		"6 y pico":            "-",
		"dos docenas":         "24",
		"a un par":            "2",
		"media docena":        "6",
	})
}

// TestNumbersInOneWord says every number below a million without blanks after
// the thousands, as hurried people type them, and reads it again.
func TestNumbersInOneWord(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(2, 29).Draw(t, "thousands")
		rest := rapid.Int64Range(1, 9).Draw(t, "hundreds") * 100
		text := short(belowThousand(n)) + "mil" + belowThousand(rest)
		if got, ok := u.Read(text, monday()).Int(); !ok || got != n*1000+rest {
			t.Fatalf("%q is %d, %v, want %d", text, got, ok, n*1000+rest)
		}
	})
}
