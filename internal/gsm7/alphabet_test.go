package gsm7_test

import (
	"bytes"
	"testing"

	"valebot/internal/fault"
	"valebot/internal/gsm7"
)

// Codes from 3GPP TS 23.038, tables 6.2.1 and 6.2.1.1.
func TestEncodeByTheStandardsTables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]byte{
		"@£$¥":    {0x00, 0x01, 0x02, 0x03},
		"èéùìòÇ":  {0x04, 0x05, 0x06, 0x07, 0x08, 0x09},
		"\nØø\r":  {0x0A, 0x0B, 0x0C, 0x0D},
		"Δ_ΦΓ":    {0x10, 0x11, 0x12, 0x13},
		"ÆæßÉ !":  {0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x21},
		"¤¡¿":     {0x24, 0x40, 0x60},
		"AZaz09":  {0x41, 0x5A, 0x61, 0x7A, 0x30, 0x39},
		"ÄÖÑÜ§":   {0x5B, 0x5C, 0x5D, 0x5E, 0x5F},
		"äöñüà":   {0x7B, 0x7C, 0x7D, 0x7E, 0x7F},
		"\f^{}\\": {0x1B, 0x0A, 0x1B, 0x14, 0x1B, 0x28, 0x1B, 0x29, 0x1B, 0x2F},
		"[~]|€":   {0x1B, 0x3C, 0x1B, 0x3D, 0x1B, 0x3E, 0x1B, 0x40, 0x1B, 0x65},
		"":        nil,
	} {
		got, err := gsm7.Encode(text)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("Encode(%q) = % X, %v; want % X", text, got, err, want)
			continue
		}
		checkRoundTrip(t, text, got)
	}
}

func checkRoundTrip(t *testing.T, text string, septets []byte) {
	t.Helper()
	if back, err := gsm7.Decode(septets); err != nil || back != text {
		t.Fatalf("Decode(% X) = %q, %v; want %q", septets, back, err, text)
	}
}

// The alphabet has 137 characters: 127 of 128 basic codes and 10 extended ones.
func TestAlphabetHas137Characters(t *testing.T) {
	t.Parallel()
	n := 0
	for r := range rune(0x10000) {
		if _, err := gsm7.Encode(string(r)); err == nil {
			n++
		}
	}
	if n != 137 {
		t.Errorf("%d characters are encoded", n)
	}
}

func TestEncodeRefusesWhatTheAlphabetLacks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"á", "Í", "ç", "º", "“", "\t", "\u00a0", "😀", "e\u0301", "\x1b", "\xff"} {
		if _, err := gsm7.Encode("ok " + text); fault.CodeOf(err) != "sms_alphabet" {
			t.Errorf("Encode(%q): %v", text, err)
		}
	}
}

func TestDecodeOfOddSeptets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		septets []byte
		text    string
		code    string
	}{
		{[]byte{0x41, 0x1B}, "A ", ""},       // an escape with nothing behind it
		{[]byte{0x1B, 0x1B, 0x41}, " A", ""}, // reserved for another table: a blank
		{[]byte{0x1B, 0x61}, "a", ""},        // Spanish shift for á, which providers do not offer
		{[]byte{0x41, 0x80}, "", "sms_septet"},
		{[]byte{0x1B, 0x80}, "", "sms_septet"},
		{nil, "", ""},
	} {
		got, err := gsm7.Decode(c.septets)
		if got != c.text || (err != nil && fault.CodeOf(err) != c.code) || (err == nil) != (c.code == "") {
			t.Errorf("Decode(% X) = %q, %v", c.septets, got, err)
		}
	}
}
