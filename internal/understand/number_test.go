package understand_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"valebot/internal/understand"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"0":                                 "0",
		"7":                                 "7",
		"-7":                                "-7",
		"+7":                                "7",
		"menos siete":                       "-7",
		"1,234,567":                         "1234567",
		"1.234.567":                         "1234567",
		"1 234 567":                         "1234567",
		"1,234.5":                           "2469/2",
		"1.234,5":                           "2469/2",
		"1,234":                             "1234",
		"1.234":                             "1234",
		"0.234":                             "117/500",
		"12.5":                              "25/2",
		"12,5":                              "25/2",
		"3k":                                "3000",
		"3.5k":                              "3500",
		"2 mil":                             "2000",
		"2 mil 500":                         "2500",
		"2 mil quinientos":                  "2500",
		"dos mil 500":                       "2500",
		"mil":                               "1000",
		"mil uno":                           "1001",
		"ciento uno":                        "101",
		"veintiún mil":                      "21000",
		"noventa y un mil":                  "91000",
		"un millón doscientos mil":          "1200000",
		"dos mil millones":                  "2000000000",
		"un billón":                         "1000000000000",
		"mil y media":                       "1500",
		"un millón y medio":                 "1500000",
		"medio millón":                      "500000",
		"uno punto cinco millones":          "1500000",
		"dos y media":                       "5/2",
		"dos y un cuarto":                   "9/4",
		"un medio":                          "1/2",
		"tres cuartos":                      "3/4",
		"un tercio":                         "1/3",
		"veinticinco centésimos":            "1/4",
		"un veinticincoavo":                 "1/25",
		"1/4":                               "1/4",
		"2 1/4":                             "9/4",
		"1 sobre 3":                         "1/3",
		"cuarenta y siete coma veintiocho":  "1182/25",
		"diez punto cero ocho":              "252/25",
		"seis punto dos":                    "31/5",
		"cincuenta y tres punto cuatro dos": "2671/50",
		"media docena":                      "6",
		"dos docenas":                       "24",
		"50%":                               "50",
		"cincuenta por ciento":              "50",
		"1e3":                               "1000",
		"2^10":                              "1024",
		"2^-1":                              "1/2",
		"cero tres":                         "3",
		"veinte y tres":                     "23",
		"treintaicinco":                     "35",
		"treinta y 5":                       "35",
		"diesiseis":                         "16",
		"beinte":                            "20",
		"tresientos":                        "300",
		"1º":                                "1",
		"2da":                               "2",
		"una":                               "1",
		"solo una vaca":                     "1",
		"2️⃣":                               "2",
		// No number, or not one.
		"":                     "-",
		"hola":                 "-",
		"mil mil":              "-",
		"3 o 4":                "-",
		"3 4":                  "-",
		"180ml":                "-",
		"03/04":                "-",
		"1.2.3":                "-",
		"12,34,5":              "-",
		"terminada en 1234":    "-",
		"99999999999999999999": "-",
		"2^99":                 "-",
	} {
		if got := numberText(u.Read(text, monday())); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func numberText(r understand.Reading) string {
	n, ok := r.Number()
	switch {
	case !ok:
		return "-"
	case n.Den == 1:
		return fmt.Sprint(n.Num)
	}
	return fmt.Sprintf("%d/%d", n.Num, n.Den)
}

// TestSpokenNumbersComeBack says every number in words and reads it again.
func TestSpokenNumbersComeBack(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(0, 1100), rapid.Int64Range(0, 999_999_999_999)).Draw(t, "n")
		words := spoken(n)
		r := u.Read(words, monday())
		if got, ok := r.Int(); !ok || got != n {
			t.Fatalf("%d as %q is %d, %v", n, words, got, ok)
		}
	})
}

// TestWrittenNumbersComeBack writes amounts as people do and reads them again.
func TestWrittenNumbersComeBack(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(1, 99_999_999_99).Draw(t, "cents")
		for _, text := range written(cents) {
			r := u.Read(text, monday())
			if got, ok := r.Amount(); !ok || int64(got) != cents {
				t.Fatalf("%q is %d, %v, want %d", text, got, ok, cents)
			}
		}
	})
}

func written(cents int64) []string {
	plain := fmt.Sprintf("%d.%02d", cents/100, cents%100)
	grouped := group(cents/100) + fmt.Sprintf(".%02d", cents%100)
	return []string{"$" + plain, "$ " + grouped, grouped + " pesos", "quiero $" + grouped + " por favor", plain + " mxn"}
}

func group(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// spoken says n, 0 to 10^12, in Spanish.
func spoken(n int64) string {
	switch {
	case n == 0:
		return "cero"
	case n >= 1_000_000 && n < 2_000_000:
		return strings.TrimSpace("un millón " + belowMillion(n%1_000_000))
	case n >= 1_000_000:
		return strings.TrimSpace(short(belowMillion(n/1_000_000)) + " millones " + belowMillion(n%1_000_000))
	}
	return belowMillion(n)
}

func belowMillion(n int64) string {
	switch {
	case n < 1000:
		return belowThousand(n)
	case n < 2000:
		return strings.TrimSpace("mil " + belowThousand(n%1000))
	}
	return strings.TrimSpace(short(belowThousand(n/1000)) + " mil " + belowThousand(n%1000))
}

// short drops the o of "uno" before a noun, as speakers do.
func short(s string) string {
	if strings.HasSuffix(s, "veintiuno") {
		return strings.TrimSuffix(s, "uno") + "ún"
	}
	if strings.HasSuffix(s, "uno") {
		return strings.TrimSuffix(s, "o")
	}
	return s
}

func belowThousand(n int64) string {
	hundreds := []string{"", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos", "ochocientos", "novecientos"}
	if n == 100 {
		return "cien"
	}
	return strings.TrimSpace(hundreds[n/100] + " " + belowHundred(n%100))
}

func belowHundred(n int64) string {
	small := strings.Fields("- uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve")
	tens := strings.Fields("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
	switch {
	case n == 0:
		return ""
	case n < 30:
		return small[n]
	case n%10 == 0:
		return tens[n/10]
	}
	return tens[n/10] + " y " + small[n%10]
}
