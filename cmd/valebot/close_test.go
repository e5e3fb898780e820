package main

import (
	"bytes"
	"strings"
	"testing"

	"valebot/internal/clockwork"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/quincena"
)

func TestWhatACloseSays(t *testing.T) {
	t.Parallel()
	day := quincena.Date{Year: 2026, Month: 3, Day: 15}
	c := closed{DayProgress: clockwork.DayProgress{Day: day, Done: 12, Entries: 1, Lines: 30, Events: 7}}
	for i := range len(loan.Buckets()) + 1 {
		from := 0
		if i > 0 {
			from = loan.Buckets()[i-1]
		}
		c.Arrears = append(c.Arrears, lending.ArrearsBucket{Bucket: i, From: from, Loans: i, Owed: 1000_00, Overdue: 10_50, Distributors: 1})
	}
	got := c.text()
	for _, want := range []string{"2026-03-15 cerrado: 12 créditos, 1 asientos con 30 movimientos, 7 avisos\n", "al corriente ", "8 a 15 días ", "121 días o más ", "$1,000", "$10.50"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	c.Failed = 2
	if got := c.text(); !strings.Contains(got, "2 NO se pudieron cerrar") {
		t.Errorf("failures are not told:\n%s", got)
	}
	c.DryRun, c.Pending = true, 40
	if got := c.text(); !strings.Contains(got, "tocaría 40 créditos") {
		t.Errorf("a rehearsal says:\n%s", got)
	}
}

func TestTheBarGrows(t *testing.T) {
	t.Parallel()
	if bar(nil, false) != nil {
		t.Error("drawn where nobody looks")
	}
	var out bytes.Buffer
	draw := bar(&out, true)
	for _, done := range []int{0, 50, 100, 120} {
		draw(clockwork.DayProgress{Total: 100, Done: done})
	}
	got := out.String()
	if strings.Count(got, "█") != 0+20+40+40 || !strings.Contains(got, " 50 %  50 de 100") || !strings.HasSuffix(got, "\n") {
		t.Errorf("drawn: %q", got)
	}
	out.Reset()
	draw(clockwork.DayProgress{})
	if !strings.Contains(out.String(), "100 %") {
		t.Errorf("nothing to do: %q", out.String())
	}
}

func TestWhatACorteSays(t *testing.T) {
	t.Parallel()
	if got := cutText(nil); got != "no hay distribuidoras\n" {
		t.Errorf("nobody: %q", got)
	}
	from, to := quincena.Date{Year: 2026, Month: 3, Day: 1}, quincena.Date{Year: 2026, Month: 3, Day: 15}
	got := cutText([]clockwork.CorteDone{
		{Branch: "matriz", From: from, To: to, State: string(loan.CorteClosed), Relaciones: 5, Empty: 2},
		{Branch: "norte", From: from, To: to, CutOn: to.AddDays(-5), State: string(loan.CorteOpen)},
	})
	for _, want := range []string{"matriz, 2026-03-01 a 2026-03-15: corte cerrado, 5 relaciones hechas, 2 distribuidoras sin pagos", "norte, 2026-03-01 a 2026-03-15: se corta el 2026-03-10"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}
