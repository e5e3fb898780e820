package main

import (
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"valebot/internal/app"
	"valebot/internal/postgres"
)

type costCmd struct {
	From string `help:"Desde este día (AAAA-MM-DD); por omisión, hace 90 días."`
	To   string `help:"Hasta este día, incluido; por omisión, hoy."`
	By   string `default:"day" enum:"conversation,credit,campaign,day,channel" help:"Por qué se junta: conversation, credit (folio del vale), campaign, day o channel."`
	dataFlags
}

// Help shows two real uses.
func (costCmd) Help() string {
	return `Ejemplos:
  valebot cost --from 2026-03-01 --to 2026-03-31
  valebot cost --by credit --json

El precio es el de flows/precios.yaml el día en que el proveedor tomó el mensaje, y ya no cambia.
Un mensaje que se mandó otra vez se cobra otra vez. En --json el costo va en millonésimas de peso.`
}

// costs is what messages cost, for programs.
type costs struct {
	By    string          `json:"by"`
	Rows  []postgres.Cost `json:"rows"`
	Total postgres.Cost   `json:"total"`
}

// Run prints what messages cost. JSON: costs.
func (c *costCmd) Run(e *env) error {
	from, to, err := spanOf(c.From, c.To, time.Now())
	if err != nil {
		return coded{err, 2}
	}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		rows, err := s.Costs(e.ctx, from, to, c.By)
		if err != nil {
			return err
		}
		out := costs{By: c.By, Rows: orEmpty(rows), Total: totalOf(rows)}
		return e.print(out, out.text())
	})
}

func totalOf(rows []postgres.Cost) postgres.Cost {
	sum := postgres.Cost{Key: "total"}
	for _, r := range rows {
		sum.Taken += r.Taken
		sum.Segments += r.Segments
		sum.Micropesos += r.Micropesos
		sum.Unpriced += r.Unpriced
		sum.Example += r.Example
	}
	return sum
}

// text is a table, and what keeps its sums from being the bill.
func (c costs) text() string {
	if len(c.Rows) == 0 {
		return "no salió ningún mensaje en esos días\n"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	heads := map[string]string{"conversation": "plática", "credit": "vale", "campaign": "campaña", "day": "día", "channel": "canal"}
	none := map[string]string{"credit": "(sin crédito)", "campaign": "(sin campaña)"}
	fmt.Fprintf(w, "%s\tmensajes\tsegmentos\tcosto\n", heads[c.By])
	for _, r := range append(c.Rows, c.Total) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", orElse(r.Key, none[c.By]), r.Taken, r.Segments, r.Micropesos)
	}
	_ = w.Flush() // a builder does not fail
	if n := c.Total.Unpriced; n > 0 {
		fmt.Fprintf(&b, "%d mensajes no tenían precio ese día y no están en el costo: completa flows/precios.yaml\n", n)
	}
	if n := c.Total.Example; n > 0 {
		fmt.Fprintf(&b, "%d mensajes tienen precio de ejemplo: pon los de tu contrato en flows/precios.yaml\n", n)
	}
	return b.String()
}
