package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/postgres"
	"valebot/internal/postgres/local"
)

type serveCmd struct {
	Settings settings `embed:""`
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
	cfg := app.Config(c.Settings)
	if err := cfg.Validate(); err != nil {
		return misuse("la configuración tiene errores:\n  %w", indented(err))
	}
	cfg.Tell = e.tellDrafts()
	a, err := app.New(e.ctx, cfg, e.log)
	if err != nil {
		return err
	}
	defer a.Close()
	e.log.Info("listening", "addr", a.Addr(), "public", cfg.PublicURL, "live", cfg.Live)
	if isTerminal(e.out) {
		fmt.Fprintln(e.out, servingText(a.Addr(), cfg))
	}
	return a.Run(e.ctx)
}

// servingText is the one line that a person at a terminal reads.
func servingText(addr string, cfg app.Config) string {
	sending := "nada sale hacia un proveedor real (VALEBOT_LIVE=1 lo enciende)"
	if cfg.Live {
		sending = "los mensajes salen de verdad"
	}
	return fmt.Sprintf("valebot escucha en %s · %s · %s · Ctrl+C lo detiene", addr, cfg.PublicURL, sending)
}

// indented puts the lines of a text below a heading.
func indented(err error) error {
	return errors.New(strings.ReplaceAll(err.Error(), "\n", "\n  "))
}

type demoCmd struct {
	Addr    string `env:"VALEBOT_ADDR" default:":8080" help:"Dirección del servidor."`
	Phones  string `env:"VALEBOT_PHONES_ADDR" default:"localhost:8090" help:"Dirección de la página de teléfonos."`
	DataDir string `env:"VALEBOT_DATA_DIR" default:"" help:"Carpeta de datos."`
	Flows   string `env:"VALEBOT_FLOWS" default:"" help:"Carpeta de flujos; por omisión ./flows si existe."`
	Verbose bool   `help:"Muestra la bitácora."`
	Gateway string `enum:",sms,whatsapp" default:"" help:"Canal que va por la pasarela de referencia (docs/gateway.md) en vez de por Twilio o Meta: sms o whatsapp."`

	DatabaseURL string `env:"VALEBOT_DATABASE_URL" default:"" help:"PostgreSQL; vacío: uno privado."`
}

// Help shows two real uses.
func (demoCmd) Help() string {
	return `Ejemplos:
  valebot demo
  valebot demo --addr :9080 --phones localhost:9090 --data-dir ./data`
}

// Run starts the demo and prints its four lines. JSON: places.
func (c *demoCmd) Run(e *env) error {
	log := e.log
	if !c.Verbose {
		log = slog.New(slog.DiscardHandler)
	}
	cfg := c.config()
	cfg.Tell = e.tellDrafts()
	d, err := app.NewDemo(e.ctx, cfg, c.Phones, log)
	if err != nil {
		return err
	}
	defer d.Close()
	where := places{d.Page(), d.Desk(), orElse(cfg.FlowsDir, "los que trae el programa"), d.App.Clock().Now()}
	if err := e.print(where, where.text()); err != nil {
		return err
	}
	return d.Run(e.ctx)
}

// places are where everything of a demo is.
type places struct {
	Phones string    `json:"phones"` // URL of the phones page
	Desk   string    `json:"desk"`   // URL of the desk
	Flows  string    `json:"flows"`  // folder
	Clock  time.Time `json:"clock"`  // the town's time
}

func (p places) text() string {
	return fmt.Sprintf(`valebot demo · todo en esta máquina, nadie recibe mensajes de verdad
  teléfonos   %s
  mesa        %s   %s / %s
  flujos      %s
  reloj       %s  (lo puedes adelantar)
`, p.Phones, p.Desk, app.DemoAgent, app.DemoPassword, p.Flows, spanishDate(p.Clock))
}

func (c *demoCmd) config() app.Config {
	return app.Config{
		Addr: c.Addr, DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, FlowsDir: flowsFlag{c.Flows}.dir(), Group: 128, Senders: 64,
		PublicURL: "https://demo.valebot.test", // signed over, never called
		Watch:     true, GatewayChannel: c.Gateway,
	}
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

// Help shows two real uses.
func (migrateCmd) Help() string {
	return `Ejemplos:
  valebot migrate
  valebot migrate --database-url postgres://valebot@localhost/valebot

Se puede repetir, y correr en varios nodos a la vez: uno migra y los demás esperan.`
}

// Run brings the schema up to date.
func (c *migrateCmd) Run(e *env) error {
	return c.withDatabase(e, func(url string) error {
		if err := postgres.Migrate(e.ctx, url); err != nil {
			return err
		}
		return e.print(struct {
			Schema string `json:"schema"` // "current"
		}{"current"}, "esquema al día\n")
	})
}

// withDatabase runs do with the configured database, or with the private one.
func (c *migrateCmd) withDatabase(e *env, do func(url string) error) error {
	if c.DatabaseURL != "" {
		return do(c.DatabaseURL)
	}
	cfg := app.Config{DataDir: c.DataDir}
	dir, err := cfg.Dir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	server, err := local.Start(e.ctx, local.Options{Dir: filepath.Join(dir, "postgres"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(e.ctx) }() // the cluster recovers by itself
	return do(server.URL())
}
