package mexid_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/mexid"
)

// Areas whose codes and next digits the numbering plan has in use.
var areas = []string{"6671", "5512", "8112", "3312", "5612", "6641", "9981", "2221", "4441", "7441"}

func TestEverySpellingOfAPhoneMeets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		national := rapid.SampledFrom(areas).Draw(t, "area") + fmt.Sprintf("%06d", rapid.IntRange(0, 999_999).Draw(t, "rest"))
		want, err := mexid.ParsePhone(national)
		if err != nil {
			return // not in the numbering plan
		}
		spelled := rapid.SampledFrom([]string{"", "52", "521", "+52", "+521", "044", "045", "01", "0052", "+52 044 ", "whatsapp:+521", "tel:+52"}).Draw(t, "prefix")
		gap := rapid.SampledFrom([]string{"", " ", "-", ".", "\u00a0", ") "}).Draw(t, "gap")
		for i, d := range national {
			if i == 3 || i == 6 {
				spelled += gap
			}
			spelled += string(d)
		}
		if got, err := mexid.ParsePhone(spelled); got != want || err != nil {
			t.Fatalf("ParsePhone(%q) = %q, %v; want %q", spelled, got, err, want)
		}
		if got, err := mexid.ParsePhone(want.Pretty()); got != want || err != nil {
			t.Fatalf("Pretty %q reads as %q, %v", want.Pretty(), got, err)
		}
		if mask := want.Mask(); strings.Contains(mask, national[:6]) || !strings.HasSuffix(mask, national[6:]) {
			t.Fatalf("mask %q of %s", mask, want)
		}
	})
}

// drawCURP draws the first 17 characters of a well-formed CURP.
func drawCURP(t *rapid.T) string {
	letter := rapid.StringMatching(`[A-Z]`)
	consonants := rapid.StringMatching(`[BCDFGHJKLMNPQRSTVWXYZ]{3}`)
	return letter.Draw(t, "surname") + "X" + letter.Draw(t, "second") + letter.Draw(t, "name") +
		fmt.Sprintf("%02d%02d%02d", rapid.IntRange(0, 99).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day")) +
		rapid.SampledFrom([]string{"H", "M", "X"}).Draw(t, "sex") + rapid.SampledFrom(states).Draw(t, "state") +
		consonants.Draw(t, "consonants") + rapid.StringMatching(`[0-9A-Z]`).Draw(t, "homonymy")
}

var states = strings.Fields("AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE")

func TestEveryCURPHasOneCheckDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := drawCURP(t)
		right := 0
		for d := range 10 {
			c, err := mexid.ParseCURP(fmt.Sprintf("%s%d", body, d))
			if err != nil {
				continue
			}
			right++
			if y, _, _ := c.Birth(); (y >= 2000) != (body[16] >= 'A') || c.StateName() == "" || c.Sex() != body[10:11] {
				t.Fatalf("%s: born %d, %q, %q", c, y, c.StateName(), c.Sex())
			}
		}
		if right != 1 {
			t.Fatalf("%s has %d right digits", body, right)
		}
	})
}

func TestAnyStateOfTheRegisterIsNamed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, code := range states {
		name := mexid.CURP("MOTR930411H" + code + "RMN03").StateName()
		if name == "" || seen[name] {
			t.Errorf("%s is named %q", code, name)
		}
		seen[name] = true
	}
	if len(states) != 33 {
		t.Errorf("%d states", len(states))
	}
}

func TestEveryRFCHasOneCheckDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[A-ZÑ&]{2}X[A-Z]?`).Draw(t, "letters") +
			fmt.Sprintf("%02d%02d%02d", rapid.IntRange(0, 99).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day")) +
			rapid.StringMatching(`[A-Z0-9]{2}`).Draw(t, "homoclave")
		right := 0
		for _, d := range "0123456789A" {
			r, err := mexid.ParseRFC(strings.ToLower(body) + string(d))
			if err != nil {
				t.Fatalf("%s%c: %v", body, d, err)
			}
			if r.CheckDigitOK() {
				right++
			}
		}
		if right != 1 {
			t.Fatalf("%s has %d right digits", body, right)
		}
	})
}

// Names are short enough for one SMS and fit to be read back.
func TestBanksAreNamed(t *testing.T) {
	t.Parallel()
	known := 0
	for code := range 1000 {
		name := mexid.CLABE(fmt.Sprintf("%03d", code)).Bank()
		if name == "" {
			continue
		}
		known++
		if strings.TrimSpace(name) != name || len([]rune(name)) > 28 {
			t.Errorf("%03d is named %q", code, name)
		}
	}
	if known < 100 {
		t.Errorf("%d banks", known)
	}
	for code, want := range map[mexid.CLABE]string{
		"002": "Banamex", "012": "BBVA", "014": "Santander", "021": "HSBC", "044": "Scotiabank", "072": "Banorte", "127": "Banco Azteca",
		"137": "BanCoppel", "166": "Banco del Bienestar", "638": "Nu México", "646": "STP", "722": "Mercado Pago", "728": "Spin by OXXO",
	} {
		if got := code.Bank(); got != want {
			t.Errorf("%s is %q, want %q", code, got, want)
		}
	}
}
