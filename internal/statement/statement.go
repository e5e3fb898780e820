// Package statement writes a distributor's relación for people: as text, and as a
// PDF with the barcode of its reference. It reads no clock and no store; the same
// relación gives the same bytes for ever.
package statement

import (
	"fmt"
	"strings"

	"valebot/internal/lending"
	"valebot/internal/loan"
)

// Statement is a relación with what a reader must know beside it.
type Statement struct {
	Name     string           `json:"name"`   // of the distributor
	Branch   string           `json:"branch"` // whose corte it is of
	Relacion lending.Relacion `json:"relacion"`
	Rows     []lending.Row    `json:"rows"`
}

// State is what people call the state of a relación.
func State(s loan.RelacionState) string {
	switch s {
	case loan.RelacionGenerated:
		return "por pagar"
	case loan.RelacionPartial:
		return "pagada en parte"
	case loan.RelacionPaid:
		return "pagada"
	case loan.RelacionOverdue:
		return "vencida"
	case loan.RelacionCarried:
		return "pasó a la siguiente"
	}
	return string(s)
}

// note says why a row is not a plain instalment of the period.
func note(r lending.Row) string {
	switch r.Kind {
	case lending.RowCarried:
		return "viene de " + r.Origin
	case lending.RowCorrection:
		return "corrige " + r.Origin
	}
	return ""
}

// facts are the lines above and below the rows.
func facts(s Statement) [][2]string {
	r := s.Relacion
	return [][2]string{
		{"Distribuidora", s.Name},
		{"Sucursal", s.Branch},
		{"Referencia de pago", r.Reference},
		{"Total a pagar", r.Total.String()},
		{"Vence", fmt.Sprintf("%s (se puede pagar hasta el %s)", r.Due, r.Enforceable)},
		{"Pago anticipado", "hasta el " + r.EarlyBy.String()},
		{"Ganas si todo se paga en su fecha", r.Commission.String()},
		{"Comisión disponible", r.Earned.String()},
		{"Puntos", fmt.Sprint(r.Points)},
		{"Línea", fmt.Sprintf("%s, disponible %s", r.Limit, r.Available)},
	}
}

// Text writes a statement for a terminal.
func Text(s Statement) string {
	var b strings.Builder
	r := s.Relacion
	fmt.Fprintf(&b, "Relación %s, %s: faltan %s de %s\n\n", r.Folio, State(r.State), r.Uncovered(), r.Total)
	for _, f := range facts(s) {
		fmt.Fprintf(&b, "%-34s %s\n", f[0], f[1])
	}
	fmt.Fprintf(&b, "\n%-10s %-24s %-6s %-11s %12s %10s %10s %12s  %s\n", "vale", "cliente", "pago", "vence", "importe", "recargo", "pagado", "total", "comisión")
	for _, row := range s.Rows {
		line := fmt.Sprintf("%-10s %-24.24s %2d/%-3d %-11s %12s %10s %10s %12s  %s  %s", row.Folio, row.Client, row.N, row.Of, row.Due,
			row.Payment, row.Surcharge, row.Paid, row.Total, row.Commission, note(row))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
