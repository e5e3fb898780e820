package statement

import (
	"fmt"
	"image/color"
	"io"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode/code128"

	"valebot/internal/lending"
)

// Measures of the page, in millimetres on letter paper.
const (
	margin    = 12.0
	lineHigh  = 5.0
	barWidth  = 70.0
	barHeight = 14.0
)

// pdfColumns are the columns of the table of rows.
func pdfColumns() []struct {
	title, align string
	width        float64
} {
	return []struct {
		title, align string
		width        float64
	}{
		{"Vale", "L", 20}, {"Cliente", "L", 48}, {"Pago", "C", 13}, {"Vence", "C", 20}, {"Importe", "R", 23}, {"Recargo", "R", 18},
		{"Pagado", "R", 20}, {"Total", "R", 23}, {"Comisión", "R", 18}, {"", "L", 30},
	}
}

// PDF writes a statement as a PDF on letter paper, as many pages as it takes.
// Dates inside are those of the relación.
func PDF(w io.Writer, s Statement) error {
	doc := fpdf.New("L", "mm", "Letter", "")
	latin := doc.UnicodeTranslatorFromDescriptor("") // the fonts of every reader know cp1252
	doc.SetCatalogSort(true)
	doc.SetCreationDate(s.Relacion.Issued.UTC())
	doc.SetModificationDate(s.Relacion.Issued.UTC())
	doc.SetMargins(margin, margin, margin)
	doc.SetTitle("Relación "+s.Relacion.Folio, true)
	doc.SetFooterFunc(func() {
		doc.SetY(-margin)
		doc.SetFont("Helvetica", "", 8)
		doc.CellFormat(0, lineHigh, latin(fmt.Sprintf("Relación %s · referencia %s · página %d", s.Relacion.Folio, s.Relacion.Reference, doc.PageNo())), "", 0, "C", false, 0, "")
	})
	doc.AddPage()
	heading(doc, latin, s)
	if err := bars(doc, s.Relacion.Reference); err != nil {
		return err
	}
	table(doc, latin, s.Rows)
	if err := doc.Output(w); err != nil {
		return fmt.Errorf("write statement: %w", err)
	}
	return nil
}

func heading(doc *fpdf.Fpdf, latin func(string) string, s Statement) {
	doc.SetFont("Helvetica", "B", 15)
	doc.CellFormat(0, 9, latin("Relación "+s.Relacion.Folio), "", 1, "L", false, 0, "")
	for _, f := range facts(s) {
		doc.SetFont("Helvetica", "", 9)
		doc.CellFormat(60, lineHigh, latin(f[0]), "", 0, "L", false, 0, "")
		doc.SetFont("Helvetica", "B", 9)
		doc.CellFormat(0, lineHigh, latin(f[1]), "", 1, "L", false, 0, "")
	}
	doc.Ln(3)
}

// bars draws the reference as Code 128, with its digits below, in the upper
// right corner.
func bars(doc *fpdf.Fpdf, reference string) error {
	code, err := code128.Encode(reference)
	if err != nil {
		return fmt.Errorf("encode reference: %w", err)
	}
	page, _ := doc.GetPageSize()
	x, y, n := page-margin-barWidth, margin, code.Bounds().Dx()
	module := barWidth / float64(n)
	doc.SetFillColor(0, 0, 0)
	for i := range n {
		if code.At(i, 0) == color.Black {
			doc.Rect(x+float64(i)*module, y, module, barHeight, "F")
		}
	}
	at := doc.GetY()
	doc.SetXY(x, y+barHeight)
	doc.SetFont("Courier", "B", 11)
	doc.CellFormat(barWidth, lineHigh, reference, "", 0, "C", false, 0, "")
	doc.SetXY(margin, at)
	return nil
}

func table(doc *fpdf.Fpdf, latin func(string) string, rows []lending.Row) {
	columns := pdfColumns()
	line := func(style, border string, cells ...string) {
		doc.SetFont("Helvetica", style, 8)
		for i, c := range columns {
			doc.CellFormat(c.width, lineHigh, fitting(doc, latin(cells[i]), c.width), border, 0, c.align, false, 0, "")
		}
		doc.Ln(-1)
	}
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	_, high := doc.GetPageSize()
	line("B", "B", titles...)
	for _, r := range rows {
		if doc.GetY() > high-2*margin-lineHigh {
			doc.AddPage()
			line("B", "B", titles...)
		}
		line("", "", r.Folio, r.Client, fmt.Sprintf("%d/%d", r.N, r.Of), r.Due.String(), r.Payment.String(), r.Surcharge.String(),
			r.Paid.String(), r.Total.String(), r.Commission.String(), note(r))
	}
}

// fitting cuts a text to what a cell holds. The text is in one byte a letter.
func fitting(doc *fpdf.Fpdf, text string, width float64) string {
	for len(text) > 0 && doc.GetStringWidth(text) > width-1 {
		text = text[:len(text)-1]
	}
	return text
}
