package postgres

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"valebot/internal/engine"
	"valebot/internal/fault"
	"valebot/internal/lending"
)

// ran is one rail call that a runner was given.
type ran struct {
	call  lending.RailCall
	first bool
}

// railway is a job queue whose calls are answered by the test.
type railway struct {
	*JobQueue
	mu     sync.Mutex
	ran    []ran
	answer func(n int) error
	called chan struct{}
}

func newRailway(b bench, answer func(n int) error) *railway {
	b.Helper()
	r := &railway{answer: answer, called: make(chan struct{}, 64)}
	q, err := NewJobs(b.Store, r.run, slog.New(slog.DiscardHandler))
	b.must(err)
	r.JobQueue = q
	return r
}

func (r *railway) run(_ context.Context, call lending.RailCall, first bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ran = append(r.ran, ran{call, first})
	defer func() { r.called <- struct{}{} }()
	return r.answer(len(r.ran))
}

func (r *railway) start(b bench) {
	b.Helper()
	b.must(r.Start(b.Context(), b.Store))
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			b.Errorf("stop jobs: %v", err)
		}
	})
}

// ask writes a book that asks for one rail call.
func (b bench) ask(id uuid.UUID, end error) error {
	return b.InTx(b.Context(), func(ctx context.Context, tx engine.Tx) error {
		book := lending.NewBook()
		book.Calls = []lending.RailCall{{Rail: lending.RailATM, Op: "issue", Disbursement: id}}
		if err := tx.WriteBook(ctx, book, b.now); err != nil {
			return err
		}
		return end
	})
}

func TestJobsAreOfTheSameTransaction(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := b.ask(newID(), nil); fault.CodeOf(err) != "no_rail" {
		t.Errorf("a call that nobody would make: %v", err)
	}
	r := newRailway(b, func(int) error { return nil })
	rolled := errors.New("rolled back")
	if err := b.ask(newID(), rolled); !errors.Is(err, rolled) {
		t.Errorf("ask: %v", err)
	}
	id := newID()
	b.must(b.ask(id, nil))
	if n := b.count("river_job"); n != 1 {
		t.Fatalf("%d jobs", n)
	}
	r.start(b)
	<-r.called
	want := []ran{{lending.RailCall{Rail: lending.RailATM, Op: "issue", Disbursement: id}, true}}
	if !slices.Equal(r.ran, want) {
		t.Errorf("ran %+v", r.ran)
	}
}

// A call that may have been made before is not the first: after a snooze, after
// an error, and after the process died in the middle.
func TestJobsKnowTheFirstCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := newRailway(b, func(n int) error {
		if n == 1 {
			return Again{After: 10 * time.Millisecond}
		}
		return nil
	})
	b.must(b.ask(newID(), nil))
	r.start(b)
	<-r.called
	<-r.called
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ran[0].first || r.ran[1].first {
		t.Errorf("ran %+v", r.ran)
	}
}

func TestJobsOfADeadProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := newRailway(b, func(int) error { return nil })
	b.must(b.ask(newID(), nil))
	b.must(b.exec(`update river_job set state = 'running', attempt = 1, attempted_at = now() - interval '1 second', attempted_by = array['dead']`))
	r.start(b)
	<-r.called
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ran) != 1 || r.ran[0].first {
		t.Errorf("ran %+v", r.ran)
	}
}

func TestPayoutOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	got, err := b.PayoutOrder(t.Context(), w.disbursement.ID)
	b.must(err)
	if got.Disbursement.ID != w.disbursement.ID || got.Phone != w.ana.Phone || got.Name != w.ana.Name || got.Folio != w.vale.Folio {
		t.Errorf("order: %+v", got)
	}
	if _, err := b.PayoutOrder(t.Context(), newID()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an order of nothing: %v", err)
	}
}

func TestAgainSaysWhen(t *testing.T) {
	t.Parallel()
	if text := (Again{After: time.Minute}).Error(); text != "not finished; again in 1m0s" {
		t.Error(text)
	}
}

func TestTransactionsAreTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tries := 0
	err := b.tx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if tries++; tries < serializationTries {
			_, err := tx.Exec(ctx, `do $$ begin raise exception 'no' using errcode = 'serialization_failure'; end $$`)
			return err
		}
		return nil
	})
	if err != nil || tries != serializationTries {
		t.Errorf("%d tries, %v", tries, err)
	}
}
