package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"valebot/internal/fault"
)

// readCSV reads one table. The encoding is UTF-8, UTF-16 with its mark, or else
// Windows-1252, which is what Excel writes in Mexico; the separator is the one of
// the header: comma, semicolon or tab.
func readCSV(name string, data []byte) ([]Table, []Problem, error) {
	text, err := decode(data)
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return nil, nil, fault.Newf(fault.Invalid, "file_broken", "%s no es un archivo de texto ni de Excel.", name)
	}
	base := filepath.Base(name)
	b := &builder{Table: Table{Name: strings.TrimSuffix(base, filepath.Ext(base))}}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator(text), -1, true
	for {
		cells, err := r.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return []Table{b.Table}, b.problems, nil
		case errors.As(err, &broken):
			b.wrong(broken.StartLine, "", "row_broken", "la fila no se entiende: revisa sus comillas")
			if broken.Err != csv.ErrBareQuote { // after an open quote the rest is one field
				return []Table{b.Table}, b.problems, nil
			}
			continue
		case err != nil:
			return nil, nil, fault.Newf(fault.Invalid, "file_broken", "%s no se entiende.", name).Because(err)
		}
		line, _ := r.FieldPos(0)
		b.add(line, cells)
		if b.full {
			return []Table{b.Table}, b.problems, nil
		}
	}
}

func decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xFF\xFE")), bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
	case utf8.Valid(data):
		return data, nil
	}
	return charmap.Windows1252.NewDecoder().Bytes(data)
}

// separator is what stands most often in the header.
func separator(text []byte) rune {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, one := range []rune{',', ';', '\t'} {
		if n := strings.Count(string(header), string(one)); n > most {
			best, most = one, n
		}
	}
	return best
}
