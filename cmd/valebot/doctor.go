package main

import (
	"fmt"
	"strings"

	"valebot/internal/app"
)

// settings are the program's flags without the method Validate, which kong would
// call by itself: serve has its own text for it, and doctor reports it as one
// finding among others.
type settings app.Config

type doctorCmd struct {
	Settings settings `embed:""`
	Send     string   `placeholder:"TELÉFONO" help:"Además, manda un SMS de prueba a este teléfono, si está en VALEBOT_TEST_PHONES."`
}

// Help shows two real uses.
func (doctorCmd) Help() string {
	return `Ejemplos:
  valebot doctor
  VALEBOT_PUBLIC_URL=https://vales.example.mx valebot doctor --json
  VALEBOT_LIVE=1 VALEBOT_TEST_PHONES=+526671234567 valebot doctor --send +526671234567

Termina con 3 si algo está mal; los avisos no cuentan.`
}

// Run checks everything that can be checked without sending anything. Anything
// wrong ends with exit code 3. JSON: a list of app.Finding.
func (c *doctorCmd) Run(e *env) error {
	list := app.Checkup(e.ctx, app.Config(c.Settings))
	if c.Send != "" {
		list = append(list, app.CheckSend(e.ctx, app.Config(c.Settings), c.Send))
	}
	if err := e.print(list, findingsText(list)); err != nil {
		return err
	}
	for _, f := range list {
		if f.State == app.Wrong {
			return findings()
		}
	}
	return nil
}

func findingsText(list []app.Finding) string {
	const indent = "                       "
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%-6s %-15s %s\n", f.State, f.Check, strings.ReplaceAll(f.Text, "\n", "\n"+indent))
		if f.Mend != "" {
			fmt.Fprintf(&b, "%s→ %s\n", indent, f.Mend)
		}
	}
	return b.String()
}
