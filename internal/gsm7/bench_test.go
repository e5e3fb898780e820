package gsm7_test

import (
	"testing"

	"valebot/internal/gsm7"
)

func BenchmarkCount(b *testing.B) {
	const text = "Hola Begoña, tu vale de $3,000 en 8 quincenas ya esta autorizado. Responde SI para aceptarlo o INFO para saber mas."
	b.ReportAllocs()
	for b.Loop() {
		gsm7.Count(text)
	}
}

func BenchmarkFold(b *testing.B) {
	const text = "Hola María, tu vale de $3,000 en 8 quincenas ya está autorizado. Responde SI para aceptarlo o INFO para saber más."
	b.ReportAllocs()
	for b.Loop() {
		gsm7.Fold(text)
	}
}
