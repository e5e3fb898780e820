package mexid_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/fault"
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

// The lender's own range holds a CLABE per number; a whole CLABE is one for all.
func TestDeposit(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		"6461 8015-70": "", "646180157000000004": "", "": "clabe_characters", "64618015": "deposit_length", "64618015700": "deposit_length",
		"0001801570": "clabe_bank", "64618x1570": "clabe_characters", "646180157000000005": "clabe_check",
	} {
		if _, err := mexid.ParseDeposit(text); (err == nil) != (code == "") || err != nil && fault.CodeOf(err) != code {
			t.Errorf("%q: %v, want %q", text, err, code)
		}
	}
	own, err := mexid.ParseDeposit("6461801570")
	if err != nil || !own.Own() {
		t.Fatalf("%q, %v", own, err)
	}
	if got := own.CLABE(0); got != "646180157000000004" {
		t.Errorf("the first is %s", string(got))
	}
	for _, n := range []int{-1, 10_000_000} {
		if got := own.CLABE(n); got != "" {
			t.Errorf("%d has %s", n, string(got))
		}
	}
	whole, err := mexid.ParseDeposit("646180157000000004")
	if err != nil || whole.Own() || whole.CLABE(17) != "646180157000000004" {
		t.Errorf("%q, %v", whole, err)
	}
	for _, d := range []mexid.Deposit{"", own, whole} {
		if n, ok := d.Number("032180000118359719"); ok {
			t.Errorf("%q has %d of another bank", d, n)
		}
	}
	if _, ok := whole.Number("646180157000000004"); ok {
		t.Error("one CLABE for all names a number")
	}
	var none mexid.Deposit
	if none.CLABE(1) != "" {
		t.Error("nowhere has a CLABE")
	}
}

// What a number is told is what it is found by, and every CLABE of the range is
// a real one; no other digit in its place is.
func TestDepositNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const own = mexid.Deposit("6461801570")
		n := rapid.IntRange(0, 9_999_999).Draw(t, "number")
		c := own.CLABE(n)
		if _, err := mexid.ParseCLABE(string(c)); err != nil {
			t.Fatalf("%s: %v", string(c), err)
		}
		if back, ok := own.Number(c); !ok || back != n {
			t.Fatalf("%d is found as %d, %v", n, back, ok)
		}
		at := rapid.IntRange(10, 17).Draw(t, "at")
		wrong := []byte(c)
		wrong[at] = '0' + (wrong[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "more")))%10
		if back, ok := own.Number(mexid.CLABE(wrong)); ok {
			t.Fatalf("%s is found as %d", string(wrong), back)
		}
	})
}
