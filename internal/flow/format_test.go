package flow_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/lending"
)

const untidy = `# de qué trata

# el nombre
title: Prueba   
flow: prueba


version: 1
steps:
  # el primero
  hola:
    next:    # a dónde
      ok: fin   # al final
    # qué se pregunta
    ask: a.b
    after:
      # nadie contesta
      4h:  {go: fin}
    expect: text
    raro: x

  # el último
  fin: {end: listo,   note: "así # se queda"}
start: hola
# fin del archivo
`

const tidied = `# yaml-language-server: $schema=schema/flow-v1.schema.json
# de qué trata

flow: prueba

version: 1
# el nombre
title: Prueba
start: hola
steps:
  # el primero
  hola:
    # qué se pregunta
    ask: a.b
    expect: text
    next:    # a dónde
      ok: fin   # al final
    after:
      # nadie contesta
      4h:  {go: fin}
    raro: x

  # el último
  fin: {end: listo,   note: "así # se queda"}
# fin del archivo
`

func TestFormat(t *testing.T) {
	t.Parallel()
	got, problems := flow.Format("prueba.flow.yaml", []byte(untidy))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff(tidied, string(got)); diff != "" {
		t.Error(diff)
	}
	again, _ := flow.Format("prueba.flow.yaml", got)
	if diff := cmp.Diff(string(got), string(again)); diff != "" {
		t.Errorf("formatting twice: %s", diff)
	}
}

func TestFormatLeavesWhatItCannotMove(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"not YAML": "a: [\n", "a list": "- a\n", "empty": "", "twice": "flow: a\nflow: b\n",
	} {
		if got, _ := flow.Format("x.flow.yaml", []byte(text)); string(got) != text {
			t.Errorf("%s became %q", name, got)
		}
	}
	literal := "steps:\n  a:\n    next: b\n    note: |+\n      uno\n\n\n    # comentario\n    say: a.b\nflow: x\n"
	got, _ := flow.Format("x.flow.yaml", []byte(literal))
	if !strings.Contains(string(got), "      uno\n\n\n") {
		t.Errorf("a text was changed:\n%s", got)
	}
}

// A shipped flow means the same after formatting, and loses no comment.
func TestFormatShippedFlows(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(flows.FS, "*.flow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(flows.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		got, problems := flow.Format(name, data)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if diff := cmp.Diff(sortedLines(string(data)), sortedLines(string(got))); diff != "" {
			t.Errorf("%s has other lines: %s", name, diff)
		}
		_, problems = flow.Load(fstest.MapFS{name: {Data: got}}, lending.Vocabulary(), nil)
		_, before := flow.Load(fstest.MapFS{name: {Data: data}}, lending.Vocabulary(), nil)
		if len(problems) != len(before) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func sortedLines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

// The order of formatting knows every key of the language.
func TestFormatKnowsEveryKey(t *testing.T) {
	t.Parallel()
	var flowText, stepText strings.Builder
	for _, d := range slices.Backward(flow.FlowKeys()) {
		flowText.WriteString(d.Key + ": x\n")
	}
	for _, d := range slices.Backward(flow.StepKeys()) {
		stepText.WriteString("    " + d.Key + ": x\n")
	}
	got, _ := flow.Format("x.flow.yaml", []byte("zzz: x\n"+flowText.String()))
	if !strings.HasSuffix(string(got), "zzz: x\n") {
		t.Errorf("a key of flows has no place:\n%s", got)
	}
	got, _ = flow.Format("x.flow.yaml", []byte("steps:\n  a:\n    zzz: x\n"+stepText.String()))
	if !strings.HasSuffix(string(got), "    zzz: x\n") {
		t.Errorf("a key of steps has no place:\n%s", got)
	}
}

// FuzzFormat checks that formatting never changes what a file means, and that
// doing it twice changes nothing more.
func FuzzFormat(f *testing.F) {
	f.Add([]byte(untidy))
	f.Add([]byte("steps:\n  a:\n    next: b\n    note: |+\n      uno\n\n\n    # c\n    say: a\nflow: x\n"))
	f.Add([]byte("? a\n: b\nflow: x\n"))
	f.Add([]byte("steps: {a: {next: b,\n ask: c}}\nflow: >\n  x\n\n  y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		once, problems := flow.Format("x.flow.yaml", data)
		if len(problems) > 0 {
			return
		}
		twice, _ := flow.Format("x.flow.yaml", once)
		if diff := cmp.Diff(string(once), string(twice)); diff != "" {
			t.Errorf("formatting twice: %s", diff)
		}
	})
}
