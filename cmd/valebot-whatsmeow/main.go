// Command valebot-whatsmeow is a gateway of valebot to an ordinary WhatsApp
// account, through the unofficial library whatsmeow. Read README.md before you
// use it: WhatsApp forbids it and bans numbers for it, and a binary with this
// library in it is under the GPL. It is off unless VALEBOT_WHATSMEOW=1.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"rsc.io/qr"

	"valebot/cmd/valebot-whatsmeow/bridge"
)

const usage = `valebot-whatsmeow pair [+52…]   vincula la cuenta: con código QR, o con un código para ese número
valebot-whatsmeow serve         corre el puente
valebot-whatsmeow resume        olvida la señal de bloqueo, después de revisar el teléfono

VALEBOT_WHATSMEOW=1             acepto el riesgo: WhatsApp lo prohíbe y puede bloquear el número para siempre
VALEBOT_WHATSMEOW_DATABASE_URL  PostgreSQL propio del puente (guarda las llaves de la sesión)
VALEBOT_WHATSMEOW_DIR           carpeta de la bitácora (./whatsmeow)
VALEBOT_WHATSMEOW_ADDR          dirección en la que escucha (127.0.0.1:8095)
VALEBOT_WHATSMEOW_EVENTS        adónde avisa (http://localhost:8080/webhooks/gateway)
VALEBOT_GATEWAY_SECRET          secreto compartido con valebot; varios separados por coma
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "valebot-whatsmeow:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || os.Getenv("VALEBOT_WHATSMEOW") != "1" {
		fmt.Print(usage)
		return errors.New("apagado: hace falta una orden y VALEBOT_WHATSMEOW=1")
	}
	journal, err := bridge.OpenJournal(or("VALEBOT_WHATSMEOW_DIR", "whatsmeow"), time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = journal.Close() }() // every line is on disk already
	if args[0] == "resume" {
		return journal.Resume(time.Now())
	}
	db, err := sql.Open("pgx", os.Getenv("VALEBOT_WHATSMEOW_DATABASE_URL"))
	if err != nil {
		return fmt.Errorf("VALEBOT_WHATSMEOW_DATABASE_URL: %w", err)
	}
	defer func() { _ = db.Close() }() // nothing is left to be written
	lost, err := own(ctx, db)
	if err != nil {
		return err
	}
	box := sqlstore.NewWithDB(db, "pgx", nil)
	if err := box.Upgrade(ctx); err != nil {
		return fmt.Errorf("prepare database: %w", err)
	}
	device, err := box.GetFirstDevice(ctx)
	if err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	m := newMeow(device)
	switch args[0] {
	case "pair":
		return pair(ctx, m, args[1:])
	case "serve":
		return serve(ctx, m, journal, lost)
	}
	fmt.Print(usage)
	return fmt.Errorf("no conozco la orden %q", args[0])
}

// ownerLock is the advisory lock of the one process that may hold the session:
// two of them throw each other out and break the keys.
const ownerLock = 8452026

// own takes the lock on a connection of its own, and tells if it is ever lost.
func own(ctx context.Context, db *sql.DB) (lost <-chan error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to database: %w", err)
	}
	var ours bool
	if err := conn.QueryRowContext(ctx, `select pg_try_advisory_lock($1)`, ownerLock).Scan(&ours); err != nil {
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	if !ours {
		return nil, errors.New("otro proceso ya tiene esta sesión")
	}
	gone := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			time.Sleep(5 * time.Second)
			if _, err := conn.ExecContext(ctx, `select 1`); err != nil {
				gone <- fmt.Errorf("the lock is lost with its connection: %w", err)
				return
			}
		}
	}()
	return gone, nil
}

func pair(ctx context.Context, m *meow, args []string) error {
	if m.Paired() {
		return errors.New("ya está vinculada; quita el dispositivo en el teléfono para empezar de nuevo")
	}
	if len(args) == 0 {
		err := m.PairQR(ctx, func(code string) { fmt.Println(picture(code)) })
		time.Sleep(3 * time.Second) // the telephone finishes the first exchange
		return err
	}
	code, err := m.PairCode(ctx, args[0])
	if err != nil {
		return err
	}
	fmt.Printf("En el teléfono: Dispositivos vinculados, Vincular con número, y escribe %s\n", code)
	for until := time.Now().Add(160 * time.Second); !m.Paired(); time.Sleep(time.Second) {
		if ctx.Err() != nil || time.Now().After(until) {
			return errors.New("no se vinculó a tiempo")
		}
	}
	time.Sleep(3 * time.Second) // the telephone finishes the first exchange
	return nil
}

// picture draws a QR code with half blocks, light on dark as cameras want it.
func picture(code string) string {
	c, err := qr.Encode(code, qr.L)
	if err != nil {
		return code
	}
	var b strings.Builder
	for y := -2; y < c.Size+2; y += 2 {
		for x := -2; x < c.Size+2; x++ {
			b.WriteString([...]string{"█", "▄", "▀", " "}[bit(c.Black(x, y))*2|bit(c.Black(x, y+1))])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func bit(black bool) int {
	if black {
		return 1
	}
	return 0
}

func serve(ctx context.Context, m *meow, journal *bridge.Journal, lost <-chan error) error {
	secrets := strings.FieldsFunc(os.Getenv("VALEBOT_GATEWAY_SECRET"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(secrets) == 0 || len(secrets[0]) < 16 {
		return errors.New("VALEBOT_GATEWAY_SECRET: falta o tiene menos de 16 letras")
	}
	if !m.Paired() {
		return errors.New("no está vinculada: corre primero `valebot-whatsmeow pair`")
	}
	b := bridge.New(bridge.Config{
		Client: m, Journal: journal, Secrets: secrets, Events: or("VALEBOT_WHATSMEOW_EVENTS", "http://localhost:8080/webhooks/gateway"),
		HTTP: &http.Client{Timeout: 10 * time.Second}, Now: time.Now, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	server := &http.Server{Addr: or("VALEBOT_WHATSMEOW_ADDR", "127.0.0.1:8095"), Handler: b.Handler(), ReadHeaderTimeout: 5 * time.Second}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { cancel(server.ListenAndServe()) }()
	go func() {
		select {
		case err := <-lost:
			cancel(err)
		case <-ctx.Done():
		}
	}()
	err := b.Run(ctx)
	if errors.Is(err, bridge.ErrStopped) {
		// Stay up to say "stopped" to valebot, which holds its messages then.
		fmt.Fprintln(os.Stderr, "valebot-whatsmeow: detenido por una señal de bloqueo; revisa el teléfono y corre `valebot-whatsmeow resume`")
		<-ctx.Done()
	}
	_ = server.Close() // valebot asks again
	return errors.Join(err, context.Cause(ctx))
}

func or(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}
