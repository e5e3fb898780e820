package transcript_test

import (
	"strings"
	"testing"

	"valebot/internal/flow/transcript"
	"valebot/internal/message"
)

func TestSimulate(t *testing.T) {
	t.Parallel()
	in := strings.NewReader("info\n/wa\n/toca affirm\n/nada\n05/03/1990\n/nucleo payout.cardless -> ok {clave: \"1\", vence: 2026-03-05 10:00, red: BBVA}\n2\n/reloj +49h\n/evento payout.settled\n/camino\n/grabar\n/ayuda\n")
	var out strings.Builder
	if err := newLab(t).Simulate("aceptacion_vale", message.SMS, in, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Maria Lopez te ha autorizado $3,000", "Mon 10:00", "(no existe /nada", "[retiro] Cajero sin tarjeta", "Tu clave de retiro es *1*",
		"Wed 10:00", "oferta → terminos → terminos_pago → oferta_leida → identidad", "== Grabado en el simulador\nflow: aceptacion_vale\nbot: @aceptacion.oferta\nuser: info\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the simulator did not print %q; it printed\n%s", want, out.String())
		}
	}
}

// What the simulator records is a case that passes.
func TestSimulatorRecordsWhatPasses(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	var out strings.Builder
	if err := lab.Simulate("inicio", message.SMS, strings.NewReader("hola\nasdf\nsaldo\n/grabar\n"), &out); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(out.String(), "== ")
	text = "== " + strings.Replace(text, "flow: inicio\n", "flow: inicio\ngiven:\n  cliente: {saldo: 1, proximo_monto: 1, proxima_fecha: 2026-03-15, es_distribuidora: false}\n", 1)
	cases, problems := transcript.Parse("grabado.chat", []byte(text))
	if len(cases) != 1 || len(problems) > 0 {
		t.Fatalf("recorded %q: %v", text, problems)
	}
	if f := lab.Run(cases[0]).Failure; f != nil {
		t.Error(f)
	}
}
