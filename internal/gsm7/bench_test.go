package gsm7_test

import (
	"testing"

	"valebot/internal/gsm7"
)

func BenchmarkCount(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		gsm7.Count("Hola María, tu vale de $3,000 en 8 quincenas ya está autorizado. Responde SI para aceptarlo o INFO para saber más.")
	}
}
