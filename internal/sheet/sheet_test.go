package sheet_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"valebot/internal/fault"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/sheet"
)

const people = "Teléfono;Nombre ;Límite\n6671234567;María Peña;5,000\n\n6671234568;Ñoño;100\n"

// texts are the cells of a table, for comparing.
func texts(t sheet.Table) []map[string]string {
	var rows []map[string]string
	for _, r := range t.Rows {
		row := map[string]string{}
		for name, c := range r.Cells {
			row[name] = c.Text
		}
		rows = append(rows, row)
	}
	return rows
}

// The same table in every way that people's programs write it.
func TestCSVInEveryEncoding(t *testing.T) {
	t.Parallel()
	must := func(b []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := []map[string]string{
		{"telefono": "6671234567", "nombre": "María Peña", "limite": "5,000"},
		{"telefono": "6671234568", "nombre": "Ñoño", "limite": "100"},
	}
	for name, data := range map[string][]byte{
		"UTF-8":           []byte(people),
		"UTF-8 with mark": []byte("\xEF\xBB\xBF" + people),
		"Latin-1":         must(charmap.Windows1252.NewEncoder().Bytes([]byte(people))),
		"UTF-16":          must(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(people))),
		"Windows lines":   []byte(strings.ReplaceAll(people, "\n", "\r\n")),
		"tabs":            []byte(strings.ReplaceAll(people, ";", "\t")),
		"commas, quoted":  []byte("telefono,nombre,limite\n6671234567,María Peña,\"5,000\"\n6671234568,Ñoño,100\n"),
	} {
		tables, problems, err := sheet.Read("clientes.csv", data)
		if err != nil || len(problems) != 0 || len(tables) != 1 || tables[0].Name != "clientes" {
			t.Errorf("%s: %v, %v, %v", name, tables, problems, err)
			continue
		}
		if diff := cmp.Diff(want, texts(tables[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCSVProblemsHaveTheirPlace(t *testing.T) {
	t.Parallel()
	text := "telefono,nombre,nombre\n" +
		"1,=HYPERLINK(1)\n" +
		"2,\"a\nb\"\n" +
		"3," + strings.Repeat("é", 501) + "\n" +
		"4,Ana,x,sobra\n" +
		"5,\"Ana\"x\n"
	_, problems, err := sheet.Read("clientes.csv", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, p := range problems {
		got[p.Code] = p.Row
		if !strings.Contains(p.Error(), "clientes, fila ") {
			t.Errorf("%v has no place", p)
		}
	}
	want := map[string]int{"column_twice": 1, "formula": 2, "control_character": 3, "cell_too_long": 5, "cell_without_column": 6, "row_broken": 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func book(t *testing.T, fill func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	data := book(t, func(f *excelize.File) error {
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			return err
		}
		if err := f.SetCellStyle("Sheet1", "B2", "B2", style); err != nil {
			return err
		}
		for cell, value := range map[string]any{
			"A1": "Teléfono", "B1": "Fecha", "C1": "Saldo", "A2": 6671234567, "B2": 46096, "C2": 487.50 * 3 / 3, "A3": "6671234568", "B3": "15/03/2026", "C3": 1462.4999999999998,
		} {
			if err := f.SetCellValue("Sheet1", cell, value); err != nil {
				return err
			}
		}
		return nil
	})
	tables, problems, err := sheet.Read("x.xlsx", data)
	if err != nil || len(problems) != 0 || len(tables) != 1 || len(tables[0].Rows) != 2 {
		t.Fatalf("%v, %v, %v", tables, problems, err)
	}
	ides := quincena.Date{Year: 2026, Month: 3, Day: 15}
	for i, want := range []money.Amount{48750, 146250} {
		row := tables[0].Rows[i]
		if d, ok := row.Cells["fecha"].Date(); !ok || d != ides {
			t.Errorf("row %d: date %v of %q", row.Number, d, row.Cells["fecha"].Text)
		}
		if m, ok := row.Cells["saldo"].Amount(); !ok || m != want {
			t.Errorf("row %d: amount %v of %q", row.Number, m, row.Cells["saldo"].Text)
		}
	}
	if tables[0].Rows[0].Cells["telefono"].Text != "6671234567" {
		t.Errorf("phone %q", tables[0].Rows[0].Cells["telefono"].Text)
	}
}

func TestFormulasAreNotEvaluated(t *testing.T) {
	t.Parallel()
	data := book(t, func(f *excelize.File) error {
		if err := f.SetCellValue("Sheet1", "A1", "saldo"); err != nil {
			return err
		}
		return f.SetCellFormula("Sheet1", "A2", "=1+1")
	})
	_, problems, err := sheet.Read("x.xlsx", data)
	if err != nil || len(problems) != 1 || problems[0].Code != "formula" || !strings.Contains(problems[0].Text, "A2") {
		t.Errorf("%v, %v", problems, err)
	}
}

func zipped(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range size >> 20 {
		if _, err := f.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		data []byte
		code string
	}{
		"a bomb":            {zipped(t, 600<<20), "file_bomb"},
		"a zip of nothing":  {zipped(t, 1<<20), "file_broken"},
		"a torn book":       {book(t, func(*excelize.File) error { return nil })[:2000], "file_broken"},
		"an old Excel":      {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "file_broken"},
		"binary":            {[]byte("a\x00b,c\n"), "file_broken"},
		"more than allowed": {make([]byte, sheet.MaxFile+1), "file_too_large"},
	} {
		if _, _, err := sheet.Read("x", tt.data); fault.CodeOf(err) != tt.code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
}

func TestCellsGuessNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "15/03/26", "03-15-2026", "31/02/2026", "46096", "ayer"} {
		if d, ok := (sheet.Cell{Text: text}).Date(); ok {
			t.Errorf("%q is %v", text, d)
		}
	}
	for _, text := range []string{"", "1.234", "1e9", "1e999999999", "--1", "mil"} {
		if m, ok := (sheet.Cell{Text: text}).Amount(); ok {
			t.Errorf("%q is %v", text, m)
		}
	}
	for text, want := range map[string]quincena.Date{
		"2026-03-15": {Year: 2026, Month: 3, Day: 15}, "5/3/2026": {Year: 2026, Month: 3, Day: 5}, "15-mar-2026": {Year: 2026, Month: 3, Day: 15},
	} {
		if d, ok := (sheet.Cell{Text: text}).Date(); !ok || d != want {
			t.Errorf("%q is %v", text, d)
		}
	}
}

// Whatever comes, it is read or refused, within bounds.
func FuzzRead(f *testing.F) {
	f.Add([]byte(people))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xFF\xFEa\x00"))
	f.Add([]byte("a,b\n\"1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tables, problems, err := sheet.Read("x", data)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("not a refusal: %v", err)
		}
		for _, p := range problems {
			if p.Code == "" || p.Text == "" {
				t.Errorf("a problem without words: %+v", p)
			}
		}
		for _, table := range tables {
			for _, row := range table.Rows {
				for name, c := range row.Cells {
					c.Date()
					c.Amount()
					c.Int()
					if name == "" || c.Text == "" || len([]rune(c.Text)) > 500 {
						t.Errorf("cell %q of %q", c.Text, name)
					}
				}
			}
		}
	})
}
