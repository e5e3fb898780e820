package main

import (
	"fmt"
	"strings"
	"time"

	"valebot/internal/bench"
)

type benchCloseCmd struct {
	Loans       int    `default:"50000" help:"Créditos activos."`
	DatabaseURL string `name:"database-url" default:"" help:"PostgreSQL donde se pueden crear bases; vacío: uno privado y pasajero."`
	CPUProfile  string `name:"cpuprofile" default:"" type:"path" help:"Escribe aquí un perfil de CPU (pprof)."`
}

// Help shows two real uses.
func (benchCloseCmd) Help() string {
	return `Ejemplos:
  valebot bench close
  valebot bench close --loans 700000 --json`
}

// Run measures the close of a day. JSON: bench.CloseReport.
func (c *benchCloseCmd) Run(e *env) error {
	if c.Loans < 1 || c.Loans > 10_000_000 {
		return coded{fmt.Errorf("valebot: --loans va de 1 a 10000000"), 2}
	}
	stop, err := profileTo(c.CPUProfile)
	if err != nil {
		return err
	}
	r, err := bench.Close(e.ctx, bench.Options{DatabaseURL: c.DatabaseURL, Progress: e.progress()}, c.Loans)
	stop()
	if err != nil {
		return err
	}
	return e.print(r, closeBenchText(r))
}

func closeBenchText(r bench.CloseReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s %8d créditos en %.1f s   (%.0f créditos/s, %.1f s de procesador de este programa)\n", "cierre", r.Loans, r.Took.Seconds(), r.PerSecond, r.CPU.Seconds())
	fmt.Fprintf(&b, "%-22s %8.2f veces un COPY de %d filas, una por resultado (%.1f s); guardados en %d\n", "razón", r.Ratio, r.Rows, r.Copy.Seconds(), r.Stored)
	fmt.Fprintf(&b, "%-22s %8.0f MB\n", "memoria", r.PeakMB)
	fmt.Fprintf(&b, "%-22s %8.0f %% de %d núcleos, %.0f %% este programa\n", "ocupado", r.Load.Busy, r.Cores, r.Load.Ours)
	fmt.Fprintf(&b, "%-22s %8d ms\n", "cerrar otra vez", r.Again/time.Millisecond)
	if r.Checked {
		sound := "todo cuadra"
		if !r.Sound {
			sound = "NO CUADRA"
		}
		fmt.Fprintf(&b, "%-22s %s\n", "libro", sound)
	}
	return b.String()
}

type benchPayCmd struct {
	Seconds     int    `default:"10" help:"Duración, en segundos."`
	DatabaseURL string `name:"database-url" default:"" help:"PostgreSQL donde se pueden crear bases; vacío: uno privado y pasajero."`
	CPUProfile  string `name:"cpuprofile" default:"" type:"path" help:"Escribe aquí un perfil de CPU (pprof)."`
}

// Help shows two real uses.
func (benchPayCmd) Help() string {
	return `Ejemplos:
  valebot bench pay
  valebot bench pay --seconds 30 --json`
}

// Run measures posted payments. JSON: bench.PayReport.
func (c *benchPayCmd) Run(e *env) error {
	if c.Seconds < 3 {
		return coded{fmt.Errorf("valebot: --seconds es 3 o más"), 2}
	}
	stop, err := profileTo(c.CPUProfile)
	if err != nil {
		return err
	}
	r, err := bench.Pay(e.ctx, bench.Options{DatabaseURL: c.DatabaseURL, Length: time.Duration(c.Seconds) * time.Second, Progress: e.progress()})
	stop()
	if err != nil {
		return err
	}
	return e.print(r, payBenchText(r))
}

func payBenchText(r bench.PayReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s %8.0f tps   (%s)\n", "pgbench", r.Pgbench, r.Command)
	fmt.Fprintf(&b, "%-22s %8.0f pagos/s   (%d por transacción, %d a la vez)\n", "aplicados", r.Rate, r.Group, r.Workers)
	fmt.Fprintf(&b, "%-22s %8.2f veces pgbench, mediana de %d rondas\n", "razón", r.Ratio, len(r.Rounds))
	fmt.Fprintf(&b, "%-22s %8.0f %% de %d núcleos, %.0f %% este programa\n", "ocupado", r.Load.Busy, r.Cores, r.Load.Ours)
	return b.String()
}
