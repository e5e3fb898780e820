package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/postgres"
)

func TestCostsAsATable(t *testing.T) {
	t.Parallel()
	rows := []postgres.Cost{
		{Key: "", Taken: 3, Segments: 4, Micropesos: 3_400_000, Example: 3},
		{Key: "V-00012", Taken: 2, Segments: 2, Micropesos: 160_001, Unpriced: 1},
	}
	c := costs{By: "credit", Rows: rows, Total: totalOf(rows)}
	want := `vale           mensajes  segmentos  costo
(sin crédito)  3         4          $3.4000
V-00012        2         2          $0.160001
total          5         6          $3.560001
1 mensajes no tenían precio ese día y no están en el costo: completa flows/precios.yaml
3 mensajes tienen precio de ejemplo: pon los de tu contrato en flows/precios.yaml
`
	if diff := cmp.Diff(want, c.text()); diff != "" {
		t.Error(diff)
	}
	if got := (costs{By: "day"}).text(); got != "no salió ningún mensaje en esos días\n" {
		t.Error(got)
	}
}

func TestCostRefusesBadDays(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--from", "ayer"}, {"--to", "2026-02-30"}, {"--from", "2026-03-02", "--to", "2026-02-01"}, {"--by", "persona"}} {
		valebot(append([]string{"cost"}, args...)...).must(t, 2)
	}
}
