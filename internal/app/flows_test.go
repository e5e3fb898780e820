package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/internal/quincena"
	"valebot/internal/vault"
	"valebot/migrations"
)

// offer is a flow with one question, whose step and words are given.
func offer(version int, step, extra string) string {
	return fmt.Sprintf(`flow: oferta
version: %d
title: Una pregunta
about: vale
starts: [{event: vale.declined}]
start: %[2]s
%[3]ssteps:
  %[2]s:
    ask: p.oferta
    expect: yes_no
    next: {affirm: fin, deny: fin}
    meanwhile: {vale.cancelled: fin}
    unclear: [{go: fin}]
  fin: {say: p.gracias, end: listo}
`, version, step, extra)
}

// texts are messages in which the offer and the thanks are given.
func texts(offer, thanks string) string {
	return fmt.Sprintf(`p:
  hola: {sms: "Hola", wa: "Hola"}
  oferta: {sms: %q, wa: %[1]q, plantilla: oferta_v1}
  gracias: {sms: %q, wa: %[2]q, plantilla: gracias_v1}
`, offer, thanks)
}

const idleFlow = `flow: inicio
version: %d
title: Nadie preguntó nada
starts: [{idle: true}]
start: libre
steps:
  libre: {expect: [greeting], next: {greeting: saludo}, unclear: [{go: saludo}]}
  saludo: {say: p.hola, next: libre}
`

// office is a small folder of flows with the product and the lexicon that the
// program carries.
func office(t testing.TB, offer, messages string) Bundle {
	t.Helper()
	shipped, err := BundleOf(FilesFrom(""))
	if err != nil {
		t.Fatal(err)
	}
	b := shipped.part("flows/products/").with(shipped.part("locales/es-MX/lexicon/"))
	b["flows/oferta.flow.yaml"], b["flows/inicio.flow.yaml"], b["locales/es-MX/mensajes.yaml"] = offer, fmt.Sprintf(idleFlow, 1), messages
	b["flows/_interrupts.yaml"] = "busy: p.hola\naside: p.hola\nhandoff: p.hola\ninterrupts:\n  BAJA: {words: [baja], do: contact.opt_out, say: p.hola, then: end, locked: true}\n"
	return b
}

// press publishes flows on a database of its own and runs an engine by them.
type press struct {
	*testing.T
	app *App
	n   int
	now time.Time
}

func newPress(t *testing.T, first Bundle) *press {
	t.Helper()
	url := pgtest.Open(t, migrations.FS, postgres.Migrate)
	v, err := vault.Ephemeral(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.Open(t.Context(), url, v, engine.NewID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	store.UseJobs(func(context.Context, pgx.Tx, []lending.RailCall) error { return nil })
	p := &press{T: t, now: time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)}
	p.app = p.node(store, v, first)
	return p
}

// node is another process on the same database.
func (p *press) node(store *postgres.Store, v *vault.Vault, first Bundle) *App {
	p.Helper()
	a := &App{store: store, vault: v, shelf: newShelf(store), log: slog.New(slog.NewTextHandler(p.Output(), nil)), clock: &Clock{store: store}}
	if first != nil {
		p.must(p.publisher(a).Publish(p.Context(), first.files(), Publication{Author: "rosa"}))
	}
	run, err := a.shelf.load(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	a.flowSeq.Store(run.seq)
	a.engine = engine.New(store, a.rulesOf(run), engine.Config{
		Group: 128, Tries: 3, Backoff: time.Minute, Now: func() time.Time { return p.now }, Log: a.log, OnCommit: func(engine.Done) {}, Refresh: a.refreshFlows,
	})
	return a
}

func (p *press) publisher(a *App) *Publisher {
	return &Publisher{store: a.store, now: func() time.Time { return p.now }}
}

func (p *press) must(r Result, err error) Result {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
	return r
}

func (p *press) publish(b Bundle, how Publication) Result {
	p.Helper()
	if how.Author == "" {
		how.Author = "rosa"
	}
	return p.must(p.publisher(p.app).Publish(p.Context(), b.files(), how))
}

func (p *press) refresh() {
	p.Helper()
	if err := p.app.refreshFlows(p.Context()); err != nil {
		p.Fatal(err)
	}
}

// happen tells contacts from to until of something.
func (p *press) happen(name string, from, until int) {
	p.Helper()
	var arrivals []postgres.Arrival
	for i := from; i < until; i++ {
		p.n++
		a := message.Address{Channel: message.SMS, Value: fmt.Sprintf("+52667%07d", i)}
		emit := lending.Emit{Key: fmt.Sprintf("%s:%d", name, p.n), Name: name, About: lending.About{Kind: "prueba", ID: fmt.Sprint(i)}}
		arrivals = append(arrivals, postgres.Arrival{Key: a.Key(), Channel: a.Channel, Address: a.Value, Source: "core", SourceID: emit.Key,
			Kind: engine.CoreEvent, Payload: emit, ReceivedAt: p.now})
	}
	if _, err := p.app.store.Arrive(p.Context(), arrivals); err != nil {
		p.Fatal(err)
	}
}

func (p *press) drain(a *App) {
	p.Helper()
	if _, err := a.engine.Drain(p.Context()); err != nil {
		p.Fatal(err)
	}
}

func ask[T any](p *press, sql string, args ...any) (v T) {
	p.Helper()
	if err := p.app.store.Pool().QueryRow(p.Context(), sql, args...).Scan(&v); err != nil {
		p.Fatal(err)
	}
	return v
}

// said counts the different texts with which a message was said.
func (p *press) said(key string) map[string]int {
	p.Helper()
	rows, _ := p.app.store.Pool().Query(p.Context(), `select encode(body_hash, 'hex') from outbox where message_key = $1`, key)
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		p.Fatal(err)
	}
	out := map[string]int{}
	for _, h := range hashes {
		out[h[:8]]++
	}
	return out
}

func gocmp(want, got any) string { return cmp.Diff(want, got) }

// A node that meets a version which another node published a moment ago reads it
// and goes on.
func TestNodesAgree(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	other := p.node(p.app.store, p.app.vault, nil)
	p.publish(office(t, offer(2, "otra", ""), texts("Oferta: SI o NO", "Gracias")), Publication{})
	p.refresh()
	p.happen("vale.declined", 0, 5)
	p.drain(p.app)
	p.happen("vale.cancelled", 0, 5)
	p.drain(other)
	if n := ask[int](p, `select count(*) from dialogue where version = 2 and outcome = 'listo'`); n != 5 {
		t.Errorf("%d of 5 ended", n)
	}
	if other.flowSeq.Load() != 2 {
		t.Errorf("the other node is at %d", other.flowSeq.Load())
	}
}

// A node hears of a change without being asked.
func TestNodesFollow(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = p.app.followFlows(ctx) }()
	p.publish(office(t, offer(2, "otra", ""), texts("Oferta: SI o NO", "Gracias")), Publication{})
	until(t, func() bool { return p.app.flowSeq.Load() == 2 })
	cancel()
	<-ended
}

func until(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("it does not come")
		}
		pause(t.Context(), 5*time.Millisecond)
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	first := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias"))
	p := newPress(t, first)
	if !p.publish(first, Publication{}).Unchanged {
		t.Error("the same files were published again")
	}
	_, err := p.publisher(p.app).Publish(t.Context(), office(t, offer(1, "otra", ""), texts("Oferta: SI o NO", "Gracias")).files(), Publication{Author: "rosa"})
	if fault.CodeOf(err) != "flow_changed" || !strings.Contains(err.Error(), "version:` a 2") {
		t.Errorf("other content under one number: %v", err)
	}
	_, err = p.publisher(p.app).Publish(t.Context(), office(t, offer(2, "otra", "")+"  lejos: {go: nada}\n", texts("Oferta: SI o NO", "Gracias")).files(), Publication{Author: "rosa"})
	if err == nil || !strings.Contains(err.Error(), "oferta.flow.yaml:") {
		t.Errorf("a broken file: %v", err)
	}
	if seq := ask[int](p, `select max(seq) from flow_change`); seq != 1 {
		t.Errorf("a refused change is in force: %d", seq)
	}
	for _, sql := range []string{`update flow_version set source = 'x'`, `delete from flow_bundle`, `update flow_change_item set version = 9`} {
		if _, err := p.app.store.Pool().Exec(t.Context(), sql); err == nil {
			t.Errorf("%s went through", sql)
		}
	}
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	second := office(t, offer(2, "otra", ""), texts("Oferta: SI o NO", "Gracias"))
	if r := p.publish(second, Publication{FourEyes: true}); r.Change.Seq != 0 {
		t.Fatal("in force without approval")
	}
	lines, err := p.publisher(p.app).Versions(t.Context(), "oferta")
	if err != nil || lines[0].State != "waiting" || lines[1].State != "current" {
		t.Errorf("versions: %+v, %v", lines, err)
	}
	if _, err := p.publisher(p.app).Approve(t.Context(), "rosa"); fault.CodeOf(err) != "same_eyes" {
		t.Errorf("approved by its author: %v", err)
	}
	r := p.must(p.publisher(p.app).Approve(t.Context(), "luis"))
	if r.Change.Seq != 2 || r.Change.ApprovedBy != "luis" {
		t.Errorf("approved: %+v", r.Change)
	}
	if _, err := p.publisher(p.app).Approve(t.Context(), "luis"); fault.CodeOf(err) != "nothing_waits" {
		t.Errorf("approved twice: %v", err)
	}
}

// Where it is the rule, nobody's publication comes into force alone, drafts are
// refused, and going back to what ran before waits for nobody.
func TestFourEyesAsARule(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	require := func(on, changes bool) {
		t.Helper()
		if changed, err := p.publisher(p.app).RequireFourEyes(t.Context(), on, "luis"); err != nil || changed != changes {
			t.Fatal(changed, err)
		}
	}
	require(false, false)
	require(true, true)
	require(true, false)
	second := office(t, offer(2, "otra", ""), texts("Oferta: SI o NO", "Gracias"))
	if r := p.publish(second, Publication{}); r.Change.Seq != 0 {
		t.Error("in force without approval")
	}
	ed, err := editionOf(second.files())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.publisher(p.app).draft(t.Context(), ed); fault.CodeOf(err) != "four_eyes" {
		t.Errorf("a draft: %v", err)
	}
	p.must(p.publisher(p.app).Approve(t.Context(), "luis"))
	if r := p.must(p.publisher(p.app).Rollback(t.Context(), "oferta", Publication{Author: "rosa"})); r.Change.Seq != 3 {
		t.Errorf("rolled back: %+v", r.Change)
	}
	require(false, true)
	if r := p.publish(office(t, offer(3, "tercera", ""), texts("Oferta: SI o NO", "Gracias")), Publication{}); r.Change.Seq != 4 {
		t.Errorf("without the rule: %+v", r.Change)
	}
	if n := ask[int](p, `select count(*) from audit where actor = 'luis' and action = 'flow.four_eyes'`); n != 2 {
		t.Errorf("%d lines in the audit", n)
	}
}

// People who wait for an answer go on in the new version where it has a place
// for them, and their question is asked anew.
func TestMigrate(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	p.happen("vale.declined", 0, 250)
	p.drain(p.app)
	r := p.publish(office(t, offer(2, "otra", "migrate: {pregunta: otra}\n"), texts("Nueva: SI o NO", "Mil gracias")), Publication{People: postgres.MovePeople})
	if r.Moved != 250 {
		t.Errorf("%d moved", r.Moved)
	}
	p.refresh()
	p.drain(p.app)
	if n := ask[int](p, `select count(*) from dialogue where version = 2 and step = 'otra' and status = 'asking'`); n != 250 {
		t.Errorf("%d are asked anew", n)
	}
	if n := ask[int](p, `select count(*) from outbox where message_key = 'p.oferta'`); n != 500 {
		t.Errorf("%d questions", n)
	}
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	p.happen("vale.declined", 0, 3)
	p.drain(p.app)
	r := p.publish(office(t, offer(2, "otra", ""), texts("Oferta: SI o NO", "Gracias")), Publication{People: postgres.HandOverPeople})
	if r.HandedOver != 3 {
		t.Errorf("%d handed over", r.HandedOver)
	}
	reason := ask[string](p, `select min(reason) from conversation where owner = 'queue' and queue = 'cambios'`)
	if reason != "estaba en «pregunta», que oferta v2 ya no tiene" {
		t.Errorf("reason: %s", reason)
	}
}

func TestDiffAndRollback(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	p.happen("vale.declined", 0, 2)
	p.drain(p.app)
	second := office(t, offer(2, "otra", "migrate: {pregunta: otra}\n"), texts("Nueva: SI o NO", "Gracias"))
	diffs, err := p.publisher(p.app).Diff(t.Context(), "oferta", second.files())
	if err != nil {
		t.Fatal(err)
	}
	want := FlowDiff{
		Flow: "oferta", From: 1, To: 2, Added: []string{"otra"}, Removed: []string{"pregunta"}, Changed: []string{}, Terms: []string{},
		Messages: []MessageChange{{"p.oferta.sms", "Oferta: SI o NO", "Nueva: SI o NO"}, {"p.oferta.wa", "Oferta: SI o NO", "Nueva: SI o NO"}},
		Others:   []string{"locales/es-MX/mensajes.yaml"}, Waiting: []WaitingPeople{{1, "pregunta", 2, true, "otra"}},
	}
	if d := cmp.Diff([]FlowDiff{want}, diffs); d != "" {
		t.Error(d)
	}
	p.publish(second, Publication{})
	lines, err := p.publisher(p.app).Versions(t.Context(), "oferta")
	if err != nil || lines[1].State != "ending" || lines[1].People != 2 {
		t.Errorf("versions: %+v, %v", lines, err)
	}
	r := p.must(p.publisher(p.app).Rollback(t.Context(), "oferta", Publication{Author: "luis", Note: "no se entiende"}))
	if v, _ := versionIn(r.Change, "oferta"); v != 1 || r.Change.Kind != postgres.RolledBack {
		t.Errorf("rolled back to %+v", r.Change)
	}
	if _, err := p.publisher(p.app).Rollback(t.Context(), "oferta", Publication{Author: "luis"}); fault.CodeOf(err) != "no_older_version" {
		t.Errorf("rolled back beyond the first: %v", err)
	}
	p.refresh()
	run, err := p.app.shelf.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := run.set.Latest("oferta"); m.Version() != 1 || said(run.book, "p.oferta")["sms"] != "Oferta: SI o NO" {
		t.Errorf("v%d runs, and says %q", m.Version(), said(run.book, "p.oferta")["sms"])
	}
}

// Somebody who writes to nobody in particular is never pinned.
func TestIdleMovesAlong(t *testing.T) {
	t.Parallel()
	first := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias"))
	p := newPress(t, first)
	_, err := p.app.engine.Act(t.Context(), "test", "1", "person.upsert", map[string]any{"telefono": ana, "nombre": "Ana", "nacimiento": date1990(), "tope": pesos(5000)})
	if err != nil {
		t.Fatal(err)
	}
	write := func() {
		p.n++
		m := message.Inbound{Provider: "twilio", ProviderID: fmt.Sprint("SM", p.n), From: message.Address{Channel: message.SMS, Value: ana}, Kind: message.Text, Body: "hola", ReceivedAt: p.now}
		_, err := p.app.store.Arrive(t.Context(), []postgres.Arrival{{Key: m.From.Key(), Channel: message.SMS, Address: ana, Source: "twilio",
			SourceID: m.ProviderID, Kind: engine.MessageEvent, Payload: m, ReceivedAt: p.now}})
		if err != nil {
			t.Fatal(err)
		}
		p.drain(p.app)
	}
	write()
	p.publish(first.with(Bundle{"flows/inicio.flow.yaml": fmt.Sprintf(idleFlow, 2)}), Publication{})
	p.refresh()
	write()
	if v := ask[int](p, `select version from dialogue where flow = 'inicio'`); v != 2 {
		t.Errorf("idle in v%d", v)
	}
}

// Drafts get a number of their own, so that who is in the middle stays.
func TestDrafts(t *testing.T) {
	t.Parallel()
	first := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias"))
	p := newPress(t, first)
	save := func(b Bundle) (Result, error) {
		ed, err := editionOf(b.files())
		if err != nil {
			return Result{}, err
		}
		return p.publisher(p.app).draft(t.Context(), ed)
	}
	for i, step := range []string{"otra", "tercera", "pregunta"} {
		r, err := save(office(t, offer(1, step, ""), texts("Oferta: SI o NO", "Gracias")))
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := versionIn(r.Change, "oferta"); v != []int{2, 3, 1}[i] {
			t.Errorf("draft %s is v%d", step, v)
		}
	}
	if _, err := save(office(t, "flow: oferta\n", texts("Oferta: SI o NO", "Gracias"))); err == nil {
		t.Error("a broken draft was taken")
	}
}

func date1990() quincena.Date { return quincena.Date{Year: 1990, Month: 3, Day: 5} }

func pesos(n int64) money.Amount { return money.Pesos(n) }

// Where another flow went on meanwhile, it stays, and so do the messages.
func TestRollbackOfOneFlow(t *testing.T) {
	t.Parallel()
	p := newPress(t, office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias")))
	second := office(t, offer(2, "otra", ""), texts("Nueva: SI o NO", "Gracias"))
	p.publish(second.with(Bundle{"flows/inicio.flow.yaml": fmt.Sprintf(idleFlow, 2)}), Publication{})
	r := p.must(p.publisher(p.app).Rollback(t.Context(), "oferta", Publication{Author: "luis"}))
	offered, _ := versionIn(r.Change, "oferta")
	idle, _ := versionIn(r.Change, "inicio")
	run, err := p.app.shelf.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if offered != 1 || idle != 2 || said(run.book, "p.oferta")["sms"] != "Nueva: SI o NO" {
		t.Errorf("oferta v%d, inicio v%d, %q", offered, idle, said(run.book, "p.oferta")["sms"])
	}
}
