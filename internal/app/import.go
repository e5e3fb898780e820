package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/sheet"
)

// ImportFile is one file to be imported.
type ImportFile struct {
	Name string
	Data []byte
}

// Imported is what an import did, or would do: counts per kind of table and
// outcome, and every problem. With problems nothing was kept.
type Imported struct {
	Rows     int                       `json:"rows"`
	Counts   map[string]map[string]int `json:"counts"` // by table, then created, changed, unchanged
	Problems []sheet.Problem           `json:"problems"`
	Kept     bool                      `json:"kept"`
}

// ImportColumn is one column of a table: its name, an example, and whether it
// may be left out.
type ImportColumn struct {
	Name, Example string
	Optional      bool
}

// ImportTable is one kind of table that can be imported.
type ImportTable struct {
	Name    string
	Columns []ImportColumn
	action  string
	with    func(c *importRow) map[string]any
}

// ImportTables lists the tables in the order in which they are imported: who
// lends, who borrows, and the vales that are alive.
func ImportTables() []ImportTable {
	return []ImportTable{
		{"distribuidoras", []ImportColumn{
			{"telefono", "6670000001", false}, {"nombre", "María López", false}, {"nacimiento", "1980-05-01", true},
			{"linea", "20000", false}, {"plazos", "4 6 8 12", false}, {"nip", "4821", true},
		}, "distributor.upsert", func(c *importRow) map[string]any {
			return map[string]any{
				"telefono": c.phone("telefono"), "nombre": c.text("nombre"), "nacimiento": c.date("nacimiento"),
				"linea": c.amount("linea"), "plazos": c.ints("plazos"), "nip": c.text("nip"),
			}
		}},
		{"clientes", []ImportColumn{
			{"telefono", "6671234567", false}, {"nombre", "Ana Ruiz", false}, {"nacimiento", "1990-03-05", true}, {"tope", "5000", false},
		}, "person.upsert", func(c *importRow) map[string]any {
			return map[string]any{
				"telefono": c.phone("telefono"), "nombre": c.text("nombre"), "nacimiento": c.date("nacimiento"), "tope": c.amount("tope"),
			}
		}},
		{"vales", []ImportColumn{
			{"folio_origen", "A-1023", false}, {"distribuidora", "6670000001", false}, {"cliente", "6671234567", false}, {"monto", "3000", false},
			{"quincenas", "8", false}, {"fecha_entrega", "2026-01-05", false}, {"saldo", "1950", false}, {"recargos", "0", true},
		}, "vale.import", func(c *importRow) map[string]any {
			return map[string]any{
				"origen": c.text("folio_origen"), "distribuidora": c.phone("distribuidora"), "cliente": c.phone("cliente"),
				"monto": c.amount("monto"), "quincenas": c.int("quincenas"), "entrega": c.date("fecha_entrega"),
				"saldo": c.amount("saldo"), "recargos": c.amount("recargos"),
			}
		}},
	}
}

// importRow reads the cells of one row and keeps what is wrong with them.
type importRow struct {
	sheet    string
	row      sheet.Row
	optional map[string]bool
	problems []sheet.Problem
}

func (c *importRow) wrong(column, code, format string, args ...any) {
	c.problems = append(c.problems, sheet.Problem{Sheet: c.sheet, Row: c.row.Number, Column: column, Code: code, Text: fmt.Sprintf(format, args...)})
}

// cell returns a cell; ok is false where it is empty, which is a problem unless
// the column is optional.
func (c *importRow) cell(column string) (sheet.Cell, bool) {
	cell, ok := c.row.Cells[column]
	if !ok && !c.optional[column] {
		c.wrong(column, "missing", "falta el dato")
	}
	return cell, ok
}

func (c *importRow) text(column string) string {
	cell, _ := c.cell(column)
	return cell.Text
}

func (c *importRow) phone(column string) string {
	cell, ok := c.cell(column)
	if !ok {
		return ""
	}
	phone, err := mexid.ParsePhone(cell.Text)
	if err != nil {
		c.wrong(column, fault.CodeOf(err), "%s", fault.TextOf(err))
	}
	return string(phone)
}

func (c *importRow) date(column string) quincena.Date {
	cell, ok := c.cell(column)
	if !ok {
		return quincena.Date{}
	}
	d, ok := cell.Date()
	if !ok {
		c.wrong(column, "bad_date", "no es una fecha; escribe 2026-03-15 o 15/03/2026")
	}
	return d
}

func (c *importRow) amount(column string) money.Amount {
	cell, ok := c.cell(column)
	if !ok {
		return 0
	}
	amount, ok := cell.Amount()
	if !ok || amount < 0 {
		c.wrong(column, "bad_amount", "«%.20s» no es un monto en pesos", cell.Text)
	}
	return amount
}

func (c *importRow) int(column string) int {
	cell, ok := c.cell(column)
	if !ok {
		return 0
	}
	n, ok := cell.Int()
	if !ok {
		c.wrong(column, "bad_number", "«%.20s» no es un número entero", cell.Text)
	}
	return n
}

func (c *importRow) ints(column string) []int {
	cell, ok := c.cell(column)
	var list []int
	for _, one := range strings.FieldsFunc(cell.Text, func(r rune) bool { return strings.ContainsRune(" ,;/-", r) }) {
		n, ok := sheet.Cell{Text: one}.Int()
		if !ok {
			c.wrong(column, "bad_number", "«%.20s» no es una lista de números, como 4 6 8", cell.Text)
			return nil
		}
		list = append(list, n)
	}
	if ok && len(list) == 0 {
		c.wrong(column, "missing", "falta el dato")
	}
	return list
}

// importItem is one act of an import, with its place.
type importItem struct {
	engine.Item
	table, sheet string
	row          int
}

// planImport reads all files into acts, in the order of the tables, and lists
// every problem that shows without a database.
func planImport(files []ImportFile) ([]importItem, []sheet.Problem, error) {
	var problems []sheet.Problem
	var tables []sheet.Table
	for _, f := range files {
		read, wrong, err := sheet.Read(f.Name, f.Data)
		if err != nil {
			return nil, nil, err
		}
		tables, problems = append(tables, read...), append(problems, wrong...)
	}
	var items []importItem
	used := map[string]bool{}
	for _, kind := range ImportTables() {
		for _, t := range tables {
			if kind.fits(t) {
				used[t.Name] = true
				more, wrong := kind.items(t)
				items, problems = append(items, more...), append(problems, wrong...)
			}
		}
	}
	for _, t := range tables {
		if !used[t.Name] {
			problems = append(problems, sheet.Problem{Sheet: t.Name, Row: 1, Code: "unknown_table",
				Text: "no reconozco esta tabla por sus columnas; `valebot import --template` da las que se pueden importar"})
		}
	}
	return items, problems, nil
}

// fits reports whether a table has all the columns that a kind cannot do
// without. Vales have no names, so no table fits two kinds.
func (k ImportTable) fits(t sheet.Table) bool {
	for _, c := range k.Columns {
		if !c.Optional && !slices.Contains(t.Header, c.Name) {
			return false
		}
	}
	return true
}

func (k ImportTable) items(t sheet.Table) ([]importItem, []sheet.Problem) {
	var items []importItem
	var problems []sheet.Problem
	optional := map[string]bool{}
	for _, c := range k.Columns {
		optional[c.Name] = c.Optional
	}
	for _, row := range t.Rows {
		c := &importRow{sheet: t.Name, row: row, optional: optional}
		with := k.with(c)
		problems = append(problems, c.problems...)
		if len(c.problems) == 0 {
			cause := fmt.Sprintf("import %s %d", t.Name, row.Number)
			items = append(items, importItem{engine.Item{Cause: cause, Name: k.action, With: with}, k.Name, t.Name, row.Number})
		}
	}
	return items, problems
}

// Import loads distributors, clients and live vales from tables, all of them or,
// where anything is wrong, nothing; with dry nothing in any case. It may be
// repeated. No message is sent. progress, if not nil, is told how many rows are
// done.
func Import(ctx context.Context, cfg Config, files []ImportFile, dry bool, log *slog.Logger, progress func(done, all int)) (Imported, error) {
	items, problems, err := planImport(files)
	out := Imported{Rows: len(items), Counts: map[string]map[string]int{}, Problems: problems}
	if err != nil {
		return out, err
	}
	err = withEngine(ctx, cfg, log, func(a *App) error {
		acts := make([]engine.Item, len(items))
		for i := range items {
			acts[i] = items[i].Item
		}
		// Problems of the files are no reason to hide those that only the books show.
		return a.engine.Batch(ctx, "cli:import", acts, dry || len(problems) > 0, func(i int, r lending.Result, err error) {
			out.tell(items[i], r, err)
			if progress != nil {
				progress(i+1, len(items))
			}
		})
	})
	if errors.Is(err, engine.ErrBatchRefused) {
		err = nil
	}
	out.Kept = err == nil && !dry && len(out.Problems) == 0
	return out, err
}

func (out *Imported) tell(item importItem, r lending.Result, err error) {
	if err != nil {
		out.Problems = append(out.Problems, sheet.Problem{Sheet: item.sheet, Row: item.row, Code: fault.CodeOf(err), Text: fault.TextOf(err)})
		return
	}
	if out.Counts[item.table] == nil {
		out.Counts[item.table] = map[string]int{}
	}
	out.Counts[item.table][r.Outcome]++
}

// withEngine opens the configured database for acts without serving anything.
func withEngine(ctx context.Context, cfg Config, log *slog.Logger, do func(a *App) error) error {
	a := &App{cfg: cfg, log: log}
	defer a.Close()
	if err := a.openData(ctx); err != nil {
		return err
	}
	book, err := LoadRulebook(cfg.files())
	if err != nil {
		return err
	}
	a.rules = &engine.Rules{Actions: book.Actions, NewID: engine.NewID, HashPIN: a.vault.HashPIN, VerifyPIN: a.vault.VerifyPIN}
	a.engine = engine.New(a.store, a.rules, engine.Config{Now: a.clock.Now, Log: log, OnCommit: func(engine.Done) {}})
	return do(a)
}
