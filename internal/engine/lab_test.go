package engine_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"valebot/flows"
	"valebot/internal/engine"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/locale"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/outbox"
	"valebot/internal/postgres"
	"valebot/internal/postgres/pgtest"
	"valebot/internal/quincena"
	"valebot/internal/source"
	"valebot/internal/understand"
	"valebot/internal/vault"
	"valebot/locales"
	"valebot/migrations"
)

// small are flows that show one habit of the engine each.
var small = fstest.MapFS{
	"_interrupts.yaml": file(`
busy: p.momento
aside: p.recibido
handoff: p.persona
interrupts:
  BAJA:   {words: [baja], do: contact.opt_out, say: p.baja, then: end, locked: true}
  ALTA:   {words: [alta], do: contact.opt_in, say: p.alta, then: resume, locked: true}
  AYUDA:  {words: [ayuda], say: p.ayuda, then: resume, locked: true}
  AGENTE: {words: [agente], then: handoff, queue: general, reason: "pidió una persona", say: p.persona, locked: true}
  QUEJA:  {words: [queja], then: handoff, queue: quejas, reason: "tiene una queja", say: p.persona, locked: true}
  NO_SOY: {words: [no soy], do: contact.wrong_number, say: p.baja, then: handoff, queue: fraude, reason: "no es", locked: true}
`),
	"inicio.flow.yaml": file(`
flow: inicio
version: 1
title: Nadie preguntó nada
starts: [{idle: true}]
start: libre
steps:
  libre:
    expect: [greeting]
    next: {greeting: saludo}
    unclear: [{go: ayuda}]
  saludo: {say: p.hola, next: libre}
  ayuda:  {say: p.ayuda, next: libre}
`),
	"oferta.flow.yaml": file(`
flow: oferta
version: 1
title: Una pregunta
about: vale
starts: [{event: vale.authorized}]
start: pregunta
steps:
  pregunta:
    ask: p.oferta
    again: p.oferta_corta
    expect: yes_no
    next: {affirm: si, deny: no_}
    meanwhile: {vale.cancelled: no_}
    after:
      4h: {say: p.recordatorio}
      72h: {go: no_}
    unclear: [{say: p.no_entendi}, {say: p.no_entendi}, {go: agente}]
  si:  {say: p.gracias, end: aceptada}
  no_: {say: p.lastima, end: perdida}
  agente: {handoff: general, reason: "no se le entiende", say: p.persona, next: {resolved: no_, returned: pregunta}}
`),
	"urgente.flow.yaml": file(`
flow: urgente
version: 1
title: Otra pregunta que llega en medio
about: vale
starts: [{event: vale.expired}]
start: pregunta
steps:
  pregunta: {ask: p.urgente, expect: yes_no, next: {affirm: fin, deny: fin}}
  fin: {say: p.gracias, end: listo}
`),
	"leve.flow.yaml": file(`
flow: leve
version: 1
title: Una pregunta que puede esperar
about: vale
starts: [{event: vale.declined}]
start: pregunta
steps:
  pregunta: {ask: p.leve, expect: yes_no, next: {affirm: fin, deny: fin}}
  fin: {say: p.gracias, end: listo}
`),
	"pedido.flow.yaml": file(`
flow: pedido
version: 1
title: Lo que la persona empieza
starts: [{intent: new_vale, audience: beneficiary}]
start: cuanto
slots: {monto: {type: amount}}
steps:
  cuanto: {ask: p.cuanto, expect: amount, save: monto, next: {ok: fin}, unclear: [{say: p.no_entendi}, {go: fin}]}
  fin: {say: p.gracias, end: pedido}
`),
	"nip.flow.yaml": file(`
flow: nip
version: 1
title: Una pregunta secreta
about: vale
starts: [{event: vale.delivered}]
start: pregunta
slots: {nip: {type: pin, secret: true}}
steps:
  pregunta: {ask: p.nip, expect: pin, save: nip, next: {ok: fin}, unclear: [{say: p.no_entendi}, {go: fin}]}
  fin: {say: p.gracias, end: listo}
`),
}

var smallTexts = map[string]string{
	"momento": "Un momento", "recibido": "Recibido", "persona": "Te atiende una persona", "baja": "Ya no te escribimos", "alta": "Te escribimos",
	"ayuda": "Escribe BAJA o AGENTE", "hola": "Hola", "oferta": "Oferta: SI o NO", "oferta_corta": "Otra vez: SI o NO", "gracias": "Gracias",
	"lastima": "Otro dia sera", "recordatorio": "Sigue tu oferta", "no_entendi": "No te entendi", "urgente": "Urgente: SI o NO",
	"leve": "Leve: SI o NO", "cuanto": "Cuanto quieres", "nip": "Escribe tu NIP",
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func smallMessages() fs.FS {
	var text strings.Builder
	text.WriteString("p:\n")
	for _, key := range slices.Sorted(maps.Keys(smallTexts)) {
		fmt.Fprintf(&text, "  %s: {sms: %q, wa: %q, plantilla: %s_v1}\n", key, smallTexts[key], smallTexts[key], key)
	}
	return fstest.MapFS{"es-MX/mensajes.yaml": file(text.String())}
}

var lexicon = sync.OnceValues(func() (*understand.Understander, error) {
	words, err := understand.LoadLexicon(locales.FS, "es-MX/lexicon")
	if err != nil {
		return nil, err
	}
	return understand.New(words)
})

// lab is an engine over a database of its own, with a clock that stands still
// until it is moved.
type lab struct {
	*testing.T
	*engine.Engine
	store *postgres.Store
	rules *engine.Rules
	log   *lockedBuffer
	mu    sync.Mutex
	now   time.Time
	n     int
	calls []lending.RailCall
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

const ana, beto, maria = "+526671234567", "+526672345678", "+526670000001"

func newLab(t *testing.T, change ...func(*engine.Config)) *lab {
	t.Helper()
	return newLabOf(t, small, smallMessages(), change...)
}

func shippedLab(t *testing.T) *lab {
	t.Helper()
	return newLabOf(t, flows.FS, locales.FS)
}

func newLabOf(t *testing.T, flowFS, messageFS fs.FS, change ...func(*engine.Config)) *lab {
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
	l := &lab{T: t, store: store, log: &lockedBuffer{}, now: time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)}
	store.UseJobs(func(_ context.Context, _ pgx.Tx, calls []lending.RailCall) error {
		l.calls = append(l.calls, calls...)
		return nil
	})
	l.rules = rulesOf(t, flowFS, messageFS)
	cfg := engine.Config{
		Group: 64, Tries: 3, Backoff: time.Minute, Now: l.clock, Log: l.logger(), OnCommit: func(engine.Done) {},
	}
	for _, f := range change {
		f(&cfg)
	}
	l.Engine = engine.New(store, l.rules, cfg)
	l.seed()
	return l
}

func rulesOf(t *testing.T, flowFS, messageFS fs.FS) *engine.Rules {
	t.Helper()
	u, err := lexicon()
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(flows.FS, "products/vale.yaml")
	if err != nil {
		t.Fatal(err)
	}
	product, err := loan.ParseProduct(text)
	if err != nil {
		t.Fatal(err)
	}
	actions := lending.Actions(lending.Settings{Product: product, Calendar: quincena.NewCalendar()})
	catalog, problems := locale.Load(messageFS)
	set, more := flow.Load(flowFS, actions.Vocabulary(), catalog)
	for _, p := range append(problems, more...) {
		if p.Severity == source.Error {
			t.Fatal(p.String())
		}
	}
	return &engine.Rules{
		Flows: set, Messages: catalog, Understand: u, Actions: actions, NewID: engine.NewID, Accounts: []string{"AC1"},
		HashPIN: func(pin string) string { return "h" + pin }, VerifyPIN: func(encoded, pin string) bool { return encoded == "h"+pin },
	}
}

func (l *lab) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l.log, nil)) }

func (l *lab) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *lab) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *lab) act(name string, with map[string]any) lending.Result {
	l.Helper()
	l.n++
	r, err := l.Act(l.Context(), "test", fmt.Sprintf("cause-%d", l.n), name, with)
	l.must(err)
	return r
}

func (l *lab) person(phone, name string) {
	l.act("person.upsert", map[string]any{
		"telefono": phone, "nombre": name, "nacimiento": quincena.Date{Year: 1990, Month: 3, Day: 5}, "tope": money.Pesos(5000),
	})
}

func (l *lab) seed() {
	l.Helper()
	l.person(ana, "Ana Ruiz")
	l.person(beto, "Beto Sosa")
	l.act("distributor.upsert", map[string]any{
		"telefono": maria, "nombre": "María López", "nacimiento": quincena.Date{}, "linea": money.Pesos(20000),
		"plazos": []int{4, 6, 8, 12}, "nip": "4821",
	})
}

// write stores a message of phone without handling it.
func (l *lab) write(phone, body string, change ...func(*message.Inbound)) {
	l.Helper()
	l.n++
	m := message.Inbound{
		Provider: "twilio", Account: "AC1", ProviderID: fmt.Sprintf("SM%d", l.n), From: message.Address{Channel: message.SMS, Value: phone},
		Kind: message.Text, Body: body, ReceivedAt: l.clock(),
	}
	for _, f := range change {
		f(&m)
	}
	l.arrive(m.From.Key(), m.From, "twilio", m.ProviderID, engine.MessageEvent, m, m.ReceivedAt)
}

func (l *lab) arrive(key string, from message.Address, source, id string, kind engine.EventKind, payload any, at time.Time) {
	l.Helper()
	_, err := l.store.Arrive(l.Context(), []postgres.Arrival{{
		Key: key, Channel: from.Channel, Address: from.Value, Source: source, SourceID: id, Kind: kind, Payload: payload, ReceivedAt: at,
	}})
	l.must(err)
}

// happen stores something that the core says about matter id.
func (l *lab) happen(phone, name, id string) {
	l.Helper()
	l.n++
	from := message.Address{Channel: message.SMS, Value: phone}
	emit := lending.Emit{Key: fmt.Sprintf("%s:%d", name, l.n), Name: name, About: lending.About{Kind: "prueba", ID: id}}
	l.arrive(from.Key(), from, "core", emit.Key, engine.CoreEvent, emit, l.clock())
}

// desk stores that an agent gave the chat back.
func (l *lab) desk(phone, outcome string) {
	l.Helper()
	l.n++
	from := message.Address{Channel: message.SMS, Value: phone}
	l.arrive(from.Key(), from, "desk", fmt.Sprint(l.n), engine.DeskEvent, engine.Desk{Agent: "luis", Outcome: outcome}, l.clock())
}

// drain handles what is pending.
func (l *lab) drain() int {
	l.Helper()
	n, err := l.Drain(l.Context())
	l.must(err)
	return n
}

// deliver hands everything to a provider that takes all, and returns the texts
// in order, by phone if it is given.
func (l *lab) deliver(phone string) (texts []string) {
	l.Helper()
	for {
		var taken []outbox.Candidate
		n, err := l.store.Dispatch(l.Context(), l.clock(), outbox.Heads(), 500, time.Minute, func(cs []outbox.Candidate) []outbox.Verdict {
			vs := make([]outbox.Verdict, len(cs))
			for i, c := range cs {
				vs[i] = outbox.Verdict{ID: c.ID, State: outbox.Sending, Attempt: 1}
			}
			taken = slices.Clone(cs)
			return vs
		})
		l.must(err)
		if n == 0 {
			return texts
		}
		vs := make([]outbox.Verdict, len(taken))
		for i, c := range taken {
			vs[i] = outbox.Verdict{ID: c.ID, State: outbox.Accepted, Attempt: 1, ProviderID: "SM" + c.ID.String()}
			if phone == "" || c.To.Value == phone {
				texts = append(texts, c.Body)
			}
		}
		l.must(l.store.Settle(l.Context(), l.clock(), vs))
	}
}

// say lets phone write and returns what she gets.
func (l *lab) say(phone, body string, change ...func(*message.Inbound)) []string {
	l.Helper()
	l.add(time.Minute)
	l.write(phone, body, change...)
	l.drain()
	return l.deliver(phone)
}

// fire turns due timers into events and handles them.
func (l *lab) fire(phone string) []string {
	l.Helper()
	_, err := l.store.Fire(l.Context(), l.clock(), 100)
	l.must(err)
	l.drain()
	return l.deliver(phone)
}

// one reads one value of the database.
func one[T any](l *lab, sql string, args ...any) (v T) {
	l.Helper()
	l.must(l.store.Pool().QueryRow(l.Context(), sql, args...).Scan(&v))
	return v
}

func (l *lab) exec(sql string, args ...any) {
	l.Helper()
	_, err := l.store.Pool().Exec(l.Context(), sql, args...)
	l.must(err)
}

// owner returns who owns phone's chat and in which queue it waits.
func (l *lab) owner(phone string) string {
	l.Helper()
	return one[string](l, `select trim(owner || ' ' || queue) from conversation where key = $1`, "tel:"+phone)
}

// take gives phone's chat to an agent, as the desk does.
func (l *lab) take(phone string) {
	l.Helper()
	l.exec(`update conversation set owner = 'agent', agent = 'luis', epoch = epoch + 1, version = version + 1 where key = $1`, "tel:"+phone)
}

// status returns how a dialogue of phone stands.
func (l *lab) status(phone, flow string) string {
	l.Helper()
	return one[string](l, `select trim(d.status || ' ' || d.outcome) from dialogue d join conversation c on c.id = d.conversation_id
		where c.key = $1 and d.flow = $2 order by d.id desc limit 1`, "tel:"+phone, flow)
}
