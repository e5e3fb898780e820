package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"valebot/flows"
)

func TestUnsignedWebhooksLeaveNothing(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	form := inbound(newSID(), ana, "hola")
	other := inbound(newSID(), ana, "hola")
	for name, status := range map[string]int{
		"no signature":         v.postSigned(inboundPath, form, ""),
		"nonsense":             v.postSigned(inboundPath, form, "AAAA"),
		"of another message":   v.postSigned(inboundPath, form, twilioSum(worldPublic+inboundPath, other)),
		"of another path":      v.postSigned(inboundPath, form, twilioSum(worldPublic+statusPath, form)),
		"status, no signature": v.postSigned(statusPath, form, ""),
	} {
		if status != 403 {
			t.Errorf("%s: HTTP %d, want 403", name, status)
		}
	}
	v.wants(map[string]int64{"select count(*) from inbox": 0, "select count(*) from conversation": 0})
	if got := metric(t, v, `valebot_inbound_total{hook="inbound",outcome="forged"}`); got != "4" {
		t.Errorf("counted %q forged webhooks, want 4", got)
	}
}

func TestRepeatedWebhookChangesNothing(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	form := inbound(newSID(), ana, "saldo")
	for range 3 {
		if status := v.post(inboundPath, form); status != 200 {
			t.Fatalf("HTTP %d", status)
		}
	}
	v.hears(ana, "No debes nada")
	if status := v.post(inboundPath, form); status != 200 {
		t.Fatalf("HTTP %d", status)
	}
	v.silence(ana)
	v.wants(map[string]int64{"select count(*) from inbox": 1, "select count(*) from outbox": 1})
}

func TestStrangersAreForTheDesk(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.write("+526679999999", "hola, ¿quién es?")
	v.silence("+526679999999")
	foreign := inbound(newSID(), ana, "hola")
	foreign.Set("AccountSid", "AC99999999999999999999999999999999")
	if status := v.post(inboundPath, foreign); status != 200 {
		t.Errorf("HTTP %d", status)
	}
	v.silence(ana)
	v.wants(map[string]int64{
		"select count(*) from conversation where owner = 'queue' and queue = 'desconocidos'": 2,
		"select count(*) from outbox": 0,
	})
}

func TestOddMessagesAreAnsweredHelpfully(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(form map[string][]string){
		"1,600 characters": func(f map[string][]string) { f["Body"] = []string{strings.Repeat("quiero mi dinero ", 100)[:1600]} },
		"NUL bytes":        func(f map[string][]string) { f["Body"] = []string{"qu\x00e\x00"} },
		"emoji only":       func(f map[string][]string) { f["Body"] = []string{"🤷‍♀️🙃🌮"} },
		"empty":            func(f map[string][]string) { f["Body"] = []string{""} },
		"photo": func(f map[string][]string) {
			f["Body"], f["NumMedia"] = []string{""}, []string{"1"}
			f["MediaUrl0"], f["MediaContentType0"] = []string{"https://media.example/1"}, []string{"image/jpeg"}
		},
		"voice note": func(f map[string][]string) {
			f["Body"], f["NumMedia"] = []string{""}, []string{"1"}
			f["MediaUrl0"], f["MediaContentType0"] = []string{"https://media.example/2"}, []string{"audio/ogg"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newTown(t)
			v.authorise(ana, "3000")
			form := inbound(newSID(), ana, "")
			change(form)
			if status := v.post(inboundPath, form); status != 200 {
				t.Fatalf("HTTP %d, want 200", status)
			}
			if body := v.hears(ana, ""); !strings.Contains(body, "SI") && !strings.Contains(body, "AGENTE") {
				t.Errorf("answered %q, want what can be answered", body)
			}
			v.says(ana, "sí", "fecha de nacimiento") // the story goes on
		})
	}
}

func TestBrokenFlowRefusesToStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, flows.FS); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "aceptacion_vale.flow.yaml")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(source), "affirm: identidad", "affirm: identidda", 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = LoadRulebook(FilesFrom(dir))
	var b *Broken
	if !errors.As(err, &b) {
		t.Fatalf("got %v, want a broken rulebook", err)
	}
	for _, part := range []string{"aceptacion_vale.flow.yaml:26:15:", "identidda", "^", "identidad"} {
		if !strings.Contains(b.Error(), part) {
			t.Errorf("%q is not in:\n%s", part, b)
		}
	}
}

func TestBrokenFlowStopsTheProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cfg := worldConfig(w, t.TempDir())
	cfg.DatabaseURL, cfg.FlowsDir = emptyDatabase(t), t.TempDir()
	if a, err := New(context.Background(), cfg, slog.New(slog.DiscardHandler)); err == nil {
		a.Close()
		t.Error("started without any flow")
	}
}

func TestConfigurationProblemsAreListedTogether(t *testing.T) {
	t.Parallel()
	cfg := Config{Addr: "8080", PublicURL: "localhost", TwilioAPIURL: "ftp://x", ATMURL: "http://atm.test", ATMSecret: "c0rt0", Live: true, SMSRate: 20_000, WARate: 80, Group: 1000, Senders: 1}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("nothing wrong?")
	}
	for _, name := range []string{
		"VALEBOT_ADDR", "VALEBOT_PUBLIC_URL", "VALEBOT_TWILIO_API_URL", "VALEBOT_TWILIO_ACCOUNT_SID", "VALEBOT_TWILIO_AUTH_TOKEN",
		"VALEBOT_TWILIO_SENDER", "VALEBOT_ATM_SECRET", "VALEBOT_SMS_RATE", "VALEBOT_GROUP",
	} {
		if !strings.Contains(err.Error(), name+":") {
			t.Errorf("%s is not in:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "c0rt0") {
		t.Error("a secret is printed")
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/favicon.ico": 204, "/nada": 404} {
		v.answers(path, want)
	}
}

// A program that is stopped before it began ends in order, as one that ran.
func TestStoppedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cfg := worldConfig(w, t.TempDir())
	cfg.DatabaseURL = emptyDatabase(t)
	a, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
}
