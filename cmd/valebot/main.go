// Command valebot is a conversational lending engine: it authorises, delivers
// and collects micro-loans by SMS and WhatsApp.
//
// Exit codes: 0 done, 1 failed, 2 wrong use or wrong configuration, 3 the files
// or books that were checked have errors. What a command found goes to standard
// output, what kept it from working to standard error, and logs to standard
// error as JSON. With --json both are JSON of a fixed shape: see the struct that
// each command prints, and failure.
//
// This package holds flags, texts and exit codes; the work is done elsewhere.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

// cli lists the commands. Help is in Spanish: operators read it.
type cli struct {
	Serve       serveCmd       `cmd:"" help:"Arranca el servidor."`
	Demo        demoCmd        `cmd:"" help:"Arranca todo en esta máquina, con teléfonos, cajero y banco de mentira."`
	Migrate     migrateCmd     `cmd:"" help:"Pone al día el esquema de la base de datos."`
	Seed        seedCmd        `cmd:"" help:"Carga distribuidoras, personas y agentes de un archivo YAML."`
	Import      importCmd      `cmd:"" help:"Importa distribuidoras, clientes y vales vivos de CSV o Excel."`
	Chat        chatCmd        `cmd:"" help:"Juega un teléfono en la terminal contra la demo."`
	Flow        flowCmd        `cmd:"" help:"Revisa, prueba, dibuja y simula los flujos."`
	Explain     explainCmd     `cmd:"" help:"Explica un código del revisor, con ejemplo y arreglo."`
	Understand  understandCmd  `cmd:"" help:"Entiende respuestas cortas: JSON por línea de entrada y de salida."`
	SMS         smsCmd         `cmd:"" name:"sms" help:"Cuenta segmentos de un SMS y dice qué carácter cuesta."`
	Check       checkCmd       `cmd:"" help:"Revisa una CURP, un RFC, una CLABE o un teléfono."`
	Quote       quoteCmd       `cmd:"" help:"Cotiza un vale: pagos, total, CAT y calendario."`
	Payment     paymentCmd     `cmd:"" help:"Depósitos: por identificar, por devolver, deshacer."`
	Correction  correctionCmd  `cmd:"" help:"Ajustes al dinero de alguien, con motivo, evidencia y dos personas."`
	Close       closeCmd       `cmd:"" help:"Cierra el día: pone al día todos los créditos y muestra el atraso."`
	Corte       corteCmd       `cmd:"" help:"Hace el corte de las distribuidoras y muestra sus relaciones."`
	Ledger      ledgerCmd      `cmd:"" help:"Revisa el libro contable."`
	Reus        reusCmd        `cmd:"" help:"Registro de quienes no quieren publicidad (REUS)."`
	Person      personCmd      `cmd:"" help:"Une dos registros de una misma persona, y los separa."`
	Distributor distributorCmd `cmd:"" help:"Distribuidoras: alta, línea, categoría, puntos, bloqueo y cierre."`
	Consent     consentCmd     `cmd:"" help:"Anota lo que alguien dijo sobre recibir mensajes."`
	ContactLog  contactLogCmd  `cmd:"" name:"contact-log" help:"Todo contacto con una persona, para contestar una queja."`
	Cost        costCmd        `cmd:"" help:"Lo que han costado los mensajes, por día, crédito, campaña, plática o canal."`
	Doctor      doctorCmd      `cmd:"" help:"Revisa configuración, base, flujos y conexión."`
	Bench       benchCmd       `cmd:"" help:"Mide contra pgbench en esta máquina."`
	Version     versionCmd     `cmd:"" help:"Dice la versión."`

	JSON        bool             `name:"json" help:"Salida para programas, donde el comando la tiene."`
	ShowVersion kong.VersionFlag `name:"version" help:"Dice la versión."`
}

func main() {
	tuneGC()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// A node keeps little but makes much garbage, a few hundred small objects a
// message: collecting less often costs memory that it has and saves a sixth of
// its processor time. Above the limit, in bytes, it collects as often as it must.
const (
	gcPercent = 400
	gcLimit   = 192 << 20
)

// tuneGC sets up the garbage collector, unless GOGC or GOMEMLIMIT say how.
func tuneGC() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(gcLimit)
	}
}

// run is main with its surroundings as arguments. It ends in order at the first
// interrupt.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return runUntil(ctx, args, stdin, stdout, stderr)
}

// runUntil is run for a caller who has a way of her own to end it.
func runUntil(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	exit := -1
	parser, err := newParser(&c, stdout, stderr, func(code int) { exit = code })
	if err != nil {
		return report(stderr, false, err)
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // help or the version was asked for, and printed
		return exit
	}
	if err != nil {
		return report(stderr, c.JSON || slices.Contains(args, "--json"), err)
	}
	e := &env{ctx: ctx, in: stdin, out: stdout, json: c.JSON, log: slog.New(slog.NewJSONHandler(stderr, nil))}
	return report(stderr, c.JSON, command.Run(e))
}

func newParser(c *cli, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	parser, err := kong.New(c, kong.Name("valebot"), kong.Writers(stdout, stderr), kong.Exit(exit), kong.Vars{"version": "valebot " + version},
		kong.Description("Motor de crédito por mensaje: vales que se autorizan, se aceptan y se pagan por SMS y WhatsApp."),
		kong.Help(printHelp), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return nil, err
	}
	parser.Model.HelpFlag.Help = "Muestra esta ayuda."
	return parser, nil
}

type versionCmd struct{}

// Help shows two real uses.
func (versionCmd) Help() string {
	return `Ejemplos:
  valebot version
  valebot version --json`
}

// Run prints the version.
func (versionCmd) Run(e *env) error {
	return e.print(struct {
		Version string `json:"version"`
	}{version}, "valebot "+version+"\n")
}
