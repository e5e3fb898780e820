package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// event is one change, as the page and the terminal chat hear of it.
type event struct {
	seq   int64
	kind  string
	phone string
	data  []byte
}

// maxEvents is how far back a listener that lost its connection can catch up.
const maxEvents = 4096

// feed keeps the latest events and wakes its listeners. A slow listener costs
// nothing: it reads from the ring and is told to start again if it fell behind.
type feed struct {
	mu       sync.Mutex
	next     int64 // seq of the next event, from 1
	ring     [maxEvents]event
	changed  chan struct{} // closed and replaced by each event
	watchers int
}

func newFeed() *feed { return &feed{next: 1, changed: make(chan struct{})} }

func (f *feed) publish(kind, phone string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		panic("sandbox: event cannot be encoded: " + err.Error()) // our own types only
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ring[f.next%maxEvents] = event{f.next, kind, phone, data}
	f.next++
	close(f.changed)
	f.changed = make(chan struct{})
}

// last returns the seq of the newest event, 0 before the first.
func (f *feed) last() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.next - 1
}

// since returns the events after seq and a channel that closes with the next
// one. fresh is false if some of them are gone already.
func (f *feed) since(seq int64) (events []event, more <-chan struct{}, fresh bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if seq >= f.next || seq < f.next-1-maxEvents {
		return nil, f.changed, seq == f.next-1
	}
	for at := seq + 1; at < f.next; at++ {
		events = append(events, f.ring[at%maxEvents])
	}
	return events, f.changed, true
}

func (f *feed) watch(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers += n
}

func (f *feed) watched() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.watchers > 0
}

// heartbeat keeps proxies from closing a quiet stream.
const heartbeat = 15 * time.Second

// serve streams events as SSE, those of one phone or, with "", all. It starts
// after Last-Event-ID or ?since=, and with neither at the present. A listener
// that is too far behind gets "reset" and should read the state anew.
func (f *feed) serve(w http.ResponseWriter, r *http.Request, phone string) {
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // a recorder has none, and then none is needed
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	f.watch(1)
	defer f.watch(-1)
	at := startOf(r, f.last())
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	fmt.Fprintf(w, "retry: 1000\nid: %d\n: al día\n\n", at)
	for {
		events, more, fresh := f.since(at)
		if !fresh {
			at = f.last()
			fmt.Fprintf(w, "id: %d\nevent: reset\ndata: {}\n\n", at)
		}
		for _, e := range events {
			at = e.seq
			if phone == "" || e.phone == phone {
				fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.seq, e.kind, e.data)
			}
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-more:
		case <-beat.C:
			fmt.Fprint(w, ": sigo aquí\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

func startOf(r *http.Request, present int64) int64 {
	for _, text := range []string{r.Header.Get("Last-Event-ID"), r.URL.Query().Get("since")} {
		if seq, err := strconv.ParseInt(text, 10, 64); err == nil && seq >= 0 {
			return seq
		}
	}
	return present
}
