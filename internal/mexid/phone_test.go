package mexid_test

import (
	"testing"

	"valebot/internal/mexid"
)

func TestSpellingsOfOnePhoneGiveOneNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"6671234567", " 667 123 4567 ", "667-123-4567", "(667) 123.4567", "+526671234567", "+52 1 667 123 4567",
		"+5216671234567", "526671234567", "5216671234567", "0446671234567", "0456671234567", "016671234567",
		"+52 044 667 123 4567", "00526671234567", "whatsapp:+5216671234567", "WhatsApp:+526671234567", "tel:+526671234567",
		"667\u00a0123\u00a04567", "\u202a+52 667 123 4567\u202c", "667\u2013123\u20134567",
	} {
		got, err := mexid.ParsePhone(text)
		if err != nil || got != "+526671234567" {
			t.Errorf("ParsePhone(%q) = %q, %v", text, got, err)
		}
	}
}

func TestPhoneRefusals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                  "phone_length",
		"+":                 "phone_length",
		"667123456":         "phone_length",
		"66712345678":       "phone_length",
		"16671234567":       "phone_length", // might be a number of the United States
		"66712345670000000": "phone_length",
		"+14155238886":      "phone_foreign",
		"0014155238886":     "phone_foreign",
		"+6671234567":       "phone_foreign",
		"+34 612 345 678":   "phone_foreign",
		"667 123 45a7":      "phone_characters",
		"667+1234567":       "phone_characters",
		"MX.abc123":         "phone_characters",
		"٦٦٧١٢٣٤٥٦٧":        "phone_characters",
		"0671234567":        "phone_plan",
		"1671234567":        "phone_plan",
		"8001234567":        "phone_plan", // freephone: nobody reads messages there
		"9001234567":        "phone_plan",
	} {
		if got, code := parsers["phone"](text); code != want {
			t.Errorf("ParsePhone(%q) = %q, code %q, want %q", text, got, code, want)
		}
	}
}

func TestPhoneForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phone                  mexid.Phone
		national, pretty, mask string
		zone                   string
	}{
		{"+526671234567", "6671234567", "667 123 4567", "+52••••••4567", "America/Mazatlan"},
		{"+525512345678", "5512345678", "55 1234 5678", "+52••••••5678", "America/Mexico_City"},
		{"+526641234567", "6641234567", "664 123 4567", "+52••••••4567", "America/Tijuana"},
		{"+528112345678", "8112345678", "81 1234 5678", "+52••••••5678", "America/Mexico_City"},
		{"+529981234567", "9981234567", "998 123 4567", "+52••••••4567", "America/Cancun"},
		{"", "", "", "", "America/Mexico_City"},
	} {
		if got := c.phone.National(); got != c.national {
			t.Errorf("%s: National = %q", c.phone, got)
		}
		if got := c.phone.Pretty(); got != c.pretty {
			t.Errorf("%s: Pretty = %q, want %q", c.phone, got, c.pretty)
		}
		if got := c.phone.Mask(); got != c.mask {
			t.Errorf("%s: Mask = %q, want %q", c.phone, got, c.mask)
		}
		if got := c.phone.Zone(); got != c.zone {
			t.Errorf("%s: Zone = %q, want %q", c.phone, got, c.zone)
		}
	}
}
