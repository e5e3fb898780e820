package desk

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// The rounds of the watch: at most one every so often however much happens, and
// one every so often however little, for what no one rang about.
const (
	roundEvery = 150 * time.Millisecond
	roundSweep = 3 * time.Second
	perAgent   = 12 // streams that one agent may hold open
)

// watch knows which pages are open and tells each when what it shows is out of
// date. A round asks the database once for all pages, and not at all while
// nobody looks.
//
// What a page shows is named by its pulse. A page that comes back names the one
// it has, so it misses nothing and hears nothing twice, whatever the network
// lost in between.
type watch struct {
	bell chan struct{}

	mu    sync.Mutex
	open  map[*viewer]struct{}
	ended bool
}

// viewer is one open page.
type viewer struct {
	agent, name string
	chat        uuid.UUID // uuid.Nil looks at the list
	pulse       string    // last told; only under the watch's lock
	news        chan string
}

func newWatch() *watch {
	return &watch{bell: make(chan struct{}, 1), open: map[*viewer]struct{}{}}
}

// ring says that something may have changed. It never blocks.
func (w *watch) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// enter adds a page; ok is false if the agent has too many or the program stops.
func (w *watch) enter(v *viewer) (ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for other := range w.open {
		if other.agent == v.agent {
			n++
		}
	}
	if w.ended || n >= perAgent {
		return false
	}
	w.open[v] = struct{}{}
	w.ring()
	return true
}

func (w *watch) leave(v *viewer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, here := w.open[v]; here {
		delete(w.open, v)
		w.ring() // colleagues see that she left
	}
}

// end lets all pages go, so that a stop of the program waits for none.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for v := range w.open {
		delete(w.open, v)
		close(v.news)
	}
}

// chats lists the chats that are open, and whether anybody looks at all.
func (w *watch) chats() (ids []uuid.UUID, any bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[uuid.UUID]struct{}{}
	for v := range w.open {
		if v.chat != uuid.Nil {
			seen[v.chat] = struct{}{}
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }), len(w.open) > 0
}

// others are the names of the other agents who have a chat open here.
func (w *watch) others(chat uuid.UUID, self string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.othersLocked(chat, self)
}

func (w *watch) othersLocked(chat uuid.UUID, self string) []string {
	var names []string
	for v := range w.open {
		if v.chat == chat && chat != uuid.Nil && v.agent != self && !slices.Contains(names, v.name) {
			names = append(names, v.name)
		}
	}
	slices.Sort(names)
	return names
}

// tell gives every page its pulse, if it is another one than it has. A page that
// has not taken the last one gets the newest instead.
func (w *watch) tell(board string, chats map[uuid.UUID]string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for v := range w.open {
		now := board
		if v.chat != uuid.Nil {
			now = chats[v.chat] + "." + strings.Join(w.othersLocked(v.chat, v.agent), ".")
		}
		now = pulseID(now)
		if now == v.pulse {
			continue
		}
		v.pulse = now
		select {
		case <-v.news:
		default:
		}
		v.news <- now
	}
}

// Run tells open pages what is new until ctx ends. Without it pages look for
// themselves, more seldom.
func (d *Desk) Run(ctx context.Context) error {
	defer d.watch.end()
	for ctx.Err() == nil {
		d.round(ctx)
		if !rest(ctx, roundEvery, nil) || !rest(ctx, roundSweep, d.watch.bell) {
			return nil
		}
	}
	return nil
}

// round asks for the pulse of all that is open and tells it.
func (d *Desk) round(ctx context.Context) {
	chats, any := d.watch.chats()
	if !any {
		return
	}
	board, open, err := d.cfg.Store.Pulse(ctx, chats, d.cfg.Wall().Add(-writingFor))
	if err != nil {
		if ctx.Err() == nil {
			d.cfg.Log.WarnContext(ctx, "pulse of desk not read", "err", err)
		}
		return
	}
	d.watch.tell(board, open)
}

// rest waits for a while or until the bell rings; it is false once ctx ended.
func rest(ctx context.Context, d time.Duration, bell <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-bell:
	case <-timer.C:
	}
	return true
}

// Ring says that something that the desk shows may have changed, here and on the
// other nodes. It never blocks.
func (d *Desk) Ring() {
	d.watch.ring()
	if d.cfg.Share != nil {
		d.cfg.Share()
	}
}

// Hear says the same of what another node told.
func (d *Desk) Hear() { d.watch.ring() }
