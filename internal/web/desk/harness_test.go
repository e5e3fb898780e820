package desk_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"valebot/flows"
	"valebot/internal/casework"
	"valebot/internal/engine"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/internal/quincena"
	"valebot/internal/vault"
	"valebot/internal/web/desk"
	"valebot/migrations"
)

// plain stands in for argon2id, which would take most of the time of the tests.
type plain struct{}

func (plain) HashPassword(password string) string { return "plain:" + password }

func (plain) VerifyPassword(encoded, password string) bool { return encoded == "plain:"+password }

// office is a desk over a database of its own.
type office struct {
	*testing.T
	store *postgres.Store
	pool  *pgxpool.Pool
	desk  *desk.Desk
	deeds *engine.Engine
	shelf *shelf
	web   *httptest.Server
	now   time.Time
	wall  time.Time
	woken chan struct{}
}

func newOffice(t *testing.T, proxies ...netip.Prefix) *office {
	t.Helper()
	v, err := vault.Ephemeral(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.Open(t.Context(), pgtest.Open(t, migrations.FS, postgres.Migrate), v, engine.NewID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	at := time.Date(2026, 3, 2, 16, 30, 0, 0, time.UTC)
	o := &office{T: t, store: store, pool: store.Pool(), now: at, wall: at, woken: make(chan struct{}, 100)}
	o.shelf = &shelf{store: store}
	d, err := desk.New(desk.Config{
		Store: store, Wake: func() { o.woken <- struct{}{} }, Now: func() time.Time { return o.now }, Wall: func() time.Time { return o.wall },
		Deeds: o.engine(), Flows: o.shelf, Proxies: proxies, Passwords: plain{}, PublicURL: "http://localhost:8080", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	o.must(err)
	o.desk = d
	o.web = httptest.NewServer(d.Handler())
	t.Cleanup(o.web.Close)
	o.must(store.PutAgent(t.Context(), "luis", "Luis Peña", "plain:demo", at))
	o.must(store.PutAgent(t.Context(), "eva", "Eva Ríos", "plain:demo", at))
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// write lets a person write, and the engine (here: lead) take it.
func (o *office) write(phone, text string, lead func(c engine.Conversation) engine.Change) uuid.UUID {
	o.Helper()
	o.arrive(message.Address{Channel: message.SMS, Value: phone}, text)
	return o.turn(lead)
}

// turn does what the engine does with whatever is pending of one conversation.
func (o *office) turn(lead func(c engine.Conversation) engine.Change) uuid.UUID {
	o.Helper()
	var id uuid.UUID
	o.must(o.store.InTx(o.Context(), func(ctx context.Context, tx engine.Tx) error {
		convs, err := tx.Claim(ctx, o.now, 1, uuid.Nil)
		if err != nil || len(convs) == 0 {
			return err
		}
		id = convs[0].ID
		change := lead(convs[0])
		for _, ev := range convs[0].Events {
			if len(change.Handled) == 0 || change.Handled[0].ID != ev.ID {
				change.Handled = append(change.Handled, engine.Handled{ID: ev.ID})
			}
		}
		return tx.Write(ctx, []engine.Change{change}, o.now)
	}))
	return id
}

// queued is a turn that hands the chat to the desk.
func (o *office) queued(queue, reason string, letters ...engine.Letter) func(engine.Conversation) engine.Change {
	return func(c engine.Conversation) engine.Change {
		for i := range letters {
			letters[i].Conversation, letters[i].Epoch = c.ID, c.Epoch
		}
		c.Owner, c.Queue, c.Reason, c.Priority, c.QueuedAt, c.LastIn = engine.Queue, queue, reason, 1, o.now, o.now
		return engine.Change{Conversation: c, Letters: letters}
	}
}

// letter is a message of the bot.
func (o *office) letter(text string, secret bool) engine.Letter {
	return engine.Letter{
		ID: engine.NewID(), Author: "bot", Lane: message.LaneReply, To: message.Address{Channel: message.SMS, Value: "+526671234567"},
		Content: engine.Content{Text: text}, Hash: sha256.Sum256([]byte(text)), Secret: secret, Segments: 1, Zone: "America/Mazatlan",
		NotBefore: o.now, Expires: o.now.Add(time.Hour), Created: o.now,
	}
}

func (o *office) count(sql string, args ...any) int {
	o.Helper()
	var n int
	o.must(o.pool.QueryRow(o.Context(), "select count(*)::int from "+sql, args...).Scan(&n))
	return n
}

// browser is one agent's browser.
type browser struct {
	*office
	client *http.Client
	last   string // body of the last page
}

func (o *office) browser() *browser {
	jar, err := cookiejar.New(nil)
	o.must(err)
	return &browser{office: o, client: &http.Client{Jar: jar}}
}

// agent is a browser that is logged in.
func (o *office) agent(login string) *browser {
	o.Helper()
	b := o.browser()
	if status := b.post("/mesa/entrar", "usuario", login, "clave", "demo"); status != http.StatusOK {
		o.Fatalf("login of %s: %d\n%s", login, status, b.last)
	}
	return b
}

func (b *browser) get(path string) int { return b.do(b.request(http.MethodGet, path, nil)) }

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.Context(), method, b.web.URL+path, body)
	b.must(err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req
}

func (b *browser) do(req *http.Request) int {
	b.Helper()
	answer, err := b.client.Do(req)
	b.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	b.must(err)
	b.last = string(body)
	return answer.StatusCode
}

// post sends a form of the page that was read last, with its hidden fields.
func (b *browser) post(path string, fields ...string) int {
	b.Helper()
	return b.do(b.request(http.MethodPost, path, b.form(fields...)))
}

func (b *browser) form(fields ...string) url.Values {
	form := url.Values{}
	for _, name := range []string{"csrf", "epoca", "pedido"} {
		if m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(b.last); m != nil {
			form.Set(name, m[1])
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

// sees fails unless the last page holds the text; misses is the opposite.
func (b *browser) sees(texts ...string) {
	b.Helper()
	for _, text := range texts {
		if !strings.Contains(b.last, text) {
			b.Errorf("the page does not show %q:\n%s", text, b.last)
		}
	}
}

func (b *browser) misses(texts ...string) {
	b.Helper()
	for _, text := range texts {
		if strings.Contains(b.last, text) {
			b.Errorf("the page shows %q:\n%s", text, b.last)
		}
	}
}

func chat(id uuid.UUID) string { return "/mesa/c/" + id.String() }

// arrive stores a message and lets nobody read it.
func (o *office) arrive(from message.Address, text string) {
	o.Helper()
	in := message.Inbound{Provider: "twilio", ProviderID: uuid.NewString(), From: from, Kind: message.Text, Body: text, ReceivedAt: o.now}
	_, err := o.store.Arrive(o.Context(), []postgres.Arrival{{
		Key: from.Key(), Channel: from.Channel, Address: from.Value, Source: "twilio", SourceID: in.ProviderID,
		Kind: engine.MessageEvent, Payload: in, ReceivedAt: o.now,
	}})
	o.must(err)
}

func (o *office) act(id uuid.UUID, agent string, epoch int) casework.Act {
	return casework.Act{Case: id, Agent: agent, Epoch: epoch, Request: uuid.New(), At: o.now}
}

// engine runs actions on the office's database, as the program's does.
func (o *office) engine() *engine.Engine {
	o.Helper()
	text, err := fs.ReadFile(flows.FS, "products/vale.yaml")
	o.must(err)
	product, err := loan.ParseProduct(text)
	o.must(err)
	o.deeds = engine.New(o.store, &engine.Rules{
		Actions: lending.Actions(lending.Settings{Product: product, Calendar: quincena.NewCalendar()}), NewID: engine.NewID,
		HashPIN: func(pin string) string { return "hash:" + pin },
	}, engine.Config{Now: func() time.Time { return o.now }, OnCommit: func(engine.Done) {}, Log: slog.New(slog.NewTextHandler(o.Output(), nil))})
	return o.deeds
}

// does runs an action as the program itself.
func (o *office) does(name string, with map[string]any) lending.Result {
	o.Helper()
	r, err := o.deeds.Act(o.Context(), "cli", uuid.NewString(), name, with)
	o.must(err)
	return r
}

// ana is a borrower, and her id.
func (o *office) ana() string {
	o.Helper()
	r := o.does("person.upsert", map[string]any{
		"telefono": "+526671234567", "nombre": "Ana Ruiz", "nacimiento": quincena.Date{Year: 1990, Month: 3, Day: 5}, "tope": money.Amount(5000_00),
	})
	return r.Value["id"].(string)
}

// supervisor is a browser of somebody who leads the desk.
func (o *office) supervisor(login string) *browser {
	o.Helper()
	o.must(o.store.SetDuty(o.Context(), login, casework.RoleSupervisor, nil))
	return o.agent(login)
}

func born(year int) quincena.Date { return quincena.Date{Year: year, Month: 3, Day: 5} }

func amount(centavos int64) money.Amount { return money.Amount(centavos) }
