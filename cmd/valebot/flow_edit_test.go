package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"valebot/internal/flow"
)

// A new flow is whole: it lints and its conversations pass as written.
func TestFlowNew(t *testing.T) {
	t.Parallel()
	dir := project(t)
	write(t, dir, "_interrupts.yaml", "handoff: comun.te_atiende_una_persona\ninterrupts:\n  BAJA: {words: [baja], do: contact.opt_out, say: comun.baja, then: end, locked: true}\n")
	messages := filepath.Join(filepath.Dir(dir), "locales", "es-MX")
	write(t, messages, "extra.yaml", "comun:\n  te_atiende_una_persona: {sms: \"Te atiende una persona.\", wa: \"Te atiende una persona.\", plantilla: t_v1}\n")
	chats := filepath.Join(filepath.Dir(dir), "chats")
	for _, d := range flow.Templates() {
		args := []string{"flow", "new", "nuevo_" + d.Key, "--from", d.Key, "--flows", dir, "--chats", chats}
		says(t, valebot(args...).must(t, exitDone).out, "nuevo_"+d.Key+".flow.yaml")
		says(t, valebot(args...).must(t, exitUsage).err, "ya existe")
	}
	says(t, valebot("flow", "lint", dir).must(t, exitDone).out, "0 errors")
	says(t, valebot("flow", "test", chats, "--flows", dir).must(t, exitDone).out, "0 fallan")
	says(t, valebot("flow", "fmt", "--check", "--flows", dir).must(t, exitFindings).out, "prueba.flow.yaml\n5 archivos, 1 con cambios")
}

func TestFlowNewRefuses(t *testing.T) {
	t.Parallel()
	dir := project(t)
	for args, want := range map[string]string{
		"../otro":                    "no sirve de nombre",
		"otro --from preguntas":      "¿quisiste decir «pregunta»?",
		"prueba --title Otra_prueba": "ya existe",
	} {
		all := append([]string{"flow", "new", "--flows", dir, "--chats", filepath.Join(dir, "chats")}, strings.Fields(args)...)
		says(t, valebot(all...).must(t, exitUsage).err, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "chats")); err == nil {
		t.Error("something was written")
	}
}

func TestFlowFmt(t *testing.T) {
	t.Parallel()
	dir := project(t)
	name := filepath.Join(dir, "prueba.flow.yaml")
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	says(t, valebot("flow", "fmt", name, "--check").must(t, exitFindings).out, "1 con cambios")
	if after, _ := os.ReadFile(name); string(after) != string(before) {
		t.Error("--check wrote the file")
	}
	got := decoded[formatted](t, valebot("flow", "fmt", "--flows", dir, "--json").must(t, exitDone).out)
	if got.Files != 1 || len(got.Changed) != 1 {
		t.Errorf("%+v", got)
	}
	says(t, valebot("flow", "fmt", "--flows", dir).must(t, exitDone).out, "0 con cambios")
	says(t, valebot("flow", "lint", dir).must(t, exitDone).out, "0 errors, 0 warnings")
	write(t, dir, "prueba.flow.yaml", "flow: [\n")
	says(t, valebot("flow", "fmt", "--flows", dir).must(t, exitFindings).out, "[yaml]")
	says(t, valebot("flow", "fmt", filepath.Join(dir, "nada.flow.yaml")).must(t, exitUsage).err, "no encuentro")
}

func TestFlowWords(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                  "clabe",
		"amount":                            "3 mil",
		"yes_no simon jalo":                 "Se entiende como yes y sale por affirm.",
		"amount 3 mil":                      "guarda $3,000.",
		"yes_no quién sabe":                 "No se entiende",
		"aceptacion_vale/oferta saldo":      "palabra general SALDO",
		"aceptacion_vale/forma_pago":        "option:retiro",
		"aceptacion_vale/forma_pago cajero": "sale por retiro",
	} {
		says(t, valebot(append([]string{"flow", "words"}, strings.Fields(args)...)...).must(t, exitDone).out, want)
	}
	for args, want := range map[string]string{
		"yesno sí": "¿quisiste decir «yes_no»?", "nada/oferta": "no hay flujo", "aceptacion_vale/ofertas": "¿quisiste decir «oferta»?",
		"aceptacion_vale/aceptar": "no hay una pregunta",
	} {
		says(t, valebot(append([]string{"flow", "words"}, strings.Fields(args)...)...).must(t, exitUsage).err, want)
	}
	heard := decoded[flow.Heard](t, valebot("flow", "words", "yes_no", "sí", "--json").must(t, exitDone).out)
	if !heard.Understood || heard.Outcome != "affirm" {
		t.Errorf("%+v", heard)
	}
}
