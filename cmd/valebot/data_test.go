package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"valebot/internal/app"
	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/migrations"
)

const people = `distributors:
  - {phone: "6670000001", name: María López, line: "20000", terms: [4, 6, 8, 12], pin: "4821"}
people:
  - {phone: "6671234567", name: Ana Ruiz, birth: 1990-03-05, limit: "5000"}
agents:
  - {login: luis, name: Luis Gil, password: una-frase-larga}
`

// place is a database and a data directory of a test's own, as flags.
type place struct {
	url   string
	flags []string
}

func newPlace(t *testing.T) place {
	t.Helper()
	url := pgtest.Open(t, migrations.FS, postgres.Migrate)
	return place{url, []string{"--database-url", url, "--data-dir", t.TempDir()}}
}

func (p place) run(args ...string) ran { return valebot(append(args, p.flags...)...) }

// exec changes the database behind the program's back.
func (p place) exec(t *testing.T, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// count reads one number of the database.
func (p place) count(t *testing.T, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func outcomes(list []app.Seeded) string {
	var out []string
	for _, s := range list {
		out = append(out, s.Outcome)
	}
	return strings.Join(out, " ")
}

func TestSeed(t *testing.T) {
	t.Parallel()
	p, file := newPlace(t), write(t, t.TempDir(), "gente.yaml", people)
	seed := func(args ...string) string {
		r := p.run(append([]string{"seed", file, "--json"}, args...)...).must(t, exitDone)
		for _, secret := range []string{"4821", "una-frase-larga"} {
			if strings.Contains(r.out+r.err, secret) {
				t.Errorf("seed prints %q", secret)
			}
		}
		return outcomes(decoded[[]app.Seeded](t, r.out))
	}
	for i, step := range []struct {
		args []string
		want string
	}{
		{[]string{"--dry-run"}, "created created created"},
		{[]string{"--dry-run"}, "created created created"}, // the first kept nothing
		{nil, "created created created"},
		{nil, "unchanged unchanged unchanged"},
	} {
		if got := seed(step.args...); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	write(t, filepath.Dir(file), "gente.yaml", strings.Replace(people, `limit: "5000"`, `limit: "6000"`, 1))
	if got := seed("--dry-run"); got != "unchanged changed unchanged" {
		t.Errorf("a change is %q", got)
	}
	says(t, p.run("seed", file, "--dry-run").must(t, exitDone).out, "igual ", "cambia ", "people[0]", "ensayo: no se guardó nada")
	write(t, filepath.Dir(file), "gente.yaml", strings.Replace(people, "una-frase-larga", "otra-frase-larga", 1))
	for _, want := range []string{"unchanged unchanged changed", "unchanged unchanged unchanged"} {
		if got := seed(); got != want {
			t.Errorf("another password: %q, want %q", got, want)
		}
	}
}

func TestSeedFromStandardInput(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	r := typed(people, append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	says(t, r.out, "nuevo ", "distributors[0]", "people[0]")
}

func TestSeedOfABadFile(t *testing.T) {
	t.Parallel()
	bad := `distributors:
  - {phone: "12", name: "", line: mucho, terms: [8], pin: "12"}
people:
  - {phone: "6671234567", name: Ana, birth: ayer, limit: "5000"}
agents:
  - {login: "", name: Luis, password: x}
`
	// No database is needed to find them.
	r := typed(bad, "seed", "-").must(t, exitFindings)
	says(t, r.err, "distributors[0]: phone: ", "distributors[0]: name: falta", "distributors[0]: line: ", "distributors[0]: pin: ",
		"people[0]: birth: ", "agents[0]: ")
	told := decoded[failure](t, typed(bad, "seed", "-", "--json").must(t, exitFindings).err)
	if told.Code != "seed_file" || strings.Count(told.Text, "\n") < 5 {
		t.Errorf("%+v", told)
	}
	says(t, typed("distributors: [", "seed", "-").must(t, exitFindings).err, "no se entiende")
	says(t, typed("distribuidoras: []\n", "seed", "-").must(t, exitFindings).err, "distribuidoras")
	says(t, valebot("seed", "nada.yaml").must(t, exitFailed).err, "no encuentro nada.yaml")
}

func TestLedgerVerify(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	typed(people, append([]string{"seed", "-"}, p.flags...)...).must(t, exitDone)
	says(t, p.run("ledger", "verify").must(t, exitDone).out, "1 líneas de crédito", "todo cuadra")
	clean := decoded[books](t, p.run("ledger", "verify", "--json").must(t, exitDone).out)
	if diff := cmp.Diff([]difference{}, clean.Differences); diff != "" || clean.Distributors != 1 {
		t.Errorf("%+v", clean)
	}
	p.exec(t, `update distributor set limit_cents = limit_cents + 100`)
	says(t, p.run("ledger", "verify").must(t, exitFindings).out, "line · ", "el libro dice $20,000 y el registro $20,001")
	wrong := decoded[books](t, p.run("ledger", "verify", "--json").must(t, exitFindings).out)
	if len(wrong.Differences) == 0 || wrong.Differences[0].Check != "line" || wrong.Differences[0].Row-wrong.Differences[0].Ledger != 100 {
		t.Errorf("%+v", wrong)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t, nil, nil)
	for range 2 { // it may be repeated
		if r := valebot("migrate", "--database-url", url).must(t, exitDone); r.out != "esquema al día\n" {
			t.Errorf("got %q", r.out)
		}
	}
	says(t, valebot("migrate", "--database-url", url, "--json").must(t, exitDone).out, `"schema": "current"`)
}

// A database that is away or badly written is told without its password.
func TestNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	away, odd := "postgres://u:s3creta@127.0.0.1:1/x", "postgres://u:s3creta@a b:1/x"
	for _, line := range [][]string{{"migrate"}, {"ledger", "verify"}, {"seed", "-"}} {
		r := typed(people, append(line, "--data-dir", dir, "--database-url", away)...).must(t, exitFailed)
		says(t, r.err, "la base de datos no contesta")
		wrong := typed(people, append(line, "--data-dir", dir, "--database-url", odd)...).must(t, exitUsage)
		says(t, wrong.err, "VALEBOT_DATABASE_URL no se entiende")
		if strings.Contains(r.err+wrong.err, "s3creta") {
			t.Errorf("%v prints the password: %s %s", line, r.err, wrong.err)
		}
	}
}

func doctor(t *testing.T, exit int, args ...string) map[string]app.Finding {
	t.Helper()
	out := map[string]app.Finding{}
	for _, f := range decoded[[]app.Finding](t, valebot(append([]string{"doctor", "--json"}, args...)...).must(t, exit).out) {
		out[f.Check] = f
	}
	return out
}

// twilio are the flags of a configuration that is complete.
func twilio() []string {
	return []string{"--twilio-account-sid", "AC1", "--twilio-auth-token", "t0k3n-s3creto", "--twilio-sender", "MG1"}
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	public := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("doctor asks for %s", r.URL)
		}
	}))
	defer public.Close()
	args := append(append(p.flags, twilio()...), "--public-url", public.URL+"/", "--live", "--deposit-clabe", "032180000118359719")
	for check, f := range doctor(t, exitDone, args...) {
		if want := map[string]app.State{"envío": app.Notice, "contrato": app.Notice}[check]; f.State != want && (want != "" || f.State != app.Fine) {
			t.Errorf("%+v", f)
		}
	}
}

func TestDoctorFindings(t *testing.T) {
	t.Parallel()
	public := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/tarde/healthz" {
			w.Header().Set("Date", time.Unix(0, 0).UTC().Format(http.TimeFormat))
			return
		}
		http.Error(w, "no", http.StatusBadGateway)
	}))
	defer public.Close()
	found := doctor(t, exitFindings, "--database-url", "postgres://u:s3creta@127.0.0.1:1/x", "--public-url", public.URL)
	for _, check := range []string{"configuración", "base de datos", "url pública"} {
		if f := found[check]; f.State != app.Wrong || f.Mend == "" || strings.Contains(f.Text+f.Mend, "s3creta") {
			t.Errorf("%s: %+v", check, f)
		}
	}
	if f := found["flujos"]; f.State != app.Fine {
		t.Errorf("%+v", f)
	}
	late := doctor(t, exitFindings, "--public-url", public.URL+"/tarde")
	if f := late["reloj"]; f.State != app.Wrong {
		t.Errorf("%+v", late)
	}
	away := doctor(t, exitFindings, "--public-url", "http://127.0.0.1:1")
	if f := away["url pública"]; f.State != app.Notice {
		t.Errorf("%+v", f)
	}
}

// Every problem of the configuration and of the flows is told at once.
func TestDoctorText(t *testing.T) {
	t.Parallel()
	dir := project(t)
	rewrite(t, dir, "affirm: forma", "affirm: froma")
	r := valebot("doctor", "--flows", dir, "--addr", "x", "--public-url", "http://127.0.0.1:1").must(t, exitFindings)
	says(t, anywhere(r.out, dir), "mal    configuración", "VALEBOT_ADDR: ", "VALEBOT_TWILIO_AUTH_TOKEN: ", "mal    flujos",
		"DIR/flows/prueba.flow.yaml:", "^~~~", "→ `valebot flow lint`")
}

func TestDataFlags(t *testing.T) {
	t.Parallel()
	cfg, err := dataFlags{Demo: true}.config()
	if err != nil || filepath.Base(cfg.DataDir) != "demo" {
		t.Errorf("the demo's data is at %q (%v)", cfg.DataDir, err)
	}
	cfg, err = dataFlags{Demo: true, DataDir: "x"}.config()
	if err != nil || cfg.DataDir != "x" {
		t.Errorf("a folder that was named becomes %q (%v)", cfg.DataDir, err)
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("reading flags makes folders")
	}
}

// A list may say that somebody is written to in English, of new people too, and
// a dry run says the same as the run after it.
func TestSeedLanguage(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	english := strings.Replace(people, `limit: "5000"`, `limit: "5000", language: en`, 1)
	run := func(text string, args ...string) string {
		r := typed(text, append(append([]string{"seed", "-", "--json"}, args...), p.flags...)...).must(t, exitDone)
		return outcomes(decoded[[]app.Seeded](t, r.out))
	}
	for i, step := range []struct {
		text string
		args []string
		want string
	}{
		{english, []string{"--dry-run"}, "created created created created"}, {people, nil, "created created created"},
		{english, []string{"--dry-run"}, "unchanged unchanged changed unchanged"}, {english, nil, "unchanged unchanged changed unchanged"},
		{english, nil, "unchanged unchanged unchanged unchanged"}, {people, nil, "unchanged unchanged unchanged"},
	} {
		if got := run(step.text, step.args...); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
	says(t, typed(strings.Replace(english, "language: en", "language: fr", 1), "seed", "-").must(t, exitFindings).err, "people[0]: language:", "es o en")
}
