package redisdb

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ear is a listener that keeps what it hears.
type ear struct {
	mu    sync.Mutex
	heard []string
	up    chan struct{}
	got   chan struct{}
}

func listenTo(t *testing.T, e *Events, topics ...string) *ear {
	t.Helper()
	a := &ear{up: make(chan struct{}, 64), got: make(chan struct{}, 1024)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- e.Listen(ctx, Listener{
			Topics: topics, Up: func() { a.up <- struct{}{} },
			Hear: func(topic, event string) {
				a.mu.Lock()
				a.heard = append(a.heard, topic+"="+event)
				a.mu.Unlock()
				a.got <- struct{}{}
			},
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("listen: %v", err)
		}
	})
	return a
}

func (a *ear) list() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.heard...)
}

// await waits for what must come; the limit is only used up by a failure.
func await(t *testing.T, what <-chan struct{}) {
	t.Helper()
	select {
	case <-what:
	case <-time.After(patience):
		t.Fatal("waited in vain")
	}
}

// tell publishes until Redis takes it: on a busy machine one question may take
// too long.
func tell(t *testing.T, e *Events, topic, event string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := e.Publish(t.Context(), topic, event)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestEventsReachOtherNodes(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	here, there := NewEvents(open(t, url), "lender"), NewEvents(open(t, url), "lender")
	a := listenTo(t, there, "chat", "board")
	await(t, a.up)
	tell(t, here, "chat", "1")
	await(t, a.got)
	tell(t, NewEvents(open(t, url), "other lender"), "chat", "foreign")
	tell(t, here, "nobody listens", "lost")
	tell(t, here, "board", "2")
	await(t, a.got)
	var once []string // a question that was answered too late is told twice
	for _, heard := range a.list() {
		if len(once) == 0 || once[len(once)-1] != heard {
			once = append(once, heard)
		}
	}
	if diff := cmp.Diff([]string{"chat=1", "board=2"}, once); diff != "" {
		t.Error(diff)
	}
}

func TestAListenerComesBack(t *testing.T) {
	t.Parallel()
	if !needReal(t) {
		return
	}
	server, url := realServer(t)
	e := NewEvents(open(t, url), "lender")
	a := listenTo(t, e, "chat")
	await(t, a.up)
	server.kill()
	if err := e.Publish(t.Context(), "chat", "lost"); err == nil {
		t.Error("an event reached a server that is gone")
	}
	server.start()
	await(t, a.up) // here the caller reads what it missed
	tell(t, e, "chat", "back")
	await(t, a.got)
	if got := a.list(); got[0] != "chat=back" {
		t.Errorf("heard %v", got)
	}
}

func TestEventsAreSmall(t *testing.T) {
	t.Parallel()
	e := NewEvents(open(t, anyServer(t)), "lender")
	if err := e.Publish(t.Context(), "chat", strings.Repeat("x", EventBytes+1)); err == nil {
		t.Error("a whole text went out")
	}
}
