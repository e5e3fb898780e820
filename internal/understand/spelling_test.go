package understand

import "testing"

func TestSoundsAlike(t *testing.T) {
	t.Parallel()
	sound := func(s string) string { return string(soundOf(nil, []byte(s))) }
	for a, b := range map[string]string{
		"quiero": "kiero", "hacer": "aser", "voy": "boy", "cinco": "sinco", "zapato": "sapato", "llamar": "yamar", "gente": "jente",
		"ahora": "aora", "empezar": "enpesar", "accion": "acion", "cuatro": "quatro", "hoy": "oy", "pollo": "poyo",
	} {
		if sound(a) != sound(b) {
			t.Errorf("%s sounds %q, %s %q", a, sound(a), b, sound(b))
		}
	}
	for a, b := range map[string]string{"si": "no", "pago": "vago", "gato": "jato", "cosa": "chosa", "casa": "cara"} {
		if sound(a) == sound(b) {
			t.Errorf("%s and %s sound alike", a, b)
		}
	}
}

func TestOneSlip(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"acepto", "acepto", true}, {"acpeto", "acepto", true}, {"aceptto", "acepto", true}, {"acpto", "acepto", true},
		{"acrpto", "acepto", true}, {"acepti", "acepto", true}, {"acepta", "acepto", false}, {"estufa", "estafa", false},
		{"transferensia", "transferencia", true}, {"apcteo", "acepto", false}, {"ace", "acepto", false}, {"", "a", true}, {"", "", true},
	} {
		if got := oneSlip([]byte(test.a), test.b); got != test.want {
			t.Errorf("%q and %q: %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	for pair, want := range map[string]bool{"as": true, "qw": true, "ui": true, "gh": true, "ao": false, "ua": false, "qp": false, "aa": true, "a1": false} {
		if got := neighbours(pair[0], pair[1]); got != want {
			t.Errorf("%s: %v, want %v", pair, got, want)
		}
	}
}

func TestLaughter(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]bool{
		"jaja": true, "jajaja": true, "jejeje": true, "haha": true, "jaj": false, "jajaj": true, "ajaja": true, "aja": false, "hay": false, "hoja": true, "si": false, "jjjj": false,
	} {
		if got := isLaugh([]byte(word)); got != want {
			t.Errorf("%s: %v, want %v", word, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	v := newVocabulary()
	for _, w := range []string{"si", "no", "ok", "jaja", "hola", "acepto", "quiero", "nada", "por", "favor", "llamar", "estafa", "tio", "que"} {
		v.add(w)
	}
	v.spelled["porfa"] = resolved{ids: [4]wordID{v.ids["por"], v.ids["favor"]}, n: 2}
	v.glueOK[v.ids["no"]], v.glueOK[v.ids["que"]] = true, true
	v.index()
	for word, want := range map[string]string{
		"si": "si", "siii": "si", "sisi": "si", "nonono": "no", "okok": "ok", "holaaa": "hola", "hooola": "hola", "ola": "hola",
		"kiero": "quiero", "asepto": "acepto", "acpeto": "acepto", "llamaar": "llamar", "porfa": "por favor", "porfaaa": "por favor",
		"jejejeje": "jaja", "noquiero": "no quiero", "sitio": "", "estufa": "", "xyz": "", "quenada": "que nada", "a": "",
	} {
		r := v.resolve([]byte(word))
		got := ""
		for i := range r.n {
			if i > 0 {
				got += " "
			}
			got += v.names[r.ids[i]]
		}
		if got != want {
			t.Errorf("%s is %q, want %q", word, got, want)
		}
	}
}

func TestParseDigits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Number{
		"0": {0, 1}, "007": {7, 1}, "1,500": {1500, 1}, "1.500": {1500, 1}, "1,500.50": {3001, 2}, "1.500,50": {3001, 2}, "1,5": {3, 2},
		"0.500": {1, 2}, "1,234,567": {1234567, 1}, "1.234.567,5": {2469135, 2}, "3.14": {157, 50}, "1000.00": {1000, 1},
	} {
		if got, _, ok := parseDigits(text); !ok || got != want {
			t.Errorf("%s is %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"1.2.3", "1,23,456", "1234,567.8", "1.234,567.8", "12345678901234567890123", "1,2,3"} {
		if got, _, ok := parseDigits(text); ok {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestNumberArithmeticNeverOverflows(t *testing.T) {
	t.Parallel()
	big := Number{1 << 60, 1}
	if n, ok := big.times(big); ok {
		t.Errorf("the product is %v", n)
	}
	if n, ok := big.plus(Number{1, 1 << 40}); ok {
		t.Errorf("the sum is %v", n)
	}
	if n, ok := (Number{1, 3}).plus(Number{1, 6}); !ok || n != (Number{1, 2}) {
		t.Errorf("1/3 + 1/6 is %v, %v", n, ok)
	}
	if n, ok := (Number{-2, 3}).times(Number{3, 4}); !ok || n != (Number{-1, 2}) {
		t.Errorf("-2/3 × 3/4 is %v, %v", n, ok)
	}
	if _, ok := (Number{1, 0}).Whole(); ok {
		t.Error("1/0 is whole")
	}
}
