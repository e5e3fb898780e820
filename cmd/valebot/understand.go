package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/quincena"
	"valebot/internal/understand"
	"valebot/internal/understand/evaluate"
	"valebot/locales"
)

type understandCmd struct {
	Kind    string `arg:"" help:"yes_no, intent, amount, int, date, option, term, phone o clabe; o eval."`
	Of      string `arg:"" optional:"" help:"Con eval: qué se mide."`
	Now     string `help:"Momento de referencia (2026-03-02T10:00:00); por omisión, ahora."`
	Options int    `help:"Cuántas opciones tiene el menú."`
}

// Help shows two real uses.
func (understandCmd) Help() string {
	return `Ejemplos:
  echo '{"text":"simón, jalo"}' | valebot understand yes_no
  valebot understand eval yes_no < respuestas.jsonl --json`
}

// Run labels texts, or measures labels against gold ones.
func (c *understandCmd) Run(e *env) error {
	lexicon, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		return coded{err, 3}
	}
	u, err := understand.New(lexicon)
	if err != nil {
		return coded{err, 3}
	}
	settings := evaluate.Settings{Now: time.Now(), Zone: quincena.Central(), Options: c.Options}
	if c.Now != "" {
		if settings.Now, err = parseMoment(c.Now); err != nil {
			return coded{err, 2}
		}
	}
	err = evaluate.Run(u, c.Kind, settings, e.in, e.out)
	if errors.Is(err, evaluate.ErrKind) {
		return coded{fmt.Errorf("no hay lectura %q; hay: %s", c.Kind, strings.Join(evaluate.Kinds(), ", ")), 2}
	}
	return err
}

// parseMoment reads a moment; without a zone it is central Mexico's.
func parseMoment(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, app.Zone()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q no es un momento; escribe 2026-03-02T10:00:00", text)
}
