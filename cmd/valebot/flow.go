package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"valebot/internal/app"
	"valebot/internal/flow"
	"valebot/internal/flow/graph"
	"valebot/internal/flow/transcript"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/quincena"
	"valebot/internal/replay"
	"valebot/internal/source"
	"valebot/testdata"
)

type flowCmd struct {
	Lint    flowLintCmd  `cmd:"" help:"Revisa flujos y mensajes."`
	Test    flowTestCmd  `cmd:"" help:"Corre las conversaciones de prueba (.chat)."`
	Graph   flowGraphCmd `cmd:"" help:"Dibuja un flujo (Mermaid o SVG)."`
	Sim     flowSimCmd   `cmd:"" help:"Juega un flujo en la terminal, sin base de datos."`
	New     flowNewCmd   `cmd:"" help:"Empieza un flujo nuevo con sus textos y sus pruebas."`
	Fmt     flowFmtCmd   `cmd:"" help:"Acomoda las claves de los flujos, sin tocar comentarios."`
	Explain explainCmd   `cmd:"" help:"Explica un código del revisor, con ejemplo y arreglo."`
	Words   flowWordsCmd `cmd:"" help:"Dice qué acepta cada respuesta y prueba una frase."`

	Publish   flowPublishCmd   `cmd:"" help:"Publica la carpeta de flujos."`
	Approve   flowApproveCmd   `cmd:"" help:"Aprueba la publicación que espera."`
	FourEyes  flowFourEyesCmd  `cmd:"" name:"four-eyes" help:"Dice, o cambia, si toda publicación espera a otra persona."`
	Rollback  flowRollbackCmd  `cmd:"" help:"Vuelve a la versión anterior de un flujo."`
	Archive   flowArchiveCmd   `cmd:"" help:"Archiva un flujo: nadie lo empieza, quien está en medio termina."`
	Unarchive flowUnarchiveCmd `cmd:"" help:"Revive un flujo archivado."`
	Versions  flowVersionsCmd  `cmd:"" help:"Lista las versiones publicadas."`
	Diff      flowDiffCmd      `cmd:"" help:"Compara la carpeta con lo publicado."`
	Record    flowRecordCmd    `cmd:"" help:"Escribe una plática real como caso de prueba, sin datos de la persona."`
	Stats     flowStatsCmd     `cmd:"" help:"Cómo le va a un flujo: pasos, respuestas, salidas."`
}

// flowsFlag says which flow files a command reads.
type flowsFlag struct {
	Flows string `env:"VALEBOT_FLOWS" default:"" help:"Carpeta de flujos; por omisión ./flows si existe, o los que trae el programa."`
}

func (f flowsFlag) dir() string {
	if f.Flows != "" {
		return f.Flows
	}
	if isDir("flows") {
		return "flows"
	}
	return ""
}

// files finds the folder that was named.
func (f flowsFlag) files() (app.Files, error) {
	dir := f.dir()
	if dir != "" && !isDir(dir) {
		return app.Files{}, misuse("no encuentro la carpeta de flujos %s", dir)
	}
	return app.FilesFrom(dir), nil
}

// rulebook loads the files; broken ones end with exit code 3.
func (f flowsFlag) rulebook() (*app.Rulebook, error) {
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	return app.LoadRulebook(files)
}

type flowLintCmd struct {
	Dir   string `arg:"" optional:"" name:"carpeta" help:"Carpeta de flujos."`
	SARIF bool   `name:"sarif" help:"Salida SARIF 2.1.0, que entienden los editores y los revisores de código."`
	flowsFlag
}

// Help shows two real uses.
func (flowLintCmd) Help() string {
	return `Ejemplos:
  valebot flow lint
  valebot flow lint ./flows --json
  valebot flow lint --sarif > flujos.sarif

Termina con 0 si no hay errores (los avisos no cuentan) y con 3 si los hay.`
}

// Run prints every problem with its place and the line underlined. Errors end
// with exit code 3. JSON: flow.Report.
func (c *flowLintCmd) Run(e *env) error {
	if c.Dir != "" {
		c.Flows = c.Dir
	}
	files, err := c.files()
	if err != nil {
		return err
	}
	report := flow.Lint(files.Flows, files.Locales, lending.Vocabulary())
	report.Problems = orEmpty(slices.Concat(report.Problems, app.LintProducts(files), app.LintProgramme(files), app.LintPrices(files)))
	if err := c.show(e, report); err != nil {
		return err
	}
	if report.Errors() > 0 {
		return findings()
	}
	return nil
}

func (c *flowLintCmd) show(e *env, report flow.Report) error {
	if c.SARIF {
		_, err := e.out.Write(source.SARIF(report.Problems))
		return err
	}
	var b strings.Builder
	if err := report.Print(&b); err != nil {
		return err
	}
	return e.print(report, b.String())
}

type flowTestCmd struct {
	Files    []string `arg:"" optional:"" name:"archivos" help:"Archivos .chat o carpetas; por omisión testdata/conversations."`
	Update   bool     `help:"Reescribe lo que las conversaciones esperan con lo que pasa, para revisarlo."`
	Coverage bool     `help:"Dice qué pasos y salidas no visita ninguna conversación."`
	Server   bool     `help:"Las corre con el motor entero sobre una base PostgreSQL desechable, y no en memoria."`
	Database string   `name:"test-database" env:"VALEBOT_TEST_DATABASE_URL" default:"" help:"Con --server: servidor PostgreSQL donde crear la base desechable; vacío arranca uno."`
	flowsFlag
}

// Help shows two real uses.
func (flowTestCmd) Help() string {
	return `Ejemplos:
  valebot flow test
  valebot flow test mis-pruebas/aceptacion.chat --coverage
  valebot flow test --server`
}

// Run runs conversations; one that fails ends with exit code 3. JSON: tested.
func (c *flowTestCmd) Run(e *env) error {
	book, err := c.rulebook()
	if err != nil {
		return err
	}
	cases, problems, err := c.cases()
	if err != nil {
		return err
	}
	lab := labOf(book)
	if !c.Server {
		return c.run(e, lab, cases, problems)
	}
	stage, err := replay.Open(e.ctx, c.Database, lab)
	if err != nil {
		return err
	}
	err = c.run(e, stage.Lab(), cases, problems)
	if closed := stage.Close(); err == nil {
		err = closed
	}
	return err
}

func (c *flowTestCmd) run(e *env, lab *transcript.Lab, cases []transcript.Case, problems []source.Problem) error {
	if c.Update && len(problems) == 0 {
		return c.update(e, lab, cases)
	}
	out := runCases(lab, cases, c.Coverage)
	out.Problems = orEmpty(problems)
	text, err := out.text()
	if err != nil {
		return err
	}
	if err := e.print(out, text); err != nil {
		return err
	}
	if len(out.Failures)+len(out.Problems) > 0 {
		return findings()
	}
	return nil
}

func runCases(lab *transcript.Lab, cases []transcript.Case, cover bool) tested {
	out := tested{Cases: len(cases), Failures: []failed{}}
	visited := map[transcript.Visit]int{}
	for _, one := range cases {
		result := lab.Run(one)
		if result.Failure != nil {
			out.Failures = append(out.Failures, failed(*result.Failure))
		}
		for v, n := range result.Visited {
			visited[v] += n
		}
	}
	if cover {
		coverage := transcript.Cover(lab.Set, visited)
		out.Coverage = &coverage
	}
	return out
}

// tested is what a run of conversations showed.
type tested struct {
	Cases    int                  `json:"cases"`
	Problems []source.Problem     `json:"problems"` // lines that are no conversation
	Failures []failed             `json:"failures"` // the first of each case
	Coverage *transcript.Coverage `json:"coverage,omitempty"`
}

// failed is a line of a conversation that did not hold.
type failed struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
	Case string `json:"case"`
}

func (t tested) text() (string, error) {
	var b strings.Builder
	for _, p := range t.Problems {
		b.WriteString(p.String() + "\n")
	}
	for _, f := range t.Failures {
		b.WriteString(transcript.Failure(f).String())
	}
	fmt.Fprintf(&b, "%d conversaciones, %d fallan\n", t.Cases, len(t.Failures))
	if t.Coverage == nil {
		return b.String(), nil
	}
	err := t.Coverage.Print(&b)
	return b.String(), err
}

// cases reads the conversations named, or those that come with the program.
func (c *flowTestCmd) cases() ([]transcript.Case, []source.Problem, error) {
	names := c.Files
	if len(names) == 0 {
		if !isDir(usualConversations) {
			return transcript.ReadFolder(testdata.Conversations, "")
		}
		names = []string{usualConversations}
	}
	var cases []transcript.Case
	var problems []source.Problem
	for _, name := range names {
		more, wrong, err := readChats(name)
		if err != nil {
			return nil, nil, err
		}
		cases, problems = append(cases, more...), append(problems, wrong...)
	}
	return cases, problems, nil
}

// usualConversations is where the conversations of a project are.
const usualConversations = "testdata/conversations"

func readChats(name string) ([]transcript.Case, []source.Problem, error) {
	if isDir(name) {
		return transcript.ReadFolder(os.DirFS(name), filepath.ToSlash(name))
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, misuse("no encuentro %s", name)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read conversations: %w", err)
	}
	cases, problems := transcript.Parse(name, text)
	return cases, problems, nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// labOf is what conversations in memory need.
func labOf(book *app.Rulebook) *transcript.Lab {
	return &transcript.Lab{
		Set: book.Flows, Catalog: book.Messages, Vocabulary: book.Actions.Vocabulary(), Understand: book.Understand, Zone: quincena.Central(),
	}
}

type flowGraphCmd struct {
	Flow   string `arg:"" name:"flujo" help:"Nombre del flujo."`
	Format string `enum:"mermaid,svg" default:"mermaid" help:"mermaid o svg."`
	flowsFlag
	countsFlags
}

// Help shows two real uses.
func (flowGraphCmd) Help() string {
	return `Ejemplos:
  valebot flow graph aceptacion_vale
  valebot flow graph recordatorio_pago --format svg > recordatorio.svg`
}

// Run draws a flow.
func (c *flowGraphCmd) Run(e *env) error {
	book, err := c.rulebook()
	if err != nil {
		return err
	}
	m, ok := book.Flows.Latest(c.Flow)
	if !ok {
		return noSuchFlow(c.Flow, book)
	}
	return c.counted(e, c.Flow, func(count graph.Count) error {
		if c.Format == "svg" {
			return writeTo(e.out, graph.SVG(m, count))
		}
		return writeTo(e.out, graph.Mermaid(m))
	})
}

func noSuchFlow(name string, book *app.Rulebook) error {
	return misuse("%s", unknown("no hay flujo", name, book.Flows.Names()))
}

type flowSimCmd struct {
	Flow    string `arg:"" name:"flujo" help:"Nombre del flujo."`
	Channel string `enum:"sms,whatsapp" default:"sms" help:"sms o whatsapp."`
	flowsFlag
}

// Help shows two real uses.
func (flowSimCmd) Help() string {
	return `Ejemplos:
  valebot flow sim aceptacion_vale
  valebot flow sim recordatorio_pago --channel whatsapp

Escribe como la persona; /ayuda lista lo demás (reloj, eventos, mesa, grabar).`
}

// Run lets somebody talk with a flow, in memory.
func (c *flowSimCmd) Run(e *env) error {
	book, err := c.rulebook()
	if err != nil {
		return err
	}
	if _, ok := book.Flows.Latest(c.Flow); !ok {
		return noSuchFlow(c.Flow, book)
	}
	return labOf(book).Simulate(c.Flow, message.Channel(c.Channel), e.in, e.out)
}
