package mexid_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/mexid"
)

func TestCLABE(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want, code, bank string }{
		// Published examples: the CLABE article of Wikipedia, and the test suites
		// of clabe-validator (npm) and clabe (PyPI).
		{"032180000118359719", "032180000118359719", "", "IXE"},
		{"002010077777777771", "002010077777777771", "", "Banamex"},
		{"002 010 07777777777 1", "002010077777777771", "", "Banamex"},
		{"002-010-07777777777-1", "002010077777777771", "", "Banamex"},
		{"002000000000000008", "002000000000000008", "", "Banamex"},
		{"002000000000000007", "", "clabe_check", ""},
		{"989180000118359711", "", "clabe_check", ""},
		{"002010077777777777", "", "clabe_check", ""},
		{"000000000000000000", "", "clabe_bank", ""},
		{"989180000118359710", "", "clabe_bank", ""},
		{"646180157042875763", "646180157042875763", "", "STP"},
		{"", "", "clabe_characters", ""},
		{"0020100777777777", "", "clabe_length", ""},
		{"0020100777777777711", "", "clabe_length", ""},
		{"00201007777777777l", "", "clabe_characters", ""},
		{"４46180157042875763", "", "clabe_characters", ""},
	} {
		got, code := parsers["clabe"](c.text)
		if got != c.want || code != c.code {
			t.Errorf("ParseCLABE(%q) = %q, code %q; want %q, %q", c.text, got, code, c.want, c.code)
		}
		if bank := mexid.CLABE(got).Bank(); bank != c.bank {
			t.Errorf("%q: Bank = %q, want %q", c.text, bank, c.bank)
		}
	}
}

func TestCLABEParts(t *testing.T) {
	t.Parallel()
	c := mexid.CLABE("002010077777777771")
	if c.BankCode() != "002" || c.Last4() != "7771" || c.Mask() != "••••••••••••••7771" {
		t.Errorf("parts are %q %q %q", c.BankCode(), c.Last4(), c.Mask())
	}
	if short := mexid.CLABE("00"); short.BankCode() != "" || short.Last4() != "00" || short.Bank() != "" {
		t.Error("a short value is not handled")
	}
}

// Of the ten CLABEs that differ in the last digit alone, one is right; and one
// changed digit is always noticed, because 3, 7 and 1 have inverses modulo 10.
func TestOneChangedDigitOfACLABEIsNoticed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := "012" + fmt.Sprintf("%014d", rapid.Int64Range(0, 99_999_999_999_999).Draw(t, "account"))
		var right []string
		for d := range 10 {
			if c, err := mexid.ParseCLABE(fmt.Sprintf("%s%d", body, d)); err == nil {
				right = append(right, string(c))
			}
		}
		if len(right) != 1 {
			t.Fatalf("%d check digits are right for %s", len(right), body)
		}
		at := rapid.IntRange(0, 17).Draw(t, "at")
		other := rapid.IntRange(1, 9).Draw(t, "by")
		b := []byte(right[0])
		b[at] = byte('0' + (int(b[at]-'0')+other)%10)
		if _, code := parsers["clabe"](string(b)); code != "clabe_check" {
			t.Fatalf("%s passes for %s with code %q", b, right[0], code)
		}
	})
}

func TestCardAndLuhn(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		"4111111111111111":    "", // test numbers that card networks publish
		"5555 5555 5555 4444": "",
		"4242-4242-4242-4242": "",
		"4111111111111112":    "card_check",
		"378282246310005":     "card_length",
		"41111111111111111":   "card_length",
		"4111x":               "card_characters",
		"":                    "card_characters",
	} {
		if got, c := parsers["card"](text); c != code {
			t.Errorf("ParseCard(%q) = %q, code %q, want %q", text, got, c, code)
		}
	}
	// 79927398713 is the worked example of ISO/IEC 7812-1 that textbooks repeat.
	for digits, want := range map[string]bool{
		"79927398713": true, "79927398710": false, "378282246310005": true, "0": true, "": false, "4a": false, "-18": false,
	} {
		if got := mexid.Luhn(digits); got != want {
			t.Errorf("Luhn(%q) = %v", digits, got)
		}
	}
	if c := mexid.Card("4111111111111111"); c.Last4() != "1111" || mexid.Card("11").Last4() != "11" {
		t.Error("Last4 of a card")
	}
}
