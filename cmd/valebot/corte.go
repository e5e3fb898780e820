package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"valebot/internal/app"
	"valebot/internal/clockwork"
	"valebot/internal/loan"
	"valebot/internal/statement"
)

type corteCmd struct {
	Run  corteRunCmd  `cmd:"" help:"Hace los cortes a los que ya les toca y marca las relaciones vencidas."`
	Show corteShowCmd `cmd:"" help:"Muestra una relación, o la guarda en PDF."`
}

type corteRunCmd struct {
	DryRun bool `name:"dry-run" help:"Solo dice qué cortes tocan y a cuántas distribuidoras."`
	dataFlags
}

// Help shows two real uses.
func (corteRunCmd) Help() string {
	return `Cierra la quincena de cada sucursal y hace la relación de cada distribuidora. Se puede
interrumpir y repetir. El servidor lo hace solo el día que toca.

Ejemplos:
  valebot corte run --dry-run
  valebot corte run --json`
}

// Run makes the cortes that are due. JSON: a list of clockwork.CorteDone, or of
// postgres.CorteOutlook with --dry-run.
func (c *corteRunCmd) Run(e *env) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithPortfolio(e.ctx, cfg, slog.New(slog.DiscardHandler), func(p app.Portfolio) error {
		if c.DryRun {
			return c.rehearse(e, p)
		}
		done, err := p.Cut(e.ctx, "cli", p.Today(), cutProgress(e))
		if err != nil {
			return err
		}
		return e.print(orEmpty(done), cutText(done))
	})
}

func cutProgress(e *env) func(clockwork.CorteDone) {
	tell := e.progress()
	if tell == nil {
		return nil
	}
	return func(d clockwork.CorteDone) { tell(fmt.Sprintf("%s: %d relaciones", d.Branch, d.Relaciones)) }
}

func cutText(done []clockwork.CorteDone) string {
	var b strings.Builder
	for _, d := range done {
		switch d.State {
		case string(loan.CorteClosed):
			fmt.Fprintf(&b, "%s, %s a %s: corte cerrado, %d relaciones hechas, %d distribuidoras sin pagos\n", d.Branch, d.From, d.To, d.Relaciones, d.Empty)
		default:
			fmt.Fprintf(&b, "%s, %s a %s: se corta el %s\n", d.Branch, d.From, d.To, d.CutOn)
		}
	}
	if len(done) == 0 {
		b.WriteString("no hay distribuidoras\n")
	}
	return b.String()
}

func (c *corteRunCmd) rehearse(e *env, p app.Portfolio) error {
	all, err := p.CorteOutlook(e.ctx, p.Today())
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, o := range all {
		fmt.Fprintf(&b, "%s: último corte %s %s, %d distribuidoras con créditos, %d relaciones por marcar vencidas\n",
			o.Branch, orElse(o.To, "ninguno"), o.State, o.Distributors, o.Late)
	}
	b.WriteString("ensayo: no se cambió nada\n")
	return e.print(orEmpty(all), b.String())
}

type corteShowCmd struct {
	Reference string `arg:"" name:"referencia" help:"Referencia de pago o folio de la relación (R-00042)."`
	PDF       string `name:"pdf" default:"" type:"path" help:"Guarda aquí el estado de cuenta, en PDF."`
	dataFlags
}

// Help shows two real uses.
func (corteShowCmd) Help() string {
	return `Ejemplos:
  valebot corte show R-00042
  valebot corte show R-00042 --pdf relacion.pdf`
}

// Run shows a relación. Reading it leaves an audit row. JSON: statement.Statement.
func (c *corteShowCmd) Run(e *env) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithPortfolio(e.ctx, cfg, slog.New(slog.DiscardHandler), func(p app.Portfolio) error {
		s, err := p.Statement(e.ctx, "cli", c.Reference)
		if err != nil {
			return err
		}
		if c.PDF == "" {
			return e.print(s, statement.Text(s))
		}
		return savePDF(c.PDF, s)
	})
}

func savePDF(path string, s statement.Statement) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // clients' names are in it
	if err != nil {
		return fmt.Errorf("write statement: %w", err)
	}
	if err := statement.PDF(file, s); err != nil {
		_ = file.Close() // the first failure is the one to tell
		return err
	}
	return file.Close()
}
