package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"valebot/internal/mexid"
)

type chatCmd struct {
	Phone  string        `arg:"" help:"El teléfono que juegas, a 10 cifras."`
	Server string        `default:"http://localhost:8090" env:"VALEBOT_CHAT_SERVER" help:"Página de teléfonos de la demo."`
	Once   string        `help:"Manda este mensaje, espera la respuesta y termina."`
	Wait   time.Duration `default:"5s" help:"Con --once: cuánto se espera la respuesta."`
}

// Help shows two real uses.
func (chatCmd) Help() string {
	return `Ejemplos:
  valebot chat 6671234567
  valebot chat 6670000001 --once "VALE 6671234567 3000 8"

Lo que empieza con / es para la demo: /reloj 3h, /reloj 1d, /reloj quincena, /whatsapp, /sms, /cajero CLAVE, /salir`
}

// Run plays a phone: what is typed goes out, what the bot says comes in.
func (c *chatCmd) Run(e *env) error {
	phone, err := mexid.ParsePhone(c.Phone)
	if err != nil {
		return coded{fmt.Errorf("teléfono: %w", err), 2}
	}
	if _, err := url.Parse(c.Server); err != nil {
		return coded{fmt.Errorf("--server: %w", err), 2}
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	t := &terminal{base: strings.TrimRight(c.Server, "/"), phone: string(phone), out: e.out, colour: isTerminal(e.out), heard: make(chan struct{}, 64), seen: map[string]bool{}}
	listening := make(chan error, 1)
	if err := t.listen(ctx, listening); err != nil {
		return fmt.Errorf("no hay demo en %s; arráncala con `valebot demo`: %w", c.Server, err)
	}
	if c.Once != "" {
		return t.once(ctx, c.Once, c.Wait)
	}
	fmt.Fprintf(e.out, "teléfono %s · escribe y Enter; /salir termina\n", phone.Pretty())
	return t.loop(ctx, e.in, listening)
}

// terminal is one phone in a terminal.
type terminal struct {
	base, phone string
	out         io.Writer
	colour      bool
	heard       chan struct{}
	seen        map[string]bool
}

// loop sends lines until the input or the server ends.
func (t *terminal) loop(ctx context.Context, in io.Reader, listening <-chan error) error {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case err := <-listening:
			return err
		case <-ctx.Done():
			return nil
		case line, open := <-lines:
			if !open || line == "/salir" {
				return nil
			}
			if err := t.send(ctx, line); err != nil {
				fmt.Fprintln(t.out, "!", err)
			}
		}
	}
}

// once sends one message and waits until the bot has answered and fallen silent.
func (t *terminal) once(ctx context.Context, text string, wait time.Duration) error {
	if err := t.send(ctx, text); err != nil {
		return err
	}
	select {
	case <-t.heard:
	case <-time.After(wait):
		return coded{errors.New("no hubo respuesta"), 1}
	case <-ctx.Done():
		return nil
	}
	for {
		select {
		case <-t.heard:
		case <-time.After(700 * time.Millisecond):
			return nil
		}
	}
}

// send writes a message, or does what a line with a slash says.
func (t *terminal) send(ctx context.Context, line string) error {
	command, rest, _ := strings.Cut(line, " ")
	switch command {
	case "/reloj":
		return t.post(ctx, "/demo/api/clock", map[string]string{"advance": rest})
	case "/whatsapp", "/sms":
		return t.post(ctx, t.path("channel"), map[string]string{"channel": command[1:]})
	case "/cajero":
		return t.post(ctx, "/demo/api/atm/withdrawals", map[string]string{"code": rest})
	}
	return t.post(ctx, t.path("messages"), map[string]string{"text": line})
}

func (t *terminal) path(what string) string {
	return "/demo/api/phones/" + url.PathEscape(t.phone) + "/" + what
}

func (t *terminal) post(ctx context.Context, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode < 300 {
		return nil
	}
	var said struct{ Error string }
	if err := json.NewDecoder(io.LimitReader(res.Body, 4096)).Decode(&said); err != nil || said.Error == "" {
		return fmt.Errorf("la demo contestó %s", res.Status)
	}
	return errors.New(said.Error)
}

// listen prints what arrives on the phone from now on.
func (t *terminal) listen(ctx context.Context, done chan<- error) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base+t.path("events"), nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		_ = res.Body.Close()
		return fmt.Errorf("la demo contestó %s", res.Status)
	}
	go func() {
		defer func() { _ = res.Body.Close() }()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			if data, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				t.show([]byte(data))
			}
		}
		done <- nil
	}()
	return nil
}

// show prints one message of the bot.
func (t *terminal) show(data []byte) {
	var m struct {
		ID, Body string
		Mine     bool
		Status   string
		Choices  []struct{ Label string }
		SMS      *struct{ Units, Per, Segments int }
	}
	if json.Unmarshal(data, &m) != nil || m.ID == "" || m.Mine || m.Body == "" || t.seen[m.ID] {
		return
	}
	t.seen[m.ID] = true
	text := "◀ " + m.Body
	for i, c := range m.Choices {
		text += fmt.Sprintf("\n   [%d] %s", i+1, c.Label)
	}
	if t.colour {
		text = "\x1b[36m" + text + "\x1b[0m"
	}
	fmt.Fprintln(t.out, text)
	select {
	case t.heard <- struct{}{}:
	default:
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
