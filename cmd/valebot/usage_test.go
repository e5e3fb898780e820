package main

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func parserFor(t *testing.T) *kong.Kong {
	t.Helper()
	var c cli
	parser, err := newParser(&c, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// Every command shows two real uses, and they are commands that parse.
func TestEveryCommandShowsExamples(t *testing.T) {
	t.Parallel()
	for _, node := range parserFor(t).Model.Leaves(false) {
		path := strings.Fields(node.FullPath())[1:]
		t.Run(strings.Join(path, " "), func(t *testing.T) {
			t.Parallel()
			help := valebot(append(path, "--help")...).must(t, exitDone)
			if help.err != "" {
				t.Errorf("help prints errors: %s", help.err)
			}
			says(t, help.out, "Uso: valebot ", "Ejemplos:", "Opciones:", "Muestra esta ayuda.")
			examples := examplesIn(node.Detail)
			if len(examples) < 2 {
				t.Errorf("%d examples in:\n%s", len(examples), node.Detail)
			}
			for _, example := range examples {
				if _, err := parserFor(t).Parse(example); err != nil {
					t.Errorf("the example %q is refused: %v", example, err)
				}
			}
		})
	}
}

// examplesIn finds the arguments of every `valebot …` line, without what the
// shell would take.
func examplesIn(help string) [][]string {
	var out [][]string
	for line := range strings.Lines(help) {
		_, command, found := strings.Cut(" "+strings.TrimSpace(line), " valebot")
		if !found || !strings.HasPrefix(line, "  ") {
			continue
		}
		for _, end := range []string{" #", " > ", " < ", " | "} {
			command, _, _ = strings.Cut(command, end)
		}
		out = append(out, shellWords(command))
	}
	return out
}

func shellWords(line string) []string {
	words := []string{}
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		words = append(words, m[1]+m[2])
	}
	return words
}

func TestHelpIsSpanish(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"flow", "--help"}, {"serve", "--help"}, {"check", "--help"}, {"understand", "eval", "--help"}} {
		help := valebot(args...).must(t, exitDone).out
		for _, english := range []string{"Usage:", "Flags:", "Commands:", "Arguments:", "Show context", "<command>", "[flags]", "Run \""} {
			if strings.Contains(help, english) {
				t.Errorf("%v prints %q:\n%s", args, english, help)
			}
		}
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"", "falta el comando: serve, demo"},
		{"bogus", "no entiendo «bogus»; hay: serve"},
		{"flwo lint", "no entiendo «flwo»; ¿quisiste decir «flow»?"},
		{"flow", "falta el comando: lint, test, graph, sim"},
		{"flow lnt", "no entiendo «lnt»; ¿quisiste decir «lint»?"},
		{"serve --adr :1", "no hay opción «--adr»; ¿quisiste decir «--addr»?"},
		{"serve --nada", "no hay opción «--nada»\n"},
		{"serve --group -1", "falta el valor de --group; si empieza con guion, escribe --group=-1"},
		{"serve --group x", "--group es un número entero, no «x»"},
		{"chat 6671234567 --wait mucho", "--wait es un tiempo como 5s o 2m, no «mucho»"},
		{"check nss 1", "<tipo> es uno de curp, rfc, clabe, phone, no «nss»"},
		{"check clabe", "falta <valor>"},
		{"quote", "falta <monto> <plazos>"},
		{"quote 3000 ocho", "<plazos> es un número entero, no «ocho»"},
		{"flow graph x --format png", "--format es uno de mermaid, svg, no «png»"},
	} {
		r := valebot(strings.Fields(c.line)...).must(t, exitUsage)
		if r.out != "" {
			t.Errorf("%s prints to standard output: %s", c.line, r.out)
		}
		says(t, r.err, "valebot: "+c.want, "\nUso: valebot ", "--help` lo explica")
	}
}

func TestUsageNamesTheCommand(t *testing.T) {
	t.Parallel()
	r := valebot("flow", "graph").must(t, exitUsage)
	want := "valebot: falta <flujo>\nUso: valebot flow graph <flujo> [opciones]\n`valebot flow graph --help` lo explica\n"
	if r.err != want {
		t.Errorf("got:\n%swant:\n%s", r.err, want)
	}
}

func TestWrongUseForPrograms(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"flwo --json", "quote abc 8 --json", "explain nada --json", "check nss 1 --json"} {
		r := valebot(strings.Fields(line)...).must(t, exitUsage)
		told := decoded[failure](t, r.err)
		if told.Code != "usage" || told.Text == "" {
			t.Errorf("%s: %+v", line, told)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"version", "--version"} {
		if r := valebot(arg).must(t, exitDone); r.out != "valebot dev\n" {
			t.Errorf("%s prints %q", arg, r.out)
		}
	}
	if r := valebot("version", "--json").must(t, exitDone); r.out != "{\n  \"version\": \"dev\"\n}\n" {
		t.Errorf("got %q", r.out)
	}
}
