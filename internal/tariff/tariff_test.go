package tariff

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/message"
	"valebot/internal/quincena"
)

func TestParsePrice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Micropesos{
		"0": 0, "0.85": 850_000, "0.000001": 1, "0.1600": 160_000, "1": Peso, "12.345678": 12_345_678, "100": 100 * Peso, "007": 7 * Peso,
	} {
		if got, err := ParsePrice(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "-1", "+1", "1,5", "1e2", " 1", "$1", "0.0000001", "100.000001", "1000", "0x1", "1_0", "٣", "1.2.3"} {
		if got, err := ParsePrice(text); !errors.Is(err, ErrPrice) {
			t.Errorf("%q: %d, %v, want a refusal", text, got, err)
		}
	}
}

func TestMicropesosAreWrittenInPesos(t *testing.T) {
	t.Parallel()
	for m, want := range map[Micropesos]string{
		0: "$0.0000", 1: "$0.000001", 850_000: "$0.8500", 123_450: "$0.123450", -Peso: "-$1.0000", 1_234_567_890_100: "$1234567.8901",
		-1 << 63: "-$9223372036854.775808",
	} {
		if got := m.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(m), got, want)
		}
	}
}

// What is written reads back as the same number.
func TestPricesSurviveWriting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		m := Micropesos(rapid.Int64Range(0, int64(maxPrice)).Draw(r, "price"))
		if back, err := ParsePrice(strings.TrimPrefix(m.String(), "$")); err != nil || back != m {
			r.Fatalf("%d is written %s and reads %d, %v", int64(m), m, int64(back), err)
		}
	})
}

func TestLintReadsPrices(t *testing.T) {
	t.Parallel()
	prices, problems := Lint("precios.yaml", []byte(`
prices:
  - {channel: sms, from: 2026-01-01, pesos: "0.85", example: true}
  - {channel: sms, category: segment, from: 2026-07-01, pesos: 0.9}
  - {channel: whatsapp, category: marketing, from: 2026-01-01, pesos: "0.61", example: false}
`))
	january := quincena.Date{Year: 2026, Month: 1, Day: 1}
	want := []Price{
		{message.SMS, Segment, january, 850_000, true},
		{message.SMS, Segment, quincena.Date{Year: 2026, Month: 7, Day: 1}, 900_000, false},
		{message.WhatsApp, Marketing, january, 610_000, false},
	}
	if diff := cmp.Diff(want, prices); diff != "" || len(problems) > 0 {
		t.Errorf("%v\n%s", problems, diff)
	}
}

// Every mistake is told once, in its place.
func TestLintTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	sms := "prices:\n  - {channel: sms, from: 2026-01-01, pesos: \"1\"}\n"
	for text, want := range map[string][]string{
		"":                         {"1:1 yaml"},
		"prices: [":                {"1:1 yaml"},
		"- 1":                      {"1:1 price-key"},
		"precios: []":              {"1:1 price-key"},
		"prices: {a: 1}":           {"1:9 price-key"},
		"prices: []\nprices: []":   {"2:1 price-key"},
		"prices: [1]":              {"1:10 price-key"},
		"prices: [{channel: sms}]": {"1:10 price-key"},
		"prices: [{chanel: sms, from: 2026-01-01, pesos: 1}]":                          {"1:11 price-key"},
		"prices: [{channel: fax, from: 2026-01-01, pesos: 1}]":                         {"1:20 price-channel"},
		"prices: [{channel: whatsapp, from: 2026-01-01, pesos: 1}]":                    {"1:10 price-category"},
		"prices: [{channel: whatsapp, category: segment, from: 2026-01-01, pesos: 1}]": {"1:40 price-category"},
		"prices: [{channel: sms, category: utility, from: 2026-01-01, pesos: 1}]":      {"1:35 price-category"},
		"prices: [{channel: sms, from: ayer, pesos: mucho, example: si}]":              {"1:31 price-from", "1:44 price-pesos", "1:60 price-example"},
		sms + "  - {channel: sms, category: segment, from: 2026-01-01, pesos: 2}":      {"3:5 price-twice"},
		sms: nil,
	} {
		prices, problems := Lint("precios.yaml", []byte(text))
		var got []string
		for _, p := range problems {
			got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Col, p.Code))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %v\n%s", text, problems, diff)
		}
		if (len(problems) > 0) == (len(prices) > 0) {
			t.Errorf("%q: %d prices with %d problems", text, len(prices), len(problems))
		}
	}
}

// The file that comes with the program has a price for all that is sent, each
// marked as an example.
func TestShippedPrices(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../flows/precios.yaml")
	if err != nil {
		t.Fatal(err)
	}
	prices, problems := Lint("precios.yaml", text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := map[string]bool{}
	for _, p := range prices {
		got[string(p.Channel)+" "+string(p.Category)] = p.Example
	}
	want := map[string]bool{"sms segment": true, "whatsapp service": true, "whatsapp utility": true, "whatsapp authentication": true, "whatsapp marketing": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever the file, reading it ends, and gives prices or problems, not both.
func FuzzLint(f *testing.F) {
	f.Add("prices: [{channel: sms, from: 2026-01-01, pesos: 1}]")
	f.Add("prices: {a: [}")
	f.Fuzz(func(t *testing.T, text string) {
		prices, problems := Lint("precios.yaml", []byte(text))
		if len(prices) > 0 && len(problems) > 0 {
			t.Errorf("%d prices and %v", len(prices), problems)
		}
		for _, p := range prices {
			if p.Each < 0 || p.Each > maxPrice || p.From.IsZero() || p.Category == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
