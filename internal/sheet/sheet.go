// Package sheet reads tables that people made: CSV as banks and Excel write it,
// and XLSX. It says what is wrong by sheet, row and column, and bounds what a
// file may cost: a file that unpacks to gigabytes, a cell of megabytes and a
// formula are refused, not evaluated.
//
// Callers may not assume that a cell holds anything but text; a date of XLSX
// comes as a number of days, which Cell.Date reads.
package sheet

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"valebot/internal/fault"
)

// The bounds. They hold the largest lender's portfolio several times over.
const (
	MaxFile     = 64 << 20  // bytes of a file
	maxUnpacked = 512 << 20 // bytes of an XLSX unpacked
	maxRows     = 1_000_000 // of one sheet
	maxColumns  = 64
	maxCell     = 500 // characters
)

// Problem is one thing wrong with a file.
type Problem struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row,omitempty"`    // as Excel counts: the header is row 1; 0 for the whole sheet
	Column string `json:"column,omitempty"` // name in the header
	Code   string `json:"code"`
	Text   string `json:"text"` // Spanish
}

// Error prints the problem with its place.
func (p Problem) Error() string {
	place := p.Sheet
	if p.Row > 0 {
		place += fmt.Sprintf(", fila %d", p.Row)
	}
	if p.Column != "" {
		place += ", " + p.Column
	}
	return place + ": " + p.Text
}

// Cell is the text of one cell, trimmed.
type Cell struct {
	Text string
	// serial says that dates come as numbers of days, from 1904 on if since1904.
	serial, since1904 bool
}

// Row is one row of a table.
type Row struct {
	Number int // as Excel counts
	Cells  map[string]Cell
}

// Table is a sheet with a header. Names of columns are folded: lower case,
// without accents and blanks at the ends.
type Table struct {
	Name   string
	Header []string
	Rows   []Row
}

// Read reads a file by its content: XLSX has one table per sheet, CSV one table
// named like the file. A file that cannot be read at all is a fault, Invalid:
// file_too_large, file_bomb, file_broken. Everything else is a problem, and the
// rest is read on.
func Read(name string, data []byte) ([]Table, []Problem, error) {
	switch {
	case len(data) > MaxFile:
		return nil, nil, fault.Newf(fault.Invalid, "file_too_large", "%s pasa de %d MB.", name, MaxFile>>20)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(name, data)
	case bytes.HasPrefix(data, []byte("\xD0\xCF\x11\xE0")):
		return nil, nil, fault.Newf(fault.Invalid, "file_broken", "%s es de un Excel antiguo o lleva contraseña. Guárdalo como .xlsx sin contraseña.", name)
	}
	return readCSV(name, data)
}

// builder collects the rows of one table.
type builder struct {
	Table
	problems []Problem
	cell     Cell // what cells of this file are like
	full     bool
}

func (b *builder) wrong(row int, column, code, format string, args ...any) {
	b.problems = append(b.problems, Problem{b.Name, row, column, code, fmt.Sprintf(format, args...)})
}

// add takes one row, the header first. Empty rows are passed over.
func (b *builder) add(number int, cells []string) {
	if empty(cells) || b.full {
		return
	}
	if b.Header == nil {
		b.head(number, cells)
		return
	}
	if len(b.Rows) >= maxRows {
		b.wrong(number, "", "too_many_rows", "la hoja pasa de %d filas; pártela en varios archivos", maxRows)
		b.full = true
		return
	}
	row := Row{Number: number, Cells: make(map[string]Cell, len(b.Header))}
	for i, text := range cells {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
		case i >= len(b.Header) || b.Header[i] == "":
			b.wrong(number, "", "cell_without_column", "hay un dato fuera de las columnas: %.40q", text)
		case len(text) > 4*maxCell || len([]rune(text)) > maxCell:
			b.wrong(number, b.Header[i], "cell_too_long", "el dato pasa de %d letras", maxCell)
		case strings.HasPrefix(text, "=") || strings.HasPrefix(text, "@"):
			b.wrong(number, b.Header[i], "formula", "hay una fórmula; escribe el valor")
		case strings.ContainsFunc(text, unicode.IsControl):
			b.wrong(number, b.Header[i], "control_character", "el dato tiene saltos de línea u otros caracteres que no se ven")
		default:
			cell := b.cell
			cell.Text = text
			row.Cells[b.Header[i]] = cell
		}
	}
	b.Rows = append(b.Rows, row)
}

func (b *builder) head(number int, cells []string) {
	seen := map[string]bool{}
	b.Header = []string{}
	for i, text := range cells {
		name := Fold(text)
		switch {
		case i >= maxColumns:
			b.wrong(number, "", "too_many_columns", "la hoja pasa de %d columnas", maxColumns)
			return
		case name != "" && seen[name]:
			b.wrong(number, name, "column_twice", "la columna viene dos veces")
		}
		if len(name) > maxCell {
			name = ""
		}
		seen[name] = true
		b.Header = append(b.Header, name)
	}
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// Fold makes names comparable: lower case, plain letters, single blanks as _.
func Fold(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), "_"))
	return strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n").Replace(text)
}
