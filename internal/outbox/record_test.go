package outbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"valebot/internal/fault"
	"valebot/internal/message"
)

// ledgerOfReports is a store that takes reports one call at a time, when it is let.
type ledgerOfReports struct {
	Store
	gate  chan struct{} // one for each call that may go on
	enter chan struct{} // one for each call that came
	fail  func(reports []Report) error
	mu    sync.Mutex
	calls [][]string
}

func newLedgerOfReports() *ledgerOfReports {
	return &ledgerOfReports{gate: make(chan struct{}, 1000), enter: make(chan struct{}, 1000), fail: func([]Report) error { return nil }}
}

func (l *ledgerOfReports) Record(_ context.Context, _ time.Time, reports []Report) error {
	l.enter <- struct{}{}
	<-l.gate
	var ids []string
	for _, r := range reports {
		ids = append(ids, r.ProviderID)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, ids)
	return l.fail(reports)
}

// tell records a status with this id and says later how it went.
func tell(t *testing.T, o *Outbox, id string) chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- o.Record(t.Context(), message.Status{ProviderID: id, Rank: message.RankSent}) }()
	return done
}

// waiting returns once so many callbacks wait to be stored.
func waiting(t *testing.T, o *Outbox, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		o.told.mu.Lock()
		got := len(o.told.waiting)
		o.told.mu.Unlock()
		if got == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d callbacks wait, want %d", got, n)
		}
	}
}

// What comes while one callback is being written is written together, and each is
// answered with what became of it.
func TestCallbacksAreStoredTogether(t *testing.T) {
	t.Parallel()
	store := newLedgerOfReports()
	o := New(store, nil, nil, Config{Now: func() time.Time { return noon }})
	refused := errors.New("a value that the database refuses")
	store.fail = func(reports []Report) error {
		if slices.ContainsFunc(reports, func(r Report) bool { return r.ProviderID == "bad" }) {
			return refused
		}
		return nil
	}
	first := tell(t, o, "first")
	<-store.enter
	others := map[string]chan error{}
	for _, id := range []string{"a", "b", "bad", "c"} {
		others[id] = tell(t, o, id)
	}
	waiting(t, o, len(others))
	for range 1 + 1 + len(others) { // the first, the others together, and each alone
		store.gate <- struct{}{}
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
	for id, done := range others {
		if err := <-done; (id == "bad") != errors.Is(err, refused) {
			t.Errorf("%s: %v", id, err)
		}
	}
	store.mu.Lock()
	defer store.mu.Unlock()
	if len(store.calls) != 6 || len(store.calls[0]) != 1 || len(store.calls[1]) != 4 {
		t.Errorf("written as %v", store.calls)
	}
}

// An outage is told to all, so that the provider calls again, and tries nobody
// twice.
func TestCallbacksDuringAnOutage(t *testing.T) {
	t.Parallel()
	store := newLedgerOfReports()
	store.fail = func([]Report) error { return fault.New(fault.Unavailable, "database_away", "no hay base") }
	o := New(store, nil, nil, Config{Now: func() time.Time { return noon }})
	first := tell(t, o, "first")
	<-store.enter
	second, third := tell(t, o, "second"), tell(t, o, "third")
	waiting(t, o, 2)
	store.gate <- struct{}{}
	store.gate <- struct{}{}
	for _, done := range []chan error{first, second, third} {
		if err := <-done; fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%v", err)
		}
	}
	store.mu.Lock()
	defer store.mu.Unlock()
	if len(store.calls) != 2 {
		t.Errorf("written as %v", store.calls)
	}
}

// A caller that goes away does not take its statuses along, nor anybody's.
func TestACallerThatLeaves(t *testing.T) {
	t.Parallel()
	store := newLedgerOfReports()
	o := New(store, nil, nil, Config{Now: func() time.Time { return noon }})
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { gone <- o.Record(ctx, message.Status{ProviderID: "gone", Rank: message.RankSent}) }()
	<-store.enter
	stays := tell(t, o, "stays")
	waiting(t, o, 1)
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	store.gate <- struct{}{}
	store.gate <- struct{}{}
	if err := <-stays; err != nil {
		t.Error(err)
	}
	// Once nothing waits the next one begins anew.
	store.gate <- struct{}{}
	if err := <-tell(t, o, "later"); err != nil {
		t.Error(err)
	}
	store.mu.Lock()
	defer store.mu.Unlock()
	if len(store.calls) != 3 || store.calls[0][0] != "gone" {
		t.Errorf("written as %v", store.calls)
	}
}
