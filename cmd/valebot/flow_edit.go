package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"valebot/internal/flow"
	"valebot/internal/quincena"
	"valebot/internal/source"
)

type flowNewCmd struct {
	Name  string `arg:"" name:"nombre" help:"Nombre del flujo: minúsculas, números y _."`
	From  string `default:"pregunta" help:"Plantilla: pregunta, aviso, opciones o subflujo."`
	Title string `help:"Para qué sirve, en una frase."`
	Chats string `default:"testdata/conversations" help:"Carpeta de las conversaciones de prueba."`
	flowsFlag
}

// Help shows two real uses.
func (flowNewCmd) Help() string {
	return `Ejemplos:
  valebot flow new encuesta --title "Pregunta cómo le fue"
  valebot flow new pide_fecha --from subflujo

Escribe el flujo, sus textos y sus pruebas, que ya pasan. Nunca escribe encima de un archivo.`
}

// created is what flow new wrote.
type created struct {
	Files []string `json:"files"`
}

// Run writes a flow, its messages and its conversations. JSON: created.
func (c *flowNewCmd) Run(e *env) error {
	draft, err := c.draft()
	if err != nil {
		return err
	}
	dir := c.dir()
	if dir == "" {
		dir = "flows"
	}
	beside := filepath.Join(filepath.Dir(filepath.Clean(dir)), "locales", "es-MX")
	parts := [][2]string{
		{filepath.Join(dir, c.Name+".flow.yaml"), draft.Flow},
		{filepath.Join(beside, c.Name+".yaml"), draft.Messages},
		{filepath.Join(c.Chats, c.Name+".chat"), draft.Chat},
	}
	var out created
	for _, p := range parts {
		if _, err := os.Stat(p[0]); err == nil {
			return misuse("ya existe %s; elige otro nombre", p[0])
		}
	}
	for _, p := range parts {
		if err := writeNew(p[0], p[1]); err != nil {
			return err
		}
		out.Files = append(out.Files, filepath.ToSlash(p[0]))
	}
	return e.print(out, "Escribí:\n  "+strings.Join(out.Files, "\n  ")+
		"\nSigue: cambia los textos y corre «valebot flow lint» y «valebot flow test».\n")
}

func (c *flowNewCmd) draft() (flow.Draft, error) {
	var names []string
	for _, d := range flow.Templates() {
		if d.Key == c.From {
			draft, err := flow.New(c.From, c.Name, c.Title)
			if err != nil {
				return draft, misuse("«%s» no sirve de nombre: usa minúsculas, números y _, 40 como máximo", c.Name)
			}
			return draft, nil
		}
		names = append(names, d.Key)
	}
	return flow.Draft{}, misuse("%s", unknown("no hay plantilla", c.From, names))
}

// writeNew writes a file that must not exist yet.
func writeNew(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

type flowFmtCmd struct {
	Files []string `arg:"" optional:"" name:"archivos" help:"Archivos .flow.yaml; por omisión, todos los de la carpeta."`
	Check bool     `help:"No escribe; dice cuáles cambiarían y termina con 3 si hay alguno."`
	flowsFlag
}

// Help shows two real uses.
func (flowFmtCmd) Help() string {
	return `Ejemplos:
  valebot flow fmt
  valebot flow fmt flows/aceptacion_vale.flow.yaml --check

Acomoda las claves en el orden de siempre. Los comentarios, los textos y el orden de los pasos no cambian.`
}

// formatted is what flow fmt did, or would do with --check.
type formatted struct {
	Files   int      `json:"files"`
	Changed []string `json:"changed"`
}

// Run puts flow files in the usual order. JSON: formatted.
func (c *flowFmtCmd) Run(e *env) error {
	names, err := c.names()
	if err != nil {
		return err
	}
	out := formatted{Files: len(names), Changed: []string{}}
	var wrong []source.Problem
	for _, name := range names {
		changed, problems, err := c.format(name)
		if err != nil {
			return err
		}
		wrong = append(wrong, problems...)
		if changed {
			out.Changed = append(out.Changed, filepath.ToSlash(name))
		}
	}
	if err := e.print(out, formattedText(out, wrong)); err != nil {
		return err
	}
	if len(wrong) > 0 || c.Check && len(out.Changed) > 0 {
		return findings()
	}
	return nil
}

func formattedText(out formatted, wrong []source.Problem) string {
	var b strings.Builder
	for _, p := range wrong {
		_ = p.Print(&b) // a builder does not fail
	}
	for _, name := range out.Changed {
		b.WriteString(name + "\n")
	}
	fmt.Fprintf(&b, "%d archivos, %d con cambios\n", out.Files, len(out.Changed))
	return b.String()
}

func (c *flowFmtCmd) names() ([]string, error) {
	if len(c.Files) > 0 {
		return c.Files, nil
	}
	dir := c.dir()
	if !isDir(dir) {
		return nil, misuse("no encuentro la carpeta de flujos %s", dir)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.flow.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	return names, nil
}

func (c *flowFmtCmd) format(name string) (changed bool, problems []source.Problem, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil, misuse("no encuentro %s", name)
	}
	if err != nil {
		return false, nil, fmt.Errorf("read flow: %w", err)
	}
	out, problems := flow.Format(filepath.ToSlash(name), text)
	if bytes.Equal(text, out) || c.Check {
		return !bytes.Equal(text, out), problems, nil
	}
	if err := os.WriteFile(name, out, 0o644); err != nil {
		return false, nil, fmt.Errorf("write flow: %w", err)
	}
	return true, problems, nil
}

type flowWordsCmd struct {
	Question string   `arg:"" optional:"" name:"pregunta" help:"Una clase de respuesta (yes_no) o un paso (aceptacion_vale/oferta); sin ella se listan todas."`
	Phrase   []string `arg:"" optional:"" name:"frase" help:"Lo que escribiría la persona."`
	flowsFlag
}

// Help shows two real uses.
func (flowWordsCmd) Help() string {
	return `Ejemplos:
  valebot flow words yes_no "simon jalo"
  valebot flow words aceptacion_vale/forma_pago "en el cajero"
  valebot flow words`
}

// accepted is what a question takes.
type accepted struct {
	Kind     string   `json:"kind"`
	Text     string   `json:"text"`
	Examples []string `json:"examples"`
}

// Run lists what answers are taken, or tries a phrase. JSON: a list of
// accepted, or flow.Heard.
func (c *flowWordsCmd) Run(e *env) error {
	if c.Question == "" {
		return list(e, answers(nil))
	}
	book, err := c.rulebook()
	if err != nil {
		return err
	}
	env := flow.Env{Now: time.Now(), Zone: quincena.Central(), Understand: book.Understand}
	name, step, asked := strings.Cut(c.Question, "/")
	if !asked {
		return c.kind(e, name, env)
	}
	m, ok := book.Flows.Latest(name)
	if !ok {
		return noSuchFlow(name, book)
	}
	kinds, options, ok := m.Answers(step)
	if !ok {
		return misuse("%s", unknown("no hay una pregunta en el paso", step, m.Steps()))
	}
	if len(c.Phrase) == 0 {
		taken := answers(kinds)
		for _, o := range options {
			taken = append(taken, accepted{"option:" + o.ID, "Una de las opciones.", orEmpty(o.Words)})
		}
		return list(e, taken)
	}
	heard, err := m.Hear(step, strings.Join(c.Phrase, " "), env)
	if err != nil {
		return err
	}
	return e.print(heard, heardText(heard))
}

// kind answers for a question that expects one kind of answer.
func (c *flowWordsCmd) kind(e *env, name string, env flow.Env) error {
	taken := answers([]string{name})
	if len(taken) == 0 {
		var names []string
		for _, d := range flow.AnswerKinds() {
			names = append(names, d.Key)
		}
		return misuse("%s", unknown("no hay respuesta", name, names))
	}
	if len(c.Phrase) == 0 {
		return list(e, taken)
	}
	heard, err := flow.HearKind(name, strings.Join(c.Phrase, " "), env)
	if err != nil {
		return err
	}
	return e.print(heard, heardText(heard))
}

// answers describes kinds of answer; nil is all of them.
func answers(kinds []string) []accepted {
	out := []accepted{}
	for _, d := range flow.AnswerKinds() {
		wanted := kinds == nil
		for _, k := range kinds {
			wanted = wanted || k == d.Key
		}
		if wanted {
			out = append(out, accepted{d.Key, d.Text, orEmpty(flow.Examples(d.Key))})
		}
	}
	return out
}

func list(e *env, taken []accepted) error {
	var b strings.Builder
	for _, a := range taken {
		fmt.Fprintf(&b, "%-16s %s\n", a.Kind, a.Text)
		if len(a.Examples) > 0 {
			fmt.Fprintf(&b, "%-16s por ejemplo: %s\n", "", strings.Join(a.Examples, " · "))
		}
	}
	return e.print(taken, b.String())
}

func heardText(h flow.Heard) string {
	switch {
	case !h.Understood:
		return "No se entiende: se usaría «unclear».\n"
	case h.Interrupt != "":
		return "Es la palabra general " + h.Interrupt + ".\n"
	}
	text := "Se entiende como " + h.Kind + " y sale por " + h.Outcome
	if h.Value != "" {
		text += "; guarda " + h.Value
	}
	return text + ".\n"
}
