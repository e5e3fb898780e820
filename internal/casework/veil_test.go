package casework

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestVeil(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, heard, want string }{
		{"4821", "desk", "••••"},
		{" 4821. ", "", "••••"},
		{"4821", "amount", "4821"},
		{"3000", "desk", "3000"},
		{"1250", "", "1250"},
		{"mi nip es 4821", "desk", "mi nip es ••••"},
		{"NIP: 3000", "desk", "NIP: ••••"},
		{"quiero 3000 a 8 quincenas", "desk", "quiero 3000 a 8 quincenas"},
		{"VALE 6671234567 3000 8", "", "VALE 6671234567 3000 8"},
		{"mi clabe es 032180000118359719, gracias", "desk", "mi clabe es ••••••••••••••9719, gracias"},
		{"032 180 00011835971 9", "desk", "••••••••••••••9719"},
		{"es 4111 1111 1111 1111 y ya", "", "es ••••••••••••1111 y ya"},
		{"VALE 6671234567 3000 12", "", "VALE 6671234567 3000 12"},
		{"VALE 6671234567 3000 10, 6671234567 3000 11, 6671234567 3000 13, 6671234567 3000 14", "", "VALE 6671234567 3000 10, 6671234567 3000 11, 6671234567 3000 13, 6671234567 3000 14"},
		{"HEGG560427MVZRRL04", "", "••••••••••••••••04"},
		{"folio V-00017", "desk", "folio V-00017"},
		{"05/03/1990", "desk", "05/03/1990"},
		{"", "desk", ""},
	} {
		if got := Veil(tt.text, tt.heard); got != tt.want {
			t.Errorf("Veil(%q, %q) = %q, want %q", tt.text, tt.heard, got, tt.want)
		}
	}
}

// No text around it makes an account show.
func TestVeilHidesAccounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		before, after := rapid.StringOf(rapid.RuneFrom([]rune("abc ñ.,\n😀"))).Draw(r, "before"), rapid.StringOf(rapid.RuneFrom([]rune("xyz ñ.,\n😀"))).Draw(r, "after")
		got := Veil(before+" 032180000118359719 "+after, "desk")
		if strings.Contains(got, "03218000011835") || !strings.Contains(got, "9719") || !utf8.ValidString(got) {
			r.Fatalf("%q", got)
		}
	})
}

func FuzzVeil(f *testing.F) {
	f.Add("mi nip es 4821", "desk")
	f.Add("032 180 00011835971 9", "")
	f.Fuzz(func(t *testing.T, text, heard string) {
		if got := Veil(text, heard); utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
