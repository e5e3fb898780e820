// Package terminal is one phone of the demo in a terminal: what is typed goes to
// the stand-ins' own API as if written on the phones page, and what the bot
// sends to the phone is printed.
//
// It is a client over HTTP like the page, and knows nothing of the engine.
// Callers may not assume that a message that Send took will be answered.
package terminal

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
	"strings"
	"sync"
	"time"

	"valebot/internal/fault"
	"valebot/internal/mexid"
)

// Options say which phone, where and how.
type Options struct {
	Server string // base URL of the phones page, without /demo
	Phone  mexid.Phone
	Out    io.Writer
	Colour bool
	Wait   time.Duration // how long an answer may take
	Quiet  time.Duration // how long a pause ends an answer of several messages
}

// Refusals that people read.
var (
	errNoAnswer = fault.New(fault.Unavailable, "no_answer", "no hubo respuesta")
	errEnded    = fault.New(fault.Unavailable, "demo_ended", "la demo se cerró")
)

// Terminal is a phone that is listening.
type Terminal struct {
	Options
	heard chan struct{} // one per message shown
	ended chan struct{} // closed when the server ends the stream

	printing sync.Mutex
}

// Open starts to listen on the phone until ctx ends. A server that does not
// answer is fault "no_demo" (Unavailable).
func Open(ctx context.Context, o Options) (*Terminal, error) {
	o.Server = strings.TrimRight(o.Server, "/")
	t := &Terminal{Options: o, heard: make(chan struct{}, 64), ended: make(chan struct{})}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.path("events"), nil)
	if err != nil {
		return nil, t.noDemo(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, t.noDemo(err)
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		_ = res.Body.Close()
		return nil, t.noDemo(fmt.Errorf("the server answers %s", res.Status))
	}
	go t.listen(res.Body)
	return t, nil
}

func (t *Terminal) noDemo(cause error) error {
	return fault.Newf(fault.Unavailable, "no_demo", "no hay demo en %s; arráncala con `valebot demo`", t.Server).Because(cause)
}

func (t *Terminal) path(what string) string {
	return t.Server + "/demo/api/phones/" + url.PathEscape(string(t.Phone)) + "/" + what
}

// Once sends one line and returns when the answer to it is complete. No answer
// at all is fault "no_answer" (Unavailable).
func (t *Terminal) Once(ctx context.Context, line string) error {
	if err := t.Send(ctx, line); err != nil {
		return err
	}
	return t.settle(ctx, t.Wait)
}

// settle waits for a message and then for a pause.
func (t *Terminal) settle(ctx context.Context, wait time.Duration) error {
	for answered := false; ; answered, wait = true, t.Quiet {
		select {
		case <-t.heard:
		case <-time.After(wait):
			if answered {
				return nil
			}
			return errNoAnswer
		case <-t.ended:
			return errEnded
		case <-ctx.Done():
			return nil
		}
	}
}

// Talk sends lines until the input, the server or ctx ends, or somebody types
// /salir. A patient phone, for scripts, waits for the answer to each line.
func (t *Terminal) Talk(ctx context.Context, in io.Reader, patient bool) error {
	lines := make(chan string)
	go read(ctx, in, lines)
	for {
		select {
		case <-t.ended:
			return errEnded
		case <-ctx.Done():
			return nil
		case line, open := <-lines:
			if !open || line == "/salir" {
				return nil
			}
			t.say(ctx, line, patient)
		}
	}
}

func read(ctx context.Context, in io.Reader, lines chan<- string) {
	defer close(lines)
	for s := bufio.NewScanner(in); s.Scan(); {
		select {
		case lines <- s.Text():
		case <-ctx.Done():
			return
		}
	}
}

// say sends a line and prints what went wrong with it: the talk goes on.
func (t *Terminal) say(ctx context.Context, line string, patient bool) {
	err := t.Send(ctx, line)
	if err == nil && patient {
		err = t.settle(ctx, t.patience(line))
	}
	if err != nil && !(errors.Is(err, errNoAnswer) && strings.HasPrefix(line, "/")) {
		t.print("! " + told(err))
	}
}

// patience is how long a line's answer may take; what is said to the demo itself
// is mostly answered by nobody.
func (t *Terminal) patience(line string) time.Duration {
	if strings.HasPrefix(line, "/") {
		return 2 * t.Quiet
	}
	return t.Wait
}

func told(err error) string {
	if fault.KindOf(err) != fault.Internal {
		return fault.TextOf(err)
	}
	return err.Error()
}

// Send sends a message of the phone, or does what a line with a slash says.
func (t *Terminal) Send(ctx context.Context, line string) error {
	command, rest, _ := strings.Cut(line, " ")
	switch command {
	case "/reloj":
		return t.post(ctx, t.Server+"/demo/api/clock", map[string]string{"advance": strings.TrimSpace(rest)})
	case "/whatsapp", "/sms":
		return t.post(ctx, t.path("channel"), map[string]string{"channel": command[1:]})
	case "/cajero":
		return t.post(ctx, t.Server+"/demo/api/atm/withdrawals", map[string]string{"code": strings.TrimSpace(rest)})
	}
	if strings.HasPrefix(line, "/") {
		return fault.Newf(fault.Invalid, "no_such_command", "no hay %s; hay /reloj, /whatsapp, /sms, /cajero y /salir", command)
	}
	return t.post(ctx, t.path("messages"), map[string]string{"text": line})
}

// maxAnswer bounds an answer of the demo, in bytes.
const maxAnswer = 64 << 10

// post calls the demo and prints the text that its answer may hold.
func (t *Terminal) post(ctx context.Context, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("call demo: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return t.noDemo(err)
	}
	defer func() { _ = res.Body.Close() }()
	var said struct{ Error, Text string }
	err = json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&said)
	switch {
	case res.StatusCode >= 300 && (err != nil || said.Error == ""):
		return fault.Newf(fault.Unavailable, "demo_refused", "la demo contestó %s", res.Status)
	case res.StatusCode >= 300:
		return fault.New(fault.Invalid, "demo_refused", said.Error)
	case said.Text != "":
		t.print("· " + said.Text)
	}
	return nil
}

// maxEvent bounds one event of the stream, in bytes.
const maxEvent = 1 << 20

// listen prints what arrives until the stream ends.
func (t *Terminal) listen(body io.ReadCloser) {
	defer close(t.ended)
	defer func() { _ = body.Close() }()
	s := bufio.NewScanner(body)
	s.Buffer(nil, maxEvent)
	for kind := ""; s.Scan(); {
		field, value, _ := strings.Cut(s.Text(), ": ")
		switch {
		case field == "event":
			kind = value
		case field == "data" && kind == "message": // later news of it, such as delivered, come as "status"
			t.show([]byte(value))
		}
	}
}

// incoming is what a terminal shows of a message.
type incoming struct {
	Body    string                   `json:"body"`
	Mine    bool                     `json:"mine"`
	Choices []struct{ Label string } `json:"choices"`
}

// show prints a message of the bot.
func (t *Terminal) show(data []byte) {
	var m incoming
	if json.Unmarshal(data, &m) != nil || m.Mine || m.Body == "" {
		return
	}
	text := "◀ " + m.Body
	for i, c := range m.Choices {
		text += fmt.Sprintf("\n   [%d] %s", i+1, c.Label)
	}
	if t.Colour {
		text = "\x1b[36m" + text + "\x1b[0m"
	}
	t.print(text)
	select {
	case t.heard <- struct{}{}:
	default: // nobody waits
	}
}

func (t *Terminal) print(text string) {
	t.printing.Lock()
	defer t.printing.Unlock()
	fmt.Fprintln(t.Out, text)
}
