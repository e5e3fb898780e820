package app

import (
	"context"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/jackc/pgx/v5"
)

func TestDoctorSignature(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg  Config
		want State
	}{
		"one token":       {Config{PublicURL: "https://vales.example.mx/", TwilioAuthToken: "a"}, Fine},
		"several":         {Config{PublicURL: "https://vales.example.mx", TwilioAuthToken: "a, b"}, Fine},
		"with a port":     {Config{PublicURL: "https://vales.example.mx:8443/x", TwilioAuthToken: "a"}, Fine},
		"no token at all": {Config{PublicURL: "https://vales.example.mx"}, Notice},
		"no url":          {Config{PublicURL: "vales", TwilioAuthToken: "a"}, Wrong},
	} {
		if f := checkSignature(test.cfg); f.State != test.want {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestDoctorNumbers(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]State{
		"+525550000000": Fine, "MG1": Fine, "72345": Fine, "+14155550100": Fine, "+5215550000000": Wrong, "+52555": Wrong,
	} {
		if f := checkNumbers(Config{TwilioSender: number}); f.State != want {
			t.Errorf("%s: %+v", number, f)
		}
	}
}

func TestDoctorRedis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	for url, want := range map[string]State{"": Fine, "redis://" + server.Addr(): Fine, "redis://" + nowhere: Wrong, "x://y": Wrong} {
		if f := checkRedisAnswers(t.Context(), Config{RedisURL: url}); f.State != want {
			t.Errorf("%q: %+v", url, f)
		}
	}
}

func TestDoctorTemplates(t *testing.T) {
	t.Parallel()
	if f := templateFinding(map[string]int{"APPROVED": 3}); f.State != Fine || f.Text != "3 APPROVED" {
		t.Errorf("%+v", f)
	}
	if f := templateFinding(map[string]int{"PAUSED": 1, "APPROVED": 3}); f.State != Notice || f.Text != "3 APPROVED, 1 PAUSED" || f.Mend == "" {
		t.Errorf("%+v", f)
	}
}

// A database that answers and keeps nothing is not ready, and doctor says so.
func TestADatabaseThatKeepsNothingIsNotReady(t *testing.T) {
	t.Parallel()
	v := newTown(t)
	v.answers("/readyz", 200)
	conn, err := pgx.Connect(t.Context(), v.app.cfg.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), `create function no_room() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$;
		create trigger no_room before update on clock for each row execute function no_room()`); err != nil {
		t.Fatal(err)
	}
	if body := v.answers("/readyz", 503); !strings.Contains(body, "database_read_only") {
		t.Errorf("ready: %s", body)
	}
	found := checkStore(t.Context(), v.app.cfg)
	if len(found) == 0 || found[0].State != Wrong || found[0].Mend == "" {
		t.Errorf("%+v", found)
	}
}

func TestDoctorSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cfg := worldConfig(w, t.TempDir())
	cfg.TestPhones = []string{"667 123 4567"}
	if f := CheckSend(t.Context(), cfg, beto); f.State != Wrong || !strings.Contains(f.Mend, "VALEBOT_TEST_PHONES") {
		t.Errorf("to a phone that is not listed: %+v", f)
	}
	if f := CheckSend(t.Context(), cfg, "hola"); f.State != Wrong {
		t.Errorf("to no phone: %+v", f)
	}
	if f := CheckSend(t.Context(), cfg, ana); f.State != Fine {
		t.Errorf("%+v", f)
	}
	if len(w.texts) != 1 || !strings.HasPrefix(w.texts[0].body, "Prueba de valebot") {
		t.Errorf("%d messages went", len(w.texts))
	}
	wrong := cfg
	wrong.TwilioAuthToken = "otro"
	if f := CheckSend(t.Context(), wrong, ana); f.State != Wrong || f.Mend == "" {
		t.Errorf("with another token: %+v", f)
	}
	held := cfg
	held.TwilioAPIURL = "https://api.twilio.com"
	if f := CheckSend(t.Context(), held, ana); f.State != Notice {
		t.Errorf("with live sending off: %+v", f)
	}
}

// The CLABE that payers are told is read back to who set it.
func TestCheckDeposit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		set   string
		state State
		text  string
	}{
		{"", Notice, "solo se le dice su referencia"},
		{"6461801570", Fine, "una por vale en STP; la de V-00001 es 64618015700000001"},
		{"646180157000000004", Fine, "la misma para todos, en STP: 646180157000000004"},
	} {
		if got := checkDeposit(Config{DepositCLABE: c.set}); got.State != c.state || !strings.Contains(got.Text, c.text) {
			t.Errorf("%q: %+v", c.set, got)
		}
	}
	wrong := Config{DepositCLABE: "646180157000000005"}
	if err := wrong.Validate(); err == nil || !strings.Contains(err.Error(), "VALEBOT_DEPOSIT_CLABE: Esa CLABE no es correcta") {
		t.Errorf("a mistyped CLABE: %v", err)
	}
}
