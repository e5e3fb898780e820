package main

import (
	"errors"
	"fmt"
	"io"
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
	"valebot/internal/source"
	"valebot/testdata"
)

type flowCmd struct {
	Lint  flowLintCmd  `cmd:"" help:"Revisa flujos y mensajes."`
	Test  flowTestCmd  `cmd:"" help:"Corre las conversaciones de prueba (.chat)."`
	Graph flowGraphCmd `cmd:"" help:"Dibuja un flujo (Mermaid o SVG)."`
	Sim   flowSimCmd   `cmd:"" help:"Juega un flujo en la terminal, sin base de datos."`
}

// flowsFlag says which flow files a command reads.
type flowsFlag struct {
	Flows string `env:"VALEBOT_FLOWS" default:"" help:"Carpeta de flujos; por omisión ./flows si existe, o los que trae el programa."`
}

func (f flowsFlag) dir() string {
	if f.Flows != "" {
		return f.Flows
	}
	if info, err := os.Stat("flows"); err == nil && info.IsDir() {
		return "flows"
	}
	return ""
}

// rulebook loads the files; broken ones end with exit code 3.
func (f flowsFlag) rulebook() (*app.Rulebook, error) {
	book, err := app.LoadRulebook(app.FilesFrom(f.dir()))
	if err != nil {
		return nil, broken(err)
	}
	return book, nil
}

type flowLintCmd struct {
	Dir string `arg:"" optional:"" help:"Carpeta de flujos."`
	flowsFlag
}

// Help shows two real uses.
func (flowLintCmd) Help() string {
	return `Ejemplos:
  valebot flow lint
  valebot flow lint ./flows --json

Termina con 0 si no hay errores (los avisos no cuentan) y con 3 si los hay.`
}

// Run prints every problem with its place and the line underlined.
func (c *flowLintCmd) Run(e *env) error {
	if c.Dir != "" {
		c.Flows = c.Dir
	}
	files := app.FilesFrom(c.dir())
	report := flow.Lint(files.Flows, files.Locales, lending.Vocabulary())
	var b strings.Builder
	if err := report.Print(&b); err != nil {
		return err
	}
	report.Problems = orEmpty(report.Problems)
	if err := e.print(report, b.String()); err != nil {
		return err
	}
	if report.Errors() > 0 {
		return coded{errors.New(""), 3}
	}
	return nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

type flowTestCmd struct {
	Files    []string `arg:"" optional:"" help:"Archivos .chat o carpetas; por omisión testdata/conversations."`
	Coverage bool     `help:"Dice qué pasos y salidas no visita ninguna conversación."`
	flowsFlag
}

// Help shows two real uses.
func (flowTestCmd) Help() string {
	return `Ejemplos:
  valebot flow test
  valebot flow test mis-pruebas/aceptacion.chat --coverage`
}

// Run runs conversations; one that fails ends with exit code 3.
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
	out := tested{Cases: len(cases), Problems: orEmpty(problems), Failures: []transcript.Failure{}}
	visited := map[transcript.Visit]int{}
	for _, one := range cases {
		result := lab.Run(one)
		if result.Failure != nil {
			out.Failures = append(out.Failures, *result.Failure)
		}
		for v, n := range result.Visited {
			visited[v] += n
		}
	}
	text := out.text()
	if c.Coverage {
		coverage := transcript.Cover(book.Flows, visited)
		out.Coverage = &coverage
		var b strings.Builder
		if err := coverage.Print(&b); err != nil {
			return err
		}
		text += b.String()
	}
	if err := e.print(out, text); err != nil {
		return err
	}
	if len(out.Failures)+len(problems) > 0 {
		return coded{errors.New(""), 3}
	}
	return nil
}

// tested is what a run of conversations showed.
type tested struct {
	Cases    int                  `json:"cases"`
	Problems []source.Problem     `json:"problems"`
	Failures []transcript.Failure `json:"failures"`
	Coverage *transcript.Coverage `json:"coverage,omitempty"`
}

func (t tested) text() string {
	var b strings.Builder
	for _, p := range t.Problems {
		b.WriteString(p.String() + "\n")
	}
	for _, f := range t.Failures {
		b.WriteString(f.String())
	}
	fmt.Fprintf(&b, "%d conversaciones, %d fallan\n", t.Cases, len(t.Failures))
	return b.String()
}

// cases reads the conversations named, or those that come with the program.
func (c *flowTestCmd) cases() ([]transcript.Case, []source.Problem, error) {
	if len(c.Files) == 0 {
		if info, err := os.Stat("testdata/conversations"); err == nil && info.IsDir() {
			c.Files = []string{"testdata/conversations"}
		} else {
			return readChats(testdata.Conversations, ".", "")
		}
	}
	var cases []transcript.Case
	var problems []source.Problem
	for _, name := range c.Files {
		more, wrong, err := readChatsAt(name)
		if err != nil {
			return nil, nil, err
		}
		cases, problems = append(cases, more...), append(problems, wrong...)
	}
	return cases, problems, nil
}

func readChatsAt(name string) ([]transcript.Case, []source.Problem, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, coded{fmt.Errorf("no encuentro %s", name), 2}
	}
	if info.IsDir() {
		return readChats(os.DirFS(name), ".", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read conversations: %w", err)
	}
	cases, problems := transcript.Parse(name, text)
	return cases, problems, nil
}

// readChats reads all .chat files below a folder, in the order of their names.
func readChats(fsys fs.FS, root, shown string) ([]transcript.Case, []source.Problem, error) {
	var names []string
	err := fs.WalkDir(fsys, root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".chat") {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list conversations: %w", err)
	}
	slices.Sort(names)
	var cases []transcript.Case
	var problems []source.Problem
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read conversations: %w", err)
		}
		more, wrong := transcript.Parse(filepath.Join(shown, name), text)
		cases, problems = append(cases, more...), append(problems, wrong...)
	}
	return cases, problems, nil
}

// labOf is what conversations in memory need.
func labOf(book *app.Rulebook) *transcript.Lab {
	return &transcript.Lab{
		Set: book.Flows, Catalog: book.Messages, Vocabulary: book.Actions.Vocabulary(), Understand: book.Understand, Zone: quincena.Central(),
	}
}

type flowGraphCmd struct {
	Flow   string `arg:"" help:"Nombre del flujo."`
	Format string `enum:"mermaid,svg" default:"mermaid" help:"mermaid o svg."`
	flowsFlag
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
	drawing := graph.Mermaid(m)
	if c.Format == "svg" {
		drawing = graph.SVG(m, nil)
	}
	_, err = io.WriteString(e.out, drawing)
	return err
}

func noSuchFlow(name string, book *app.Rulebook) error {
	return coded{fmt.Errorf("no hay flujo %q; hay: %s", name, strings.Join(book.Flows.Names(), ", ")), 2}
}

type flowSimCmd struct {
	Flow    string `arg:"" help:"Nombre del flujo."`
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

type explainCmd struct {
	Code string `arg:"" optional:"" help:"Código del revisor; sin él se listan todos."`
}

// Help shows two real uses.
func (explainCmd) Help() string {
	return `Ejemplos:
  valebot explain
  valebot explain sms-length`
}

// Run explains a code of the linter.
func (c *explainCmd) Run(e *env) error {
	if c.Code == "" {
		codes := flow.Codes()
		return e.print(codes, strings.Join(codes, "\n")+"\n")
	}
	text, ok := flow.Explain(c.Code)
	if !ok {
		return coded{fmt.Errorf("no hay código %q; %s", c.Code, source.DidYouMean(c.Code, flow.Codes())), 2}
	}
	return e.print(map[string]string{"code": c.Code, "text": text}, text+"\n")
}
