package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"valebot/internal/app"
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
	File   string `arg:"" help:"Archivo YAML; - es la entrada."`
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
    - {phone: "6671234567", name: Ana Ruiz, birth: 1990-03-05, limit: "5000"}
  agents:
    - {login: luis, name: Luis Gil, password: una-frase-larga}`
}

// Run loads a seed file. It may be repeated.
func (c *seedCmd) Run(e *env) error {
	text, err := readFile(e, c.File)
	if err != nil {
		return err
	}
	town, err := app.ParseTown(filepath.Base(c.File), text)
	if err != nil {
		return coded{err, 3}
	}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	done, err := app.SeedOnly(e.ctx, cfg, town, c.DryRun, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, s := range done {
		fmt.Fprintf(&b, "%-10s %s  %s\n", s.Outcome, s.Place, s.Changes)
	}
	if c.DryRun {
		b.WriteString("ensayo: no se guardó nada\n")
	}
	return e.print(done, b.String())
}

func readFile(e *env, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(e.in, 16<<20))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return text, nil
}

type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Rehace el libro y compara: cadena, sumas, líneas y saldos."`
}

type ledgerVerifyCmd struct{ dataFlags }

// Help shows two real uses.
func (ledgerVerifyCmd) Help() string {
	return `Ejemplos:
  valebot ledger verify
  VALEBOT_DATABASE_URL=postgres://… valebot ledger verify --json`
}

// Run recomputes the books. A difference ends with exit code 3.
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
		var b strings.Builder
		fmt.Fprintf(&b, "%d asientos, %d líneas de crédito, %d créditos\n", report.Entries, report.Distributors, report.Loans)
		for _, d := range report.Differences {
			fmt.Fprintf(&b, "  %s · %s: el libro dice %s y el registro %s. %s\n", d.Check, d.Where, d.Ledger, d.Row, d.Text)
		}
		if len(report.Differences) == 0 {
			b.WriteString("todo cuadra\n")
			return e.print(report, b.String())
		}
		return errors.Join(e.print(report, b.String()), coded{errors.New(""), 3})
	})
}
