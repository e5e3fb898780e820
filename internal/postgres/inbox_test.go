package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/message"
)

// inbound is message n of contact c.
func (b bench) inbound(c, n int, body string) message.Inbound {
	return message.Inbound{
		Provider: "twilio", Account: "AC1", ProviderID: fmt.Sprintf("SM%d-%d", c, n), Kind: message.Text, Body: body,
		From: message.Address{Channel: message.SMS, Value: fmt.Sprintf("+52667%07d", c)}, ReceivedAt: b.now,
	}
}

func (b bench) arrival(c, n int) Arrival {
	m := b.inbound(c, n, "hola")
	return Arrival{
		Key: m.From.Key(), Channel: m.From.Channel, Address: m.From.Value, Source: m.Provider, SourceID: m.ProviderID,
		Kind: engine.MessageEvent, Payload: m, ReceivedAt: m.ReceivedAt,
	}
}

func (b bench) count(sql string, args ...any) (n int) {
	b.Helper()
	b.must(b.pool.QueryRow(b.Context(), "select count(*) from "+sql, args...).Scan(&n))
	return n
}

func TestArriveOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.arrival(1, 1), b.arrival(1, 2)
	for _, test := range []struct {
		arrivals []Arrival
		fresh    int
	}{
		{nil, 0}, {[]Arrival{one}, 1}, {[]Arrival{one}, 0}, {[]Arrival{one, two, two, b.arrival(2, 1)}, 2},
	} {
		if fresh, err := b.Arrive(t.Context(), test.arrivals); err != nil || fresh != test.fresh {
			t.Errorf("%d arrivals: %d new, %v; want %d", len(test.arrivals), fresh, err, test.fresh)
		}
	}
	if b.count("inbox") != 3 || b.count("conversation") != 2 {
		t.Errorf("%d events in %d conversations", b.count("inbox"), b.count("conversation"))
	}
}

// The same id at another provider is another message.
func TestArrivePerSource(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, other := b.arrival(1, 1), b.arrival(1, 1)
	other.Source = "gateway"
	if fresh, err := b.Arrive(t.Context(), []Arrival{one, other}); err != nil || fresh != 2 {
		t.Errorf("%d new, %v", fresh, err)
	}
}

func TestArriveKeepsSecrets(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.arrival(1, 1)
	a.Payload = b.inbound(1, 1, secretReply)
	_, err := b.Arrive(t.Context(), []Arrival{a})
	b.must(err)
	var payload []byte
	b.must(b.pool.QueryRow(t.Context(), `select payload from inbox`).Scan(&payload))
	if bytes.Contains(payload, []byte("acepto")) || bytes.Contains(payload, []byte("667")) {
		t.Error("the payload is not encrypted")
	}
}

// One new contact writes through 32 doors at once.
func TestArriveNewContactAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var wg sync.WaitGroup
	for n := range 32 {
		wg.Go(func() {
			if fresh, err := b.Arrive(t.Context(), []Arrival{b.arrival(1, n)}); err != nil || fresh != 1 {
				t.Errorf("%d new, %v", fresh, err)
			}
		})
	}
	wg.Wait()
	if events, talks := b.count("inbox i join conversation c on c.id = i.conversation_id"), b.count("conversation"); events != 32 || talks != 1 {
		t.Errorf("%d events in %d conversations", events, talks)
	}
}

// Batches with the same messages in opposite orders do not lock each other out.
func TestArriveOppositeOrders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var there, back []Arrival
	for n := range 200 {
		there = append(there, b.arrival(n%40, n))
		back = append([]Arrival{b.arrival(n%40, n)}, back...)
	}
	var fresh atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			n, err := b.Arrive(t.Context(), [][]Arrival{there, back}[i%2])
			if err != nil {
				t.Errorf("arrive: %v", err)
			}
			fresh.Add(int64(n))
		})
	}
	wg.Wait()
	if fresh.Load() != 200 || b.count("inbox") != 200 {
		t.Errorf("%d new, %d stored", fresh.Load(), b.count("inbox"))
	}
}

// intake starts an intake and ends it with the test.
func (b bench) intake(notify func()) *Intake {
	b.Helper()
	in := NewIntake(b.Store, notify)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Errorf("run intake: %v", err)
		}
	})
	return in
}

func TestIntakeDeduplicates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var commits atomic.Int64
	doors := []*Intake{b.intake(func() { commits.Add(1) }), b.intake(func() { commits.Add(1) })}
	var wg sync.WaitGroup
	for n := range 500 {
		for _, door := range doors {
			wg.Go(func() {
				if err := door.Accept(t.Context(), b.inbound(n%50, n, "hola")); err != nil {
					t.Errorf("accept: %v", err)
				}
			})
		}
	}
	wg.Wait()
	if got := b.count("inbox"); got != 500 {
		t.Errorf("%d stored of 500 messages that came twice", got)
	}
	if commits.Load() >= 500 {
		t.Errorf("%d commits: messages were not gathered", commits.Load())
	}
}

func TestIntakeTellsEveryWaiter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := b.intake(func() {})
	b.Close()
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			if err := in.Accept(t.Context(), b.inbound(n, n, "hola")); err == nil {
				t.Error("accepted without a database")
			}
		})
	}
	wg.Wait()
}

// A message that the database cannot hold is refused alone.
func TestIntakeIsolates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := NewIntake(b.Store, func() {})
	waiters := make([]waiting, 10)
	for i := range waiters {
		waiters[i] = waiting{arrival: b.arrival(i, i), done: make(chan error, 1)}
	}
	waiters[4].arrival.SourceID = "SM\x00"
	in.write(t.Context(), waiters)
	for i, w := range waiters {
		if err := <-w.done; (err != nil) != (i == 4) {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if got := b.count("inbox"); got != 9 {
		t.Errorf("%d stored", got)
	}
}

func TestAcceptGivesUpWithItsCaller(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := NewIntake(b.Store, func() {}) // nobody runs it
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := in.Accept(ctx, b.inbound(1, 1, "hola")); !errors.Is(err, context.Canceled) {
		t.Errorf("accept: %v", err)
	}
}

// timer sets a timer of a dialogue of conversation c.
func (b bench) timer(dialogue uuid.UUID, name string, turn int, due time.Time) {
	b.Helper()
	b.must(b.exec(`insert into timer (dialogue_id, name, conversation_id, turn, due_at) values ($1, $2, $3, $4, $5)`,
		dialogue, name, newID(), turn, due))
}

func TestFire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, ok, err := b.NextTimer(t.Context()); ok || err != nil {
		t.Errorf("there is a timer: %v", err)
	}
	d := newID()
	b.timer(d, "oferta/4h", 3, b.now)
	b.timer(d, "oferta/2d", 3, b.now.Add(time.Hour))
	if n, err := b.Fire(t.Context(), b.now.Add(-1), 10); n != 0 || err != nil {
		t.Errorf("too early: %d, %v", n, err)
	}
	if n, err := b.Fire(t.Context(), b.now, 10); n != 1 || err != nil {
		t.Errorf("due: %d, %v", n, err)
	}
	due, ok, err := b.NextTimer(t.Context())
	if err != nil || !ok || !due.Equal(b.now.Add(time.Hour)) {
		t.Errorf("next: %s, %t, %v", due, ok, err)
	}
	var payload []byte
	ev := engine.Event{Kind: engine.TimerEvent}
	b.must(b.pool.QueryRow(t.Context(), `select id, payload from inbox where kind = 'timer' and state = 'pending'`).Scan(&ev.ID, &payload))
	b.must(openEvent(b.vault, &ev, payload))
	if diff := cmp.Diff(&engine.Timer{Dialogue: d, Name: "oferta/4h", Turn: 3, Due: b.now}, ev.Timer); diff != "" {
		t.Error(diff)
	}
}

func TestFireOnceUnderManyWorkers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const timers = 300
	for i := range timers {
		b.timer(newID(), "a", 1, b.now.Add(time.Duration(i)*time.Millisecond))
	}
	var fired atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				n, err := b.Fire(t.Context(), b.now.Add(time.Minute), 17)
				if err != nil || n > 17 {
					t.Errorf("fired %d, %v", n, err)
				}
				if fired.Add(int64(n)); n == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	if fired.Load() != timers || b.count("inbox") != timers || b.count("timer") != 0 {
		t.Errorf("fired %d, %d events, %d timers left", fired.Load(), b.count("inbox"), b.count("timer"))
	}
}

func TestAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	err := b.InTx(t.Context(), func(ctx context.Context, tx engine.Tx) error {
		_, _ = tx.(*unit).tx.Exec(ctx, `select pg_terminate_backend(pg_backend_pid())`)
		_, err := tx.Claim(ctx, b.now, 1, uuid.Nil)
		return err
	})
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a connection that was cut is %s: %v", fault.KindOf(err), err)
	}
	b.Close()
	if _, err := b.Lost(t.Context(), b.now, b.now, 1, time.Second); err == nil {
		t.Error("a closed store answers")
	}
	if _, err := Open(t.Context(), "postgres:///nada?host=/nirgends", b.vault, newID); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("no server is %s: %v", fault.KindOf(err), err)
	}
	if _, err := Open(t.Context(), "::", b.vault, newID); err == nil {
		t.Error("a broken URL was accepted")
	}
}
