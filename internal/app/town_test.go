package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/migrations"
)

// patience is how long a test waits for what must come. It is only ever used up
// by a failure, so it is as long as the slowest machine may take.
const patience = 2 * time.Minute

// aheadEnv has the towns live that much later, such as VALEBOT_APP_TEST_AHEAD=37h:
// what holds today must hold at any hour and in any quincena.
const aheadEnv = "VALEBOT_APP_TEST_AHEAD"

// ahead is how much later the towns live, none as a rule.
func ahead() time.Duration {
	d, _ := time.ParseDuration(os.Getenv(aheadEnv)) // nonsense is none
	return d
}

// town is the program on a database of its own, with the world around it.
type town struct {
	*world
	t   *testing.T
	app *App
}

// The people of the test town.
const (
	maria = "+526670000001"
	ana   = "+526671234567"
	beto  = "+526672345678"
)

func townsfolk() *Town {
	return &Town{
		Distributors: []Distributor{{Phone: maria, Name: "María López", Line: "20000", Terms: []int{4, 6, 8, 12}, PIN: "4821"}},
		People: []Person{
			{Phone: ana, Name: "Ana Ruiz", Birth: "1990-03-05", Limit: "5000"},
			{Phone: beto, Name: "Beto Sosa", Birth: "1985-07-19", Limit: "3000"},
		},
	}
}

// worldPublic is what webhooks are signed over. It is not where the program
// listens, as behind any proxy.
const worldPublic = "https://vales.test"

// worldConfig points the program at a world. It waits for everybody as long as a
// slow machine may need: what runs out too early is tried or looked up again, and
// then more happens than the test tells of.
func worldConfig(w *world, dir string) Config {
	return Config{
		Addr: "127.0.0.1:0", PublicURL: worldPublic, DataDir: dir, Group: 128, Senders: 16, SMSRate: 1000, WARate: 1000,
		TwilioAccountSID: worldAccount, TwilioAuthToken: worldToken, TwilioSender: worldSender, TwilioAPIURL: w.web.URL + "/twilio",
		ATMURL: w.web.URL + "/atm", ATMSecret: worldSecret, SPEIURL: w.web.URL + "/spei", SPEISecret: worldSecret, DepositSecret: worldSecret,
		Tuning: Tuning{Unpaced: true, Lease: 3 * patience, Timeout: 2 * patience, LookAgain: time.Second, Sweep: 250 * time.Millisecond, Recheck: time.Second},
	}
}

// nowhere is an address that nobody listens on. A port that was free a moment
// ago would not do: any connection of the machine may take it meanwhile.
const nowhere = "127.0.0.1:1"

// newTown starts the program with the townsfolk in it.
func newTown(t *testing.T, change ...func(*Config)) *town {
	t.Helper()
	w := newWorld(t)
	cfg := worldConfig(w, t.TempDir())
	cfg.DatabaseURL = emptyDatabase(t)
	for _, f := range change {
		f(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	w.base.Store("http://" + a.Addr())
	if err := a.clock.push(t.Context(), time.Now().Add(ahead())); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Seed(t.Context(), townsfolk(), false); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		a.Close()
	})
	return &town{world: w, t: t, app: a}
}

// says has a phone write and waits until each of the wanted texts has come to
// it, in that order; a text is wanted by a part of it. It returns the last.
func (v *town) says(phone, body string, want ...string) string {
	v.t.Helper()
	v.write(phone, body)
	return v.hears(phone, want...)
}

func (v *town) hears(phone string, want ...string) string {
	v.t.Helper()
	last := ""
	for _, part := range want {
		select {
		case m := <-v.phone(phone):
			if last = m.body; !strings.Contains(last, part) {
				v.t.Fatalf("%s hears %q, want %q", phone, last, part)
			}
		case <-time.After(patience):
			v.t.Fatalf("%s hears nothing, want %q\n%s", phone, part, v.state())
		}
	}
	return last
}

// state says how everything stands, for whoever reads a failure.
func (v *town) state() string {
	var lines []byte
	for _, sql := range []string{
		"select 'event ' || kind || ' ' || state || ' ' || heard || ' ' || fault || ' x' || count(*) from inbox group by kind, state, heard, fault order by 1",
		"select 'message ' || message_key || ' ' || state || ' ' || reason || ' until ' || not_before from outbox order by id desc limit 5",
		"select 'dialogue ' || flow || ' at ' || step || ' ' || status from dialogue order by id desc limit 5",
		"select 'chat ' || owner || ' ' || queue || ' ' || reason from conversation order by id limit 5",
	} {
		rows, _ := v.app.store.Pool().Query(context.Background(), sql)
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		lines = fmt.Appendln(lines, strings.Join(found, "\n"), err)
	}
	return string(lines)
}

// silence fails if a phone has heard anything, once all that is under way is done.
func (v *town) silence(phone string) {
	v.t.Helper()
	v.quiet()
	select {
	case m := <-v.phone(phone):
		v.t.Fatalf("%s hears %q, want silence", phone, m.body)
	default:
	}
}

// quiet waits until nothing is pending.
func (v *town) quiet() {
	v.t.Helper()
	if err := v.app.store.Quiet(v.t.Context(), v.app.clock.Now(), patience); err != nil {
		v.t.Fatal(err)
	}
}

// later pushes the clock.
func (v *town) later(d time.Duration) {
	v.t.Helper()
	if err := (demoClock{v.app, patience}).Advance(v.t.Context(), v.app.clock.Now().Add(d)); err != nil {
		v.t.Fatal(err)
	}
}

// number reads one number from the database.
func (v *town) number(sql string, args ...any) int64 {
	v.t.Helper()
	var n int64
	if err := v.app.store.Pool().QueryRow(v.t.Context(), sql, args...).Scan(&n); err != nil {
		v.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// wants compares numbers of the database, by query.
func (v *town) wants(want map[string]int64) {
	v.t.Helper()
	for sql, n := range want {
		if got := v.number(sql); got != n {
			v.t.Errorf("%s: %d, want %d", sql, got, n)
		}
	}
}

// balanced fails if the books do not agree with each other.
func (v *town) balanced() {
	v.t.Helper()
	r, err := v.app.store.Verify(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	if len(r.Differences) > 0 {
		v.t.Errorf("books differ: %s", fmt.Sprint(r.Differences))
	}
}

// authorise has María give somebody a vale.
func (v *town) authorise(phone, amount string) {
	v.t.Helper()
	v.says(maria, "VALE "+strings.TrimPrefix(phone, "+52")+" "+amount+" 8", "Responde SI, NO o CAMBIAR")
	v.says(maria, "SI", "Escribe tu NIP")
	v.says(maria, "4821", "Autorizado, folio")
	v.hears(phone, "Responde SI, NO o INFO")
}

// accept has Ana say yes, prove who she is and ask for a code, which it returns.
func (v *town) accept() string {
	v.t.Helper()
	v.says(ana, "sí", "confirma tu fecha de nacimiento")
	v.says(ana, "05/03/1990", "responde 1 para transferencia")
	v.write(ana, "2")
	return v.hearsCode()
}

// hearsCode waits for the code and for the calendar. The code overtakes what
// else is under way to the same phone, so they come in any order.
func (v *town) hearsCode() string {
	v.t.Helper()
	first, second := v.hears(ana, ""), v.hears(ana, "")
	if !strings.HasPrefix(first, "Tu clave") {
		first, second = second, first
	}
	if !strings.HasPrefix(first, "Tu clave de retiro es") || !strings.HasPrefix(second, "Tu primer pago es de") {
		v.t.Fatalf("hears %q and %q, want the code and the calendar", first, second)
	}
	return digitsOf(first)
}

// digitsOf finds the code in the message that brings it.
func digitsOf(body string) string {
	rest := strings.TrimPrefix(body, "Tu clave de retiro es ")
	digits, _, _ := strings.Cut(rest, " por ")
	return strings.ReplaceAll(digits, " ", "")
}

// active brings Ana all the way to a running loan and returns its reference.
func (v *town) active() string {
	v.t.Helper()
	v.authorise(ana, "3000")
	if !v.finish(v.accept(), "redeemed") {
		v.t.Fatal("the ATM does not know the code")
	}
	v.hears(ana, "Ya tienes tu dinero")
	v.hears(maria, "ya tiene los $3,000")
	var reference string
	if err := v.app.store.Pool().QueryRow(v.t.Context(), "select reference from loan").Scan(&reference); err != nil {
		v.t.Fatal(err)
	}
	return reference
}

// pays posts a payment for a loan, valued today.
func (v *town) pays(reference, ticket string, cents int64) {
	v.t.Helper()
	today := v.app.clock.Now().In(Zone()).Format(time.DateOnly)
	status := v.tell("/webhooks/payments", map[string]any{
		"source": "oxxo", "reference": ticket, "account_reference": reference, "amount_centavos": cents, "value_date": today,
	})
	if status != 200 {
		v.t.Fatalf("payment: HTTP %d", status)
	}
}

// emptyDatabase is a migrated database with nothing in it.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	return pgtest.Open(t, migrations.FS, postgres.Migrate)
}

// get reads a page of the program.
func (v *town) get(path string) (status int, body string) {
	v.t.Helper()
	res, err := v.client.Get(v.url(path))
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, string(all)
}

// answers waits until a page has a status, and returns it. Pages that ask the
// database say that it is away while the machine is very busy.
func (v *town) answers(path string, status int) string {
	v.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		got, body := v.get(path)
		if got == status {
			return body
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("%s: HTTP %d %s, want %d", path, got, body, status)
		}
	}
}

// metric reads one value of /metrics.
func metric(t *testing.T, v *town, name string) string {
	t.Helper()
	body := v.answers("/metrics", 200)
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
