package statement_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/code128"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/quincena"
	"valebot/internal/statement"
)

func sample(rows int) statement.Statement {
	due := quincena.Date{Year: 2026, Month: 3, Day: 15}
	s := statement.Statement{Name: "María Peña", Branch: "matriz", Relacion: lending.Relacion{
		Folio: "R-00042", Reference: "800000425", Issued: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), Due: due, Enforceable: due.AddDays(2),
		EarlyBy: due.AddDays(-1), Total: 487_50, Commission: 37_50, Earned: 112_50, Points: 12, Limit: 20000_00, Available: 17000_00,
		State: loan.RelacionPartial, Covered: 87_50,
	}}
	for i := range rows {
		s.Rows = append(s.Rows, lending.Row{
			Folio: fmt.Sprintf("V-%05d", i), Client: "Ana Ñandú (con un nombre que no cabe en su celda)", N: 1, Of: 8, Due: due,
			Kind: lending.RowCarried, Origin: "R-00041", Payment: 487_50, Surcharge: 60_00, Paid: 60_00, Total: 487_50, Commission: 37_50,
		})
	}
	return s
}

func TestText(t *testing.T) {
	t.Parallel()
	got := statement.Text(sample(2))
	for _, want := range []string{
		"Relación R-00042, pagada en parte: faltan $400 de $487.50", "Referencia de pago                 800000425", "2026-03-15 (se puede pagar hasta el 2026-03-17)",
		"V-00001", "1/8", "viene de R-00041", "$20,000, disponible $17,000",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

// text takes what is drawn out of a PDF.
func text(t *testing.T, pdf []byte) (drawn string, pages int) {
	t.Helper()
	for _, stream := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(stream[1]))
		if err != nil {
			continue
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		drawn += string(raw)
	}
	return drawn, bytes.Count(pdf, []byte("/Type /Page\n"))
}

func write(t *testing.T, s statement.Statement) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := statement.PDF(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPDF(t *testing.T) {
	t.Parallel()
	pdf := write(t, sample(2))
	drawn, pages := text(t, pdf)
	for _, want := range []string{"(800000425)", "(R-00042)", "Relaci\xf3n R-00042", "Mar\xeda Pe\xf1a", "Ana \xd1and\xfa", "viene de R-00041", "$487.50"} {
		if !strings.Contains(drawn, strings.TrimPrefix(want, "(R")) {
			t.Errorf("no %q in the PDF", want)
		}
	}
	code, err := code128.Encode("800000425")
	if err != nil {
		t.Fatal(err)
	}
	black := 0
	for i := range code.Bounds().Dx() {
		if r, _, _, _ := code.At(i, 0).RGBA(); r == 0 {
			black++
		}
	}
	if got := strings.Count(drawn, " re f"); got != black || pages != 1 {
		t.Errorf("%d bars, want %d; %d pages", got, black, pages)
	}
	if !bytes.Equal(pdf, write(t, sample(2))) {
		t.Error("the same statement gives other bytes")
	}
}

// A distributor with many vales gets as many pages as they take, each row once.
func TestALongPDF(t *testing.T) {
	t.Parallel()
	drawn, pages := text(t, write(t, sample(120)))
	if pages < 4 || strings.Count(drawn, "(Cliente)") != pages {
		t.Errorf("%d pages, %d headings", pages, strings.Count(drawn, "(Cliente)"))
	}
	for i := range 120 {
		if folio := fmt.Sprintf("(V-%05d)", i); strings.Count(drawn, folio) != 1 {
			t.Errorf("%s stands %d times", folio, strings.Count(drawn, folio))
		}
	}
}

func TestAReferenceThatCannotBeABarcode(t *testing.T) {
	t.Parallel()
	s := sample(1)
	s.Relacion.Reference = ""
	if err := statement.PDF(io.Discard, s); err == nil {
		t.Error("an empty barcode was drawn")
	}
}
