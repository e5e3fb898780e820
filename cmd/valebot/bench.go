package main

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"valebot/internal/bench"
)

type benchCmd struct {
	Turn   benchTurnCmd   `cmd:"" help:"Turnos completos: llega un mensaje firmado, el flujo avanza, la respuesta sale al proveedor."`
	Close  benchCloseCmd  `cmd:"" help:"Cierre del día de una cartera entera, contra un COPY de otras tantas filas."`
	Pay    benchPayCmd    `cmd:"" help:"Pagos aplicados: referencia, reparto, asientos, línea y aviso."`
	Send   benchSendCmd   `cmd:"" help:"El remitente: a todo lo que da, a ritmos fijos, y una clave detrás de una campaña."`
	Accept benchAcceptCmd `cmd:"" help:"Solo recibir: mensajes firmados, guardados una vez y para siempre."`
	Life   benchLifeCmd   `cmd:"" help:"Financieras al azar, con cortes y dos nodos, contra todo lo que debe cuadrar. No mide: busca fallas."`
}

// benchFlags are what both benchmarks take.
type benchFlags struct {
	Seconds     int    `default:"10" help:"Duración de cada tramo, en segundos."`
	Clients     int    `default:"256" help:"Teléfonos a la vez."`
	DatabaseURL string `name:"database-url" default:"" help:"PostgreSQL donde se pueden crear bases; vacío: uno privado y pasajero."`
	CPUProfile  string `name:"cpuprofile" default:"" type:"path" help:"Escribe aquí un perfil de CPU (pprof)."`
}

// Help shows two real uses.
func (benchFlags) Help() string {
	return `Ejemplos:
  valebot bench turn
  valebot bench accept --seconds 20 --clients 512 --json`
}

type benchTurnCmd struct {
	benchFlags `embed:""`
}

// Run measures turns.
func (c *benchTurnCmd) Run(e *env) error { return c.run(e, bench.Turn) }

type benchAcceptCmd struct {
	benchFlags `embed:""`
}

// Run measures accepted webhooks.
func (c *benchAcceptCmd) Run(e *env) error { return c.run(e, bench.Accept) }

func (c *benchFlags) run(e *env, measure func(context.Context, bench.Options) (bench.Report, error)) error {
	if c.Seconds < 1 || c.Clients < 1 || c.Clients > 10_000 {
		return coded{fmt.Errorf("valebot: --seconds es 1 o más y --clients va de 1 a 10000"), 2}
	}
	stop, err := profileTo(c.CPUProfile)
	if err != nil {
		return err
	}
	report, err := measure(e.ctx, bench.Options{
		DatabaseURL: c.DatabaseURL, Length: time.Duration(c.Seconds) * time.Second, Clients: c.Clients, Progress: e.progress(),
	})
	stop()
	if err != nil {
		return err
	}
	return e.print(report, benchText(report))
}

// profileTo starts a CPU profile, if one is asked for.
func profileTo(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("make profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, fmt.Errorf("start profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close() // a profile cut short is seen when it is read
	}, nil
}

// progress tells people at a terminal what is going on; others get nothing.
func (e *env) progress() func(string) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(text string) { fmt.Fprintf(os.Stderr, "\r\033[K%s…", text) }
}

func benchText(r bench.Report) string {
	var b strings.Builder
	unit := map[string]string{"turn": "turnos", "accept": "mensajes"}[r.What]
	fmt.Fprintf(&b, "%-22s %8.0f tps   (%s)\n", "pgbench", r.Pgbench, r.Command)
	fmt.Fprintf(&b, "%-22s %8.0f %s/s   p50 %s   p99 %s   (%d teléfonos)\n", "a todo lo que da", r.Saturated.Rate, unit,
		millis(r.Saturated.P50), millis(r.Saturated.P99), r.Clients)
	fmt.Fprintf(&b, "%-22s %8.0f %s/s   p50 %s   p99 %s\n", "a la décima parte", r.Tenth.Rate, unit, millis(r.Tenth.P50), millis(r.Tenth.P99))
	fmt.Fprintf(&b, "%-22s %8.2f veces pgbench, mediana de %d rondas\n", "razón", r.Ratio, len(r.Rounds))
	fmt.Fprintf(&b, "%-22s %s\n", "lo que limita", limitText(r))
	if failed := r.Saturated.Failed + r.Tenth.Failed; failed > 0 {
		fmt.Fprintf(&b, "%-22s %8d sin respuesta en 10 s\n", "fallas", failed)
	}
	return b.String()
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// limitText says what held the program back.
func limitText(r bench.Report) string {
	shares := fmt.Sprintf("%.0f %% de %d núcleos ocupado: %.0f %% este programa con el proveedor y los teléfonos de mentira, %.0f %% PostgreSQL y lo demás",
		r.Load.Busy, r.Cores, r.Load.Ours, max(0, r.Load.Busy-r.Load.Ours))
	switch {
	case r.Load == bench.Load{}:
		return "este sistema no lo dice"
	case r.Load.Busy >= 85:
		return "el procesador; " + shares
	}
	return "la espera (disco, candados); " + shares
}
