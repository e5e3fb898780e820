package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/quincena"
	"valebot/internal/understand"
	"valebot/internal/understand/evaluate"
	"valebot/locales"
)

type understandCmd struct {
	Label labelCmd `cmd:"" default:"withargs" help:"Lee textos y dice qué significan (se puede omitir «label»)."`
	Eval  evalCmd  `cmd:"" help:"Compara lecturas con respuestas marcadas: aciertos, confusiones y síes falsos."`
}

// readingFlags are what both commands take. Lines are evaluate.Line.
type readingFlags struct {
	Kind    string   `arg:"" name:"lectura" help:"yes_no, intent, amount, int, date, option, term, phone o clabe."`
	Files   []string `arg:"" optional:"" name:"archivos" help:"JSON por línea; sin archivos se lee la entrada."`
	Now     string   `help:"Momento de referencia (2026-03-02T10:00:00); por omisión, ahora."`
	Options int      `help:"Cuántas opciones tiene el menú."`
	State   string   `name:"estado" help:"Dónde vive la persona, como en la CURP (SL); sin él no cuenta ninguna palabra regional."`
}

type labelCmd struct{ readingFlags }

// Help shows two real uses.
func (labelCmd) Help() string {
	return `Ejemplos:
  echo '{"text":"simón, jalo"}' | valebot understand yes_no
  valebot understand date respuestas.jsonl --now 2026-03-02T10:00:00`
}

// Run labels texts: one line of JSON for each.
func (c *labelCmd) Run(e *env) error {
	return c.with(e, func(u *understand.Understander, s evaluate.Settings, in io.Reader) error {
		return evaluate.Run(u, c.Kind, s, in, e.out)
	})
}

type evalCmd struct{ readingFlags }

// Help shows two real uses.
func (evalCmd) Help() string {
	return `Ejemplos:
  valebot understand eval yes_no respuestas.jsonl
  valebot understand eval intent --json < intenciones.jsonl

Cada línea lleva "text" y "label" (o "value", "amount", "count", según la lectura).`
}

// Run measures readings against labels. JSON: evaluate.Result.
func (c *evalCmd) Run(e *env) error {
	return c.with(e, func(u *understand.Understander, s evaluate.Settings, in io.Reader) error {
		result, bad := evaluate.Evaluate(u, c.Kind, s, in)
		if bad != nil && !errors.Is(bad, evaluate.ErrLines) {
			return bad
		}
		var text strings.Builder
		if err := result.Write(&text); err != nil {
			return err
		}
		if err := e.print(result, text.String()); err != nil {
			return err
		}
		return bad
	})
}

// with runs do with the shipped lexicon on the files that were named, as one, or
// on standard input.
func (c *readingFlags) with(e *env, do func(u *understand.Understander, s evaluate.Settings, in io.Reader) error) error {
	settings, err := c.settings()
	if err != nil {
		return err
	}
	u, err := shippedUnderstander()
	if err != nil {
		return err
	}
	in, closeAll, err := openAll(c.Files, e.in)
	defer closeAll()
	if err != nil {
		return err
	}
	err = do(u, settings, in)
	switch {
	case errors.Is(err, evaluate.ErrKind):
		return misuse("%s", unknown("no hay lectura", c.Kind, evaluate.Kinds()))
	case errors.Is(err, evaluate.ErrLines):
		return coded{fmt.Errorf("la entrada no es un objeto JSON por línea, con su «text»: %w", err), exitFindings}
	}
	return err
}

func (c *readingFlags) settings() (evaluate.Settings, error) {
	s := evaluate.Settings{Now: time.Now(), Zone: quincena.Central(), Options: c.Options, State: strings.ToUpper(c.State)}
	if c.Now == "" {
		return s, nil
	}
	now, err := parseMoment(c.Now)
	s.Now = now
	return s, err
}

func shippedUnderstander() (*understand.Understander, error) {
	lexicon, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		return nil, fmt.Errorf("read lexicon: %w", err)
	}
	return understand.New(lexicon)
}

// openAll reads files one after another, or otherwise where there are none.
// closeAll is never nil.
func openAll(names []string, otherwise io.Reader) (in io.Reader, closeAll func(), err error) {
	var open []*os.File
	closeAll = func() {
		for _, f := range open {
			_ = f.Close() // only read
		}
	}
	if len(names) == 0 {
		return otherwise, closeAll, nil
	}
	var parts []io.Reader
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, closeAll, fmt.Errorf("open file: %w", err)
		}
		open = append(open, f)
		parts = append(parts, f, strings.NewReader("\n")) // a last line may have no end
	}
	return io.MultiReader(parts...), closeAll, nil
}

// parseMoment reads a moment; without a zone it is central Mexico's.
func parseMoment(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, app.Zone()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, misuse("«%s» no es un momento; escribe 2026-03-02T10:00:00", text)
}
