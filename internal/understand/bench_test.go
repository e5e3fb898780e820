package understand_test

import (
	"strings"
	"testing"
)

// BenchmarkRead reads a mix of replies; one reply must stay within 20 µs and
// without heap growth.
func BenchmarkRead(b *testing.B) {
	u, c := spanish(b), monday()
	texts := []string{"sí", "si acepto por favor gracias", "no gracias", "3 mil a 6 quincenas", "el viernes q cobro le pago sin falta", "hola, ya pague ayer, me pueden ayudar", "kreo q se ekivoco d numero, yo no conosco a ninguna Juana"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r := u.Read(texts[i%len(texts)], c)
		if r.YesNo().Score > 100 {
			b.Fatal("score")
		}
	}
}

// BenchmarkReadLongest shows that 1,600 characters take bounded time.
func BenchmarkReadLongest(b *testing.B) {
	u, c := spanish(b), monday()
	text := strings.Repeat("zxqw ", 320)
	b.ReportAllocs()
	for b.Loop() {
		u.Read(text, c)
	}
}

// BenchmarkEveryReading asks for everything that a flow may ask.
func BenchmarkEveryReading(b *testing.B) {
	u, c := spanish(b), monday()
	b.ReportAllocs()
	for b.Loop() {
		r := u.Read("quiero 3 mil a 6 quincenas, pago el viernes", c)
		r.YesNo()
		r.Amount()
		r.Int()
		r.Term()
		r.Date()
		r.Phone()
		r.Stop()
	}
}
