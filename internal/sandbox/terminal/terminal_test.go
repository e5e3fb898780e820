package terminal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/sandbox/terminal"
)

// demo stands in for the demo's API: it repeats what a phone says, in two
// messages, and notes what it was asked.
type demo struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	events chan string
	screen *screen
}

// screen keeps what a terminal prints, and tells of each piece.
type screen struct {
	mu      sync.Mutex
	text    strings.Builder
	printed chan string
}

func (s *screen) Write(piece []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printed <- string(piece)
	return s.text.Write(piece)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func newDemo(t *testing.T) *demo {
	t.Helper()
	d := &demo{events: make(chan string, 64), screen: &screen{printed: make(chan string, 64)}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/api/phones/{phone}/events", d.stream)
	mux.HandleFunc("POST /demo/api/", d.take)
	d.Server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	t.Cleanup(d.CloseClientConnections)
	return d
}

func (d *demo) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, "retry: 1000\n: al día\n\n")
	_ = http.NewResponseController(w).Flush()
	for {
		select {
		case event, open := <-d.events:
			if !open {
				return
			}
			kind, data, _ := strings.Cut(event, " ")
			fmt.Fprintf(w, "id: 7\nevent: %s\ndata: %s\n\n", kind, data)
			_ = http.NewResponseController(w).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

func (d *demo) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	d.asked = append(d.asked, strings.TrimPrefix(r.URL.Path, "/demo/api/")+" "+string(body))
	n := len(d.asked)
	d.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	var in struct{ Text, Code string }
	_ = json.Unmarshal(body, &in)
	switch {
	case in.Code == "000":
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"error":"Esa clave no existe."}`)
	case in.Code != "":
		fmt.Fprint(w, `{"amount_centavos":300000,"text":"Toma tu dinero: $3,000"}`)
	case in.Text == "falla":
		w.WriteHeader(http.StatusBadGateway)
	case in.Text != "" && in.Text != "nada":
		d.answer(n, in.Text)
		fmt.Fprint(w, `{}`)
	}
}

// answer says two things, and returns when both are on the screen: a pause of the
// machine between them must not look like the end of the answer.
func (d *demo) answer(n int, text string) {
	first := fmt.Sprintf(`{"id":"SM%da","body":"dijiste %s","status":"sent"}`, n, text)
	for _, event := range []string{
		`status {"id":"SM0","body":"de antes","status":"read"}`,
		fmt.Sprintf(`message {"id":"SM%d","mine":true,"body":%q}`, n, text),
		"message " + first, "status " + strings.Replace(first, "sent", "delivered", 1), `clock {"now":"2026-03-02T16:00:00Z"}`, "message no es JSON",
		fmt.Sprintf(`message {"id":"SM%db","body":"¿algo más?","choices":[{"id":"y","label":"Sí"},{"id":"n","label":"No"}]}`, n),
	} {
		d.events <- event
	}
	for !strings.Contains(<-d.screen.printed, "¿algo más?") {
	}
}

func (d *demo) log() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string{}, d.asked...)
}

// open starts a phone whose patience suits a stand-in on this machine.
func (d *demo) open(t *testing.T, o terminal.Options) (*terminal.Terminal, *screen) {
	t.Helper()
	o.Server, o.Phone, o.Out = d.URL+"/", "+526671234567", d.screen
	if o.Wait == 0 {
		o.Wait = time.Minute
	}
	o.Quiet = 50 * time.Millisecond
	phone, err := terminal.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return phone, d.screen
}

const hello = "◀ dijiste hola\n◀ ¿algo más?\n   [1] Sí\n   [2] No\n"

func TestOnce(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	phone, out := d.open(t, terminal.Options{})
	if err := phone.Once(t.Context(), "hola"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(hello, out.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`phones/+526671234567/messages {"text":"hola"}`}, d.log()); diff != "" {
		t.Error(diff)
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	phone, out := d.open(t, terminal.Options{Wait: time.Millisecond})
	if err := phone.Once(t.Context(), "nada"); fault.CodeOf(err) != "no_answer" || out.String() != "" {
		t.Errorf("%v, printed %q", err, out)
	}
}

func TestTalkOfAScript(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	phone, out := d.open(t, terminal.Options{})
	script := "hola\n/reloj 1d\n/whatsapp\n/cajero 123\n/cajero 000\n/baila\nfalla\n/salir\nno se manda\n"
	if err := phone.Talk(t.Context(), strings.NewReader(script), true); err != nil {
		t.Fatal(err)
	}
	want := hello + "· Toma tu dinero: $3,000\n! Esa clave no existe.\n" +
		"! no hay /baila; hay /reloj, /whatsapp, /sms, /cajero y /salir\n! la demo contestó 502 Bad Gateway\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	asked := []string{
		`phones/+526671234567/messages {"text":"hola"}`, `clock {"advance":"1d"}`, `phones/+526671234567/channel {"channel":"whatsapp"}`,
		`atm/withdrawals {"code":"123"}`, `atm/withdrawals {"code":"000"}`, `phones/+526671234567/messages {"text":"falla"}`,
	}
	if diff := cmp.Diff(asked, d.log()); diff != "" {
		t.Error(diff)
	}
}

func TestTalkEndsWithTheInput(t *testing.T) {
	t.Parallel()
	phone, _ := newDemo(t).open(t, terminal.Options{})
	if err := phone.Talk(t.Context(), strings.NewReader(""), false); err != nil {
		t.Error(err)
	}
}

func TestTalkEndsWithTheDemo(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	phone, _ := d.open(t, terminal.Options{})
	close(d.events)
	endless, _ := io.Pipe()
	if err := phone.Talk(t.Context(), endless, false); fault.CodeOf(err) != "demo_ended" {
		t.Errorf("got %v", err)
	}
}

func TestTalkEndsWhenTold(t *testing.T) {
	t.Parallel()
	phone, _ := newDemo(t).open(t, terminal.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	endless, _ := io.Pipe()
	if err := phone.Talk(ctx, endless, false); err != nil {
		t.Error(err)
	}
}

func TestColour(t *testing.T) {
	t.Parallel()
	phone, out := newDemo(t).open(t, terminal.Options{Colour: true})
	if err := phone.Once(t.Context(), "hola"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "\x1b[36m◀ dijiste hola\x1b[0m\n") {
		t.Errorf("got %q", out)
	}
}

func TestNoDemo(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }))
	defer other.Close()
	defer page.Close()
	for _, server := range []string{other.URL, page.URL, "http://127.0.0.1:1", "::"} {
		_, err := terminal.Open(t.Context(), terminal.Options{Server: server, Phone: "+526671234567", Out: io.Discard})
		if fault.CodeOf(err) != "no_demo" || !strings.Contains(fault.TextOf(err), server) {
			t.Errorf("%s: %v", server, err)
		}
	}
}
