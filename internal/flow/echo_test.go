package flow_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/locales"
)

// planted lints what is shipped with one text replaced by another.
func planted(t *testing.T, name, old, with string) []flow.Problem {
	t.Helper()
	folders := map[string]fstest.MapFS{"flows": {}, "locales": {}}
	for folder, from := range map[string]fs.FS{"flows": flows.FS, "locales": locales.FS} {
		err := fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(from, path)
			if folder+"/"+path == name {
				if !strings.Contains(string(text), old) {
					t.Fatalf("%q is not in %s", old, name)
				}
				text = []byte(strings.Replace(string(text), old, with, 1))
			}
			folders[folder][path] = &fstest.MapFile{Data: text}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return flow.Lint(folders["flows"], folders["locales"], lending.Vocabulary()).Problems
}

// One mistake in what is shipped gives one message, of the mistake and not of
// what follows from it.
func TestOneMistakeOneMessage(t *testing.T) {
	t.Parallel()
	const paid, texts = "flows/ya_pague.flow.yaml", "locales/es-MX/mensajes.yaml"
	for _, c := range []struct{ name, old, with, code, suggestion string }{
		{paid, "expect: [photo, text]", "expct: [photo, text]", "unknown-key", `"expect"`},
		{paid, "expect: [photo, text]", "expect: [foto, text]", "unknown-value", `"photo"`},
		{paid, "pending: en_proceso", "pendiente: en_proceso", "unknown-outcome", "pending"},
		{paid, "do: payment.look", "do: payment.lok", "no-such-action", `"payment.look"`},
		{paid, "with: {solicitud:", "with: {solisitud:", "unknown-input", `"solicitud"`},
		{paid, "recibo:    {type: text}", "recibo:    {type: texto}", "unknown-value", `"text"`},
		{paid, "20h: {go: sin_respuesta}", "20h: sin_respuesta", "shape", "{go: sin_respuesta}"},
		{paid, "next: {photo: con_foto, ok: con_folio}", "next: [con_foto, con_folio]", "shape", "OUTCOME: STEP"},
		{paid, "intent: already_paid", "intent: already_payed", "no-such-intent", `"already_paid"`},
		{paid, "en_camino, end: en_proceso}", "en_camino, next: buscar}", "spin", ""},
		{paid, "  llego:  ", "  Mi paso: {end: revisado}\n  llego:  ", "step-name", "espera_pago"},
		{texts, "sms: \"Encontramos tu pago de", "sms: \"Aquí está tu pago de", "sms-alphabet", ""},
		{texts, "tu pago de {{.core.monto | pesos}}, gracias. Ya", "tu pago de {monto}, gracias. Ya", "msg-template", "{{.vale.monto | pesos}}"},
		{texts, "{{.core.monto | pesos}}, gracias. Ya", "{{.core.mnto | pesos}}, gracias. Ya", "msg-variable", ""},
		{texts, `affirm: "Sí, lo acepto"`, `affirm: "Sí, lo acepto ahora mismo"`, "wa-button", ""},
		{texts, "Ya no necesitas mandar tu recibo.\", wa", "Ya no mandes tu recibo.\", wa", "stale", "write de:"},
	} {
		ps := planted(t, c.name, c.old, c.with)
		if len(ps) != 1 || ps[0].Code != c.code || !strings.Contains(ps[0].Suggestion+ps[0].Text, c.suggestion) {
			t.Errorf("%s → %s: want one %s with %q, got %v", c.old, c.with, c.code, c.suggestion, ps)
		}
	}
}
