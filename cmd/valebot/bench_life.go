package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"valebot/internal/bench"
)

type benchLifeCmd struct {
	For         time.Duration `name:"for" default:"1m" help:"Cuánto tiempo."`
	Seed        uint64        `default:"1" help:"Semilla de la primera financiera; las demás siguen."`
	Acts        int           `default:"5000" help:"Actos de cada financiera antes de empezar otra."`
	DatabaseURL string        `name:"database-url" default:"" help:"PostgreSQL donde se pueden crear bases; vacío: uno privado y pasajero."`
}

// Help shows two real uses.
func (benchLifeCmd) Help() string {
	return `Ejemplos:
  valebot bench life
  valebot bench life --for 2h --seed 1000
  valebot bench life --seed 1007 --acts 3200   # otra vez, hasta el acto del hallazgo

Corta conexiones a medio camino y hace lo mismo en dos nodos a la vez. Termina con 3 si algo no cuadra.`
}

// Run runs random lenders. JSON: bench.LifeReport.
func (c *benchLifeCmd) Run(e *env) error {
	if c.For <= 0 || c.Acts < 1 {
		return coded{fmt.Errorf("valebot: --for y --acts son mayores que cero"), 2}
	}
	r, err := bench.Life(e.ctx, bench.LifeOptions{DatabaseURL: c.DatabaseURL, Seed: c.Seed, Length: c.For, Acts: c.Acts, Progress: e.progress(),
		Found: func(text string) { fmt.Fprintln(os.Stderr, text) }}) // at once: a long run may be broken off
	if err != nil {
		return err
	}
	if err := e.print(r, lifeText(r)); err != nil {
		return err
	}
	if len(r.Findings) > 0 {
		return coded{fmt.Errorf("valebot: %d cosas no cuadran", len(r.Findings)), 3}
	}
	return nil
}

func lifeText(r bench.LifeReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s %8d actos de %d financieras, %d rechazados\n", "vida al azar", r.Acts, r.Lenders, r.Refused)
	fmt.Fprintf(&b, "%-22s %8d créditos, %d pagos, %d días cerrados\n", "entre ellos", r.Loans, r.Payments, r.Days)
	fmt.Fprintf(&b, "%-22s %8d conexiones cortadas, %d veces dos nodos a la vez\n", "con", r.Cuts, r.Races)
	fmt.Fprintf(&b, "%-22s %8d revisiones de todo, %d hallazgos\n", "revisado", r.Checks, len(r.Findings))
	return b.String()
}
