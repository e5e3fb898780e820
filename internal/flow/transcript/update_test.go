package transcript_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/flow/transcript"
)

// What the product's own conversations expect is what happens: an update leaves
// every byte.
func TestUpdateLeavesWhatHolds(t *testing.T) {
	t.Parallel()
	const name = "../../../testdata/conversations/aceptacion_vale.chat"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	cases, _ := transcript.Parse(name, text)
	got, failures := newLab(t).Update(cases, text)
	if len(failures) > 0 {
		t.Errorf("failures: %v", failures)
	}
	if d := cmp.Diff(string(text), string(got)); d != "" {
		t.Error(d)
	}
}

const stale = `== No contesta
flow: aceptacion_vale
core: vale.release -> ok
given:
  vale: {id: V-1, persona: P-9, persona_nombre: Ana, distribuidora: Maria Lopez, monto: 3000, quincenas: 8, pago: 487.5, total: 3900, cat: "98.4%", mora: 60, primer_pago: 2026-03-15, expira: 2026-03-05, liga: vl.mx/a1b2}
# la oferta
bot: Esto ya no se dice
bot: @aceptacion.nada
clock: +4h
silence:
core: vale.accept
step: otra
clock: +68h
core: vale.release
end: ganado
`

const mended = `== No contesta
flow: aceptacion_vale
core: vale.release -> ok
given:
  vale: {id: V-1, persona: P-9, persona_nombre: Ana, distribuidora: Maria Lopez, monto: 3000, quincenas: 8, pago: 487.5, total: 3900, cat: "98.4%", mora: 60, primer_pago: 2026-03-15, expira: 2026-03-05, liga: vl.mx/a1b2}
# la oferta
bot: Maria Lopez te ha autorizado $3,000: 8 pagos de $487.50 c/quincena, total $3,900. Responde SI, NO o INFO
clock: +4h
bot: @aceptacion.recordatorio
step: oferta
clock: +68h
core: vale.release
end: vencido
bot: @aceptacion.recordatorio
bot: @aceptacion.vencido
`

func TestUpdateRewritesWhatIsExpected(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	cases, problems := transcript.Parse("a.chat", []byte(stale))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got, failures := lab.Update(cases, []byte(stale))
	if len(failures) > 0 {
		t.Fatal(failures)
	}
	if d := cmp.Diff(mended, string(got)); d != "" {
		t.Error(d)
	}
	again, _ := transcript.Parse("a.chat", got)
	if r := lab.Run(again[0]); r.Failure != nil {
		t.Error(r.Failure)
	}
}

func TestUpdateLeavesWhatCannotRun(t *testing.T) {
	t.Parallel()
	const text = "== Un flujo que no hay\nflow: nada\nbot: hola\n"
	cases, _ := transcript.Parse("a.chat", []byte(text))
	got, failures := newLab(t).Update(cases, []byte(text))
	if len(failures) != 1 || string(got) != text {
		t.Errorf("%v, %q", failures, got)
	}
}
