package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"valebot/internal/app"
	"valebot/internal/clockwork"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/quincena"
)

type closeCmd struct {
	Day    string `name:"day" default:"" help:"Día que se cierra, como 2026-03-15; vacío: hoy."`
	DryRun bool   `name:"dry-run" help:"Solo dice cuántos créditos tocaría."`
	dataFlags
}

// Help shows two real uses.
func (closeCmd) Help() string {
	return `Pone al día todos los créditos: intereses que vencen, mora, atraso y avisos. Se puede
interrumpir y repetir; lo hecho queda hecho. El servidor lo hace solo al empezar el día.

Ejemplos:
  valebot close --dry-run
  valebot close --day 2026-03-15 --json`
}

// closed is the JSON of close.
type closed struct {
	clockwork.DayProgress
	DryRun  bool                    `json:"dry_run"`
	Pending int                     `json:"pending"` // loans still to be looked at
	Arrears []lending.ArrearsBucket `json:"arrears"`
}

// Run closes a day. Loans that could not be closed end with exit code 3. JSON:
// closed.
func (c *closeCmd) Run(e *env) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithPortfolio(e.ctx, cfg, slog.New(slog.DiscardHandler), func(p app.Portfolio) error {
		day := p.Today()
		if c.Day != "" {
			if day, err = quincena.ParseDate(c.Day); err != nil {
				return coded{fmt.Errorf("--day es una fecha como 2026-03-15, no «%.20s»", c.Day), exitUsage}
			}
		}
		found := closed{DryRun: c.DryRun, DayProgress: clockwork.DayProgress{Day: day}}
		if !c.DryRun {
			if found.DayProgress, err = p.CloseDay(e.ctx, day, bar(os.Stderr, isTerminal(os.Stderr))); err != nil {
				return err
			}
		}
		if found.Pending, err = p.ToClose(e.ctx, day); err != nil {
			return err
		}
		if found.Arrears, err = p.Arrears(e.ctx); err != nil {
			return err
		}
		if err := e.print(found, found.text()); err != nil {
			return err
		}
		if found.Failed > 0 {
			return findings()
		}
		return nil
	})
}

func (c closed) text() string {
	var b strings.Builder
	if c.DryRun {
		fmt.Fprintf(&b, "ensayo: el cierre del %s tocaría %d créditos; no se cambió nada\n", c.Day, c.Pending)
	} else {
		fmt.Fprintf(&b, "%s cerrado: %d créditos, %d asientos con %d movimientos, %d avisos", c.Day, c.Done, c.Entries, c.Lines, c.Events)
		if c.Failed > 0 {
			fmt.Fprintf(&b, "; %d NO se pudieron cerrar, el registro dice por qué", c.Failed)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n%-15s %9s %16s %16s %15s\n", "atraso", "créditos", "se debe", "vencido", "distribuidoras")
	for _, a := range c.Arrears {
		fmt.Fprintf(&b, "%-15s %9d %16s %16s %15d\n", bucketName(a), a.Loans, a.Owed, a.Overdue, a.Distributors)
	}
	return b.String()
}

// bucketName is how people call a bucket: "8–15 días".
func bucketName(a lending.ArrearsBucket) string {
	from := loan.Buckets()
	switch {
	case a.Bucket == 0:
		return "al corriente"
	case a.Bucket == len(from):
		return fmt.Sprintf("%d días o más", a.From)
	}
	return fmt.Sprintf("%d a %d días", a.From, from[a.Bucket]-1)
}

// bar draws how far a close has come, for people at a terminal.
func bar(w io.Writer, shown bool) func(clockwork.DayProgress) {
	if !shown {
		return nil
	}
	const width = 40
	return func(p clockwork.DayProgress) {
		share := 1.0
		if p.Total > 0 {
			share = min(1, float64(p.Done)/float64(p.Total))
		}
		full := int(share * width)
		fmt.Fprintf(w, "\r\033[K%s%s %3.0f %%  %d de %d", strings.Repeat("█", full), strings.Repeat("░", width-full), 100*share, p.Done, p.Total)
		if p.Done >= p.Total {
			fmt.Fprintln(w)
		}
	}
}
