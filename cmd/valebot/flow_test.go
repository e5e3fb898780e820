package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"valebot/flows"
	"valebot/internal/flow"
	"valebot/internal/postgres/pgtest"
	"valebot/locales"
)

// project writes a small project into a folder of the test's own and returns
// its flows: the flow that the linter's cases break, with the shipped product
// and lexicon beside it.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	base, err := os.ReadFile("../../testdata/broken_flows/_base.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+string(base), "\n-- ")[1:] {
		name, text, _ := strings.Cut(part, " --\n")
		write(t, dir, name, text+"\n")
	}
	copyTree(t, flows.FS, "products", filepath.Join(dir, "flows"))
	copyTree(t, locales.FS, "es-MX/lexicon", filepath.Join(dir, "locales"))
	return filepath.Join(dir, "flows")
}

func copyTree(t *testing.T, from fs.FS, root, to string) {
	t.Helper()
	err := fs.WalkDir(from, root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, path)
		write(t, to, path, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rewrite changes the flow of a project.
func rewrite(t *testing.T, flowsDir, old, with string) {
	t.Helper()
	path := filepath.Join(flowsDir, "prueba.flow.yaml")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%q is not in the flow: %v", old, err)
	}
	write(t, flowsDir, "prueba.flow.yaml", strings.Replace(string(text), old, with, 1))
}

// anywhere takes the test's own folder out of what was printed.
func anywhere(text, flowsDir string) string {
	return strings.ReplaceAll(text, filepath.Dir(flowsDir), "DIR")
}

func TestFlowLintOfWhatIsShipped(t *testing.T) {
	t.Parallel()
	says(t, valebot("flow", "lint").must(t, exitDone).out, "0 errors")
	report := decoded[flow.Report](t, valebot("flow", "lint", "--json").must(t, exitDone).out)
	if report.Flows < 5 || report.Errors() != 0 {
		t.Errorf("%+v", report)
	}
}

func TestFlowLintOfABrokenFolder(t *testing.T) {
	t.Parallel()
	dir := project(t)
	if r := valebot("flow", "lint", dir).must(t, exitDone); r.out != "1 flows, 11 steps, 7 messages: 0 errors, 0 warnings\n" {
		t.Errorf("the project is\n%s", r.out)
	}
	rewrite(t, dir, "affirm: forma", "affirm: froma")
	rewrite(t, dir, "do: bank.lookup", "do: bank.lokup")
	r := valebot("flow", "lint", dir).must(t, exitFindings)
	golden(t, "lint_broken", anywhere(r.out, dir))
	if r.err != "" {
		t.Errorf("findings are repeated as errors: %s", r.err)
	}
	report := decoded[flow.Report](t, valebot("flow", "lint", "--flows", dir, "--json").must(t, exitFindings).out)
	if report.Errors() < 2 || report.Problems[0].Line < 2 || report.Problems[0].Source == "" {
		t.Errorf("%+v", report)
	}
}

// Products are checked with the flows, and underlined like them.
func TestFlowLintOfABrokenProduct(t *testing.T) {
	t.Parallel()
	dir := project(t)
	file := filepath.Join(dir, "products", "vale.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "products/vale.yaml", strings.Replace(string(text), "method: flat", "method: flta", 1))
	r := valebot("flow", "lint", dir).must(t, exitFindings)
	says(t, anywhere(r.out, dir), "products/vale.yaml:10:9: error: method: usa flat, level, equal_principal o single [product-method]", "^~~~", "1 errors")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	says(t, valebot("flow", "lint", dir).must(t, exitFindings).out, "Falta el producto «vale»")
}

func TestFlowLintAsSARIF(t *testing.T) {
	t.Parallel()
	dir := project(t)
	rewrite(t, dir, "affirm: forma", "affirm: froma")
	r := valebot("flow", "lint", dir, "--sarif").must(t, exitFindings)
	says(t, r.out, `"2.1.0"`, "no-such-step", "prueba.flow.yaml")
	if !json.Valid([]byte(r.out)) {
		t.Errorf("not JSON:\n%s", r.out)
	}
}

// Whatever needs the flows refuses broken ones, with the place underlined.
func TestBrokenFlowsStopEveryCommand(t *testing.T) {
	t.Parallel()
	dir := project(t)
	rewrite(t, dir, "affirm: forma", "affirm: froma")
	for _, args := range [][]string{{"flow", "test"}, {"flow", "graph", "prueba"}, {"flow", "sim", "prueba"}} {
		r := valebot(append(args, "--flows", dir)...).must(t, exitFindings)
		says(t, anywhere(r.err, dir), "DIR/flows/prueba.flow.yaml:", "no-such-step", "| ", "^~~~")
	}
	told := decoded[failure](t, valebot("flow", "graph", "prueba", "--flows", dir, "--json").must(t, exitFindings).err)
	if told.Code != "broken_files" || len(told.Problems) != 1 || told.Problems[0].Code != "no-such-step" {
		t.Errorf("%+v", told)
	}
	for _, args := range [][]string{{"flow", "lint", "nada"}, {"flow", "graph", "prueba", "--flows", "nada"}} {
		says(t, valebot(args...).must(t, exitUsage).err, "no encuentro la carpeta de flujos nada")
	}
}

const chats = `== Acepta y se arrepiente
flow: prueba
channel: sms
given:
  vale: {id: v1, distribuidora: Maria, monto: 3000, total: 3900}
bot: @prueba.oferta
user: no
core: vale.decline
end: listo
`

func TestFlowTest(t *testing.T) {
	t.Parallel()
	dir := project(t)
	good := write(t, t.TempDir(), "bien.chat", chats)
	bad := write(t, t.TempDir(), "mal.chat", strings.Replace(chats, "end: listo", "end: otro", 1))
	if r := valebot("flow", "test", good, "--flows", dir).must(t, exitDone); r.out != "1 conversaciones, 0 fallan\n" {
		t.Errorf("got %s", r.out)
	}
	r := valebot("flow", "test", filepath.Dir(good), bad, "--flows", dir).must(t, exitFindings)
	says(t, r.out, bad+":9: ", "want: ", "got: ", "2 conversaciones, 1 fallan")
	got := decoded[tested](t, valebot("flow", "test", good, bad, "--flows", dir, "--coverage", "--json").must(t, exitFindings).out)
	if got.Cases != 2 || len(got.Failures) != 1 || got.Failures[0].Line != 9 || got.Failures[0].File != bad || got.Coverage == nil {
		t.Errorf("%+v", got)
	}
	says(t, valebot("flow", "test", "nada.chat").must(t, exitUsage).err, "no encuentro nada.chat")
	nonsense := write(t, t.TempDir(), "raro.chat", "esto no es una plática\n")
	says(t, valebot("flow", "test", nonsense).must(t, exitFindings).out, nonsense+":1:")
}

// The conversations that come with the program hold, wherever it is called.
func TestFlowTestOfWhatIsShipped(t *testing.T) {
	t.Parallel()
	got := decoded[tested](t, valebot("flow", "test", "--json").must(t, exitDone).out)
	if got.Cases < 10 {
		t.Errorf("%d conversations", got.Cases)
	}
	says(t, valebot("flow", "test", "--coverage").must(t, exitDone).out, "conversaciones, 0 fallan")
}

func TestFlowGraph(t *testing.T) {
	t.Parallel()
	dir := project(t)
	golden(t, "graph", valebot("flow", "graph", "prueba", "--flows", dir).must(t, exitDone).out)
	says(t, valebot("flow", "graph", "prueba", "--flows", dir, "--format", "svg").must(t, exitDone).out, "<svg", "</svg>", "oferta")
	says(t, valebot("flow", "graph", "pruba", "--flows", dir).must(t, exitUsage).err, "no hay flujo «pruba»; ¿quisiste decir «prueba»?")
	says(t, valebot("flow", "graph", "acept").must(t, exitUsage).err, "¿quisiste decir «aceptacion_vale»?")
}

func TestFlowSim(t *testing.T) {
	t.Parallel()
	dir := project(t)
	golden(t, "sim", typed("qué onda\nsí\n1\n/camino\n", "flow", "sim", "prueba", "--flows", dir).must(t, exitDone).out)
	says(t, typed("/ayuda\n", "flow", "sim", "prueba", "--channel", "whatsapp", "--flows", dir).must(t, exitDone).out, "/reloj")
	says(t, valebot("flow", "sim", "nada", "--flows", dir).must(t, exitUsage).err, "no hay flujo «nada»; hay: prueba")
}

// With --server the same conversations run on PostgreSQL, with the same verdict.
func TestFlowTestOnTheServer(t *testing.T) {
	t.Parallel()
	chat := filepath.Join(t.TempDir(), "x.chat")
	write(t, filepath.Dir(chat), "x.chat", "== saluda\nflow: inicio\ngiven:\n  cliente: {nombre: Ana, es_distribuidora: false}\nuser: xyzzy\nbot: @comun.persona\n")
	args := []string{"flow", "test", chat}
	inMemory := valebot(args...).must(t, exitFindings).out
	onServer := valebot(append(args, "--server", "--test-database", pgtest.Open(t, nil, nil))...).must(t, exitFindings).out
	if inMemory != onServer {
		t.Errorf("in memory:\n%s\non the server:\n%s", inMemory, onServer)
	}
	says(t, valebot(append(args, "--server", "--test-database", "mysql://x")...).must(t, exitFailed).err, "postgres://")
}
