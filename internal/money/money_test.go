package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"valebot/internal/money"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]money.Amount{
		"0":                  0,
		"3000":               3000_00,
		"$3,000":             3000_00,
		"$ 3,000":            3000_00,
		" 1,500.50 ":         1500_50,
		"1500.5":             1500_50,
		"487.05":             487_05,
		"$12,345,678.90":     12345678_90,
		"-$5.00":             -5_00,
		"-1":                 -1_00,
		"007":                7_00,
		"999,999,999,999.99": money.Max,
	} {
		if got, err := money.Parse(in); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", " ", "$", "-", ".", ".50", "1.", "1.555", "1,50", "1,5000", ",500", "1,,000", "1.000,50", "1 500",
		"--5", "$-5", "5$", "1e3", "0x10", "٣", "1.5.5", "1,500.5,0", "NaN", "+5", "1_000", "3mil",
	} {
		if got, err := money.Parse(in); !errors.Is(err, money.ErrSyntax) {
			t.Errorf("Parse(%q) = %d, %v; want ErrSyntax", in, got, err)
		}
	}
	for _, in := range []string{"1000000000000", "-1,000,000,000,000.00", strings.Repeat("9", 400)} {
		if got, err := money.Parse(in); !errors.Is(err, money.ErrRange) {
			t.Errorf("Parse(%.20q) = %d, %v; want ErrRange", in, got, err)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for in, want := range map[money.Amount]string{
		0:             "$0",
		5:             "$0.05",
		487_50:        "$487.50",
		3000_00:       "$3,000",
		1234567_89:    "$1,234,567.89",
		100000_00:     "$100,000",
		-5_00:         "-$5.00",
		-5_05:         "-$5.05",
		money.Max:     "$999,999,999,999.99",
		math.MinInt64: "-$92,233,720,368,547,758.08",
	} {
		if got := in.String(); got != want {
			t.Errorf("String(%d) = %q, want %q", int64(in), got, want)
		}
	}
}

func TestJSONIsWholeCentavos(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(struct{ Pago money.Amount }{487_50})
	if err != nil || string(text) != `{"Pago":48750}` {
		t.Errorf("marshal: %s, %v", text, err)
	}
	var a money.Amount
	for _, bad := range []string{`487.5`, `"48750"`, `1e30`, `99999999999999999999`} {
		if err := json.Unmarshal([]byte(bad), &a); err == nil {
			t.Errorf("%s is taken for centavos: %d", bad, a)
		}
	}
}

func TestFromDecimalRounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in               string
		halfUp, down, up money.Amount
	}{
		{"100.999", 101_00, 100_99, 101_00},
		{"0.005", 1, 0, 1},
		{"0.0049", 0, 0, 1},
		{"-0.005", -1, 0, -1},
		{"716.666666", 716_67, 716_66, 716_67},
		{"487.50", 487_50, 487_50, 487_50},
	} {
		for rule, want := range map[money.Rounding]money.Amount{money.HalfUp: c.halfUp, money.Down: c.down, money.Up: c.up} {
			if got, err := money.FromDecimal(decimal.RequireFromString(c.in), rule); err != nil || got != want {
				t.Errorf("FromDecimal(%s, %d) = %d, %v; want %d", c.in, rule, got, err, want)
			}
		}
	}
	if _, err := money.FromDecimal(decimal.New(1, 13), money.HalfUp); !errors.Is(err, money.ErrRange) {
		t.Errorf("ten million millions are let in: %v", err)
	}
}

func TestAddIsChecked(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]money.Amount{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}} {
		if got, err := c[0].Add(c[1]); !errors.Is(err, money.ErrRange) {
			t.Errorf("%d + %d = %d, %v; want ErrRange", c[0], c[1], got, err)
		}
	}
	if got, err := money.Sum(1, -3, math.MaxInt64); err != nil || got != math.MaxInt64-2 {
		t.Errorf("Sum = %d, %v", got, err)
	}
	if _, err := money.Sum(math.MaxInt64, 1, -1); !errors.Is(err, money.ErrRange) {
		t.Errorf("a partial sum that overflows is let through: %v", err)
	}
}

func TestAmountSurvivesItsTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.Amount(rapid.Int64Range(-int64(money.Max), int64(money.Max)).Draw(t, "centavos"))
		if got, err := money.Parse(a.String()); err != nil || got != a {
			t.Fatalf("Parse(%s) = %d, %v; want %d", a, got, err, a)
		}
		if got, err := money.FromDecimal(a.Decimal(), money.HalfUp); err != nil || got != a {
			t.Fatalf("FromDecimal(%s) = %d, %v; want %d", a.Decimal(), got, err, a)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"$3,000", "1500.50", "-$5.00", "", "1,5", "999999999999.99", "$ 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := money.Parse(s)
		if err != nil {
			if !errors.Is(err, money.ErrSyntax) && !errors.Is(err, money.ErrRange) {
				t.Errorf("Parse(%q) fails with %v", s, err)
			}
			return
		}
		if again, err := money.Parse(a.String()); err != nil || again != a {
			t.Errorf("%q gives %s, which gives %s, %v", s, a, again, err)
		}
	})
}
