package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"valebot/internal/app"
)

// All problems of a configuration come at once, and none shows a secret.
func TestServeTellsAllProblems(t *testing.T) {
	t.Parallel()
	args := []string{
		"serve", "--addr", "ocho", "--public-url", "vales", "--twilio-api-url", "", "--twilio-account-sid", "XX", "--twilio-whatsapp", "5255",
		"--atm-url", "http://cajero", "--atm-secret", "corto-s3creto", "--spei-url", "nada", "--group", "0", "--senders", "9999", "--sms-rate=-1",
		"--deposit-secret", "otro-s3creto", "--live",
	}
	r := valebot(args...).must(t, exitUsage)
	says(t, r.err, "valebot: la configuración tiene errores:", "VALEBOT_ADDR: ", "VALEBOT_PUBLIC_URL: ", "VALEBOT_TWILIO_API_URL: falta",
		"VALEBOT_TWILIO_ACCOUNT_SID: ", "VALEBOT_TWILIO_AUTH_TOKEN: falta", "VALEBOT_TWILIO_SENDER: falta", "VALEBOT_TWILIO_WHATSAPP: ",
		"VALEBOT_ATM_SECRET: ", "VALEBOT_DEPOSIT_SECRET: ", "VALEBOT_SPEI_URL: ", "VALEBOT_SPEI_SECRET: ", "VALEBOT_SMS_RATE: ", "VALEBOT_GROUP: ", "VALEBOT_SENDERS: ")
	told := decoded[failure](t, valebot(append(args, "--json")...).must(t, exitUsage).err)
	if told.Code != "usage" || strings.Contains(r.err+told.Text, "s3creto") {
		t.Errorf("%+v", told)
	}
}

// Settings come from the environment too, and help never shows them. Not
// parallel: the environment is everybody's.
func TestSecretsOfTheEnvironment(t *testing.T) {
	for _, name := range []string{"TWILIO_AUTH_TOKEN", "ATM_SECRET", "SPEI_SECRET", "DEPOSIT_SECRET"} {
		t.Setenv("VALEBOT_"+name, "s3creto-"+name)
	}
	t.Setenv("VALEBOT_DATABASE_URL", "postgres://u:s3creto@127.0.0.1:1/x")
	t.Setenv("VALEBOT_GROUP", "0")
	for _, args := range [][]string{{"serve", "--help"}, {"doctor", "--help"}, {"demo", "--help"}, {"serve"}, {"doctor"}, {"serve", "--bogus"}, {"doctor", "--json"}} {
		if r := valebot(args...); strings.Contains(r.out+r.err, "s3creto") {
			t.Errorf("%v prints a secret:\n%s%s", args, r.out, r.err)
		}
	}
	r := valebot("serve").must(t, exitUsage)
	says(t, r.err, "VALEBOT_GROUP: 0 está fuera de 1 a 512")
	if strings.Contains(r.err, "AUTH_TOKEN") {
		t.Errorf("a token that is set is missed: %s", r.err)
	}
}

func TestServeRefusesBrokenFlows(t *testing.T) {
	t.Parallel()
	p, dir := newPlace(t), project(t)
	rewrite(t, dir, "affirm: forma", "affirm: froma")
	args := append(append([]string{"serve", "--addr", "127.0.0.1:0", "--flows", dir}, p.flags...), twilio()...)
	r := valebot(args...).must(t, exitFindings)
	says(t, anywhere(r.err, dir), "estos archivos tienen errores:\nDIR/flows/prueba.flow.yaml:", "no-such-step", "^~~~")
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	p, addr := newPlace(t), taken.Addr().String()
	want := "valebot: " + addr + " ya está en uso; cierra lo que la usa, o elige otra: --addr :9080 (y en la demo --phones localhost:9090)\n"
	for _, args := range [][]string{
		append([]string{"serve", "--addr", addr}, twilio()...),
		{"demo", "--addr", addr, "--phones", "127.0.0.1:0"},
		{"demo", "--addr", "127.0.0.1:0", "--phones", addr},
	} {
		if r := p.run(args...).must(t, exitFailed); !strings.HasSuffix(r.err, want) {
			t.Errorf("%v says\n%s", args, r.err)
		}
	}
}

// until reads what a running command prints until it fits, and returns the first
// submatch. The command's end ends it too.
func until(t *testing.T, printed io.Reader, pattern string) string {
	t.Helper()
	var text strings.Builder
	part := make([]byte, 4096)
	for {
		n, err := printed.Read(part)
		text.Write(part[:n])
		if m := regexp.MustCompile(pattern).FindStringSubmatch(text.String()); m != nil {
			return m[1]
		}
		if err != nil {
			t.Fatalf("%s is not in what was printed:\n%s", pattern, text.String())
		}
	}
}

// start runs a command until stop is called, which returns its exit code.
func start(t *testing.T, stdout, stderr io.Writer, done func(), args ...string) (stop func() int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	code := make(chan int, 1)
	go func() {
		code <- runUntil(ctx, args, strings.NewReader(""), stdout, stderr)
		done()
	}()
	return func() int {
		cancel()
		return <-code
	}
}

func TestServeAndStop(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	logs, stderr := io.Pipe()
	var stdout buffer
	args := append(append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags...), twilio()...)
	stop := start(t, &stdout, stderr, func() { _ = stderr.Close() }, args...)
	addr := until(t, logs, `"msg":"listening","addr":"([^"]+)"`)
	go func() { _, _ = io.Copy(io.Discard, logs) }() // the pipe must not fill up
	res, err := http.Get("http://" + addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("healthz answers %s", res.Status)
	}
	if code := stop(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if stdout.String() != "" {
		t.Errorf("a service prints to standard output: %s", stdout.String())
	}
}

// The demo prints where everything is, and chat plays a phone of it.
func TestDemoAndChat(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	lines, stdout := io.Pipe()
	args := append([]string{"demo", "--addr", "127.0.0.1:0", "--phones", "127.0.0.1:0"}, p.flags...)
	stop := start(t, stdout, io.Discard, func() { _ = stdout.Close() }, args...)
	page := until(t, lines, `teléfonos   (http://\S+)/demo\n(?s:.*)  mesa  .*luis / demo\n  flujos      los que trae el programa\n  reloj       \S+ \d+ de \S+ de \d{4}, \d\d:\d\d  \(lo puedes adelantar\)\n`)
	go func() { _, _ = io.Copy(io.Discard, lines) }() // the pipe must not fill up
	r := valebot("chat", "6670000001", "--server", page, "--once", "VALE 6671234567 3000 8", "--wait", "60s").must(t, exitDone)
	says(t, r.out, "◀ ", "Ana Ruiz", "$3,900")
	if code := stop(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	says(t, valebot("chat", "6670000001", "--server", page).must(t, exitFailed).err, "no hay demo en "+page+"; arráncala con `valebot demo`")
}

func TestChatWrongUse(t *testing.T) {
	t.Parallel()
	says(t, valebot("chat", "12").must(t, exitUsage).err, "valebot: teléfono: ")
	says(t, valebot("chat", "6671234567", "--server", "::no::").must(t, exitFailed).err, "no hay demo en ::no::")
}

func TestServingText(t *testing.T) {
	t.Parallel()
	cfg := app.Config{PublicURL: "https://vales.example.mx"}
	says(t, servingText("[::]:8080", cfg), "valebot escucha en [::]:8080", "https://vales.example.mx", "nada sale")
	cfg.Live = true
	if text := servingText(":8080", cfg); strings.Contains(text, "\n") || !strings.Contains(text, "de verdad") {
		t.Errorf("got %q", text)
	}
}

func TestPlacesForPrograms(t *testing.T) {
	t.Parallel()
	var out buffer
	where := places{"http://localhost:8090/demo", "http://localhost:8080/mesa", "flows", time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)}
	if err := (&env{out: &out, json: true}).print(where, where.text()); err != nil {
		t.Fatal(err)
	}
	if got := decoded[places](t, out.String()); got != where {
		t.Errorf("%+v", got)
	}
}

func TestSpanishDate(t *testing.T) {
	t.Parallel()
	if got := spanishDate(time.Date(2026, 3, 2, 16, 5, 0, 0, time.UTC)); got != "lunes 2 de marzo de 2026, 10:05" {
		t.Errorf("got %q", got)
	}
}

// Only people at a terminal get colour, and none who refuse it.
func TestColour(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	if (&env{out: &buffer{}}).colour() {
		t.Error("a file is coloured")
	}
	if isTerminal(&buffer{}) || isTerminal(strings.NewReader("")) {
		t.Error("what is in memory is a terminal")
	}
}
