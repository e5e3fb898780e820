// Command valebot is a conversational lending engine: it authorises, delivers
// and collects micro-loans by SMS and WhatsApp.
//
// Exit codes: 0 done, 1 failed, 2 wrong use or wrong configuration, 3 the files
// or books that were checked have errors.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"valebot/internal/fault"
)

// version is set by the linker.
var version = "dev"

// cli lists the commands. Help is in Spanish: operators read it.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Arranca el servidor."`
	Demo       demoCmd       `cmd:"" help:"Arranca todo en esta máquina, con teléfonos, cajero y banco de mentira."`
	Migrate    migrateCmd    `cmd:"" help:"Pone al día el esquema de la base de datos."`
	Seed       seedCmd       `cmd:"" help:"Carga distribuidoras, personas y agentes de un archivo YAML."`
	Chat       chatCmd       `cmd:"" help:"Juega un teléfono en la terminal contra la demo."`
	Flow       flowCmd       `cmd:"" help:"Revisa, prueba, dibuja y simula los flujos."`
	Explain    explainCmd    `cmd:"" help:"Explica un código del revisor, con ejemplo y arreglo."`
	Understand understandCmd `cmd:"" help:"Entiende respuestas cortas: JSON por línea de entrada y de salida."`
	SMS        smsCmd        `cmd:"" name:"sms" help:"Cuenta segmentos de un SMS y dice qué carácter cuesta."`
	Check      checkCmd      `cmd:"" help:"Revisa una CURP, un RFC, una CLABE o un teléfono."`
	Quote      quoteCmd      `cmd:"" help:"Cotiza un vale: pagos, total, CAT y calendario."`
	Ledger     ledgerCmd     `cmd:"" help:"Revisa el libro contable."`
	Doctor     doctorCmd     `cmd:"" help:"Revisa configuración, base, flujos y conexión."`
	Bench      benchCmd      `cmd:"" help:"Mide contra pgbench en esta máquina."`
	Version    versionCmd    `cmd:"" help:"Dice la versión."`

	JSON bool `name:"json" help:"Salida para programas, donde el comando la tiene."`
}

// env is what commands share.
type env struct {
	ctx  context.Context
	out  io.Writer
	in   io.Reader
	log  *slog.Logger
	json bool
}

// coded is an error with an exit code of its own.
type coded struct {
	error
	code int
}

// Unwrap returns the error itself.
func (c coded) Unwrap() error { return c.error }

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main with its surroundings as arguments.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("valebot"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.Description("Motor de crédito por mensaje: vales que se autorizan, se aceptan y se pagan por SMS y WhatsApp."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, "valebot:", err)
		return 1
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "valebot:", err)
		return 2
	}
	e := &env{ctx: ctx, in: stdin, out: stdout, json: c.JSON, log: slog.New(slog.NewJSONHandler(stderr, nil))}
	return report(stderr, command.Run(e))
}

// report prints what went wrong, for people, and returns the exit code.
func report(stderr io.Writer, err error) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return 0
	}
	var c coded
	if errors.As(err, &c) {
		if c.error != nil && c.Error() != "" {
			fmt.Fprintln(stderr, c.Error())
		}
		return c.code
	}
	if fault.KindOf(err) != fault.Internal {
		fmt.Fprintln(stderr, "valebot:", fault.TextOf(err))
		return 1
	}
	fmt.Fprintln(stderr, "valebot:", err)
	return 1
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.out, "valebot", version)
	return err
}
