package money_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/money"
)

// halfUp rounds a rational number of centavos by the definition: away from
// zero from the half on. It shares nothing with the package.
func halfUp(x *big.Rat) int64 {
	sign := int64(x.Sign())
	doubled := new(big.Int).Mul(new(big.Int).Abs(x.Num()), big.NewInt(2))
	doubled.Add(doubled, x.Denom())
	doubled.Quo(doubled, new(big.Int).Mul(x.Denom(), big.NewInt(2)))
	return sign * doubled.Int64()
}

func anyRate(t *rapid.T) (money.Rate, *big.Rat) {
	millionths := rapid.Int64Range(0, 3_000_000).Draw(t, "millionths")
	text := fmt.Sprintf("%d.%06d", millionths/1_000_000, millionths%1_000_000)
	r, err := money.ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	return r, big.NewRat(millionths, 1_000_000)
}

func TestRateOfIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, exact := anyRate(t)
		a := rapid.Int64Range(-1e13, 1e13).Draw(t, "centavos")
		want := halfUp(new(big.Rat).Mul(exact, big.NewRat(a, 1)))
		if got := r.Of(money.Amount(a)); int64(got) != want {
			t.Fatalf("%s of %d = %d, want %d", r, a, got, want)
		}
	})
}

func TestRateWithinIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, exact := anyRate(t)
		a := rapid.Int64Range(-1e13, 1e13).Draw(t, "centavos")
		share := new(big.Rat).Quo(exact, new(big.Rat).Add(exact, big.NewRat(1, 1)))
		want := halfUp(share.Mul(share, big.NewRat(a, 1)))
		if got := r.Within(money.Amount(a)); int64(got) != want {
			t.Fatalf("%s within %d = %d, want %d", r, a, got, want)
		}
	})
}

// Rates of any length, which are computed in machine words or in decimals, are
// exact on amounts of any size.
func TestRatesOfAnyLengthAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.IntRange(0, 15).Draw(t, "places")
		digits := rapid.Int64Range(0, 99).Draw(t, "whole")
		exact := big.NewRat(digits, 1)
		text := fmt.Sprint(digits, ".")
		scale := big.NewRat(1, 1)
		for range places {
			d := rapid.Int64Range(0, 9).Draw(t, "digit")
			scale.Mul(scale, big.NewRat(1, 10))
			exact.Add(exact, new(big.Rat).Mul(scale, big.NewRat(d, 1)))
			text += fmt.Sprint(d)
		}
		r, err := money.ParseRate(strings.TrimSuffix(text, "."))
		if err != nil {
			t.Fatal(err)
		}
		a := rapid.Int64Range(-int64(money.Max), int64(money.Max)).Draw(t, "centavos")
		if got, want := int64(r.Of(money.Amount(a))), halfUp(new(big.Rat).Mul(exact, big.NewRat(a, 1))); got != want {
			t.Fatalf("%s of %d = %d, want %d", r, a, got, want)
		}
		share := new(big.Rat).Quo(exact, new(big.Rat).Add(exact, big.NewRat(1, 1)))
		if got, want := int64(r.Within(money.Amount(a))), halfUp(share.Mul(share, big.NewRat(a, 1))); got != want {
			t.Fatalf("%s within %d = %d, want %d", r, a, got, want)
		}
	})
}

func TestRoundingText(t *testing.T) {
	t.Parallel()
	for rule, want := range map[money.Rounding]string{money.HalfUp: "half_up", money.Down: "down", money.Up: "up"} {
		text, err := rule.MarshalText()
		var back money.Rounding
		if err != nil || string(text) != want || back.UnmarshalText(text) != nil || back != rule {
			t.Errorf("%d becomes %q and then %d, %v", rule, text, back, err)
		}
	}
	var r money.Rounding
	if err := r.UnmarshalText([]byte("nearest")); err == nil || r != money.HalfUp {
		t.Error("an unknown rounding is read")
	}
	for _, bad := range []money.Rounding{-1, 3} {
		if _, err := bad.MarshalText(); err == nil {
			t.Errorf("rounding %d has a text", bad)
		}
	}
}

func TestSplitStaysWithinACentavoOfTheExactShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(-1e12, 1e12).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 20).Draw(t, "weights")
		var sum int64
		for _, w := range weights {
			sum += w
		}
		if sum == 0 {
			return
		}
		for i, part := range money.Split(money.Amount(total), weights) {
			exact := new(big.Rat).Mul(big.NewRat(total, 1), big.NewRat(weights[i], sum))
			off := exact.Sub(exact, big.NewRat(int64(part), 1))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d of %d is %d, %s away", i, total, part, off.FloatString(3))
			}
		}
	})
}

// Words are read back by a small reader of their own, so that two amounts can
// never share their words.
func TestWordsCanBeReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.IntRange(1, 14).Draw(t, "digits")
		limit := int64(1)
		for range digits {
			limit *= 10
		}
		a := money.Amount(rapid.Int64Range(0, limit-1).Draw(t, "centavos"))
		if got := readWords(t, money.Words(a)); got != a {
			t.Fatalf("%q reads %d, not %d", money.Words(a), got, a)
		}
	})
}

func readWords(t *rapid.T, text string) money.Amount {
	text = strings.TrimSuffix(text, " M.N.")
	words := strings.Fields(text)
	var cents int64
	if _, err := fmt.Sscanf(words[len(words)-1], "%d/100", &cents); err != nil {
		t.Fatal(err)
	}
	var millions, thousands, units int64
	for _, w := range words[:len(words)-1] {
		switch w {
		case "Y", "DE", "PESO", "PESOS", "CERO":
		case "MIL":
			thousands, units = max(units, 1)*1000, 0
		case "MILLÓN", "MILLONES":
			millions, thousands, units = (thousands+units)*1_000_000, 0, 0
		default:
			v, ok := values()[w]
			if !ok {
				t.Fatalf("unknown word %q", w)
			}
			units += v
		}
	}
	return money.Amount((millions+thousands+units)*100 + cents)
}

func values() map[string]int64 {
	v := map[string]int64{"CIEN": 100, "CIENTO": 100, "QUINIENTOS": 500, "SETECIENTOS": 700, "NOVECIENTOS": 900}
	ones := "UN DOS TRES CUATRO CINCO SEIS SIETE OCHO NUEVE DIEZ ONCE DOCE TRECE CATORCE QUINCE DIECISÉIS DIECISIETE DIECIOCHO DIECINUEVE " +
		"VEINTE VEINTIÚN VEINTIDÓS VEINTITRÉS VEINTICUATRO VEINTICINCO VEINTISÉIS VEINTISIETE VEINTIOCHO VEINTINUEVE"
	for i, w := range strings.Fields(ones) {
		v[w] = int64(i + 1)
	}
	for i, w := range strings.Fields("TREINTA CUARENTA CINCUENTA SESENTA SETENTA OCHENTA NOVENTA") {
		v[w] = int64(i+3) * 10
	}
	for w, n := range map[string]int64{"DOSCIENTOS": 2, "TRESCIENTOS": 3, "CUATROCIENTOS": 4, "SEISCIENTOS": 6, "OCHOCIENTOS": 8} {
		v[w] = n * 100
	}
	return v
}

func TestOverflowIsAPanicAndNotAWrongAmount(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an overflow passed in silence")
		}
	}()
	r := rate(t, "10000%")
	r.Of(money.Amount(1) << 62)
}

func ExampleParse() {
	a, err := money.Parse("$1,500.50")
	fmt.Println(a, int64(a), err)
	_, err = money.Parse("1,500.505")
	fmt.Println(err)
	// Output:
	// $1,500.50 150050 <nil>
	// parse "1,500.505": not an amount in pesos
}

func ExampleAllocate() {
	fmt.Println(money.Allocate(money.Pesos(100), 3))
	// Output: [$33.34 $33.33 $33.33]
}

func ExampleRate_Within() {
	iva, _ := money.ParseRate("16%")
	price := money.Pesos(60)
	tax := iva.Within(price)
	fmt.Println(price-tax, "+", tax)
	// Output: $51.72 + $8.28
}

func ExampleWords() {
	fmt.Println(money.Words(money.Pesos(21_000)))
	// Output: VEINTIÚN MIL PESOS 00/100 M.N.
}
