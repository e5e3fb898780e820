package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"valebot/internal/app"
	"valebot/internal/engine"
	"valebot/internal/postgres"
	"valebot/internal/postgres/local"
)

type serveCmd struct {
	app.Config `embed:""`
}

// Help shows two real uses.
func (serveCmd) Help() string {
	return `Ejemplos:
  VALEBOT_TWILIO_ACCOUNT_SID=AC… VALEBOT_TWILIO_AUTH_TOKEN=… VALEBOT_TWILIO_SENDER=MG… \
  VALEBOT_PUBLIC_URL=https://vales.example.mx VALEBOT_LIVE=1 valebot serve
  valebot serve --addr :9000 --twilio-api-url http://localhost:9999   # contra un simulador`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(e *env) error {
	if err := c.Validate(); err != nil {
		return coded{fmt.Errorf("configuración:\n%w", err), 2}
	}
	a, err := app.New(e.ctx, c.Config, e.log)
	if err != nil {
		return broken(err)
	}
	defer a.Close()
	e.log.Info("listening", "addr", a.Addr(), "public", c.PublicURL, "live", c.Live)
	return a.Run(e.ctx)
}

// broken gives flow files that do not hold together an exit code of their own.
func broken(err error) error {
	var files *app.Broken
	if errors.As(err, &files) {
		return coded{files, 3}
	}
	return err
}

type demoCmd struct {
	Addr    string `env:"VALEBOT_ADDR" default:":8080" help:"Dirección del servidor."`
	Phones  string `env:"VALEBOT_PHONES_ADDR" default:"localhost:8090" help:"Dirección de la página de teléfonos."`
	DataDir string `env:"VALEBOT_DATA_DIR" default:"" help:"Carpeta de datos."`
	Flows   string `env:"VALEBOT_FLOWS" default:"" help:"Carpeta de flujos; por omisión ./flows si existe."`
	Verbose bool   `help:"Muestra la bitácora."`

	DatabaseURL string `env:"VALEBOT_DATABASE_URL" default:"" help:"PostgreSQL; vacío: uno privado."`
}

// Help shows two real uses.
func (demoCmd) Help() string {
	return `Ejemplos:
  valebot demo
  valebot demo --addr :9080 --phones localhost:9090 --data-dir ./data`
}

// Run starts the demo and prints its four lines.
func (c *demoCmd) Run(e *env) error {
	log := e.log
	if !c.Verbose {
		log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	cfg := demoConfig(c)
	d, err := app.NewDemo(e.ctx, cfg, c.Phones, log)
	if err != nil {
		return broken(err)
	}
	defer d.Close()
	fmt.Fprintf(e.out, "valebot demo · todo en esta máquina, nadie recibe mensajes de verdad\n")
	fmt.Fprintf(e.out, "  teléfonos   %s\n", d.Page())
	fmt.Fprintf(e.out, "  mesa        %s   %s / %s\n", d.Desk(), app.DemoAgent, app.DemoPassword)
	fmt.Fprintf(e.out, "  flujos      %s\n", orElse(cfg.FlowsDir, "los que trae el programa"))
	fmt.Fprintf(e.out, "  reloj       %s  (lo puedes adelantar)\n", spanishDate(d.App.Clock().Now()))
	return d.Run(e.ctx)
}

func demoConfig(c *demoCmd) app.Config {
	cfg := app.Config{Addr: c.Addr, DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, FlowsDir: c.Flows, Group: 128, Senders: 64}
	cfg.PublicURL = "https://demo.valebot.test"
	if cfg.FlowsDir == "" {
		if info, err := os.Stat("flows"); err == nil && info.IsDir() {
			cfg.FlowsDir = "flows"
		}
	}
	return cfg
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// spanishDate prints a moment as people in central Mexico say it.
func spanishDate(t time.Time) string {
	days := [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}
	months := [...]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	t = t.In(app.Zone())
	return fmt.Sprintf("%s %d de %s de %d, %s", days[t.Weekday()], t.Day(), months[t.Month()-1], t.Year(), t.Format("15:04"))
}

type migrateCmd struct {
	DatabaseURL string `env:"VALEBOT_DATABASE_URL" default:"" help:"PostgreSQL; vacío: el privado de la carpeta de datos."`
	DataDir     string `env:"VALEBOT_DATA_DIR" default:"" help:"Carpeta de datos."`
}

// Run brings the schema up to date.
func (c *migrateCmd) Run(e *env) error {
	return withDatabase(e, c.DatabaseURL, c.DataDir, func(url string) error {
		if err := postgres.Migrate(e.ctx, url); err != nil {
			return err
		}
		_, err := fmt.Fprintln(e.out, "esquema al día")
		return err
	})
}

// withDatabase runs do with the configured database, or with the private one.
func withDatabase(e *env, url, dataDir string, do func(url string) error) error {
	if url != "" {
		return do(url)
	}
	cfg := app.Config{DataDir: dataDir}
	dir, err := cfg.Dir()
	if err != nil {
		return err
	}
	server, err := local.Start(e.ctx, local.Options{Dir: dir + "/postgres", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(e.ctx) }() // the cluster recovers by itself
	return do(server.URL())
}

var _ = engine.NewID
