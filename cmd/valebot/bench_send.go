package main

import (
	"fmt"
	"strings"
	"time"

	"valebot/internal/bench"
)

type benchSendCmd struct {
	Messages    int    `default:"20000" help:"Mensajes a todo lo que da."`
	Seconds     int    `default:"10" help:"Duración a cada ritmo, en segundos."`
	Rates       []int  `default:"1,10,80,400" help:"Ritmos, en segmentos por segundo."`
	Queued      int    `default:"100000" help:"Mensajes de campaña que esperan antes de cada clave."`
	Codes       int    `default:"50" help:"Claves que se mandan por delante de ellos."`
	DatabaseURL string `name:"database-url" default:"" help:"PostgreSQL donde se pueden crear bases; vacío: uno privado y pasajero."`
	CPUProfile  string `name:"cpuprofile" default:"" type:"path" help:"Escribe aquí un perfil de CPU (pprof)."`
}

// Help shows two real uses.
func (benchSendCmd) Help() string {
	return `Ejemplos:
  valebot bench send
  valebot bench send --seconds 60 --queued 1000000 --json

El proveedor es de mentira y está en el mismo proceso: se mide el remitente con su base.`
}

// Run measures the sender. JSON: bench.SendReport.
func (c *benchSendCmd) Run(e *env) error {
	if c.Messages < 1 || c.Seconds < 1 || c.Queued < 1 || c.Codes < 1 {
		return coded{fmt.Errorf("valebot: --messages, --seconds, --queued y --codes son 1 o más"), 2}
	}
	for _, rate := range c.Rates {
		if rate < 1 || rate > 10_000 {
			return coded{fmt.Errorf("valebot: --rates va de 1 a 10000"), 2}
		}
	}
	stop, err := profileTo(c.CPUProfile)
	if err != nil {
		return err
	}
	report, err := bench.Send(e.ctx, bench.SendOptions{
		DatabaseURL: c.DatabaseURL, Messages: c.Messages, Length: time.Duration(c.Seconds) * time.Second, Rates: c.Rates,
		Queued: c.Queued, Codes: c.Codes, Progress: e.progress(),
	})
	stop()
	if err != nil {
		return err
	}
	return e.print(report, sendText(report))
}

func sendText(r bench.SendReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-24s %8.0f mensajes/s   (%d mensajes, %d núcleos, %.0f %% ocupados)\n", "a todo lo que da", r.Fast.Rate, r.Fast.Count, r.Cores, r.Load.Busy)
	for _, f := range r.Rates {
		if f.Skipped {
			fmt.Fprintf(&b, "%-24s %8s   (muy pocos para medir: alarga --seconds)\n", fmt.Sprintf("a %d por segundo", f.Rate), "–")
			continue
		}
		fmt.Fprintf(&b, "%-24s %7.2f %%   en el peor segundo %d de %d   %.2f preguntas por mensaje\n",
			fmt.Sprintf("a %d por segundo", f.Rate), 100*f.Reached, f.Worst, f.Allowed, f.Asked)
	}
	fmt.Fprintf(&b, "%-24s p50 %s   p99 %s   la peor %s   (%d claves detrás de %d de campaña)\n", "una clave espera",
		millis(r.Codes.P50), millis(r.Codes.P99), millis(r.Codes.Worst), r.Codes.Count, r.Queued)
	if r.Codes.Failed > 0 {
		fmt.Fprintf(&b, "%-24s %d claves no salieron\n", "fallas", r.Codes.Failed)
	}
	return b.String()
}
