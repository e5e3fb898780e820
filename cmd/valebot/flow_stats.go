package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/flow/graph"
	"valebot/internal/postgres"
)

type flowStatsCmd struct {
	Flow    string `arg:"" name:"flujo" help:"Nombre del flujo."`
	Days    int    `default:"7" help:"Cuántos días hacia atrás."`
	Version int    `help:"Solo esta versión."`
	Arm     string `help:"Solo este texto en prueba, por ejemplo tono_aviso:b."`
	Texts   bool   `help:"Muestra lo que no se entendió, con las cifras ocultas; queda en la bitácora de lecturas."`
	As      string `env:"USER" default:"" help:"Con --texts, tu usuario de la mesa, de quien supervisa. La contraseña va en VALEBOT_AGENT_PASSWORD y el código en VALEBOT_AGENT_CODE."`
	signature
	dataFlags
}

// Help shows two real uses.
func (flowStatsCmd) Help() string {
	return `Ejemplos:
  valebot flow stats recordatorio_pago
  valebot flow stats aceptacion_vale --days 30 --texts --as rosa`
}

func (c *flowStatsCmd) query(now time.Time) postgres.StatsQuery {
	return postgres.StatsQuery{Flow: c.Flow, Version: c.Version, Arm: c.Arm, From: now.AddDate(0, 0, -c.Days), To: now.Add(time.Second)}
}

// Run counts. JSON: app.FlowStats.
func (c *flowStatsCmd) Run(e *env) error {
	reader, open := "", func(do func(*app.Publisher) error) error { return c.publisher(e, do) }
	if c.Texts {
		if reader = c.As; reader == "" {
			return misuse("di quién lo lee: --as nombre")
		}
		open = func(do func(*app.Publisher) error) error { return c.signed(e, c.by(c.As), do) }
	}
	return open(func(p *app.Publisher) error {
		stats, err := p.Stats(e.ctx, c.query(p.Now()), reader)
		if err != nil {
			return err
		}
		return e.print(stats, statsText(stats, c.Days))
	})
}

// barWidth is how long the longest bar is, in characters.
const barWidth = 20

func statsText(s app.FlowStats, days int) string {
	var b strings.Builder
	most, all := 1, 0
	for _, st := range s.Steps {
		most = max(most, st.Entered)
	}
	for _, o := range s.Outcomes {
		all += o.N
	}
	fmt.Fprintf(&b, "%s · %d días · %d pláticas\n", s.Flow, days, all)
	for _, st := range s.Steps {
		fmt.Fprintf(&b, "%-20s %6d %-*s%s\n", st.Step, st.Entered, barWidth, strings.Repeat("█", st.Entered*barWidth/most), stepText(st))
	}
	for _, o := range s.Outcomes {
		name := fmt.Sprintf("v%d %s", o.Version, o.Arm)
		fmt.Fprintf(&b, "fin %-16s %-20s %6d  %3.0f%% (%.0f a %.0f%%)\n", strings.TrimSpace(name), orElse(o.Outcome, "(abierta)"), o.N,
			100*float64(o.N)/float64(o.Of), 100*o.Low, 100*o.High)
	}
	for _, a := range s.Arms {
		b.WriteString(armText(a))
	}
	for _, u := range s.Unclear {
		fmt.Fprintf(&b, "no entendido en «%s»: «%s» ×%d\n", u.Step, u.Text, u.N)
	}
	return b.String()
}

func armText(a app.ArmLine) string {
	text := fmt.Sprintf("prueba %s:%s  %d de %d escribieron %s, %.0f%% (%.0f a %.0f%%); se para arriba de %d%%", a.Test, a.Arm, a.Bad, a.Heard,
		strings.Join(a.Stop, " o "), 100*float64(a.Bad)/float64(a.Heard), 100*a.Low, 100*a.High, a.Above)
	if a.Stopped != nil {
		text += ": parado el " + a.Stopped.Format("2006-01-02 15:04")
	}
	return text + "\n"
}

func stepText(st app.StepLine) string {
	var parts []string
	if st.Replies > 0 {
		parts = append(parts, fmt.Sprintf("%d contestan", st.Answered), fmt.Sprintf("%.0f%% a la primera", 100*st.FirstTime))
	}
	if st.Dwell > 0 {
		parts = append(parts, "mediana "+spanishLength(time.Duration(st.Dwell)*time.Second))
	}
	if st.Left > 0 {
		parts = append(parts, fmt.Sprintf("%d se van en silencio", st.Left))
	}
	if st.HandedOver > 0 {
		parts = append(parts, fmt.Sprintf("%d a una persona", st.HandedOver))
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, " · ")
}

func spanishLength(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d días", d/(24*time.Hour))
}

// countsFlags let a drawing show how often each way was taken.
type countsFlags struct {
	Counts bool `help:"Pone cuántas personas tomaron cada salida, de la base (solo svg)."`
	Days   int  `default:"7" help:"Cuántos días hacia atrás, con --counts."`
	dataFlags
}

// counted draws a flow in force with counts.
func (c countsFlags) counted(e *env, name string, draw func(count graph.Count) error) error {
	if !c.Counts {
		return draw(nil)
	}
	return c.publisher(e, func(p *app.Publisher) error {
		q := flowStatsCmd{Flow: name, Days: c.Days}
		count, err := p.Counts(e.ctx, q.query(p.Now()))
		if err != nil {
			return err
		}
		return draw(count)
	})
}

func writeTo(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}
