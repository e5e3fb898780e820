package main

import (
	"encoding/csv"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"valebot/internal/app"
	"valebot/internal/fault"
	"valebot/internal/sheet"
)

type importCmd struct {
	Files    []string `arg:"" optional:"" name:"archivo" help:"CSV o XLSX: distribuidoras, clientes y vales, en uno o en varios."`
	DryRun   bool     `name:"dry-run" help:"Solo dice qué haría y todo lo que está mal, por fila y columna."`
	Template string   `name:"template" help:"Escribe en esta carpeta un CSV de ejemplo por tabla, y termina."`
	dataFlags
}

// Help shows two real uses and the tables.
func (importCmd) Help() string {
	text := `Ejemplos:
  valebot import --template plantillas
  valebot import cartera.xlsx --dry-run
  valebot import distribuidoras.csv clientes.csv vales.csv --json

Se guarda todo o nada, se puede repetir y no se manda ningún mensaje. Impórtalo con el servidor detenido.

Tablas (las columnas con * pueden faltar):`
	for _, t := range app.ImportTables() {
		text += "\n  " + t.Name + ":"
		for _, c := range t.Columns {
			text += " " + c.Name
			if c.Optional {
				text += "*"
			}
		}
	}
	return text + `

En vales, el saldo va sin recargos. El calendario es el del producto desde la fecha de entrega.`
}

// Run imports tables. Problems end with exit code 3 and nothing is kept. JSON:
// app.Imported.
func (c *importCmd) Run(e *env) error {
	switch {
	case c.Template != "":
		return c.template(e)
	case len(c.Files) == 0:
		return misuse("falta <archivo>; `valebot import --help` lo explica")
	}
	files, err := c.read()
	if err != nil {
		return err
	}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	done, err := app.Import(e.ctx, cfg, files, c.DryRun, slog.New(slog.DiscardHandler), e.bar())
	if err != nil {
		return err
	}
	if done.Problems == nil {
		done.Problems = []sheet.Problem{}
	}
	if err := e.print(done, importText(done, c.DryRun)); err != nil || len(done.Problems) == 0 {
		return err
	}
	return findings()
}

func (c *importCmd) read() ([]app.ImportFile, error) {
	var files []app.ImportFile
	for _, name := range c.Files {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
		if info.Size() > sheet.MaxFile { // before it is in memory
			return nil, coded{fault.Newf(fault.Invalid, "file_too_large", "%s pasa de %d MB.", name, sheet.MaxFile>>20), exitFindings}
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
		files = append(files, app.ImportFile{Name: filepath.Base(name), Data: data})
	}
	return files, nil
}

// bar draws progress for a person at a terminal; nil for everybody else.
func (e *env) bar() func(done, all int) {
	if e.json || !isTerminal(e.out) {
		return nil
	}
	last := -1
	return func(done, all int) {
		if percent := done * 100 / all; percent != last {
			last = percent
			fmt.Fprintf(e.out, "\r[%-50s] %3d %%  %d de %d", strings.Repeat("=", percent/2), percent, done, all)
			if done == all {
				fmt.Fprintln(e.out)
			}
		}
	}
}

func importText(done app.Imported, dry bool) string {
	var text strings.Builder
	words := map[string]string{"created": "nuevos", "changed": "cambian", "unchanged": "iguales"}
	for _, t := range app.ImportTables() {
		counts := done.Counts[t.Name]
		for _, outcome := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&text, "%-15s %7d %s\n", t.Name, counts[outcome], words[outcome])
		}
	}
	for _, p := range done.Problems {
		fmt.Fprintf(&text, "  %s (%s)\n", p.Error(), p.Code)
	}
	switch {
	case len(done.Problems) > 0:
		fmt.Fprintf(&text, "%d problemas: no se guardó nada\n", len(done.Problems))
	case dry:
		text.WriteString("ensayo: no se guardó nada\n")
	}
	return text.String()
}

// template writes one example file per table. It overwrites nothing.
func (c *importCmd) template(e *env) error {
	if err := os.MkdirAll(c.Template, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	var written []string
	for _, t := range app.ImportTables() {
		path := filepath.Join(c.Template, t.Name+".csv")
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("write template: %w", err)
		}
		var header, example []string
		for _, column := range t.Columns {
			header, example = append(header, column.Name), append(example, column.Example)
		}
		w := csv.NewWriter(f)
		err = w.WriteAll([][]string{header, example})
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("write template: %w", err)
		}
		written = append(written, path)
	}
	return e.print(written, strings.Join(written, "\n")+"\n")
}
