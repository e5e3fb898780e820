package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"valebot/internal/app"
	"valebot/internal/money"
	"valebot/internal/postgres"
)

// dataFlags say which database and keys a command works on.
type dataFlags struct {
	DatabaseURL string `env:"VALEBOT_DATABASE_URL" default:"" help:"PostgreSQL; vacío: el privado de la carpeta de datos."`
	DataDir     string `env:"VALEBOT_DATA_DIR" default:"" help:"Carpeta de datos (llaves y base privada)."`
	Demo        bool   `help:"Los datos de la demo."`
}

func (d dataFlags) config() (app.Config, error) {
	cfg := app.Config{DatabaseURL: d.DatabaseURL, DataDir: d.DataDir}
	if d.Demo && d.DataDir == "" {
		dir, err := cfg.Dir()
		if err != nil {
			return cfg, err
		}
		cfg.DataDir = filepath.Join(dir, "demo")
	}
	return cfg, nil
}

type seedCmd struct {
	File   string `arg:"" name:"archivo" help:"Archivo YAML; - es la entrada."`
	DryRun bool   `name:"dry-run" help:"Solo dice qué cambiaría."`
	dataFlags
}

// Help shows two real uses and the file.
func (seedCmd) Help() string {
	return `Ejemplos:
  valebot seed gente.yaml --dry-run
  valebot seed gente.yaml --json

El archivo:
  distributors:
    - {phone: "6670000001", name: María López, line: "20000", terms: [4, 6, 8, 12], pin: "4821"}
  people:
    - {phone: "6671234567", name: Ana Ruiz, birth: 1990-03-05, limit: "5000", language: es}
  agents:
    - {login: luis, name: Luis Gil, password: una-frase-larga}`
}

// Run loads a seed file. It may be repeated. A file with errors ends with exit
// code 3. JSON: a list of app.Seeded.
func (c *seedCmd) Run(e *env) error {
	text, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	town, err := app.ParseTown(filepath.Base(c.File), text)
	if err != nil {
		return coded{err, exitFindings}
	}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	done, err := app.SeedOnly(e.ctx, cfg, town, c.DryRun, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return e.print(orEmpty(done), seededText(done, c.DryRun))
}

func seededText(done []app.Seeded, dry bool) string {
	outcomes := map[string]string{"created": "nuevo", "changed": "cambia", "unchanged": "igual"}
	var b strings.Builder
	for _, s := range done {
		line := fmt.Sprintf("%-7s %s  %s", orElse(outcomes[s.Outcome], s.Outcome), s.Place, s.Changes)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if dry {
		b.WriteString("ensayo: no se guardó nada\n")
	}
	return b.String()
}

type ledgerCmd struct {
	Verify  ledgerVerifyCmd  `cmd:"" help:"Rehace el libro y compara: cadena, sumas, líneas, saldos y aceptaciones."`
	Balance ledgerBalanceCmd `cmd:"" help:"Balanza de comprobación, y saldos de una cuenta, a una fecha."`
}

type ledgerVerifyCmd struct{ dataFlags }

// Help shows two real uses.
func (ledgerVerifyCmd) Help() string {
	return `Ejemplos:
  valebot ledger verify
  VALEBOT_DATABASE_URL=postgres://… valebot ledger verify --json`
}

// Run recomputes the books. A difference ends with exit code 3. JSON: books.
func (c *ledgerVerifyCmd) Run(e *env) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		report, err := s.Verify(e.ctx)
		if err != nil {
			return err
		}
		found := booksOf(report)
		if err := e.print(found, found.text()); err != nil {
			return err
		}
		if len(found.Differences) > 0 {
			return findings()
		}
		return nil
	})
}

// books is the report of ledger verify for programs. Amounts are centavos.
type books struct {
	Entries      int          `json:"entries"`
	Distributors int          `json:"distributors"` // whose credit lines were compared
	Loans        int          `json:"loans"`
	Deposits     int          `json:"deposits"`    // in suspense, and saldos a favor, that were compared
	Acceptances  int          `json:"acceptances"` // compared with the seals in the chain
	Differences  []difference `json:"differences"`
}

type difference struct {
	Check  string       `json:"check"` // chain, balance, line, commission, relacion, owed, position, suspense, credit, terms or acceptance
	Where  string       `json:"where"` // folio of the loan, id of the distributor, number of the entry
	Ledger money.Amount `json:"ledger"`
	Row    money.Amount `json:"row"`
	Text   string       `json:"text"`
}

func booksOf(r postgres.Report) books {
	out := books{Entries: r.Entries, Distributors: r.Distributors, Loans: r.Loans, Deposits: r.Deposits, Acceptances: r.Acceptances, Differences: []difference{}}
	for _, d := range r.Differences {
		out.Differences = append(out.Differences, difference(d))
	}
	return out
}

func (b books) text() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d asientos, %d líneas de crédito, %d créditos, %d depósitos y saldos a favor, %d aceptaciones\n",
		b.Entries, b.Distributors, b.Loans, b.Deposits, b.Acceptances)
	for _, d := range b.Differences {
		fmt.Fprintf(&text, "  %s · %s: el libro dice %s y el registro %s. %s\n", d.Check, d.Where, d.Ledger, d.Row, d.Text)
	}
	if len(b.Differences) == 0 {
		text.WriteString("todo cuadra\n")
	}
	return text.String()
}
