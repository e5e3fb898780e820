package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/outbox"
	"valebot/internal/quincena"
)

func check(t *testing.T, got any, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// offered is a lab where Ana was asked oferta's question.
func offered(t *testing.T, change ...func(*engine.Config)) *lab {
	t.Helper()
	l := newLab(t, change...)
	l.happen(ana, "vale.authorized", "1")
	l.drain()
	check(t, l.deliver(ana), []string{"Oferta: SI o NO"})
	return l
}

func TestReplyAnswersItsQuestion(t *testing.T) {
	t.Parallel()
	l := offered(t)
	check(t, l.say(ana, "sí"), []string{"Gracias"})
	check(t, l.status(ana, "oferta"), "ended aceptada")
	check(t, l.owner(ana), "bot")
	check(t, l.say(ana, "hola"), []string{"Hola"})
}

func TestUnclearRepliesEndWithAPerson(t *testing.T) {
	t.Parallel()
	l := offered(t)
	check(t, l.say(ana, "xyzzy plugh"), []string{"No te entendi"})
	check(t, l.say(ana, "xyzzy plugh"), []string{"No te entendi"})
	check(t, l.say(ana, "xyzzy plugh"), []string{"Te atiende una persona"})
	check(t, l.owner(ana), "queue general")
	check(t, l.status(ana, "oferta"), "handed")
}

// A reply that was sent before the question was handed over is not its answer.
func TestReplyThatCrossesTheQuestion(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.happen(ana, "vale.authorized", "1")
	l.drain()
	l.write(ana, "sí") // the question still waits to be sent
	l.drain()
	check(t, l.status(ana, "oferta"), "asking")
	check(t, l.deliver(ana), []string{"Oferta: SI o NO"}) // and is not sent twice
	early := func(m *message.Inbound) { m.ReceivedAt = l.clock().Add(-2 * time.Minute) }
	check(t, l.say(ana, "sí", early), []string{"Otra vez: SI o NO"})
	check(t, l.status(ana, "oferta"), "asking")
	check(t, l.say(ana, "sí"), []string{"Gracias"})
}

// A question that the provider refused for now was not asked yet.
func TestReplyToARefusedQuestion(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.happen(ana, "vale.authorized", "1")
	l.drain()
	var v outbox.Verdict
	_, err := l.store.Dispatch(t.Context(), l.clock(), outbox.Heads(), 1, time.Minute, func(cs []outbox.Candidate) []outbox.Verdict {
		v = outbox.Verdict{ID: cs[0].ID, State: outbox.Sending, Attempt: 1}
		return []outbox.Verdict{v}
	})
	l.must(err)
	v.State, v.Attempt, v.NotBefore = outbox.Queued, 0, l.clock().Add(time.Minute)
	l.must(l.store.Settle(t.Context(), l.clock(), []outbox.Verdict{v}))
	l.add(30 * time.Second)
	l.write(ana, "sí")
	l.drain()
	check(t, l.status(ana, "oferta"), "asking")
	l.add(time.Minute)
	check(t, l.deliver(ana), []string{"Oferta: SI o NO"})
	check(t, l.say(ana, "sí"), []string{"Gracias"})
}

func TestTapsCarryTheirQuestion(t *testing.T) {
	t.Parallel()
	l := offered(t)
	old := one[uuid.UUID](l, `select question from dialogue where flow = 'oferta'`)
	tap := func(id string) func(*message.Inbound) {
		return func(m *message.Inbound) { m.Kind, m.Tap = message.Tap, id }
	}
	check(t, l.say(ana, "", tap(uuid.NewString()+":affirm")), []string{"Otra vez: SI o NO"})
	check(t, l.say(ana, "", tap(old.String()+":affirm")), []string{"Otra vez: SI o NO"})
	now := one[uuid.UUID](l, `select question from dialogue where flow = 'oferta'`)
	check(t, l.say(ana, "", tap(now.String()+":affirm")), []string{"Gracias"})
}

func TestRepeatedWebhookIsOneEvent(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.add(time.Minute)
	same := func(m *message.Inbound) { m.ProviderID = "SMigual" }
	l.write(ana, "sí", same)
	l.write(ana, "sí", same)
	check(t, l.drain(), 1)
	l.write(ana, "sí", same)
	check(t, l.drain(), 0)
	check(t, l.deliver(ana), []string{"Gracias"})
}

func TestTwoEventsAtOnceAreTakenInOrder(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.add(time.Minute)
	l.write(ana, "xyzzy plugh")
	l.write(ana, "sí")
	check(t, l.drain(), 2)
	check(t, l.deliver(ana), []string{"No te entendi", "Gracias"})
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	check(t, l.say("+525511112222", "hola"), []string(nil))
	check(t, l.owner("+525511112222"), "queue desconocidos")
	check(t, l.say(ana, "hola", func(m *message.Inbound) { m.Account = "ACotra" }), []string(nil))
	check(t, l.owner(ana), "queue desconocidos")
}

func TestOwnersKeepTheBotSilent(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(l *lab){
		"queue": func(l *lab) { l.say(ana, "agente") },
		"agent": func(l *lab) { l.say(ana, "agente"); l.take(ana) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := offered(t)
			give(l)
			check(t, l.say(ana, "sí"), []string(nil))
			check(t, l.say(ana, "hola"), []string(nil))
			l.add(5 * time.Hour)
			check(t, l.fire(ana), []string(nil)) // the reminder waits
			if got := l.say(ana, "BAJA"); len(got) != 1 || got[0] != "Ya no te escribimos" {
				t.Errorf("BAJA: %v", got)
			}
			check(t, one[bool](l, `select opted_out_at is not null from contact where key = $1`, "tel:"+ana), true)
			check(t, l.say(ana, "no me des de alta"), []string(nil))
			check(t, l.say(ana, "Alta."), []string{"Te escribimos"})
			check(t, one[bool](l, `select opted_out_at is null from contact where key = $1`, "tel:"+ana), true)
			check(t, strings.HasPrefix(l.owner(ana), "bot"), false)
		})
	}
}

// "Salir" means us only to somebody with whom nothing else is under way.
func TestSalirStopsMessagesOnlyWhenNothingIsOpen(t *testing.T) {
	t.Parallel()
	const optedOut = `select count(*) from contact where key = $1 and opted_out_at is not null`
	l := offered(t)
	l.say(ana, "salir")
	check(t, one[int](l, optedOut, "tel:"+ana), 0)
	l = newLab(t)
	check(t, l.say(ana, "Salir."), []string{"Ya no te escribimos"})
	check(t, one[int](l, optedOut, "tel:"+ana), 1)
}

func TestAgentTakesTheChat(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.happen(ana, "vale.authorized", "1")
	l.drain()
	l.take(ana)
	old := 0
	_, err := l.store.Dispatch(t.Context(), l.clock(), outbox.Heads(), 10, time.Minute, func(cs []outbox.Candidate) []outbox.Verdict {
		for _, c := range cs {
			if c.ByBot && c.Epoch < c.Current {
				old++
			}
		}
		return nil
	})
	l.must(err)
	check(t, old, 1)
}

func TestReleaseAsksAgain(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.say(ana, "agente")
	l.take(ana)
	l.add(time.Minute)
	l.desk(ana, "returned")
	l.drain()
	check(t, l.owner(ana), "bot")
	check(t, l.deliver(ana), []string{"Otra vez: SI o NO"})
	check(t, l.say(ana, "no"), []string{"Otro dia sera"})
}

func TestReleaseResolved(t *testing.T) {
	t.Parallel()
	l := offered(t)
	for range 3 {
		l.say(ana, "xyzzy plugh")
	}
	l.desk(ana, "resolved")
	l.drain()
	check(t, l.deliver(ana), []string{"Otro dia sera"})
	check(t, l.status(ana, "oferta"), "ended perdida")
}

func TestTimers(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.add(3*time.Hour + 59*time.Minute)
	check(t, l.fire(ana), []string(nil))
	l.add(time.Minute)
	check(t, l.fire(ana), []string{"Sigue tu oferta"})
	check(t, l.status(ana, "oferta"), "asking")
	check(t, l.fire(ana), []string(nil))
	l.add(68 * time.Hour)
	check(t, l.fire(ana), []string{"Otro dia sera"})
	check(t, one[int](l, `select count(*) from timer`), 0)
}

// A timer that fired before the answer was handled finds the dialogue moved.
func TestTimerIsStaleAfterAMove(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.add(4 * time.Hour)
	l.write(ana, "no")
	_, err := l.store.Fire(t.Context(), l.clock(), 10)
	l.must(err)
	check(t, l.drain(), 2)
	check(t, l.deliver(ana), []string{"Otro dia sera"})
	check(t, one[string](l, `select heard from inbox where kind = 'timer'`), "stale")
}

func TestBeginParksAndResumes(t *testing.T) {
	t.Parallel()
	l := offered(t)
	check(t, l.say(ana, "quiero dar un vale"), []string{"Cuanto quieres"})
	check(t, l.status(ana, "oferta"), "parked")
	check(t, l.say(ana, "3000"), []string{"Gracias", "Otra vez: SI o NO"})
	check(t, l.status(ana, "oferta"), "asking")
	check(t, l.say(ana, "sí"), []string{"Gracias"})
}

func TestOneQuestionAtATime(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.happen(ana, "vale.expired", "2")
	l.happen(ana, "vale.declined", "3")
	l.drain()
	check(t, l.deliver(ana), []string(nil))
	check(t, l.status(ana, "urgente"), "parked")
	check(t, l.say(ana, "no"), []string{"Otro dia sera", "Urgente: SI o NO"})
	check(t, l.say(ana, "sí"), []string{"Gracias", "Leve: SI o NO"})
	check(t, l.say(ana, "sí"), []string{"Gracias"})
}

func TestSameMatterIsOpenOnce(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.happen(ana, "vale.authorized", "1")
	l.drain()
	check(t, l.deliver(ana), []string(nil))
	check(t, one[int](l, `select count(*) from dialogue where flow = 'oferta'`), 1)
	l.happen(ana, "vale.cancelled", "1")
	l.drain()
	check(t, l.deliver(ana), []string{"Otro dia sera"})
}

// Hundreds of conversations are handled in few transactions, each with its own.
func TestManyInOneGroup(t *testing.T) {
	t.Parallel()
	groups := 0
	l := newLab(t, func(c *engine.Config) { c.Group, c.OnCommit = 512, func(engine.Done) { groups++ } })
	const people = 300
	for i := range people {
		l.exec(`insert into person (id, phone, name, limit_cents, blocked, segment, paid_count, broken, verify_fails, created_at)
			values ($1, $2, 'Persona', 0, false, 'puntual', 0, 0, 0, now())`, engine.NewID(), fmt.Sprintf("+52667%07d", i+100))
		l.write(fmt.Sprintf("+52667%07d", i+100), "hola")
	}
	groups = 0
	check(t, l.drain(), people)
	check(t, groups, 1)
	check(t, len(l.deliver("")), people)
	check(t, one[int](l, `select count(*) from step_log`), people)
	check(t, one[int](l, `select count(*) from inbox where state <> 'handled'`), 0)
}

// Two engines over the same events: each is handled once.
func TestTwoEnginesShareTheWork(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for i := range 60 {
		l.write([]string{ana, beto, maria}[i%3], "hola")
	}
	second := engine.New(l.store, l.rules, engine.Config{
		Group: 1, Tries: 3, Backoff: time.Minute, Now: l.clock, OnCommit: func(engine.Done) {},
	})
	var wg sync.WaitGroup
	for _, e := range []*engine.Engine{l.Engine, second} {
		wg.Go(func() {
			if _, err := e.Drain(t.Context()); err != nil {
				t.Errorf("drain: %v", err)
			}
		})
	}
	wg.Wait()
	l.drain()
	check(t, len(l.deliver("")), 60)
}

func TestNoSecretInTheOpen(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.happen(ana, "vale.delivered", "1")
	l.drain()
	l.deliver(ana)
	check(t, l.say(ana, "739154"), []string{"Gracias"})
	check(t, one[bool](l, `select secret from inbox where kind = 'message'`), true)
	for _, table := range []string{"conversation", "inbox", "dialogue", "outbox", "step_log", "timer", "audit"} {
		rows, err := l.store.Pool().Query(t.Context(), `select to_jsonb(t)::text from `+table+` t`)
		l.must(err)
		for rows.Next() {
			var text string
			l.must(rows.Scan(&text))
			for _, secret := range []string{"739154", "Escribe tu NIP", fmt.Sprintf("%x", "739154")} {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %q: %s", table, secret, text)
				}
			}
		}
		l.must(rows.Err())
	}
	if bytes.Contains(l.log.Bytes(), []byte("739154")) {
		t.Error("the log holds the secret")
	}
}

func TestActIsAtomic(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if _, err := l.Act(t.Context(), "test", "x", "no.existe", nil); err == nil {
		t.Error("an unknown action ran")
	}
	_, err := l.Act(t.Context(), "test", "x", "person.upsert", map[string]any{
		"telefono": beto, "nombre": "Otro", "nacimiento": quincena.Date{}, "tope": money.Pesos(-1),
	})
	if err == nil {
		t.Error("a negative limit was taken")
	}
	r, err := l.Rehearse(t.Context(), "test", "x", "person.upsert", map[string]any{
		"telefono": "+526679999999", "nombre": "Otra", "nacimiento": quincena.Date{}, "tope": money.Pesos(1),
	})
	if err != nil || r.Outcome != "created" {
		t.Errorf("rehearse: %+v, %v", r, err)
	}
	check(t, one[int](l, `select count(*) from person`), 3)
}

// dying is a store whose transactions die just before the named step.
type dying struct {
	engine.Store
	before string
}

var errDied = fault.New(fault.Unavailable, "died", "se cayó")

func (d dying) InTx(ctx context.Context, do func(context.Context, engine.Tx) error) error {
	return d.Store.InTx(ctx, func(ctx context.Context, tx engine.Tx) error {
		if err := do(ctx, dyingTx{tx, d.before}); err != nil {
			return err
		}
		if d.before == "commit" {
			return errDied
		}
		return nil
	})
}

type dyingTx struct {
	engine.Tx
	before string
}

func (d dyingTx) Fetch(ctx context.Context, b *lending.Book, keys []lending.Key) error {
	if d.before == "fetch" {
		return errDied
	}
	return d.Tx.Fetch(ctx, b, keys)
}

func (d dyingTx) WriteBook(ctx context.Context, b *lending.Book, at time.Time) error {
	if d.before == "book" {
		return errDied
	}
	return d.Tx.WriteBook(ctx, b, at)
}

func (d dyingTx) Write(ctx context.Context, changes []engine.Change, at time.Time) error {
	if d.before == "write" {
		return errDied
	}
	return d.Tx.Write(ctx, changes, at)
}

// Whatever step the process dies before: nothing is left of the turn, no try is
// spent, and the next process does it all.
func TestDyingLeavesNothing(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.add(time.Minute)
	l.write(ana, "baja")
	image := func() string {
		return one[string](l, `select concat_ws(' ', (select string_agg(c::text, ',' order by id) from conversation c),
			(select string_agg(i::text, ',' order by id) from inbox i), (select string_agg(d::text, ',' order by id) from dialogue d),
			(select string_agg(o::text, ',' order by id) from outbox o), (select string_agg(t::text, ',' order by name) from timer t),
			(select count(*) from step_log), (select count(*) from contact), (select count(*) from audit))`)
	}
	before := image()
	for _, step := range []string{"fetch", "book", "write", "commit"} {
		e := engine.New(dying{l.store, step}, l.rules, engine.Config{
			Group: 8, Tries: 3, Backoff: time.Minute, Now: l.clock, OnCommit: func(engine.Done) { t.Error("it says that it committed") },
		})
		if _, err := e.Drain(t.Context()); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("before %s: %v", step, err)
		}
		if image() != before {
			t.Errorf("dying before %s left something behind", step)
		}
	}
	check(t, l.drain(), 1)
	check(t, l.deliver(ana), []string{"Ya no te escribimos"})
}
