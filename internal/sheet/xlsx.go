package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"valebot/internal/fault"
)

// readXLSX reads every sheet that has a header.
func readXLSX(name string, data []byte) ([]Table, []Problem, error) {
	broken := func(err error) error {
		return fault.Newf(fault.Invalid, "file_broken", "%s no es un libro de Excel que se pueda leer.", name).Because(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, broken(err)
	}
	if err := unpacks(name, archive); err != nil {
		return nil, nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked,
	})
	if err != nil {
		return nil, nil, broken(err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	since1904 := false
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		since1904 = *props.Date1904
	}
	formulas, err := formulasOf(archive)
	if err != nil {
		return nil, nil, broken(err)
	}
	var tables []Table
	var problems []Problem
	for _, cell := range formulas {
		problems = append(problems, Problem{Sheet: name, Code: "formula", Text: "hay una fórmula en " + cell + "; escribe el valor"})
	}
	for _, one := range f.GetSheetList() {
		b := &builder{Table: Table{Name: one}, cell: Cell{serial: true, since1904: since1904}}
		if err := readSheet(f, one, b); err != nil {
			return nil, nil, broken(err)
		}
		if b.Header != nil {
			tables, problems = append(tables, b.Table), append(problems, b.problems...)
		}
	}
	return tables, problems, nil
}

func readSheet(f *excelize.File, name string, b *builder) error {
	rows, err := f.Rows(name)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns()
		if err != nil {
			return err
		}
		b.add(number, cells)
		if b.full {
			return nil
		}
	}
	return rows.Error()
}

// unpacks refuses an archive that says it is larger than any real book. A lie
// about the size is an error of the archive when it is read.
func unpacks(name string, archive *zip.Reader) error {
	var sum uint64
	for _, f := range archive.File {
		sum += min(f.UncompressedSize64, maxUnpacked+1)
	}
	if sum > maxUnpacked || len(archive.File) > 2000 {
		return fault.Newf(fault.Invalid, "file_bomb", "%s se desempaca a más de %d MB.", name, maxUnpacked>>20)
	}
	return nil
}

// maxFormulas is how many formulas are told; a book full of them is told enough.
const maxFormulas = 20

// formulasOf finds cells with formulas: their value is what somebody's Excel
// computed last, which nobody can check.
func formulasOf(archive *zip.Reader) ([]string, error) {
	var cells []string
	for _, f := range archive.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/") || !strings.HasSuffix(f.Name, ".xml") {
			continue
		}
		body, err := f.Open()
		if err != nil {
			return nil, err
		}
		found, err := formulaCells(io.LimitReader(body, maxUnpacked), maxFormulas-len(cells))
		if err = errors.Join(err, body.Close()); err != nil {
			return nil, err
		}
		cells = append(cells, found...)
		if len(cells) >= maxFormulas {
			break
		}
	}
	return cells, nil
}

func formulaCells(r io.Reader, most int) ([]string, error) {
	var cells []string
	decoder, at := xml.NewDecoder(r), ""
	for len(cells) < most {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return cells, err
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "c":
			at = ""
			for _, a := range start.Attr {
				if a.Name.Local == "r" {
					at = a.Value
				}
			}
		case start.Name.Local == "f":
			cells = append(cells, at)
		}
	}
	return cells, nil
}
