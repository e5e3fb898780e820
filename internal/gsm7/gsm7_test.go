package gsm7_test

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/gsm7"
)

// digits returns the digits of n characters that begin with head.
func digits(head string, n int) string {
	return head + strings.Repeat("1234567890", 40)[:n-utf8.RuneCountInString(head)]
}

// rainbow is one emoji of four characters and six UTF-16 units.
const rainbow = "\U0001F3F3\uFE0F\u200D\U0001F308"

// The cases are those of the test suite of Twilio's segment calculator.
func TestCountAgreesWithTwilio(t *testing.T) {
	t.Parallel()
	type want struct {
		encoding        gsm7.Encoding
		units, segments int
	}
	cases := map[string]want{
		digits("", 160):                         {gsm7.GSM7, 160, 1},
		digits("", 161):                         {gsm7.GSM7, 161, 2},
		digits("", 306):                         {gsm7.GSM7, 306, 2},
		digits("", 307):                         {gsm7.GSM7, 307, 3},
		digits("😜", 69):                         {gsm7.UCS2, 70, 1},
		digits("😜", 70):                         {gsm7.UCS2, 71, 2},
		digits("😜", 134):                        {gsm7.UCS2, 135, 3},
		digits("🇮🇹", 68):                        {gsm7.UCS2, 70, 1},
		digits("🇮🇹", 69):                        {gsm7.UCS2, 71, 2},
		digits(rainbow, 68):                     {gsm7.UCS2, 70, 1},
		digits(rainbow, 69):                     {gsm7.UCS2, 71, 2},
		digits("😀", 1) + "]":                    {gsm7.UCS2, 3, 1},
		"\rabcde\r\n123":                        {gsm7.GSM7, 11, 1},
		"\nabcde\n\n123\n":                      {gsm7.GSM7, 12, 1},
		"":                                      {gsm7.GSM7, 0, 1},
		"e\u0301":                               {gsm7.UCS2, 2, 1},
		"😀" + repeat("]", 68):                   {gsm7.UCS2, 70, 1},
		"😀" + repeat("]", 69):                   {gsm7.UCS2, 71, 2},
		"Tu código de retiro":                   {gsm7.UCS2, 19, 1},
		"Tu codigo: ñandú ÑÜ¿¡é":                {gsm7.UCS2, 22, 1},
		"Tu codigo: ñandu ÑÜ¿¡éè":               {gsm7.GSM7, 23, 1},
		"e\u0301\u0301\u0301" + repeat("a", 66): {gsm7.UCS2, 70, 1},
		"e\u0301\u0301\u0301" + repeat("a", 67): {gsm7.UCS2, 71, 2},
	}
	for _, c := range []string{"|", "^", "€", "{", "}", "[", "]", "~", `\`, "\f"} {
		cases[digits(c, 159)] = want{gsm7.GSM7, 160, 1}
		cases[digits(c, 160)] = want{gsm7.GSM7, 161, 2}
	}
	for _, c := range []string{"Á", "Ú", "ú", "ç", "í", "Í", "ó", "Ó", "á", "º", "“", "\t", "\u00a0", "`"} {
		cases[repeat(c, 70)] = want{gsm7.UCS2, 70, 1}
		cases[repeat(c, 71)] = want{gsm7.UCS2, 71, 2}
	}
	for text, w := range cases {
		m := gsm7.Count(text)
		if got := (want{m.Encoding, m.Units, m.Segments}); got != w {
			t.Errorf("Count(%q) = %v, want %v", text, got, w)
		}
	}
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

func TestAPairNeverStraddlesACut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		segments int
		parts    []int // lengths in runes
	}{
		// 152 + a pair: the pair moves to the second part, so 306 units need 3 parts.
		{repeat("a", 152) + "€" + repeat("a", 152), 3, []int{152, 152, 1}},
		{repeat("a", 151) + "€" + repeat("a", 153), 2, []int{152, 153}},
		{repeat("€", 81), 2, []int{76, 5}},
		{repeat("á", 66) + "😀" + repeat("á", 66), 3, []int{66, 66, 1}},
		{repeat("á", 65) + "😀" + repeat("á", 67), 2, []int{66, 67}},
		{repeat("😀", 36), 2, []int{33, 3}},
		// A flag is two pairs: it moves as a whole. A line end need not.
		{repeat("á", 65) + "🇲🇽" + repeat("á", 65), 3, []int{65, 65, 2}},
		{repeat("á", 66) + "\r\n" + repeat("á", 66), 2, []int{67, 67}},
		{"á" + repeat("\u0301", 99), 2, []int{67, 33}},
	} {
		if m := gsm7.Count(c.text); m.Segments != c.segments {
			t.Errorf("%.12q…: %d segments of %d units, want %d", c.text, m.Segments, m.Units, c.segments)
		}
		var lengths []int
		for _, p := range gsm7.Split(c.text) {
			lengths = append(lengths, utf8.RuneCountInString(p))
		}
		if diff := cmp.Diff(c.parts, lengths); diff != "" {
			t.Errorf("%.12q…: parts (-want +got)\n%s", c.text, diff)
		}
	}
}

func TestOffendingCharactersAreNamedWithTheirPlace(t *testing.T) {
	t.Parallel()
	want := gsm7.Measure{
		Encoding: gsm7.UCS2, Units: 16, Segments: 1, PerSegment: 70,
		Offending: []gsm7.Offence{{Rune: 'ó', Pos: 4}, {Rune: '…', Pos: 13}, {Rune: '😀', Pos: 14}},
	}
	if diff := cmp.Diff(want, gsm7.Count("Tu código ñaz…😀")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The extension table of 3GPP TS 23.038 §6.2.1.1, whole, and what is not in it.
func TestDoublesAreTheExtensionTable(t *testing.T) {
	t.Parallel()
	var want []gsm7.Offence
	for i, r := range []rune("\f^{}\\[~]|€") {
		want = append(want, gsm7.Offence{Rune: r, Pos: 2*i + 1})
	}
	if diff := cmp.Diff(want, gsm7.Doubles("a\fñ^é{@}á\\£[Δ~ß]Ç|¿€😀")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFitsIsOneSegmentOfGSM7(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "Hola ñ": true, "Código": false, repeat("a", 160): true, repeat("a", 161): false, repeat("€", 80): true, repeat("€", 81): false,
	} {
		if got := gsm7.Fits(text); got != want {
			t.Errorf("Fits(%.20q) = %v", text, got)
		}
	}
}

// spanish draws texts in which every class of character is common.
func spanish() *rapid.Generator[string] {
	return rapid.StringOf(rapid.SampledFrom([]rune("aeiou ñéüáíóúÁ€[]{}^~|\\\f\n\r¿¡…“”’—•\t\u00a0\u0301😀🇲ºª½ﬁŁ\u200b"))).Filter(func(s string) bool {
		return utf8.RuneCountInString(s) < 500
	})
}

func checkCount(t interface{ Fatalf(string, ...any) }, text string) {
	m, parts := gsm7.Count(text), gsm7.Split(text)
	if len(parts) != m.Segments {
		t.Fatalf("%q: %d parts, %d segments", text, len(parts), m.Segments)
	}
	if joined := strings.Join(parts, ""); joined != string([]rune(text)) {
		t.Fatalf("%q: parts join to %q", text, joined)
	}
	total := 0
	for _, p := range parts {
		n := size(m.Encoding, p)
		if total += n; n > m.PerSegment {
			t.Fatalf("%q: a part of %d units, %d fit", text, n, m.PerSegment)
		}
	}
	if total != m.Units || (m.Encoding == gsm7.UCS2) != (len(m.Offending) > 0) {
		t.Fatalf("%q: %+v, parts hold %d units", text, m, total)
	}
}

// size is an independent way to the number of units: by encoding.
func size(e gsm7.Encoding, part string) int {
	if e == gsm7.UCS2 {
		return len(utf16.Encode([]rune(part)))
	}
	septets, err := gsm7.Encode(part)
	if err != nil {
		return -1
	}
	return len(septets)
}

func TestPartsAreTheTextAndFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkCount(t, spanish().Draw(t, "text")) })
}

func FuzzCount(f *testing.F) {
	f.Add("Tu código es 4821…")
	f.Add(repeat("a", 152) + "€")
	f.Add("\xff\x00\x1b")
	f.Fuzz(func(t *testing.T, text string) {
		checkCount(t, text)
		checkFold(t, text)
		if septets, err := gsm7.Encode(text); err == nil {
			checkRoundTrip(t, text, septets)
		}
		if back, err := gsm7.Decode([]byte(text)); err == nil && gsm7.Count(back).Encoding != gsm7.GSM7 {
			t.Fatalf("Decode(%q) = %q, which is not GSM-7", text, back)
		}
	})
}
