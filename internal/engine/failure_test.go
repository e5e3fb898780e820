package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/message"
	"valebot/internal/postgres"
)

// sicken makes Beto's chat fail: his dialogue is in a flow that is not there.
func sicken(l *lab) {
	l.Helper()
	l.happen(beto, "vale.authorized", "b")
	l.drain()
	l.deliver(beto)
	l.exec(`update dialogue set flow = 'perdido' where conversation_id = (select id from conversation where key = $1)`, "tel:"+beto)
}

func heal(l *lab) {
	l.Helper()
	l.exec(`update dialogue set flow = 'oferta' where flow = 'perdido'`)
}

func attempts(l *lab, phone string) int {
	l.Helper()
	return one[int](l, `select coalesce(max(i.attempts), 0) from inbox i join conversation c on c.id = i.conversation_id
		where c.key = $1 and i.state = 'pending'`, "tel:"+phone)
}

func TestFailingConversationIsIsolated(t *testing.T) {
	t.Parallel()
	l := offered(t)
	sicken(l)
	l.add(time.Minute)
	l.write(beto, "sí")
	l.write(ana, "sí")
	l.write(maria, "hola")
	l.drain()
	check(t, len(l.deliver("")), 2)
	check(t, attempts(l, beto), 1)

	// Not before its time, and then again.
	l.add(59 * time.Second)
	check(t, l.drain(), 0)
	heal(l)
	l.add(time.Second)
	check(t, l.drain(), 1)
	check(t, l.deliver(beto), []string{"Gracias"})
	check(t, one[int](l, `select count(*) from inbox where state <> 'handled'`), 0)
}

func TestFailingConversationEndsWithAPerson(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	sicken(l)
	l.add(time.Minute)
	l.write(beto, "sí")
	for try := 1; try <= 2; try++ {
		l.drain()
		check(t, attempts(l, beto), try)
		check(t, l.owner(beto), "bot")
		l.add(time.Duration(try) * time.Minute) // 1, then 2: the wait doubles
	}
	l.drain()
	check(t, l.owner(beto), "queue fallas")
	check(t, one[string](l, `select state || ' ' || fault from inbox where kind = 'message'`), "dead no_such_flow")
	check(t, one[string](l, `select reason from conversation where owner = 'queue'`), "falla interna: no_such_flow")
	check(t, l.drain(), 0)
	if !strings.Contains(l.log.String(), "conversation failed") || strings.Contains(l.log.String(), beto) {
		t.Error("the log must tell of the failure and not of the phone")
	}
}

// What came before the event that fails is handled, and what came after waits.
func TestEventsAroundAFailingOne(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.add(time.Minute)
	l.write(ana, "xyzzy plugh")
	l.write(ana, "ilegible")
	l.exec(`update inbox set payload = 'x' where id = (select max(id::text)::uuid from inbox)`)
	l.write(ana, "sí")
	l.drain()
	check(t, l.deliver(ana), []string{"No te entendi"})
	check(t, attempts(l, ana), 1)

	sicken(l)
	l.add(time.Minute)
	l.write(beto, "sí")
	l.drain()
	l.write(beto, "otra vez sí")
	check(t, l.drain(), 0) // behind the one that waits for its next try
	check(t, attempts(l, beto), 1)
	check(t, one[bool](l, `select count(*) = 2 and count(distinct i.retry_at) = 1 from inbox i join conversation c on c.id = i.conversation_id
		where i.state = 'pending' and c.key = $1`, "tel:"+beto), true)
}

// A row that nobody can read stops its own chat, not the engine.
func TestUnreadableRowsAreIsolated(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.exec(`update dialogue set state = 'x'`)
	l.add(time.Minute)
	l.write(ana, "sí")
	l.write(beto, "hola")
	l.drain()
	check(t, l.deliver(""), []string{"Hola"})
	for range 2 {
		l.add(5 * time.Minute)
		l.drain()
	}
	check(t, l.owner(ana), "queue fallas")
}

// Chats whose first event waits do not keep the others from being seen.
func TestWaitingChatsStarveNobody(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(c *engine.Config) { c.Group = 1 })
	sicken(l)
	l.add(time.Minute)
	l.write(beto, "sí")
	l.drain()
	for range 20 {
		l.write(beto, "¿hola?")
	}
	l.add(time.Second)
	l.write(ana, "hola")
	l.drain()
	check(t, l.deliver(ana), []string{"Hola"})
}

func TestPanicIsIsolated(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	broken := *l.rules
	calls := 0
	broken.NewID = func() uuid.UUID {
		if calls++; calls == 1 {
			panic("out of ids")
		}
		return engine.NewID()
	}
	e := engine.New(l.store, &broken, engine.Config{
		Group: 8, Tries: 3, Backoff: time.Minute, Now: l.clock, Log: l.logger(), OnCommit: func(engine.Done) {},
	})
	l.write(ana, "hola")
	l.write(beto, "hola")
	if _, err := e.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, len(l.deliver("")), 1)
	check(t, one[string](l, `select fault from inbox where state = 'pending'`), "panic")
	l.add(time.Minute)
	check(t, l.drain(), 1)
	check(t, len(l.deliver("")), 1)
}

// spoiled is a store whose Write fails for one conversation, as when a row of it
// breaks a rule of the database.
type spoiled struct {
	engine.Store
	contact string
	err     error
}

func (s spoiled) InTx(ctx context.Context, do func(context.Context, engine.Tx) error) error {
	return s.Store.InTx(ctx, func(ctx context.Context, tx engine.Tx) error { return do(ctx, spoiledTx{tx, s}) })
}

type spoiledTx struct {
	engine.Tx
	spoiled
}

func (s spoiledTx) Write(ctx context.Context, changes []engine.Change, at time.Time) error {
	for _, c := range changes {
		if c.Conversation.Key == s.contact && len(c.Letters) > 0 {
			return s.err
		}
	}
	return s.Tx.Write(ctx, changes, at)
}

func TestRefusedWriteIsIsolated(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"a rule of the database": errors.New("violates check constraint"),
		"changed meanwhile":      fault.New(fault.Conflict, "stale", "cambió"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			e := engine.New(spoiled{l.store, "tel:" + beto, err}, l.rules, engine.Config{
				Group: 8, Tries: 3, Backoff: time.Minute, Now: l.clock, Log: l.logger(), OnCommit: func(engine.Done) {},
			})
			for _, phone := range []string{ana, beto, maria} {
				l.write(phone, "hola")
			}
			if _, err := e.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			check(t, len(l.deliver("")), 2)
			check(t, attempts(l, beto), 1)
		})
	}
}

func TestOutageSpendsNoTry(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	e := engine.New(spoiled{l.store, "tel:" + ana, errDied}, l.rules, engine.Config{
		Group: 8, Tries: 3, Backoff: time.Minute, Now: l.clock, Log: l.logger(), OnCommit: func(engine.Done) {},
	})
	l.write(ana, "hola")
	for range 5 {
		if _, err := e.Drain(t.Context()); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("drain: %v", err)
		}
	}
	check(t, attempts(l, ana), 0)
	check(t, l.drain(), 1)
	check(t, l.deliver(ana), []string{"Hola"})
}

func TestRunIsWokenAndStops(t *testing.T) {
	t.Parallel()
	handled := make(chan engine.Done, 8)
	l := newLab(t, func(c *engine.Config) {
		c.OnCommit = func(d engine.Done) {
			if d.Letters > 0 {
				handled <- d
			}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Engine.Run(ctx, time.Hour) }()
	for range 2 {
		l.write(ana, "hola")
		l.Wake()
		if d := <-handled; d.Events != 1 || d.Letters != 1 {
			t.Errorf("done: %+v", d)
		}
	}
	cancel()
	l.must(<-ended)
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	registry := prometheus.NewRegistry()
	l.rules.Metrics = engine.NewMetrics(registry)
	l.happen(ana, "vale.authorized", "1")
	l.drain()
	l.deliver(ana)
	l.say(ana, "xyzzy plugh")
	l.say(ana, "agente")
	families, err := registry.Gather()
	l.must(err)
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			got[name] = m.GetCounter().GetValue()
		}
	}
	check(t, got, map[string]float64{"valebot_turns_total": 3, "valebot_escalations_total general": 1, "valebot_unclear_replies_total oferta pregunta": 1})
}

func TestStatusOfTheStore(t *testing.T) {
	t.Parallel()
	l := offered(t)
	l.write(ana, "hola")
	counts, pending, err := l.store.Waiting(t.Context(), l.clock())
	l.must(err)
	check(t, counts, []postgres.LaneCount{{Lane: message.LaneNotice, State: "accepted", Count: 1}})
	check(t, pending, int64(1))
	l.must(l.store.Quiet(t.Context(), l.clock(), 0))
	happened, err := l.store.Happened(t.Context(), 0, 10)
	l.must(err)
	steps := 0
	for _, h := range happened {
		if h.Kind == "step" {
			steps++
			check(t, h.Phone, ana)
			check(t, h.Flow, "oferta")
		}
	}
	check(t, steps, 1)
	after, err := l.store.Happened(t.Context(), happened[len(happened)-1].Seq, 10)
	l.must(err)
	check(t, len(after), 0)
	for _, ahead := range []time.Duration{time.Hour, time.Minute} { // it never goes back
		l.must(l.store.PushClock(t.Context(), ahead))
		got, err := l.store.ClockAhead(t.Context())
		l.must(err)
		check(t, got, time.Hour)
	}
}
