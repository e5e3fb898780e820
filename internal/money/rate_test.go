package money_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"valebot/internal/money"
)

func rate(t *testing.T, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRateOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate         string
		amount, want money.Amount
	}{
		{"3.75%", 3000_00, 112_50},
		{"0.0375", 3000_00, 112_50},
		{"16%", 96_98, 15_52},
		{"16 %", 100, 16},
		{"0.5", 1, 1}, // half a centavo goes up
		{"0.5", -1, -1},
		{"0.49", 1, 0},
		{"0", 100, 0},
		{"10000%", 1_00, 100_00},
	} {
		if got := rate(t, c.rate).Of(c.amount); got != c.want {
			t.Errorf("%s of %d = %d, want %d", c.rate, c.amount, got, c.want)
		}
	}
}

func TestRateWithin(t *testing.T) {
	t.Parallel()
	iva := rate(t, "16%")
	for gross, want := range map[money.Amount]money.Amount{116_00: 16_00, 112_50: 15_52, 60_00: 8_28, 0: 0, 1: 0, -116_00: -16_00} {
		if got := iva.Within(gross); got != want {
			t.Errorf("tax within %d = %d, want %d", gross, got, want)
		}
	}
}

func TestTaxWithinAgreesWithTaxOnTop(t *testing.T) {
	t.Parallel()
	iva := rate(t, "16%")
	rapid.Check(t, func(t *rapid.T) {
		net := money.Amount(rapid.Int64Range(0, int64(money.Max/2)).Draw(t, "net"))
		tax := iva.Of(net)
		if got := iva.Within(net + tax); got != tax {
			t.Fatalf("%d + %d holds %d of tax", net, tax, got)
		}
	})
}

func TestRateText(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(rate(t, "3.750%"))
	if err != nil || string(text) != `"0.0375"` {
		t.Errorf("marshal: %s, %v", text, err)
	}
	if got := rate(t, "0.0375").Percent(); got != "3.75%" {
		t.Errorf("Percent = %q", got)
	}
	var r money.Rate
	if err := json.Unmarshal([]byte(`"16%"`), &r); err != nil || !r.Equal(rate(t, "0.160")) {
		t.Errorf("unmarshal: %v, %v", r, err)
	}
	if (money.Rate{}).String() != "0" || !(money.Rate{}).IsZero() {
		t.Error("the zero rate is not 0")
	}
	if !money.RateOf(decimal.New(16, -2)).Equal(r) {
		t.Error("RateOf differs from the parsed rate")
	}
}

func TestParseRateRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "%", "-1", "1e9", "1e999999999", "1,5%", "..", "abc", strings.Repeat("1", 30), "0." + strings.Repeat("0", 30)} {
		if r, err := money.ParseRate(s); !errors.Is(err, money.ErrSyntax) {
			t.Errorf("ParseRate(%q) = %v, %v; want ErrSyntax", s, r, err)
		}
	}
	if _, err := money.ParseRate("101"); !errors.Is(err, money.ErrRange) {
		t.Errorf("10,100 %% is let in: %v", err)
	}
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"3.75%", "0.0375", "100", ".5", "5."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := money.ParseRate(s)
		if err != nil {
			return
		}
		again, err := money.ParseRate(r.String())
		if err != nil && len(r.String()) <= 24 {
			t.Fatalf("%q gives %s, which fails: %v", s, r, err)
		}
		if err == nil && !again.Equal(r) {
			t.Errorf("%q gives %s, which gives %s", s, r, again)
		}
	})
}
